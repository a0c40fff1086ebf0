"""Fixed neutral words to read out, by kind of task: who sent this, what it is, where to call; nothing of the merits.

`{court}` and `{duty_phone}` are filled in by the client. They are read to the person the task is about, to nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass

from field.rules.tasks import TaskKind


@dataclass(frozen=True)
class Script:
    """What may be read out, word for word."""

    zh: str
    en: str


SCRIPTS: dict[TaskKind, Script] = {
    TaskKind.SERVE: Script(
        "您好，我是本网格的网格员，受{court}委托，把法院的文书交给您。请您核对姓名和文书，在送达回证上写明日期并签名。"
        "签名只表示收到，不表示同意。内容我不了解，也不作解释；有疑问请拨打{duty_phone}。您的权利写在文书里。",
        "Hello, I am the grid worker here. {court} asked me to hand you these papers. Please check your name and the "
        "papers, then date and sign the receipt. Signing says that you received them, not that you agree. I do not "
        "know what is in them and may not explain; please call {duty_phone}. Your rights are set out in the papers.",
    ),
    TaskKind.LOCATE: Script(
        "您好，我是本网格的网格员，受{court}委托，想请您本人与法院联系，电话{duty_phone}。"
        "您愿意留下联系方式或地址的，我可以转交法院；不愿意也没有关系。",
        "Hello, I am the grid worker here. {court} asks you to get in touch: {duty_phone}. If you wish to leave an "
        "address or a number I shall pass it on to the court; you need not.",
    ),
    TaskKind.ASSET: Script(
        "您好，我是本网格的网格员，正在附近走访。具体事项请您向{court}询问，电话{duty_phone}。"
        "如果您认为某样东西是您的，可以向法院提出书面异议，法院十五日内审查。",
        "Hello, I am the grid worker here, on my round. About anything in particular please ask {court}: {duty_phone}. "
        "If something is yours you may object to the court in writing; it will review that within fifteen days.",
    ),
    TaskKind.REMIND: Script(
        "您好，我是本网格的网格员，受{court}委托提醒您：有一份生效的法律文书需要履行。我不收钱，"
        "付款只能付到法院文书上写明的账户。有困难、有异议或者想协商，请直接告诉法院，电话{duty_phone}，我也可以代为转达。",
        "Hello, I am the grid worker here. {court} asks me to remind you that a decision in force is to be obeyed. "
        "I take no money; pay only into the account on the court's own paper. If you are in difficulty, dispute it or "
        "wish to settle, please tell the court: {duty_phone}. I can also pass it on.",
    ),
    TaskKind.PETITION: Script(
        "您好，我是本网格的网格员，受{court}委托来听听您的情况。我照您的原话记下来，读给您听，再转给负责的部门。"
        "反映不影响您的任何权利，也不作为得到帮助的条件。您也可以直接拨打{duty_phone}。",
        "Hello, I am the grid worker here. {court} asked me to hear you. I shall write down your own words, read them "
        "back, and pass them to those in charge. It takes none of your rights, and no help depends on it. You may also "
        "call {duty_phone} yourself.",
    ),
}

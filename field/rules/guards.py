"""What not to do, in plain words, by kind of task; and the line of law that protects who helps the court."""

from __future__ import annotations

from dataclasses import dataclass

from field.rules.articles import in_words
from field.rules.pieces import Only
from field.rules.tasks import TaskKind


@dataclass(frozen=True)
class Guard:
    """One thing not to do, and what it rests on; `only` where it holds in some courts alone."""

    zh: str
    en: str
    article: str
    only: Only | None = None


def _table(text: str) -> tuple[Guard, ...]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return tuple(Guard(zh, en, in_words(article), *map(Only, only)) for zh, en, article, *only in rows)


EVERYWHERE: tuple[Guard, ...] = _table("""
未经邀请不进门，不翻墙，不尾随，不使用强力或威胁|do not enter uninvited, climb, follow, force or threaten|Constitution 39; Criminal Law 245
不冒充法官、警察，不预测结果，不解释判决对错|do not pose as court or police, predict the result, or argue the merits|house
不向邻居、单位、微信群透露案情，包括为什么来|tell no neighbour, employer or chat group what it is about, or why you came|PIPL 5; PIPL 6
不经手钱款，不代收代付|take no money and carry none|house
只拍需要的，不拍室内、儿童和旁人的脸|photograph only what is needed: no interiors, children or bystanders' faces|国办函〔2026〕12号; PIPL 6
与当事人有亲友、生意往来或纠纷的，请回避|step back if a party is kin, friend, business partner or opponent|CPL 47
夜间不上门，时段以法院设定为准|no visits at night; the court sets the hours|house
有危险立即离开，只报“有危险”，不再取证|leave at once where it is unsafe, report only that, gather nothing more|CPL 114(1)(4)
""")
"""For every kind of task."""

GUARDS: dict[TaskKind, tuple[Guard, ...]] = {
    TaskKind.SERVE: _table("""
不宣布“已送达”，是否送达由法院确认|do not declare service complete; the court confirms it|CPL 87
无人在家不是拒收，不能留置，不把文书贴在门上|nobody home is no refusal: leave nothing, post nothing on the door|CPL 89
没有法院人员在场，不单独留置；请报“拒收待法院处理”|leave no papers without a court officer; report the refusal instead|house|COURT_ASKS
不交给邻居、房东、门卫、孩子、村干部代收，绝不交给对方当事人|never hand papers to neighbours, landlords, guards, children, village cadres, and least of all the opponent|CPL 88; 法释〔2004〕13号 7
调解书只交本人或其指定的代收人|a mediation paper goes to the person or a named receiver only|JI 133
不拆封，不更改送达回证，不代签，不以送达人名义签名|do not open, alter a receipt, sign for others, or sign as the server|CPL 87
任务结束后不留存文书|keep no papers once the task is closed|PIPL 19
"""),
    TaskKind.LOCATE: _table("""
不蹲守，不跟踪，不跟踪家属|no stakeouts, no following, not of relatives either|PIPL 28
不欺骗，不查看手机和社交账号|no deception, no looking into phones or accounts|PIPL 5
只问任务列出的，不告诉任何人原因|ask what the task lists and tell nobody why|PIPL 6; 法释〔2017〕8号 25
见到本人不扣留、不阻拦，只报告法院；默认不拍照|if you see the person, do not detain or stop them; report; no photo by default|法释〔2017〕8号 15
记来源只记身份类别，不记姓名|note from what sort of person you know it, not the name|PIPL 6
"""),
    TaskKind.ASSET: _table("""
只从公共位置看，不进入、不打开、不移动、不查封、不张贴、不保管钥匙或证件|look from public space only: do not enter, open, move, seal, post, or keep keys or papers|Constitution 39; house
不估价，不问欠多少|put no value on it and do not ask what is owed|查封规定 19; house
不向银行打听，不用无人机|ask no bank, fly no drone|法释〔2017〕8号 12
归属不清楚就选“不明”，不推断|if it is unclear whose it is, say so; do not guess|查封规定 2
不向被执行人透露，不惊动|do not warn the debtor|house
不查与本案无关的事，保守国家、商业秘密和个人隐私|look into nothing else, keep state, trade and private secrets|法释〔2017〕8号 25
派单所得线索不领悬赏|no reward for a lead from a task|法释〔2017〕8号 24(3)
"""),
    TaskKind.REMIND: _table("""
只读固定话术，不威胁，不公开羞辱，不打给单位|read the fixed words; no threats, no public shaming, no calls to the employer|house
不收钱，不带钱；只能付到法院文书上写明的账户|take no money: payment goes only to the account on the court's own paper|house
七日内不超过一次，一个月不超过三次，以法院设定为准|at most once in seven days and three times a month, as the court has set|house
对方有异议就停止，等法院答复|stop when they dispute, until the court answers|CPL 236
承诺不等于和解，不代为谈条件|a promise is no settlement: negotiate nothing|CPL 241
“称已履行”不等于结案，由法院核对|a claim to have paid closes nothing: the court checks|house
"""),
    TaskKind.PETITION: _table("""
不拦截、不限制人身自由、不打击报复|do not intercept, confine or retaliate|信访工作条例 46(6)
不以“停访”作为救助条件|never make aid depend on a pledge to stop petitioning|社会救助法 39; 信访工作条例 46(6)
反映执行人员的，绝不转给被反映的人|a complaint never reaches the person complained of|信访工作条例 30(3)
用信访人自己的话记录，读给本人听|write it in the petitioner's own words and read it back|信访工作条例 22
与事项有直接利害关系的，请回避|step back if you have a direct interest|信访工作条例 28
"""),
}

PROTECTION = Guard(
    "协助法院执行的人受法律保护：侮辱、殴打或打击报复的，法院可处罚款（个人十万元以下）、十五日以下拘留。",
    "Who helps the court is protected by law: insulting, beating or retaliating may be punished by a fine of up to "
    "100,000 yuan or detention of up to 15 days.",
    in_words("CPL 114(1)(4); CPL 118"),
)
"""For the safety screen."""

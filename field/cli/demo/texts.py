"""What people in the demo write: causes, instructions, notes and reasons."""

from __future__ import annotations

from field.rules.tasks import TaskKind

CAUSES = (
    "民间借贷纠纷",
    "买卖合同纠纷",
    "劳动争议",
    "抚养费纠纷",
    "租赁合同纠纷",
    "机动车交通事故责任纠纷",
    "建设工程施工合同纠纷",
)
COMPANIES = ("甲乙丙建材有限公司", "丁戊己农机合作社", "庚辛壬运输有限公司")

INSTRUCTIONS = {
    TaskKind.SERVE: "送达执行通知书、报告财产令各一份；请本人签收，回证带回法院。",
    TaskKind.LOCATE: "核实是否仍在此居住；只了解邻里公开知道的情况，不说明缘由。",
    TaskKind.ASSET: "从公共道路查看院外停放的农机；不进院，不触碰，不询问价值。",
    TaskKind.REMIND: "转达法院的履行提醒；不收款，不代转款项。",
    TaskKind.PETITION: "听取诉求，用本人原话记录并当面复述，转回法院。",
}

TRIED = {
    TaskKind.SERVE: ("NOT_HOME", "敲门无人应答，邻居说傍晚回来。"),
    TaskKind.LOCATE: ("UNKNOWN_UNCERTIFIED", "问过村组长，近期未见到人。"),
    TaskKind.ASSET: ("NOT_FOUND", "院外未见农机，过几天再看。"),
    TaskKind.REMIND: ("NOT_MET", "未见到本人，已约周末。"),
    TaskKind.PETITION: ("NOT_MET", "本人外出，电话约好下次。"),
}
REPORTED = {
    TaskKind.SERVE: ("SERVED_SELF", "本人签收，回证已带回。"),
    TaskKind.LOCATE: ("LIVES_HERE_ABSENT", "确住此处，外出务工，月底回来。"),
    TaskKind.ASSET: ("LEAD_SPECIFIC", "路边可见蓝色拖拉机一台，归属不明。"),
    TaskKind.REMIND: ("PROMISE_TO_PAY", "表示下月十日前履行一部分。"),
    TaskKind.PETITION: ("HEARD", "诉求已记录并当面复述，本人认可。"),
}
RETURNED = {
    TaskKind.SERVE: "回证缺签收日期，请补。",
    TaskKind.LOCATE: "请写明消息来自谁（只写身份，不写姓名）。",
    TaskKind.ASSET: "请补充拖拉机停放的具体位置。",
    TaskKind.REMIND: "请写明承诺的金额与日期。",
    TaskKind.PETITION: "请补充诉求的起因时间。",
}

REASONS = {
    "take_back": "原网格员本周培训，改由有空的同事领取。",
    "withdraw": "被执行人已到院履行，不再需要。",
}

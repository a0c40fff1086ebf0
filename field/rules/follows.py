"""What comes after an outcome, in words: the codes that the outcomes' table names.

None of it is decided by a machine; each ends with a court's or a township's person (PIPL art. 24).
"""

from __future__ import annotations


def _table(text: str) -> dict[str, tuple[str, str]]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return {code: (zh, en) for code, zh, en in rows}


FOLLOWS: dict[str, tuple[str, str]] = _table("""
aid_check|核查是否需要救助|somebody looks whether aid is due
alert_court|立即告知法院|the court is told at once
alert_duty_line|立即通知法院值班电话|the court's duty line is told at once
alert_township|立即告知乡镇（街道）|the township is told at once
call_110|必要时拨打 110|call the police where needed
court_arranges_settlement|由法院安排双方协商|the court brings both sides together
court_checks|法院核查|the court checks
court_checks_ledger|法院核对到账情况|the court checks its own books
court_checks_registry|法院核查登记信息|the court checks the registry
court_confirms|法院确认送达|the court confirms the service
court_decides|由法院决定|the court decides
court_finds_guardian|法院确定法定代理人|the court finds who acts for them
court_mails|法院邮寄送达|the court serves by mail
court_plans_visit|法院安排上门|the court plans a visit
court_serves_electronically|法院电子送达|the court serves electronically
court_serves_through_organ|法院转交送达|the court serves through the body in charge
court_suspends_or_ends|法院中止、变更或终结执行|the court suspends, changes or ends the enforcement
court_told|告知法院|the court is told
court_urgent|法院紧急处理|the court acts urgently
court_verifies|法院核实|the court verifies
court_visit_5wd|法院五个工作日内上门|the court visits within five working days
court_within_1wd|一个工作日内送交法院|to the court within one working day
festival_retry|节假日返乡时再送|try again when people come home for the festival
follow_up_promise|到期前三天、前一天提醒，次日核对|reminders three days and one day before, a check the day after
inspection_only|只转纪检监察或检察机关|to inspection or prosecutors only
lead_clock_7_3|法院七日内核查，紧急的三日|the court checks within seven days, three if urgent
leaflet_objection|告知可书面提出异议|give the leaflet on objecting in writing
leaflet_prosecutor|告知可申请检察监督|give the leaflet on prosecutorial supervision
leaflet_third_party|告知案外人可书面提出异议|give the leaflet on a third party's objection
locate_task|由法院另派查找任务|the court may ask to find the person
mediation|转法院或人民调解|to the court or to people's mediation
notice_30_days|法院起算三十日公告期|the court counts thirty days
petition_clocks|法院五个工作日内登记，三十日内办结|the court registers in five working days and finishes in thirty days
petition_office|告知信访部门|the petition office is told
public_notice_support|供法院决定是否公告送达|for the court to decide on public notice
reassign|改派他人|somebody else is sent
redispatch|改派到新址所在网格|sent on to the cell of the new address
refusal_indicator|记为事实，由法院判断|kept as a fact for the court to weigh
remind_before_return|返乡日前提醒|a reminder before the day of return
retry|再次上门|try again
retry_with_property_office|联系物业后再次上门|try again with the property office
return_to_court|退回法院更换文书|back to the court for the right papers
revisit_30_days|三十日内回访|a visit once more within thirty days
serve_task|法院可另派送达任务|the court may ask to serve
stop_reminders|法院答复前停止督促|no more reminders until the court answers
""")
"""Code → Chinese, English."""

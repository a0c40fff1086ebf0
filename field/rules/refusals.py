"""Every refusal the product can give: a stable code, its HTTP status, and one plain sentence in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):
    """The request is understood and refused; nothing has changed. `facts` are safe to show."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class Refusal:
    """What a code means to the person who reads it."""

    status: int
    zh: str
    en: str


def _table(text: str) -> dict[str, Refusal]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return {code: Refusal(int(status), zh, en) for code, status, zh, en in rows}


REFUSALS: dict[str, Refusal] = _table("""
body_unreadable|400|请求内容无法读取，请检查 JSON|the body cannot be read; check the JSON
body_too_deep|400|JSON 嵌套过深，最多 32 层|the JSON is nested too deeply; 32 levels at most
body_duplicate_key|400|JSON 中有重复的键|the JSON repeats a key
body_bad_character|400|内容含有控制字符或方向控制符|the text holds control or direction characters
header_invalid|400|请求头格式不对|a header has the wrong form
idempotency_key_missing|400|缺少 Idempotency-Key 请求头，或格式不对（16–64 位字母数字 _ -）|send an Idempotency-Key header: 16–64 of A–Z a–z 0–9 _ -
cursor_invalid|400|翻页游标无效，请从第一页重新开始|the cursor is not valid; start again from the first page
file_missing|400|请求里没有文件|there is no file in the request
parameter_unknown|400|不认识的查询参数|there is no such query parameter
parameter_invalid|400|查询参数的值无效|the value of a query parameter is not valid
token_missing|401|请先登录|sign in first
token_invalid|401|登录已过期或无效，请重新登录|the sign-in has expired or is not valid; sign in again
credentials_wrong|401|用户名或密码不正确|the login or the password is wrong
refresh_invalid|401|刷新令牌无效，请重新登录|the refresh token is not valid; sign in again
role_may_not|403|您的角色不能进行此操作|your role may not do this
must_change_password|403|请先修改初始密码|change the first password before anything else
not_found|404|没有找到，或不在您的范围内|not there, or not yours
method_not_allowed|405|此地址不支持该方法|this address does not take that method
not_acceptable|406|无法以所要求的格式回答|cannot answer in the form asked for
case_exists|409|本院已有此案号|the court already has this case number
already_corrected|409|此记录已有更正，请更正最新的一条|this has been corrected already; correct the newest one
already_claimed|409|该任务已被他人领取|the task has been claimed by another
worker_recused|409|该网格员已因利害关系回避此任务|this worker stepped back from the task for a conflict of interest
worker_full|409|在办任务已达上限|the worker holds as many open tasks as allowed
stale_claim|409|该任务已不在您名下，记录已保存并标注|the task is no longer yours; what you sent is kept and marked
evidence_sealed|409|该材料已封存，不能再改|this piece of evidence is sealed and stays as it is
upload_incomplete|409|文件尚未传完，请从 Upload-Offset 处续传|not all of the file has arrived; go on from Upload-Offset
upload_offset_wrong|409|续传位置不对，请从 Upload-Offset 处续传|the upload stands elsewhere; go on from Upload-Offset
move_not_allowed|409|当前状态不能进行此操作|the task cannot be moved this way from where it stands
older_than_return|409|法院已退回，此上报早于退回；请按退回原因重新办理|the court has returned the task since; mend what it asked for and report again
revision_used|409|此次修订生效后已有人据以办事，或有后来的修订以它为基础，不能撤销；请先撤销后来的，或导入新的边界更正|somebody has worked by this revision since, or a later one builds on it; undo the later one first, or import a correction
revision_unknown|404|没有此次修订，或已经撤销|there is no such revision, or it has been undone
revision_built_upon|409|后来的修订以此为基础，请先撤销后来的|a later revision builds on this one; undo that one first
review_looked|409|该条已有人复核|somebody has looked at this already
not_a_picture|409|该材料不是可以查看的图片|this piece of evidence is no picture that can be shown
picture_undecodable|409|图片无法打开，请查看原件|the picture cannot be opened; fetch the original
task_has_point|409|该任务已有坐标，请用 cell_code 指定网格|the task has a point already; place it with cell_code
task_exists|409|已有同一编号但内容不同的任务|a task with this id exists with other content
stale|412|内容已被更新，请刷新后再试|someone changed it first; fetch it again and retry
tus_version|412|请使用 Tus-Resumable: 1.0.0|send Tus-Resumable: 1.0.0
too_large|413|内容过大，最多 256 kB|the body is too large; 256 kB at most
file_too_large|413|文件过大，最多 64 MB|the file is too large; 64 MB at most
evidence_too_much|422|此任务的材料已达上限（500 份、2 GB），请联系法院|this task has as much evidence as one person may send (500 pieces, 2 GB); call the court
evidence_too_large|413|文件超过该类材料的上限|the file is larger than this kind of evidence may be
upload_too_long|413|所传内容超出申报的大小|more bytes came than were declared
media_type_wrong|415|请使用 application/json|send application/json
upload_type_wrong|415|请使用 application/offset+octet-stream|send application/offset+octet-stream
invalid|422|有字段不符合要求|some fields are not valid
case_no_invalid|422|案号格式不正确，例如（2026）豫0225执123号|the case number is not valid, for example （2026）豫0225执123号
evidence_awaited|409|所列材料尚未全部上传，收齐后自动上报；72 小时仍未收齐，由法院或协调员决定|some files declared for this have not arrived; it is handed in when they have, and after 72 hours a person decides
superseded|409|已有更正，以更正为准|a correction has taken its place
gap_too_long|409|此前的记录 72 小时仍未收到，请法院或协调员决定|an earlier item did not arrive within 72 hours; a person decides
outcome_unknown|422|该类任务没有此结果代码|this kind of task has no such outcome
reason_missing|422|请填写原因|say why
decline_reason_unknown|422|不接受的理由代码不正确|the decline reason is not one of the codes
axes_swapped|422|经纬度似乎颠倒了|longitude and latitude seem swapped
point_outside_area|422|坐标不在本辖区范围内|the point lies outside the area served
point_not_finite|422|坐标不是有效数字|the point is not a valid pair of numbers
datum_unknown|422|坐标系须为 WGS84、GCJ02、BD09 或 CGCS2000|the datum must be WGS84, GCJ02, BD09 or CGCS2000
candidate_unknown|422|没有此候选地址，或不在您的范围内|there is no such candidate, or it is not yours
cell_unknown|422|没有此网格，或不在您的范围内|there is no such cell, or it is not yours
worker_unknown|422|没有此网格员，或不在您的范围内|there is no such worker, or not in your area
paper_not_of_kind|422|该类任务没有此种文书|this kind of task has no such paper
party_unknown|422|案件中没有此当事人|the case has no such party
accuracy_invalid|422|定位精度须为不小于 0 的米数|the accuracy must be metres, zero or more
tile_invalid|422|没有此瓦片：级别须为 5–16，行列号须在范围内|there is no such tile: zoom 5–16, with x and y inside it
division_unknown|422|没有此行政区划代码|there is no such division
export_too_large|422|范围过大，请分区导出，或在服务器上用命令导出|the area is too large for one answer; export parts of it, or use the command on the server
cells_refused|422|文件中有错误，未作任何改动|there are faults in the file; nothing was changed
level_above_area|422|汇总层级高于所查范围|that level reaches beyond the area asked about
period_not_whole|422|期间须为完整的一周（周一至周日）、一月或一年，依报告而定|the period must be one whole week (Monday to Sunday), month or year, as the report has it
due_in_past|422|期限不能早于今天|the due day has already passed
documents_not_served|422|只有送达任务可以列明送达文书|only a task to serve papers names papers
documents_too_many|422|送达文书最多 20 种|20 papers at most
seizure_too_long|422|期限超过法定最长期限：存款一年，动产两年，不动产及其他财产权三年（民诉法解释 485）|longer than the law allows: deposits one year, movables two, immovables and other rights three (JI 485)
seizure_ended|409|该查封措施已续行或已解除|this measure has been renewed or lifted already
seizure_lapsed|422|续行须在原措施有效期内办理|it can be renewed only on a day on which it still stands
day_in_future|422|日期不能晚于今天|the day is still to come
day_before_begin|422|日期不能早于开始之日|the day lies before the beginning
term_met|409|该期限已经了结|this term has been met already
password_wrong|422|当前密码不正确|the present password is wrong
password_weak|422|新密码至少 10 个字符，且不同于旧密码|the new password needs 10 characters and must differ from the old one
idempotency_key_reused|422|同一 Idempotency-Key 已用于其他内容|this Idempotency-Key was used with other content
supersedes_unknown|422|所更正的记录不存在，或不是您的、不属于本任务|there is no such attempt of this task to correct, or it is not yours
correction_not_done|422|更正已上报的结果须一并上报（done）|a correction of a result that was handed in is handed in with it (done)
day_impossible|422|签收或拒收的日期不能早于任务下达之日，也不能晚于到访之日|the day of signing or refusing lies before the task was made, or after the visit
follow_up_decided|409|该事项已由法院认定|the court has decided this already
referral_not_here|409|当前状态不能这样处理|this cannot be done from where it stands
referral_exists|409|已有同一编号但内容不同的转介|a referral with this id exists with other content
referral_needs_task|422|请写明所涉任务|name the task it is about
attempt_unknown|422|该任务没有此条现场记录|the task has no such attempt
evidence_unknown|422|该任务没有此项材料|the task has no such piece of evidence
amount_not_wanted|422|只写事实，不写金额；金额由有权机关决定|write facts and no amounts; the amount is for others to decide
interference_incomplete|422|请写明何人、何时、何事|say who and when and what
observation_decided|409|该信息已由法院认定|the court has decided on this already
client_id_reused|422|同一编号已用于其他内容|this client id was used with other content
evidence_not_needed|422|此类任务依法不需要这种材料，请勿收集|no result of such a task needs this; do not collect it
media_type_not_allowed|422|该类材料不接受这种文件|this kind of evidence is not taken as such a file
picture_too_large|422|照片超过 4000 万像素，请降低分辨率后重拍|the picture has more than 40 million pixels; take it again at a lower resolution
picture_animated|422|不接受动图，请拍一张照片|moving pictures are not taken; take a photo
picture_unreadable|422|图片文件已损坏，请重拍|the picture file is damaged; take it again
hash_mismatch|422|文件与拍摄时的摘要不符，请重新上传原件|the file is not the one whose digest was taken at capture; send the original again
range_unsatisfiable|416|请求的范围不存在|there is no such range
mediation_paper_personal_only|422|调解书须交本人或其指定的代收人，不能留置，也不能由他人代收|a mediation paper goes to the person or a named receiver only, and is never left in place
retention_needs_refusal|422|留置须有法律规定的人拒收，并记明何人、何因、何时|papers may be left only after a refusal by one the law names; note who refused, why and when
retention_place|422|留置须在受送达人住所，简易程序案件也可在其从业场所|papers may be left at the residence only, in summary procedure also at the workplace
retention_needs_court|422|本院规定留置须有法院人员在场；请改报“拒收待法院处理”|this court asks that its officer be there; report the refusal and the court will come
receiver_not_eligible|422|此人依法不能签收，请勿交付文书|the law does not let this person receive; do not hand over the papers
receipt_missing|422|缺少已签收的送达回证|the signed receipt is missing
court_only|422|此结果只能由法院人员记录|only a court officer may record this outcome
notice_not_in_summary|422|简易程序案件不适用公告送达|there is no service by public notice in summary procedure
evidence_missing|422|缺少此结果依法需要的材料|the result lacks what the law needs for it
authorisation_needed|422|允许网格员单独留置，须填写本院书面授权的文号|to let grid workers leave papers alone, name the court's written authorisation
if_match_missing|428|请带上 If-Match 版本号|send If-Match with the version you have seen
upload_busy|423|该文件正在上传，请稍后再试|this file is being sent already; try again shortly
too_many_attempts|429|尝试次数过多，请稍后再试|too many attempts; try again later
checksum_mismatch|460|这一段的校验和不符，请重传该段|the part does not fit its checksum; send it again
internal|500|系统出错，已记录，请稍后再试|something broke on our side; it is recorded, try again later
busy|503|系统繁忙，请稍后再试|the service is busy; try again shortly
coverage_not_counted|503|覆盖统计正在首次计算，请稍后再试|the coverage figures are being counted for the first time; try again shortly
disk_full|507|服务器存储空间不足，已收到的部分不会丢失，请稍后续传|the store is full; what has arrived is kept, go on later
""")

RETRYABLE = frozenset(
    {
        "too_many_attempts",
        "busy",
        "internal",
        "stale",
        "coverage_not_counted",
        "upload_busy",
        "checksum_mismatch",
        "disk_full",
    }
)
"""Codes after which the same intention may succeed if tried again."""

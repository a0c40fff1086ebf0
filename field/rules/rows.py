"""What can be wrong with an imported file of rows: a stable code, where, one sentence in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from field.rules.refusals import REFUSALS


def _table(text: str) -> dict[str, tuple[str, str]]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return {code: (zh, en) for code, zh, en in rows}


ROW_FAULTS = _table("""
file_encoding|文件不是 UTF-8 编码：请在表格软件中另存为“CSV UTF-8”|the file is not UTF-8: save it as “CSV UTF-8”
file_empty|文件是空的|the file is empty
file_unreadable|不是完整的 CSV：引号不配对，或单格内容过长|no sound CSV: quotes do not match, or one value is far too long
column_missing|缺少列 {column}；有：{found}|the column {column} is missing; there are: {found}
column_unknown|不认识的列 {column}；可用：{allowed}|there is no column {column}; these are known: {allowed}
column_twice|列 {column} 出现两次|the column {column} comes twice
row_length|有 {found} 格，应为 {expected} 格|the row has {found} values, {expected} are needed
value_missing|不能为空|must not be empty
value_twice|与第 {first} 行相同|the same as in row {first}
value_not_theirs|此角色不应填写|must be empty for this role
text_unclean|含有控制字符、换行或方向控制符|holds control characters, line breaks or direction characters
text_too_long|最多 {longest} 个字|{longest} characters at most
number_mangled|“{value}”被表格软件改成了科学计数法：请把该列设为文本|“{value}” was turned into scientific notation: make the column text
number_form|“{value}”不是数字|“{value}” is no number
day_form|“{value}”不是日期，应如 2026-01-31（2000–2100 年）|“{value}” is no day such as 2026-01-31 (years 2000–2100)
choice_unknown|“{value}”不在可选值之中：{allowed}|“{value}” is not one of: {allowed}
login_form|登录名须为 2–64 个字母、数字或 . _ -，以字母或数字开头|a login has 2–64 letters, digits or . _ - and begins with a letter or digit
login_reserved|以 import- 开头的登录名留给法院的导入账号|logins that begin with import- are kept for the courts' import accounts
court_form|法院代码须为 2–32 个小写字母、数字或 _ -|a court code has 2–32 of a–z 0–9 _ -
court_reserved|此代码另有用途，请换一个|this code has another use; take another one
court_unknown|没有法院 {court}：请先导入其调度员|there is no court {court}: import its dispatchers first
court_differs|此人属于法院 {court}；请另设登录名|this person belongs to court {court}; use another login
court_area_differs|法院 {court} 的辖区是 {area}（由管理员修改，或在文件中统一）|the area of court {court} is {area}; an administrator edits it, a file names one
court_named_twice|法院 {court} 在文件中另称“{other}”|the file also calls court {court} “{other}”
court_not_theirs|{login} 不是法院 {court} 的调度员|{login} is no dispatcher of court {court}
court_account_closed|法院 {court} 的导入账号已停用：请用 --as 指定调度员|the import account of court {court} is suspended: name a dispatcher with --as
role_differs|此登录名的角色是 {role}；请另设登录名|this login has the role {role}; use another login
division_unknown|没有行政区划 {value}：请核对，或先导入其网格|there is no division {value}: check it, or import its cells first
cell_form|“{value}”不是 15 或 18 位网格编码|“{value}” is no cell code of 15 or 18 digits
cell_unknown|没有网格 {value}：请核对，或先导入网格|there is no cell {value}: check it, or import the cells first
cell_outside|网格 {value} 不在 {division} 之内|the cell {value} does not lie in {division}
phone_form|不是 11 位手机号码|not a mobile number of 11 digits
id_form|“{value}”不是 UUID|“{value}” is no UUID
priority_form|优先级须为 1、2 或 3|the priority is 1, 2 or 3
documents_form|“{value}”须为“名称*份数:类型”，多种用分号隔开，例如 执行通知书*1:ENFORCEMENT_NOTICE|“{value}” is not `title*copies:TYPE`; separate several by semicolons
party_incomplete|当事人姓名与身份须同时填写|a party needs both name and role
entered_by_unknown|{login} 不是在用的调度员|{login} is no active dispatcher
""")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where (rows as a spreadsheet counts them, the header being row 1) and what."""

    code: str
    row: int | None = None
    column: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        """Say it in one line, Chinese before English, as a terminal shows it."""
        zh, en = self._texts()
        column = self.column or ""
        here_zh = "，".join(filter(None, (f"第 {self.row} 行" if self.row else "", column)))
        here_en = ", ".join(filter(None, (f"row {self.row}" if self.row else "", column)))
        return f"{here_zh}：{zh} / {here_en}: {en}" if here_zh else f"{zh} / {en}"

    def _texts(self) -> tuple[str, str]:
        if self.code in ROW_FAULTS:
            zh, en = ROW_FAULTS[self.code]
            return zh.format(**self.facts), en.format(**self.facts)
        refusal = REFUSALS[self.code]
        return refusal.zh, refusal.en


class RowsRefused(Exception):
    """A file that is not taken, with everything that is wrong in it, row by row; nothing has changed."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.row or 0))
        super().__init__(f"{len(self.faults)} faults")

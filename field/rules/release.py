"""Which fields of a task each role sees: the least that the job needs (PIPL arts. 5, 6, 34)."""

from __future__ import annotations

from field.rules.people import Role

RELEASABLE = frozenset({"case_no", "party_name", "party_role", "address", "instructions"})
"""What the court may release to the worker, task by task."""
CASE_CONTENT = frozenset(
    {"case_id", "case_no", "party_name", "party_role", "instructions", "release", "created_by", "return_reason"}
)
"""What a township coordinator never sees: they place and give, the case stays with the court.

Source: 法释〔2017〕8号 art. 25; officials must not lean on a case.
"""


def hidden_fields(role: Role, released: frozenset[str]) -> frozenset[str]:
    """Return the names of the task fields that this role does not get."""
    if role is Role.DISPATCHER:
        return frozenset()
    if role is Role.WORKER:
        return (RELEASABLE - released) | {"release", "created_by", "court_code", "still_on_phones"}
    return CASE_CONTENT

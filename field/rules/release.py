"""Which fields of a task each role sees: the least that the job needs (PIPL arts. 5, 6, 34)."""

from __future__ import annotations

from field.rules.people import Role

RELEASABLE = frozenset({"case_no", "party_name", "party_role", "address", "instructions", "documents"})
"""What the court may release to the worker, task by task; titles of papers may tell what the case is about."""
CASE_CONTENT = frozenset(
    {
        *("case_id", "case_no", "party_name", "party_role", "instructions", "release", "created_by", "return_reason"),
        "documents",
    }
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


SEALED_OUTCOMES = frozenset({"COMPLAINT_ON_OFFICER"})
"""Outcomes whose words nobody of the court's own desk reads, only its inspection: never the person complained of.

Source: 信访工作条例 art. 30(3).
"""


def is_sealed(outcome: str) -> bool:
    """Tell whether what an attempt with this outcome says is for the court's inspection alone."""
    return outcome in SEALED_OUTCOMES


SEALED = "SEALED"
SEALED_WORDS = ("内容密封", "sealed")
"""What everybody but its maker and the inspection reads in place of the outcome of a sealed attempt."""

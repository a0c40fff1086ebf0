"""What is passed on: by whom, to whom, on which article; written by hand beside the table it checks."""

from __future__ import annotations

import pytest

from field.rules.articles import in_words
from field.rules.outcomes import OUTCOMES
from field.rules.people import Role
from field.rules.records import RefusalIndicator
from field.rules.referrals import (
    CLOCKS,
    MOVES,
    NEEDS_WORDS,
    PROPOSED_BY,
    REFERRALS,
    WORKERS_WORDS,
    Body,
    ReferralDecision,
    ReferralKind,
    ReferralState,
    check_content,
    check_maker,
    decide,
    hidden_from,
    kinds_for,
    names_amount,
    possible,
    proposed,
)
from field.rules.refusals import Refused
from field.rules.terms import TERMS, TermCode

K = ReferralKind
R = Role
# Kind, body, who makes it by hand, who reads it whoever made it, who decides it.
TABLE: list[tuple[K, Body, set[R], set[R], set[R]]] = [
    (K.JUDICIAL_AID, Body.COURT_AID_OFFICE, {R.DISPATCHER}, {R.DISPATCHER}, {R.DISPATCHER}),
    (
        K.SOCIAL_ASSISTANCE,
        Body.CIVIL_AFFAIRS,
        {R.DISPATCHER, R.COORDINATOR},
        {R.DISPATCHER, R.COORDINATOR},
        {R.DISPATCHER, R.COORDINATOR},
    ),
    (K.REFUSAL_EVIDENCE, Body.COURT, {R.DISPATCHER}, {R.DISPATCHER}, {R.DISPATCHER}),
    (K.THIRD_PARTY_CLAIM, Body.COURT, {R.DISPATCHER}, {R.DISPATCHER}, {R.DISPATCHER}),
    (K.INCIDENT, Body.COURT, {R.DISPATCHER, R.COORDINATOR, R.WORKER}, {R.DISPATCHER}, {R.DISPATCHER}),
    (K.INTERFERENCE, Body.INSPECTION, {R.DISPATCHER, R.COORDINATOR, R.WORKER}, {R.INSPECTOR}, {R.INSPECTOR}),
    (K.COMPLAINT, Body.INSPECTION, {R.DISPATCHER}, {R.INSPECTOR}, {R.INSPECTOR}),
    (K.COURT_NOTE, Body.COURT, {R.DISPATCHER}, {R.DISPATCHER}, {R.DISPATCHER}),
]
PROPOSALS = {
    "HARDSHIP_SEEN": {"SOCIAL_ASSISTANCE"},
    "SAYS_CANNOT_PAY": {"SOCIAL_ASSISTANCE", "COURT_NOTE"},
    "AID_NEEDED": {"JUDICIAL_AID", "SOCIAL_ASSISTANCE"},
    "EXEMPT_ONLY": {"COURT_NOTE"},
    "THIRD_PARTY_CLAIMS": {"THIRD_PARTY_CLAIM"},
    "MOVED_OR_DISPOSED": {"REFUSAL_EVIDENCE!"},
    "EVADING_SIGNS": {"REFUSAL_EVIDENCE"},
    "REFUSES": {"REFUSAL_EVIDENCE"},
    "SEAL_DAMAGED": {"INCIDENT!"},
    "UNSAFE": {"INCIDENT!"},
    "RISK_URGENT": {"INCIDENT!"},
    "COMPLAINT_ON_OFFICER": {"COMPLAINT"},
    "FOUND_PRESENT": {"COURT_NOTE!"},
}
"""What each outcome proposes, `!` for what somebody has to look at once."""
SIGNS = (RefusalIndicator.HIDES_ASSETS,)


def test_who_may_do_what() -> None:
    found = [
        (kind, rule.to_body, set(rule.makers), set(rule.readers), set(rule.deciders))
        for kind, rule in REFERRALS.items()
    ]
    assert found == TABLE


def test_what_is_for_the_inspection_is_sealed() -> None:
    sealed = {kind for kind, rule in REFERRALS.items() if rule.sealed}
    assert sealed == {K.INTERFERENCE, K.COMPLAINT} == kinds_for(Role.INSPECTOR)
    assert kinds_for(Role.WORKER) == kinds_for(Role.ADMINISTRATOR) == frozenset()
    assert kinds_for(Role.COORDINATOR) == {K.SOCIAL_ASSISTANCE}
    assert kinds_for(Role.DISPATCHER) == set(K) - sealed


@pytest.mark.parametrize("kind", K)
def test_each_rests_on_an_article_and_has_words(kind: K) -> None:
    rule = REFERRALS[kind]
    assert rule.zh
    assert rule.en
    assert " / " in in_words(rule.article)


def test_what_each_outcome_proposes() -> None:
    found = {
        code: {each.kind.value + "!" * each.urgent for each in proposals} for code, proposals in PROPOSED_BY.items()
    }
    assert found == PROPOSALS
    assert set(PROPOSALS) | set(CLOCKS) <= {code for table in OUTCOMES.values() for code in table}


def test_only_somebody_found_starts_a_clock_of_minutes() -> None:
    alerts = {code: each.alert for code, proposals in PROPOSED_BY.items() for each in proposals if each.alert}
    assert alerts == {"FOUND_PRESENT": TermCode.FOUND_ALERT}
    assert TERMS[TermCode.FOUND_ALERT].count == 30


def test_signs_of_refusal_go_to_the_court_whatever_the_outcome() -> None:
    assert [each.kind for each in proposed("NOT_FOUND", SIGNS)] == [K.REFUSAL_EVIDENCE]
    assert [each.kind for each in proposed("REFUSES", SIGNS)] == [K.REFUSAL_EVIDENCE]
    assert proposed("NOT_FOUND", ()) == ()


def test_signs_in_a_sealed_record_stay_sealed() -> None:
    assert [each.kind for each in proposed("COMPLAINT_ON_OFFICER", SIGNS)] == [K.COMPLAINT]


@pytest.mark.parametrize("kind", K)
@pytest.mark.parametrize("role", Role)
def test_makers(kind: K, role: Role) -> None:
    makers = next(row[2] for row in TABLE if row[0] is kind)
    if role in makers:
        assert check_maker(kind, role) is REFERRALS[kind]
        return
    with pytest.raises(Refused, match="role_may_not"):
        check_maker(kind, role)


@pytest.mark.parametrize(
    "text",
    [
        "请救助5000元",
        "欠款３０００元",
        "需三千元看病",
        "每月两千多元",
        "￥800",
        "¥ 800",
        "RMB 5000",
        "约十万元",
        "1.5万块",
        "2 万元",
        "借了5万块钱",
        "two payments of 300 yuan",
    ],
)
def test_an_amount_is_seen(text: str) -> None:
    assert names_amount(text)


@pytest.mark.parametrize(
    "text",
    [
        "独居，72岁，三个孩子上学",
        "2026年6月10日上门",
        "住某村2组15号",
        "一家五口，两间房",
        "元旦后无收入",
        "FARM 12",
        "单元楼三单元",
    ],
)
def test_facts_are_no_amounts(text: str) -> None:
    assert not names_amount(text)


@pytest.mark.parametrize("kind", K)
def test_only_aid_is_held_against_amounts(kind: K) -> None:
    if kind in (K.JUDICIAL_AID, K.SOCIAL_ASSISTANCE):
        with pytest.raises(Refused, match="amount_not_wanted"):
            check_content(kind, "缺5000元", "某人", happened=True)
    else:
        check_content(kind, "缺5000元", "某人", happened=True)


@pytest.mark.parametrize(("who", "happened"), [(None, True), ("", True), ("某人", False), (None, False)])
def test_an_interference_says_who_and_when(who: str | None, happened: bool) -> None:
    with pytest.raises(Refused, match="interference_incomplete"):
        check_content(K.INTERFERENCE, "打电话要求缓办", who, happened)
    check_content(K.INCIDENT, "打电话要求缓办", who, happened)


ALLOWED = {
    "proposed": ["REFER", "DECLINE", "DECIDE"],
    "referred": ["DECLINE", "DECIDE", "CLOSE"],
    "decided": ["CLOSE"],
    "declined": [],
    "closed": [],
}


@pytest.mark.parametrize("state", ReferralState)
@pytest.mark.parametrize("decision", ReferralDecision)
def test_decisions(state: ReferralState, decision: ReferralDecision) -> None:
    assert possible(state) == ALLOWED[state.value]
    if decision.value not in ALLOWED[state.value]:
        with pytest.raises(Refused, match="referral_not_here") as refused:
            decide(state, decision, "因故")
        assert refused.value.facts["allowed"] == ALLOWED[state.value]
        return
    assert decide(state, decision, "因故") is MOVES[decision][1]
    if decision in NEEDS_WORDS:
        with pytest.raises(Refused, match="reason_missing"):
            decide(state, decision, None)
    else:
        decide(state, decision, None)


def test_what_each_reader_does_not_get() -> None:
    assert hidden_from(Role.DISPATCHER, K.JUDICIAL_AID) == frozenset()
    assert hidden_from(Role.INSPECTOR, K.COMPLAINT) == frozenset()
    assert {"case_id", "attempt_id", "evidence_ids"} <= hidden_from(Role.COORDINATOR, K.SOCIAL_ASSISTANCE)
    for role in (Role.WORKER, Role.COORDINATOR, Role.DISPATCHER):
        assert {"decision_note", "decided_by", "case_id"} <= hidden_from(role, K.INTERFERENCE)


def test_a_workers_screen_speaks_of_facts() -> None:
    assert WORKERS_WORDS.startswith("事实记录")
    assert "犯罪" not in WORKERS_WORDS

"""The seven rules of service and the table of retention over HTTP, by hand from the law's own words."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests.law.grid import KIN, OFFICER, REFUSAL, SIGNED, TODAY, WITNESS, Brought, Grid

# What each way of serving brings: everything the law asks in an ordinary case.
BRINGS = {
    "SERVED_SELF": ["receipt", "receiver:SELF"],
    "SERVED_COHABITANT": ["receipt", "receiver:COHABITING_ADULT", "relation"],
    "SERVED_LEGAL_REP": ["receipt", "receiver-with-post:LEGAL_REP"],
    "SERVED_ORG_RECEIVER": ["receipt", "receiver-with-post:ORG_RECEIVER"],
    "SERVED_AGENT": ["receipt", "receiver:AGENT", "authorisation"],
    "SERVED_DESIGNEE": ["receipt", "receiver:DESIGNEE", "authorisation"],
    "SERVED_GUARDIAN": ["receipt", "receiver:GUARDIAN", "relation"],
    "RETAINED_WITNESSED": ["refusal:SELF", "residence", "officer", "server-sign", "witness", "note"],
    "RETAINED_RECORDED": ["refusal:SELF", "residence", "officer", "photo-door", "photo-left", "server-sign"],
}
SEVEN = [code for code in BRINGS if code.startswith("SERVED_")]
RETAINED = ["RETAINED_WITNESSED", "RETAINED_RECORDED"]
EVERYBODY = [
    *("SELF", "COHABITING_ADULT", "LEGAL_REP", "PRINCIPAL", "ORG_RECEIVER", "AGENT", "DESIGNEE", "GUARDIAN"),
    *("NEIGHBOUR", "LANDLORD", "PROPERTY_GUARD", "MINOR_CHILD", "VILLAGE_CADRE", "OPPOSING_PARTY", "OTHER"),
]
STOOD = ("held", None)


def fate(brought: Brought) -> tuple[str, str | None]:
    """Return whether it waits for its files alone, or the code it is refused with."""
    if brought.code == "evidence_awaited":
        return STOOD
    return brought.status, brought.code


def refused(code: str) -> tuple[str, str]:
    return "rejected", code


# 1. A mediation paper goes to the person or a named receiver, and is never left (JI 133).


@pytest.mark.parametrize("outcome", BRINGS)
@pytest.mark.parametrize("papers", [["MEDIATION_PAPER"], ["RULING", "MEDIATION_PAPER"]], ids="+".join)
def test_a_mediation_paper(grid: Grid, outcome: str, papers: list[str]) -> None:
    personal = {"SERVED_SELF", "SERVED_DESIGNEE", "SERVED_LEGAL_REP", "SERVED_GUARDIAN"}
    brought = grid.bring(grid.task("SERVE", *papers), outcome, BRINGS[outcome])
    assert fate(brought) == (STOOD if outcome in personal else refused("mediation_paper_personal_only"))
    others = grid.bring(grid.task("SERVE", "RULING", "SUMMONS"), outcome, BRINGS[outcome])
    assert fate(others) == STOOD


def test_an_agent_who_is_also_the_designated_receiver_takes_a_mediation_paper(grid: Grid) -> None:
    agent = SIGNED | {"capacity": "AGENT", "also_designee": True}
    task = grid.task("SERVE", "MEDIATION_PAPER")
    brought = grid.bring(task, "SERVED_AGENT", ["receipt", "authorisation"], receiver=agent)
    assert fate(brought) == STOOD


@pytest.mark.parametrize(("outcome", "things"), [("NOTICE_POSTED", ["photo-scene"]), ("NOT_HOME", ["position"])])
def test_a_mediation_paper_is_not_posted_but_nobody_home_is_a_fact(grid: Grid, outcome: str, things: list[str]) -> None:
    brought = grid.bring(grid.task("SERVE", "MEDIATION_PAPER"), outcome, things)
    posted = outcome == "NOTICE_POSTED"
    assert brought.code == ("mediation_paper_personal_only" if posted else None)


def test_the_court_itself_cannot_leave_a_mediation_paper(grid: Grid) -> None:
    things = ["refusal:SELF", "residence", "photo-door", "photo-left", "server-sign"]
    brought = grid.bring(grid.task("SERVE", "MEDIATION_PAPER"), "RETAINED_RECORDED", things, by_court=True)
    assert (brought.status, brought.code) == ("422", "mediation_paper_personal_only")


# 2. Papers are left only after a refusal by one the law names (CPL 89; JI 130, 132).


@pytest.mark.parametrize("outcome", RETAINED)
@pytest.mark.parametrize("capacity", EVERYBODY)
def test_whose_refusal_counts(grid: Grid, outcome: str, capacity: str) -> None:
    refusing = REFUSAL | {"refused_by": capacity}
    counts = {"SELF", "COHABITING_ADULT", "LEGAL_REP", "PRINCIPAL", "ORG_RECEIVER"}
    things = [*BRINGS[outcome], *(["relation"] if capacity == "COHABITING_ADULT" else [])]
    brought = grid.bring(grid.task(), outcome, things, refusal=refusing)
    assert fate(brought) == (STOOD if capacity in counts else refused("retention_needs_refusal"))


@pytest.mark.parametrize("outcome", RETAINED)
@pytest.mark.parametrize("lacking", ["adult", "cohabiting"])
def test_a_relative_who_refuses_is_one_who_might_receive(grid: Grid, outcome: str, lacking: str) -> None:
    refusing = REFUSAL | {"refused_by": "COHABITING_ADULT"}
    told = grid.bring(grid.task(), outcome, BRINGS[outcome], refusal=refusing, relation=KIN | {lacking: False})
    assert (fate(told), set(told.missing)) == (refused("receiver_not_eligible"), {f"relation.{lacking}"})


DAYS = [(-2, "day_impossible"), (-1, None), (0, None), (1, None), (3, "day_impossible")]


@pytest.mark.parametrize(("days", "code"), DAYS)
def test_papers_are_signed_for_between_the_order_and_the_visit(grid: Grid, days: int, code: str | None) -> None:
    """The order was given yesterday; a phone's clock may be a day behind."""
    day = (TODAY + timedelta(days=days)).isoformat()
    ways: list[tuple[str, str, dict[str, Any]]] = [
        ("receiver.signed_on", "SERVED_SELF", {"receiver": SIGNED | {"capacity": "SELF", "signed_on": day}}),
        ("refusal.at", RETAINED[1], {"refusal": REFUSAL | {"refused_by": "SELF", "at": f"{day}T00:00:01+08:00"}}),
    ]
    for piece, outcome, told in ways:
        just_now = "2026-06-10T12:30:00+08:00"
        brought = grid.bring(grid.task(), outcome, BRINGS[outcome], captured_at=just_now, **told)
        assert fate(brought) == (refused(code) if code else STOOD)
        assert code is None or set(brought.missing) == {piece}


@pytest.mark.parametrize("outcome", RETAINED)
def test_an_agents_refusal_counts_when_named_as_receiver(grid: Grid, outcome: str) -> None:
    agent = REFUSAL | {"refused_by": "AGENT", "also_designee": True}
    assert fate(grid.bring(grid.task(), outcome, BRINGS[outcome], refusal=agent)) == STOOD


# 3. At the residence; in summary procedure also at the workplace; an organisation resides at its premises.

PLACES = ["RESIDENCE", "WORKPLACE", "ORG_PREMISES", "ELSEWHERE", None]


@pytest.mark.parametrize("outcome", RETAINED)
@pytest.mark.parametrize(("procedure", "place"), list(product(["ORDINARY", "SUMMARY"], PLACES)))
@pytest.mark.parametrize("refused_by", ["SELF", "ORG_RECEIVER"])
def test_where_papers_are_left(grid: Grid, outcome: str, procedure: str, place: str | None, refused_by: str) -> None:
    allowed = {"RESIDENCE"}
    allowed |= {"WORKPLACE"} if procedure == "SUMMARY" else set()
    allowed |= {"ORG_PREMISES"} if refused_by == "ORG_RECEIVER" else set()
    refusing = REFUSAL | {"refused_by": refused_by}
    task = grid.task(procedure=procedure)
    brought = grid.bring(task, outcome, BRINGS[outcome], refusal=refusing, place=place)
    assert fate(brought) == (STOOD if place in allowed else refused("retention_place"))


# 4. A grid worker leaves nothing alone, unless the court has said so in writing.


@pytest.mark.parametrize("outcome", RETAINED)
def test_alone_nothing_is_left_while_the_courts_flag_is_on(grid: Grid, outcome: str) -> None:
    alone = [each for each in BRINGS[outcome] if each != "officer"]
    assert fate(grid.bring(grid.task(), outcome, alone)) == refused("retention_needs_court")
    by_court = grid.bring(grid.task(), outcome, alone, by_court=True)
    assert (by_court.status, by_court.code) == ("201", None)


def test_with_a_written_authorisation_the_court_may_waive_its_officer(grid: Grid) -> None:
    world, court = grid.world, grid.world.other_court
    admin = next(person for role, person in world.home.items() if role == "administrator")
    path = f"/courts/{court.code}"
    wish: dict[str, Any] = {"retention_requires_court_officer": False}
    version = world.get(admin, path).get_json()["version"]
    told = world.send("PUT", admin, f"{path}/settings", wish, version=version)
    assert (told.status_code, told.get_json()["code"]) == (422, "authorisation_needed")
    wish["retention_authorisation_no"] = "（2099）协1号"
    assert world.send("PUT", admin, f"{path}/settings", wish, version=version).status_code == 200
    for outcome in RETAINED:
        alone = [each for each in BRINGS[outcome] if each != "officer"]
        task = grid.task(court=court)
        brought = grid.bring(task, outcome, alone)
        assert fate(brought) == STOOD
        grid.seal(task, brought)
        assert grid.state(task) == "reported"
        assert grid.bring(grid.task(), outcome, alone).code == "retention_needs_court", "the other court has not"


# 5. A cohabitant is an adult who lives there; the opposing party never receives, by any method.


@pytest.mark.parametrize(
    ("relation", "piece"),
    [({"adult": False}, "relation.adult"), ({"cohabiting": False}, "relation.cohabiting")],
)
def test_a_cohabiting_adult(grid: Grid, relation: dict[str, bool], piece: str) -> None:
    brought = grid.bring(grid.task(), "SERVED_COHABITANT", BRINGS["SERVED_COHABITANT"], relation=KIN | relation)
    assert (fate(brought), set(brought.missing)) == (refused("receiver_not_eligible"), {piece})


@pytest.mark.parametrize("outcome", BRINGS)
def test_the_opposing_party_by_any_method(grid: Grid, outcome: str) -> None:
    brought = grid.bring(grid.task(), outcome, BRINGS[outcome], relation=KIN | {"opposing_party": True})
    assert (fate(brought), set(brought.missing)) == (refused("receiver_not_eligible"), {"opposing_party"})


@pytest.mark.parametrize("outcome", RETAINED)
def test_nothing_is_left_after_the_opposing_partys_refusal(grid: Grid, outcome: str) -> None:
    opponent = REFUSAL | {"refused_by": "COHABITING_ADULT", "opposing_party": True}
    brought = grid.bring(grid.task(), outcome, BRINGS[outcome], refusal=opponent)
    assert fate(brought) == refused("receiver_not_eligible")


@pytest.mark.parametrize("outcome", SEVEN)
def test_who_receives_with_which_outcome(grid: Grid, outcome: str) -> None:
    """Neighbours, landlords, guards, children, cadres and opponents with none."""
    may = {
        "SERVED_SELF": {"SELF"},
        "SERVED_COHABITANT": {"COHABITING_ADULT"},
        "SERVED_LEGAL_REP": {"LEGAL_REP", "PRINCIPAL"},
        "SERVED_ORG_RECEIVER": {"ORG_RECEIVER"},
        "SERVED_AGENT": {"AGENT"},
        "SERVED_DESIGNEE": {"DESIGNEE"},
        "SERVED_GUARDIAN": {"GUARDIAN"},
    }[outcome]
    things = ["receipt", "authorisation", "relation"]
    for capacity in EVERYBODY:
        receiver = SIGNED | {"capacity": capacity, "post": "职员", "unit": "某公司"}
        brought = grid.bring(grid.task(), outcome, things, receiver=receiver)
        assert fate(brought) == (STOOD if capacity in may else refused("receiver_not_eligible")), capacity


@pytest.mark.parametrize("member", ["post", "unit"])
@pytest.mark.parametrize("outcome", ["SERVED_LEGAL_REP", "SERVED_ORG_RECEIVER"])
def test_post_and_unit_of_who_signs_for_an_organisation(grid: Grid, outcome: str, member: str) -> None:
    capacity = outcome.removeprefix("SERVED_")
    receiver = SIGNED | {"capacity": capacity, "post": "职员", "unit": "某公司"} | {member: None}
    brought = grid.bring(grid.task(), outcome, ["receipt"], receiver=receiver)
    assert (fate(brought), set(brought.missing)) == (refused("evidence_missing"), {"ORG_POST"})


# 6. Whatever is served needs its signed receipt, on paper or electronic.


@pytest.mark.parametrize("outcome", SEVEN)
def test_the_signed_receipt(grid: Grid, outcome: str) -> None:
    rest = [each for each in BRINGS[outcome] if each != "receipt"]
    assert fate(grid.bring(grid.task(), outcome, rest)) == refused("receipt_missing")
    assert fate(grid.bring(grid.task(), outcome, ["e-receipt", *rest])) == STOOD
    assert fate(grid.bring(grid.task(), outcome, ["photo-handover", *rest])) == refused("receipt_missing")


# 7. The day of service is the receipt's, not the upload's; both clocks are kept.


def test_the_day_on_the_receipt_and_both_clocks_are_kept(grid: Grid) -> None:
    task = grid.task()
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    receiver = SIGNED | {"capacity": "SELF", "signed_on": yesterday}
    captured = "2026-06-10T12:00:00+08:00"
    brought = grid.bring(task, "SERVED_SELF", ["receipt"], receiver=receiver, captured_at=captured)
    grid.seal(task, brought)
    (kept,) = grid.attempts(task)
    assert kept["receiver"]["signed_on"] == yesterday
    assert kept["captured_at"] == "2026-06-10T04:00:00.000000Z"
    assert kept["received_at"] > kept["captured_at"]
    assert kept["corrected_at"] != kept["captured_at"]


# The witness of a retention (JI 130(2); summary procedure: 简易程序规定 11).

WITHOUT = [each for each in BRINGS["RETAINED_WITNESSED"] if each != "witness"]
UNSIGNED = WITNESS | {"signed": False, "reason_unsigned": "不愿介入"}


@pytest.mark.parametrize(
    ("witnesses", "signature", "ordinary", "summary"),
    [
        ([WITNESS], True, True, True),
        ([WITNESS | {"capacity": "EMPLOYER_STAFF"}], True, True, True),
        ([WITNESS | {"capacity": "OTHER"}], True, False, False),
        ([WITNESS | {"capacity": "OTHER"}, WITNESS], True, True, True),
        ([WITNESS], False, False, False),
        ([], True, False, False),
        ([UNSIGNED], True, False, True),
        ([UNSIGNED], False, False, True),
        ([UNSIGNED | {"reason_unsigned": None}], False, False, False),
        ([UNSIGNED | {"capacity": "OTHER"}], False, False, False),
    ],
)
def test_who_witnesses(
    grid: Grid, witnesses: list[dict[str, Any]], signature: bool, ordinary: bool, summary: bool
) -> None:
    things = BRINGS["RETAINED_WITNESSED"] if signature else WITHOUT
    for procedure, stands in (("ORDINARY", ordinary), ("SUMMARY", summary)):
        task = grid.task(procedure=procedure)
        brought = grid.bring(task, "RETAINED_WITNESSED", things, witnesses=witnesses)
        assert fate(brought) == (STOOD if stands else refused("evidence_missing"))
        assert stands or set(brought.missing) == {"WITNESS_SIGN"}


# What only a court may do, and what summary procedure does not know.


@pytest.mark.parametrize("things", [["video", "officer-sign"], ["video", "officer-sign", "officer"]])
def test_refused_elsewhere_is_the_courts_to_record(grid: Grid, things: list[str]) -> None:
    assert fate(grid.bring(grid.task(), "REFUSED_ELSEWHERE_RECORDED", things)) == refused("court_only")


def test_there_is_no_public_notice_in_summary_procedure(grid: Grid) -> None:
    brought = grid.bring(grid.task(procedure="SUMMARY"), "NOTICE_POSTED", ["photo-scene"])
    assert fate(brought) == refused("notice_not_in_summary")


# Not handed in, a rule of law still holds; what is only not there yet is told.


@pytest.mark.parametrize(
    ("outcome", "things", "code", "missing"),
    [
        ("SERVED_SELF", [], None, {"RECEIPT_SIGNED", "receiver"}),
        ("SERVED_SELF", ["receiver:NEIGHBOUR"], "receiver_not_eligible", None),
        ("RETAINED_RECORDED", ["refusal:SELF", "residence"], "retention_needs_court", None),
        (
            "RETAINED_RECORDED",
            ["refusal:SELF", "residence", "officer"],
            None,
            {"PHOTO_DOOR", "PHOTO_DOC_LEFT", "SERVER_SIGN"},
        ),
        ("NOT_HOME", [], None, {"LOC_FIX"}),
        ("REFUSED_ELSEWHERE_RECORDED", [], "court_only", None),
    ],
)
def test_what_is_not_handed_in_yet(
    grid: Grid, outcome: str, things: list[str], code: str | None, missing: set[str] | None
) -> None:
    brought = grid.bring(grid.task(), outcome, things, done=False)
    assert (brought.status, brought.code) == ("rejected" if code else "accepted", code)
    assert missing is None or set(brought.missing) == missing


def test_a_mended_report_may_come_again_under_its_own_id(grid: Grid) -> None:
    task = grid.task()
    alone = [each for each in BRINGS["RETAINED_RECORDED"] if each != "officer"]
    first = grid.bring(task, "RETAINED_RECORDED", alone)
    assert first.code == "retention_needs_court"
    again = grid.bring(task, "REFUSED_PENDING_COURT", ["refusal:SELF", "position"], client_id=first.client_id)
    assert (again.status, again.code, grid.state(task)) == ("accepted", None, "reported")


def test_the_courts_officer_is_named_with_a_post(grid: Grid) -> None:
    brought = grid.bring(grid.task(), "RETAINED_RECORDED", BRINGS["RETAINED_RECORDED"], officer=OFFICER | {"post": ""})
    assert fate(brought) == refused("invalid")


# An asset's worth and lawfulness are nobody's to tell who looks from outside.


@pytest.mark.parametrize("member", ["legality", "value_fen", "bounty_eligible"])
def test_a_worker_sets_no_legality_and_no_worth(grid: Grid, member: str) -> None:
    lead = {"asset_kind": "VEHICLE", "description": "院内一辆货车", member: "LAWFUL"}
    brought = grid.bring(grid.task("ASSET"), "CONFIRMED", ["photo-scene", "position"], lead=lead)
    assert fate(brought) == refused("invalid")


def test_whoever_names_a_holder_says_how_they_know(grid: Grid) -> None:
    lead = {"asset_kind": "VEHICLE", "description": "院内一辆货车", "apparent_holder": "DEBTOR"}
    things = ["photo-scene", "position"]
    brought = grid.bring(grid.task("ASSET"), "LEAD_SPECIFIC", things, lead=lead)
    assert (fate(brought), set(brought.missing)) == (refused("evidence_missing"), {"lead.basis"})
    told = grid.bring(grid.task("ASSET"), "LEAD_SPECIFIC", things, lead=lead | {"basis": "POSSESSION_SEEN"})
    assert fate(told) == STOOD

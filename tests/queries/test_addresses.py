"""Candidates: the right one first among look-alikes, nobody else's ever, and what visits found for the court alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from field.models import Court
from field.queries.addresses import Candidate, LastFailure, suggest_addresses
from field.rules.clocks import PhoneClock
from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.tasks import MoveName
from field.usecases.record_attempts import Batch, NewAttempt, record_attempts
from tests.builders import TODAY, actor_of, make_case, make_person
from tests.usecases.book import (
    ask_without_point,
    candidates,
    in_cell,
    name_divisions,
    near,
    suggest,
    tell,
    visit,
)
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.town import NOW, Town, build_town, move

WANG_ELSEWHERE, WANG = "410225002001001", "410225001002001"


@pytest.fixture
def town(session: Session) -> Town:
    """A town whose villages have names, and six addresses that its court once gave with their points."""
    town = build_town(session)
    name_divisions(session)
    for metres, address in enumerate(
        ["兰考县许河乡杨桥村第3组2号", "许河乡杨桥村第13组2号", "许河乡杨桥村3组12号", "许河乡杨桥村学校"]
    ):
        tell(session, town, address, near(town.inside, 10.0 * metres))
    tell(session, town, "许河乡王庄村5号", in_cell(session, WANG))
    tell(session, town, "桐花镇王庄村5号", in_cell(session, WANG_ELSEWHERE))
    return town


def first(found: list[Candidate]) -> str:
    """Return the address that comes first."""
    return found[0].address


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("许河乡杨桥村3组2号", "兰考县许河乡杨桥村第3组2号"),
        ("河南省开封市兰考县许河乡杨桥村第三组二号", "兰考县许河乡杨桥村第3组2号"),
        ("杨桥村委会３组２号", "兰考县许河乡杨桥村第3组2号"),
        ("杨桥 3组2号 许河乡", "兰考县许河乡杨桥村第3组2号"),
        ("许河乡 3组2号", "兰考县许河乡杨桥村第3组2号"),
        ("许河乡杨侨村3组2号", "兰考县许河乡杨桥村第3组2号"),
        ("许河乡杨桥村13组2号", "许河乡杨桥村第13组2号"),
        ("许河乡杨桥村十三组", "许河乡杨桥村第13组2号"),
        ("杨桥村3组12号", "许河乡杨桥村3组12号"),
        ("杨桥村学校", "许河乡杨桥村学校"),
        ("桐花镇王庄村5号", "桐花镇王庄村5号"),
        ("许河乡王庄5号", "许河乡王庄村5号"),
    ],
)
def test_the_right_one_comes_first(session: Session, town: Town, asked: str, expected: str) -> None:
    assert first(suggest(session, town.clerk, asked)) == expected


def test_a_village_of_that_name_in_two_townships_is_shown_twice(session: Session, town: Town) -> None:
    found = suggest_addresses(session, town.clerk, "王庄村5号", NOW)
    assert {each.address for each in found.items[:2]} == {"许河乡王庄村5号", "桐花镇王庄村5号"}
    assert {each.similarity for each in found.items[:2]} == {found.items[0].similarity}
    assert [(each.code, each.name) for each in found.divisions] == [
        ("410225001002", "王庄村"),
        ("410225002001", "王庄村"),
    ]


def test_what_a_candidate_tells(session: Session, town: Town) -> None:
    best = suggest(session, town.clerk, "许河乡杨桥村3组2号")[0]
    assert (best.similarity, best.division, best.cell_code) == (1.0, "410225001001", town.cell_code)
    assert (best.source, best.confirmed_on) == ("given", TODAY)
    assert (best.point.lon, best.point.lat) == pytest.approx((town.inside.lon, town.inside.lat))
    assert (best.visits_ok, best.visits_failed, best.not_home, best.last_failure) == (0, 0, 0, None)


def test_nothing_alike_is_no_candidate(session: Session, town: Town) -> None:
    assert suggest(session, town.clerk, "桂花新区月亮湾3号楼") == []
    assert suggest(session, town.clerk, "２号") == []


def test_the_cell_is_where_the_point_lies_today(session: Session, town: Town) -> None:
    session.execute(
        text("update geo.cell set valid_to = :today where code = :code"), {"today": TODAY, "code": town.cell_code}
    )
    best = suggest(session, town.clerk, "许河乡杨桥村3组2号")[0]
    assert (best.cell_code, best.division) == (None, "410225001001")


def test_a_failed_visit_counts_against_and_nobody_home_does_not(session: Session, town: Town) -> None:
    east, west = (tell(session, town, f"许河乡杨桥村2组{side}户", town.inside) for side in "东西")
    asked = "杨桥村2组东西户"
    leading = first(suggest(session, town.clerk, asked))
    task = east if leading.endswith("东户") else west
    visit(session, town, task, "NOT_HOME")
    assert first(suggest(session, town.clerk, asked)) == leading
    visit(session, town, task, "NO_SUCH_PERSON")
    ranked = suggest(session, town.clerk, asked)
    assert [each.address == leading for each in ranked[:2]] == [False, True]
    assert (ranked[1].visits_failed, ranked[1].not_home) == (1, 1)
    assert ranked[1].last_failure == LastFailure("NO_SUCH_PERSON", TODAY)


def test_wrong_on_three_days_is_told(session: Session, town: Town) -> None:
    """Twice on one day is once; what was corrected counts as corrected."""
    address = "许河乡杨桥村3组2号"
    task = tell(session, town, address, town.inside)
    assert suggest(session, town.clerk, address)[0].wrong == 0
    items: list[NewAttempt] = []
    for days, outcome in enumerate(("NO_SUCH_PERSON", "MOVED_UNKNOWN", "NO_SUCH_ADDRESS")):
        moment = PhoneClock(NOW + timedelta(days=days), None, None)
        items = [attempt(task, 10 * days + nth, outcome, captured=moment) for nth in (1, 2)]
        record_attempts(session, town.first, Batch(uuid4(), moment, items), moment.wall)
    assert suggest(session, town.clerk, address)[0].wrong == 3
    corrected = attempt(task, 99, "NOT_HOME", supersedes=items[0].client_id)
    again = attempt(task, 100, "NOT_HOME", supersedes=items[1].client_id)
    send(session, town.first, corrected, again)
    assert suggest(session, town.clerk, address)[0].wrong == 2
    assert suggest(session, town.coordinator, address)[0].wrong is None


def test_a_task_without_a_point_is_filed_where_it_was_wrong(session: Session, town: Town) -> None:
    address = "许河乡杨桥村3组2号"
    tell(session, town, address, town.inside)
    task = ask_without_point(session, town, f"兰考县{address}")
    move(session, town.clerk, task, MoveName.PLACE, cell_code=town.cell_code)
    visit(session, town, task, "NO_SUCH_PERSON")
    assert suggest(session, town.clerk, address)[0].wrong == 1
    unheard = ask_without_point(session, town, "许河乡没有村9号")
    move(session, town.clerk, unheard, MoveName.PLACE, cell_code=town.cell_code)
    assert visit(session, town, unheard, "NO_SUCH_PERSON").status == "accepted"


def test_two_courts_know_nothing_of_each_other(session: Session, town: Town) -> None:
    """Not the address, not how often it was tried, not that it was ever asked about."""
    assert suggest(session, town.other_clerk, "许河乡杨桥村3组2号") == []
    session.execute(text("update field.court set division_code = '410225'"))
    other = actor_of(session, make_person(session, Role.DISPATCHER, court=_court_of(session, town)))
    assert suggest(session, other, "许河乡杨桥村3组2号") == []
    case = make_case(session, _court_of(session, town))
    mine = ask_without_point(session, town, "许河乡杨桥村3组2号", other, case_id=case.id)
    assert candidates(session, other, mine).items == []
    assert len(candidates(session, town.coordinator, mine).items) > 0


def _court_of(session: Session, town: Town) -> Court:
    return session.get_one(Court, town.other_clerk.court_id)


def test_a_coordinator_sees_their_division_and_not_what_was_found(session: Session, town: Town) -> None:
    task = tell(session, town, "许河乡杨桥村9号", town.inside)
    visit(session, town, task, "NO_SUCH_ADDRESS")
    tell(session, town, "月亮湾小区5号", in_cell(session, WANG_ELSEWHERE))
    assert suggest(session, town.coordinator, "月亮湾小区5号") == []
    assert first(suggest(session, town.other_coordinator, "月亮湾小区5号")) == "月亮湾小区5号"
    found = suggest(session, town.coordinator, "王庄村5号")
    assert "桐花镇王庄村5号" not in {each.address for each in found}
    assert first(suggest(session, town.other_coordinator, "王庄村5号")) == "桐花镇王庄村5号"
    ours = suggest(session, town.coordinator, "许河乡杨桥村9号")[0]
    assert ours.address == "许河乡杨桥村9号"
    assert (ours.visits_ok, ours.visits_failed, ours.not_home, ours.last_failure) == (None, None, None, None)


@pytest.mark.parametrize("role", [Role.WORKER, Role.ADMINISTRATOR])
def test_nobody_else_may_ask(session: Session, town: Town, role: Role) -> None:
    who = actor_of(session, make_person(session, role))
    with pytest.raises(Refused, match="role_may_not"):
        suggest(session, who, "许河乡")


def test_a_draft_is_nobodys_business_yet(session: Session, town: Town) -> None:
    tell(session, town, "许河乡杨桥村77号", town.inside, draft=True)
    assert "许河乡杨桥村77号" not in {each.address for each in suggest(session, town.coordinator, "许河乡杨桥村77号")}

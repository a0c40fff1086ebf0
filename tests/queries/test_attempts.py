"""A task's attempts: who reads what of them, whether enough was tried, when to go again."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from field.models import Task
from field.queries.attempts import list_attempts
from field.queries.timeline import get_timeline
from field.rules.records import (
    Capacity,
    Observation,
    ObservationKind,
    PlaceKind,
    Records,
    Refusal,
    Source,
)
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskKind, TaskState
from field.usecases.record_visit import record_visit
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.test_record_visit import visit
from tests.usecases.town import NOW, Town, build_town, move

LATER = NOW + timedelta(hours=1)
REFUSED = Records(place=PlaceKind.RESIDENCE, refusal=Refusal(Capacity.SELF, "不认可", NOW))


@pytest.fixture
def town(session: Session) -> Town:
    """A small town, undone after the test."""
    return build_town(session)


def test_records_are_shown_to_the_court_and_to_who_wrote_them(session: Session, town: Town) -> None:
    item = attempt(town.task(session), 1, "REFUSED_PENDING_COURT", records=REFUSED)
    send(session, town.first, item)
    for reader in (town.clerk, town.first):
        [told] = list_attempts(session, reader, item.task_id, LATER).items
        assert (told.records, told.sealed, told.by_court, told.supersedes) == (REFUSED, False, False, None)


def test_a_worker_reads_their_own_and_plans_by_everybodys(session: Session, town: Town) -> None:
    task_id = town.task(session)
    send(session, town.first, attempt(task_id, 1))
    record_visit(session, town.clerk, visit(task_id, "NOT_HOME", done=False), NOW)
    told = list_attempts(session, town.first, task_id, LATER)
    assert [each.by_court for each in told.items] == [False]
    assert told.diligence.visits == 2
    assert [each.by_court for each in list_attempts(session, town.clerk, task_id, LATER).items] == [False, True]


def test_a_correction_is_shown_at_what_it_corrects_and_is_no_visit_of_its_own(session: Session, town: Town) -> None:
    task_id = town.task(session)
    first = attempt(task_id, 1)
    second = attempt(task_id, 2, "NO_ACCESS", supersedes=first.client_id)
    third = attempt(task_id, 3, "MOVED_UNKNOWN", supersedes=second.client_id)
    send(session, town.first, first, second, third)
    told = list_attempts(session, town.clerk, task_id, LATER)
    newer = {each.id: each.superseded_by for each in told.items}
    assert newer == {first.client_id: second.client_id, second.client_id: third.client_id, third.client_id: None}
    assert told.diligence.visits == 1
    assert told.next_attempt is None, "moved away, by the last word"


def test_a_late_correction_corrects_nothing(session: Session, town: Town) -> None:
    task_id = town.task(session)
    first = attempt(task_id, 1)
    send(session, town.first, first)
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="改派")
    send(session, town.first, attempt(task_id, 2, supersedes=first.client_id))
    told = list_attempts(session, town.clerk, task_id, LATER)
    assert [each.superseded_by for each in told.items] == [None, None]


def complained(session: Session, town: Town) -> UUID:
    """Return a petition in which somebody complained about an officer of the court."""
    task_id = town.task(session, kind=TaskKind.PETITION)
    seen = Records(observations=(Observation(ObservationKind.PHONE, "19900001234", Source.SELF),))
    item = attempt(task_id, 1, "COMPLAINT_ON_OFFICER", note="反映某法官", records=seen, done=True)
    [answer] = send(session, town.first, item)
    assert answer.status == "accepted"
    return task_id


def test_a_complaint_about_an_officer_is_sealed_to_the_court(session: Session, town: Town) -> None:
    """The desk sees that there is one, not by whom, and not a word of it (信访工作条例 art. 30(3))."""
    task_id = complained(session, town)
    [told] = list_attempts(session, town.clerk, task_id, LATER).items
    assert (told.outcome, told.worker, told.sealed) == ("SEALED", None, True)
    assert (told.note, told.records) == ("", Records())
    assert all(each.text is None for each in get_timeline(session, town.clerk, task_id))
    [own] = list_attempts(session, town.first, task_id, LATER).items
    assert (own.outcome, own.worker, own.note) == ("COMPLAINT_ON_OFFICER", town.first.login, "反映某法官")
    assert "反映某法官" in [each.text for each in get_timeline(session, town.first, task_id)]


def test_the_next_visit_is_planned_by_who_goes(session: Session, town: Town) -> None:
    task_id = town.task(session)
    first = list_attempts(session, town.first, task_id, LATER).next_attempt
    assert first
    assert (first.earliest, first.reason.code) == (date(2026, 6, 10), "first_visit")
    send(session, town.first, attempt(task_id, 1))
    after = list_attempts(session, town.first, task_id, LATER).next_attempt
    assert after
    assert (after.earliest, after.from_hour, after.reason.code) == (date(2026, 6, 11), 18, "outside_office_hours")
    send(session, town.first, attempt(task_id, 2, done=True))
    assert list_attempts(session, town.clerk, task_id, LATER).next_attempt is None, "handed in"


def test_who_comes_home_on_a_day_is_visited_after_it(session: Session, town: Town) -> None:
    home = Records(
        observations=(Observation(ObservationKind.RETURN_DATE, "月底", Source.FAMILY, 2, date(2026, 6, 16)),)
    )
    item = attempt(town.task(session), 1, "AWAY_KNOWN", note="在外务工", records=home)
    send(session, town.first, item)
    found = list_attempts(session, town.first, item.task_id, LATER).next_attempt
    assert found
    assert (found.earliest, found.reason.code) == (date(2026, 6, 16), "return_day")


def test_nobody_is_sent_to_who_disputes_until_the_court_has_answered(session: Session, town: Town) -> None:
    task_id = town.task(session, kind=TaskKind.REMIND)
    send(
        session,
        town.first,
        attempt(task_id, 1, "DISPUTES", note="有异议"),
        attempt(task_id, 2, "NOT_MET"),
    )
    assert list_attempts(session, town.first, task_id, LATER).next_attempt is None
    session.execute(update(Task).values(returned_version=1, state=TaskState.RETURNED.value))
    assert list_attempts(session, town.first, task_id, LATER).next_attempt is not None


def test_only_the_court_and_who_held_it_read_it(session: Session, town: Town) -> None:
    task_id = town.task(session)
    for reader, code in (
        (town.coordinator, "role_may_not"),
        (town.other_clerk, "not_found"),
        (town.stand_in, "not_found"),
    ):
        with pytest.raises(Refused, match=code):
            list_attempts(session, reader, task_id, LATER)

"""Seals, seizures and freezes: written down, renewed in time, lifted, and their courts reminded once each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.models import Case, LedgerEntry, Seizure
from field.queries.cases import get_case
from field.queries.seizures import list_seizures
from field.rules.calendar import court_day
from field.rules.people import Actor, Role
from field.rules.records import AssetKind
from field.rules.refusals import Refused
from field.rules.seizures import AssetCategory, Measure
from field.usecases.lift_seizure import LiftSeizure, lift_seizure
from field.usecases.remind_seizures import remind_seizures
from field.usecases.renew_seizure import RenewSeizure, renew_seizure
from field.usecases.seize import Seize, seize
from tests.usecases.town import NOW, Town

TODAY = date(2026, 6, 10)


def order(town: Town, **options: Any) -> Seize:
    """Return the order to write down a sealed lorry, unless told otherwise."""
    values: dict[str, Any] = {
        "asset_kind": AssetKind.VEHICLE,
        "category": AssetCategory.MOVABLE,
        "measure": Measure.SEAL,
        "description": "小型货车一辆",
        "begun_on": TODAY,
        "appraised_fen": 5_000_000,
    }
    return Seize(town.case_id, **values | options)


def states(session: Session, town: Town, now: Any = NOW) -> list[tuple[str, date]]:
    """Return the state and last day of every measure of the case."""
    return [(each.state, each.expires_on) for each in list_seizures(session, town.clerk, town.case_id, now)]


def renewal(town: Town, seizure_id: UUID, **options: Any) -> RenewSeizure:
    """Return the order to renew it, as first seen."""
    return RenewSeizure(town.case_id, seizure_id, **{"version": 1} | options)


def actions(session: Session) -> list[str]:
    """Return what the ledger tells of seizures, in order."""
    query = select(LedgerEntry.action).where(LedgerEntry.object.like("seizure:%")).order_by(LedgerEntry.id)
    return list(session.scalars(query))


def test_without_an_end_it_lasts_as_long_as_is_lawful(session: Session, town: Town) -> None:
    seizure_id = seize(session, town.clerk, order(town), NOW)
    assert states(session, town) == [("standing", date(2028, 6, 10))]
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.object == f"seizure:{seizure_id}")).one()
    assert (entry.action, entry.details) == (
        "seizure.made",
        {
            "case": str(town.case_id),
            "asset_kind": "VEHICLE",
            "category": "MOVABLE",
            "measure": "SEAL",
            "begun_on": "2026-06-10",
            "expires_on": "2028-06-10",
        },
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"expires_on": date(2028, 6, 11)}, "seizure_too_long"),
        ({"category": AssetCategory.DEPOSIT, "expires_on": date(2027, 6, 11)}, "seizure_too_long"),
        ({"expires_on": TODAY}, "day_before_begin"),
        ({"begun_on": TODAY + timedelta(days=1)}, "day_in_future"),
    ],
)
def test_what_is_refused_leaves_nothing(session: Session, town: Town, options: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused, match=code):
        seize(session, town.clerk, order(town, **options), NOW)
    assert session.scalar(select(func.count()).select_from(Seizure)) == 0
    assert actions(session) == []


def test_only_the_court_of_the_case(session: Session, town: Town) -> None:
    seizure_id = seize(session, town.clerk, order(town), NOW)
    acts = (
        lambda who: seize(session, who, order(town), NOW),
        lambda who: renew_seizure(session, who, renewal(town, seizure_id), NOW),
        lambda who: lift_seizure(session, who, LiftSeizure(town.case_id, seizure_id, 1), NOW),
    )
    for act in acts:
        with pytest.raises(Refused, match="not_found"):
            act(town.other_clerk)
        for role in set(Role) - {Role.DISPATCHER}:
            with pytest.raises(Refused, match="role_may_not"):
                act(Actor(1, "somebody", role, town.clerk.court_id, "yu0225", "410225"))
    for who in (town.other_clerk, town.coordinator, town.first):
        with pytest.raises(Refused, match="not_found"):
            list_seizures(session, who, town.case_id, NOW)
    assert states(session, town) == [("standing", date(2028, 6, 10))]


def test_renewed_before_it_lapses(session: Session, town: Town) -> None:
    seizure_id = seize(session, town.clerk, order(town), NOW)
    session.execute(update(Seizure).values(told=[60, 30]))
    later = NOW + timedelta(days=700)
    renewed = renew_seizure(session, town.clerk, renewal(town, seizure_id, appraised_fen=4_000_000), later)
    assert states(session, town, later) == [("renewed", date(2028, 6, 10)), ("standing", date(2030, 5, 10))]
    new = session.get_one(Seizure, renewed)
    assert (new.renewed_from, new.description, new.appraised_fen, new.told) == (
        seizure_id,
        "小型货车一辆",
        4_000_000,
        [],
    )
    assert actions(session) == ["seizure.made", "seizure.renewed"]


def test_once_ended_it_is_ended(session: Session, town: Town) -> None:
    """Renewed or lifted twice is done once."""
    first, second = (seize(session, town.clerk, order(town), NOW) for _ in range(2))
    renew_seizure(session, town.clerk, renewal(town, first), NOW)
    lift_seizure(session, town.clerk, LiftSeizure(town.case_id, second, 1), NOW)
    before = actions(session)
    for ended in (first, second):
        with pytest.raises(Refused, match="seizure_ended"):
            renew_seizure(session, town.clerk, renewal(town, ended, version=2), NOW)
        with pytest.raises(Refused, match="seizure_ended"):
            lift_seizure(session, town.clerk, LiftSeizure(town.case_id, ended, 2), NOW)
    assert actions(session) == before


@pytest.mark.parametrize(
    ("options", "after", "code"),
    [
        ({}, 366, "seizure_lapsed"),
        ({"begun_on": date(2027, 6, 11)}, 366, "seizure_lapsed"),
        ({"begun_on": TODAY - timedelta(days=1)}, 0, "seizure_lapsed"),
        ({"begun_on": TODAY + timedelta(days=2)}, 1, "day_in_future"),
        ({"expires_on": date(2027, 6, 12)}, 1, "seizure_too_long"),
        ({"version": 2}, 0, "stale"),
    ],
)
def test_a_renewal_that_is_refused(
    session: Session, town: Town, options: dict[str, Any], after: int, code: str
) -> None:
    seizure_id = seize(session, town.clerk, order(town, category=AssetCategory.DEPOSIT), NOW)
    with pytest.raises(Refused, match=code):
        renew_seizure(session, town.clerk, renewal(town, seizure_id, **options), NOW + timedelta(days=after))
    assert len(states(session, town)) == 1


def test_a_renewal_made_in_time_may_be_written_down_later(session: Session, town: Town) -> None:
    seizure_id = seize(session, town.clerk, order(town, category=AssetCategory.DEPOSIT), NOW)
    made = date(2027, 6, 10)
    renew_seizure(session, town.clerk, renewal(town, seizure_id, begun_on=made), NOW + timedelta(days=370))
    assert states(session, town, NOW + timedelta(days=370))[-1] == ("standing", date(2028, 6, 10))


@pytest.mark.parametrize(
    ("day", "code"), [(TODAY + timedelta(days=1), "day_in_future"), (TODAY - timedelta(days=1), "day_before_begin")]
)
def test_a_day_on_which_it_cannot_have_been_lifted(session: Session, town: Town, day: date, code: str) -> None:
    seizure_id = seize(session, town.clerk, order(town), NOW)
    with pytest.raises(Refused, match=code):
        lift_seizure(session, town.clerk, LiftSeizure(town.case_id, seizure_id, 1, day), NOW)


def test_one_that_lapsed_can_still_be_noted_as_ended(session: Session, town: Town) -> None:
    seizure_id = seize(session, town.clerk, order(town, category=AssetCategory.DEPOSIT), NOW)
    after = NOW + timedelta(days=400)
    assert states(session, town, after) == [("lapsed", date(2027, 6, 10))]
    lift_seizure(session, town.clerk, LiftSeizure(town.case_id, seizure_id, 1, date(2027, 6, 10)), after)
    assert states(session, town, after) == [("lifted", date(2027, 6, 10))]


def test_each_reminder_once(session: Session, town: Town) -> None:
    seizure_id = seize(session, town.clerk, order(town, category=AssetCategory.DEPOSIT), NOW)
    last = NOW + timedelta(days=365)
    told = []
    for left in range(65, -3, -1):
        for _ in range(2):
            remind_seizures(session, last - timedelta(days=left))
        found = session.scalars(
            select(LedgerEntry.details).where(LedgerEntry.action == "seizure.reminder").order_by(LedgerEntry.id)
        ).all()
        told.append((left, [details["days"] for details in found]))
    assert dict(told) == {left: [days for days in (60, 30, 7) if left <= days] for left in range(65, -3, -1)}
    assert session.scalars(select(Seizure.told).where(Seizure.id == seizure_id)).one() == [7, 30, 60]


def test_several_reminders_at_once_are_told_as_the_nearest(session: Session, town: Town) -> None:
    for category in (AssetCategory.DEPOSIT, AssetCategory.MOVABLE):
        seize(session, town.clerk, order(town, category=category), NOW)
    lifted = seize(session, town.clerk, order(town, category=AssetCategory.DEPOSIT), NOW)
    lift_seizure(session, town.clerk, LiftSeizure(town.case_id, lifted, 1), NOW)
    assert remind_seizures(session, NOW + timedelta(days=345)) == 1
    [details] = session.scalars(select(LedgerEntry.details).where(LedgerEntry.action == "seizure.reminder"))
    assert details == {"days": 30, "expires_on": "2027-06-10"}


def today(town: Town, **options: Any) -> Seize:
    """Return an order of the real today, by whose clock a case tells what stands seized now."""
    return order(town, **{"begun_on": court_day(datetime.now(UTC))} | options)


def test_what_clearly_exceeds_the_claim_is_flagged_and_never_refused(session: Session, town: Town) -> None:
    now = datetime.now(UTC)
    session.execute(update(Case).where(Case.id == town.case_id).values(claim_fen=10_000_000, costs_fen=0))
    first = seize(session, town.clerk, today(town, appraised_fen=9_000_000), now)
    assert not get_case(session, town.clerk, town.case_id).seized.excess
    seize(session, town.clerk, today(town, appraised_fen=4_000_000, prior_rights_fen=500_000), now)
    seized = get_case(session, town.clerk, town.case_id).seized
    assert (seized.seized_fen, seized.claim_fen, seized.excess) == (12_500_000, 10_000_000, True)
    lift_seizure(session, town.clerk, LiftSeizure(town.case_id, first, 1), now)
    assert not get_case(session, town.clerk, town.case_id).seized.excess


def test_a_renewed_one_counts_once_and_a_lapsed_one_no_more(session: Session, town: Town) -> None:
    now = datetime.now(UTC)
    seizure_id = seize(session, town.clerk, today(town, appraised_fen=700), now)
    renew_seizure(session, town.clerk, renewal(town, seizure_id), now)
    old = court_day(now) - timedelta(days=400)
    seize(session, town.clerk, order(town, begun_on=old, category=AssetCategory.DEPOSIT), now)
    assert get_case(session, town.clerk, town.case_id).seized.seized_fen == 700
    assert sorted(state for state, _ in states(session, town, now)) == ["lapsed", "renewed", "standing"]


def test_half_way_leaves_nothing(session: Session, town: Town) -> None:
    half_way = session.begin_nested()
    session.execute(text("alter table field.ledger_entry rename to elsewhere"))
    with pytest.raises(DBAPIError):
        seize(session, town.clerk, order(town), NOW)
    half_way.rollback()
    assert states(session, town) == []

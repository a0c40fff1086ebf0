"""What an attempt says is read as it was written, and stays."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.models.records import read_records, write_records
from field.rules import records as said
from field.rules.records import Records
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.town import build_town

WHOLE = Records(
    place=said.PlaceKind.RESIDENCE,
    receiver=said.Receiver(
        said.Capacity.COHABITING_ADULT,
        "𠮷某",
        said.SignKind.FINGERPRINT,
        date(2026, 6, 10),
        post="会计",
        unit="某公司",
        reason="本人外出",
        authorisation="（2099）授1号",
        also_designee=True,
        id_type="居民身份证",
        id_last4="012X",
        id_seen_by="书记员",
    ),
    relation=said.Relation("夫妻", adult=True, cohabiting=True, opposing_party=False),
    witnesses=(
        said.Witness("甲某", said.WitnessCapacity.COMMITTEE_STAFF, "某村委会", signed=True),
        said.Witness("乙某", said.WitnessCapacity.EMPLOYER_STAFF, "某厂", signed=False, reason_unsigned="不愿"),
    ),
    refusal=said.Refusal(said.Capacity.SELF, "不认可", datetime(2026, 6, 10, 3, 5, tzinfo=UTC), left_at="门内"),
    officer=said.Officer("丙某", "书记员"),
    observations=(
        said.Observation(said.ObservationKind.ADDRESS, "某村2号", said.Source.NEIGHBOUR, 3, date(2026, 6, 9)),
        said.Observation(said.ObservationKind.PHONE, "19900001234", said.Source.SELF),
    ),
    lead=said.Lead(
        said.AssetKind.VEHICLE,
        "院内一辆货车",
        basis=said.Basis.POSSESSION_SEEN,
        exempt_hints=(said.ExemptHint.SCHOOLING, said.ExemptHint.MEDALS),
    ),
    undertaking=said.Undertaking(date(2026, 7, 1), "本人", 5_000_00),
    indicators=(said.RefusalIndicator.HIDES_ASSETS, said.RefusalIndicator.BLOCKS_OFFICERS),
    recusal=said.RecusalReason.RELATIVE,
)


@pytest.fixture
def attempt_id(session: Session) -> UUID:
    """An attempt that says nothing but its outcome."""
    town = build_town(session)
    done = attempt(town.task(session), 1)
    send(session, town.first, done)
    return done.client_id


def test_what_was_written_is_read(session: Session, attempt_id: UUID) -> None:
    write_records(session, attempt_id, WHOLE)
    session.execute(text("alter table field.attempt disable trigger guard_records"))
    session.execute(
        text("update field.attempt set place = :place, recusal = :recusal, indicators = :indicators where id = :id"),
        {
            "id": attempt_id,
            "place": WHOLE.place,
            "recusal": WHOLE.recusal,
            "indicators": [each.value for each in WHOLE.indicators],
        },
    )
    nobody = uuid4()
    assert read_records(session, [attempt_id, nobody]) == {attempt_id: WHOLE, nobody: Records()}


def test_nothing_is_read_of_nothing(session: Session, attempt_id: UUID) -> None:
    write_records(session, attempt_id, Records())
    assert read_records(session, [attempt_id]) == {attempt_id: Records()}
    assert read_records(session, []) == {}


CHANGES = """
update field.receiver set name = '别人'
update field.relation set adult = false
update field.witness set signed = true
update field.refusal set reason = '无'
update field.officer set post = '法官'
update field.undertaking set amount_fen = 1
update field.observation set value = '别处'
update field.lead set description = '无'
update field.lead set bounty_eligible = true
update field.attempt set note = '无'
update field.attempt set by_court = true
delete from field.receiver
delete from field.relation
delete from field.witness
delete from field.refusal
delete from field.officer
delete from field.undertaking
delete from field.observation
delete from field.lead
delete from field.attempt
truncate field.witness
"""


@pytest.mark.parametrize("statement", CHANGES.strip().splitlines())
def test_what_was_recorded_stays(session: Session, attempt_id: UUID, statement: str) -> None:
    write_records(session, attempt_id, WHOLE)
    with pytest.raises(DBAPIError, match="stays as it was"), session.begin_nested():
        session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "update field.attempt set intent = 'rejected', intent_code = 'gap_too_long'",
        "update field.observation set promoted_at = now(), verdict = 'PROMOTED'",
        "update field.lead set legality = 'LAWFUL', legality_at = now()",
    ],
)
def test_what_became_of_it_is_written_down(session: Session, attempt_id: UUID, statement: str) -> None:
    write_records(session, attempt_id, WHOLE)
    session.execute(text(statement))
    assert read_records(session, [attempt_id])[attempt_id].lead == WHOLE.lead

"""What the database itself refuses, whoever writes."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from field.models.engine import make_engine
from tests.usecases.town import Town, build_town


@pytest.fixture
def town(session: Session) -> Town:
    """A small town with one task, undone after the test."""
    town = build_town(session)
    town.task(session)
    return town


REFUSED = """
update field.task set state = 'lost'
update field.task set kind = 'OTHER'
update field.task set datum = 'MARS'
update field.task set priority = 4
update field.task set worker_id = null
update field.task set cell_id = null
update field."user" set role = 'king'
update field."user" set court_id = null where role = 'dispatcher'
update field."user" set role = 'inspector' where role = 'worker'
update field."user" set division_code = null where role = 'worker'
update field."user" set login = 'with space'
update field.duty set rank = 3
update field.duty set until = since
insert into field.duty (worker_id, cell_id, rank, since) select worker_id, cell_id, 2, since from field.duty
insert into field.assignment (task_id, worker_id, reason, fence, given_version) select id, 1, 'x', 2, 2 from field.task
update field.court set division_code = 'x'
update field."case" set court_id = 0
update field.ledger_entry set seq = 1
delete from field."user"
delete from geo.cell
"""


@pytest.mark.parametrize("statement", REFUSED.strip().splitlines())
@pytest.mark.usefixtures("town")
def test_the_database_refuses(session: Session, statement: str) -> None:
    """Checks, keys and exclusions hold without the code's help."""
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(statement))


@pytest.mark.usefixtures("town")
def test_errors_show_no_values(session: Session, database_url: str) -> None:
    """SQLAlchemy writes bound values into its errors unless told not to: they hold names and places."""
    engine = make_engine(database_url)
    query = text("insert into field.court (code, name, division_code, version) values (:code, :name, '41', 1)")
    with engine.connect() as connection, pytest.raises(IntegrityError) as raised:
        connection.execute(query, {"code": "not a code", "name": "甲志强"})
    engine.dispose()
    assert "parameters hidden" in str(raised.value)


def test_a_statement_ends_in_time(database_url: str) -> None:
    """A request's statement cannot hold the database for longer than it was given."""
    engine = make_engine(database_url, statement_timeout_ms=50)
    with engine.connect() as connection, pytest.raises(DBAPIError, match="statement timeout"):
        connection.execute(text("select pg_sleep(5)"))
    engine.dispose()

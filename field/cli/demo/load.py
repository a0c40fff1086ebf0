"""Loading the demo into a database: whole or not at all, and only where nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from random import Random

import sqlalchemy as sa
from alembic import command
from sqlalchemy.orm import Session

from field.cli.demo.cases import plan_work
from field.cli.demo.people import ACCOUNTS, ADMINISTRATOR, COURT, PASSWORD, SETTLED, Roster, enlist, names
from field.cli.demo.play import LIMIT, Player
from field.cli.demo.town import COUNTY, draw_town
from field.cli.operator import OPERATOR
from field.cli.upgrade import alembic_config, upgrade
from field.models import Court, User
from field.models.engine import make_engine
from field.rules.calendar import court_day
from field.rules.people import Role
from field.usecases.import_people import ImportPeople, import_people
from field.usecases.redraw_map import RedrawMap, redraw_map
from field.usecases.refresh_coverage import refresh_coverage
from field.usecases.reset_password import ResetPassword, reset_password
from field.vault.objects import ObjectStore
from geo.codes import ancestry
from geo.intake import stage_cells
from geo.models import Division

Progress = Callable[[str, int, int], None]


class Holding(StrEnum):
    """What a database holds."""

    NOTHING = "nothing"
    DEMO = "demo"
    OTHERS = "others"


@dataclass(frozen=True)
class Loaded:
    """What was loaded, in numbers."""

    cells: int
    people: int
    cases: int
    tasks: int


def holding(session: Session) -> Holding:
    """Tell whether a migrated database is empty, holds the demo alone, or holds anything else."""
    tables = (Division, Court, User)
    if not any(session.scalar(sa.select(sa.exists(sa.select(table.id)))) for table in tables):
        return Holding.NOTHING
    foreign = (
        sa.select(Division.id).where(Division.code.not_in(ancestry(COUNTY)), ~Division.code.startswith(COUNTY)),
        sa.select(Court.id).where(Court.code != COURT),
        sa.select(User.id).where(~User.division_code.startswith(COUNTY)),
        sa.select(User.id).where(User.role == Role.ADMINISTRATOR.value, User.login != ADMINISTRATOR.login),
    )
    ours = sa.select(Court.id).where(Court.code == COURT)
    if any(session.scalar(sa.select(sa.exists(each))) for each in foreign) or session.scalar(ours) is None:
        return Holding.OTHERS
    return Holding.DEMO


def fill(session: Session, seed: int, now: datetime, progress: Progress, objects: ObjectStore) -> Loaded:
    """Make the town of this seed in an empty database, by the product's own use cases, in the caller's transaction.

    The pictures that reports need go into the store of evidence.
    """
    people_rng, work_rng = (Random(f"gridfield demo {part} {seed}") for part in ("people", "work"))  # noqa: S311
    town, named = draw_town(seed), names(people_rng)
    roster = enlist(town, named, court_day(now), people_rng)
    staged = stage_cells(session, town.cells, town.divisions, "demo")
    settled = RedrawMap(court_day(now) - SETTLED, backdated=True, limit=LIMIT)
    redraw_map(session, OPERATOR, settled, staged, now, progress)
    _sign_up(session, roster, now)
    work = plan_work(town, roster, named, now, work_rng)
    Player(session, work, roster, work_rng, objects).play(lambda done, total: progress("play", done, total))
    # Counted before anybody looks; where `gridfield work` is at it already, it does.
    refresh_coverage(session, now)
    return Loaded(len(town.cells), len(roster.people), len(work.cases), len(work.tasks))


def _sign_up(session: Session, roster: Roster, now: datetime) -> None:
    """Enter the people; only those whose password is told get one, nobody can sign in as the others."""
    import_people(session, OPERATOR, ImportPeople(roster.people), now)
    for account in ACCOUNTS:
        reset_password(session, OPERATOR, ResetPassword(account.login, PASSWORD), now)


def start_over(url: str) -> None:
    """Throw away everything in a database, which must hold the demo alone, and build its tables anew.

    The ledger only grows, so that no row can be deleted: the tables themselves have to go.
    """
    engine = make_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        command.downgrade(alembic_config(connection), "base")
    upgrade(url)

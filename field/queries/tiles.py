"""Map tiles as each person may see them: their area's cells, divisions and coverage figures; a worker's own cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from field.models import Duty
from field.models.coverage import ALL_COURTS
from field.queries.duty import current
from field.queries.people import PERSON_COLUMNS, SignedInUser, read_person
from field.rules.people import Actor, Role
from field.rules.refusals import Refused
from geo.models import Cell
from geo.tiles import FEATURES, UNTIL, Canvas, Drawn, canvas_values, draw, encoded, keep, may_keep, pressed
from geo.zooms import KEPT_TO, Layer, Square

DONE_DAYS = 30
"""A tile's `done` counts the tasks closed in the last so many days, as coverage does unless asked otherwise."""

# The person and the tile kept for readers like them, by one statement as the driver takes it: it is asked for every
# tile on a screen, and a second one would double the price. A body that is known already stays behind.
_PERSON = PERSON_COLUMNS.replace("%", "%%")
_KEPT = """
from field."user" u left join field.court c on c.id = u.court_id
left join geo.tile t on t.z = %(z)s and t.x = %(x)s and t.y = %(y)s and t.layer = %(layer)s
  and t.area = case u.role when 'administrator' then '' when 'inspector' then '-'
    else coalesce(u.division_code, c.division_code) end
  and u.role <> 'worker' and (t.until is null or t.until > %(day)s) and t.audience = """
_BODY = "t.etag, case when strpos(%(known)s, t.etag) = 0 then t.body end"
_WHOSE = "where u.active and u.id = %(user)s"
_LOOK_MAP = f"select {_PERSON}, {_BODY}, true {_KEPT} {ALL_COURTS} {_WHOSE}"
_LOOK_COVERAGE = f"""
select {_PERSON}, {_BODY}, t.stamp = k.stamp {_KEPT} coalesce(u.court_id, {ALL_COURTS})
left join field.coverage_clock k on true {_WHOSE}
"""
LOOKS = {Layer.CELLS: _LOOK_MAP, Layer.DIVISIONS: _LOOK_MAP, Layer.COVERAGE: _LOOK_COVERAGE}
"""How each layer's kept tile is looked up; takes `look_values`, and `read_look` reads the row."""
_FIGURES = (
    "coalesce(g.cells, feature.cells) as cells",
    "coalesce(g.cells_on_duty, 0) as cells_on_duty",
    "coalesce(g.workers_on_duty, 0) as workers_on_duty",
    "coalesce(w.open, 0) as open",
    "coalesce(w.overdue, 0) as overdue",
    "coalesce(field.done_after(w.done_days, w.done_upto, :done_since), 0) as done",
    "round(w.median_hours::numeric, 1)::float8 as median_hours_to_first_attempt",
    """to_char(w.last_visit at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last_visit""",
)
_JOINS = """left join field.coverage_ground g on g.digits = feature.digits and g.code = feature.code
  left join field.coverage_work w on w.digits = feature.digits and w.code = feature.code and w.court_id = :audience"""
_DRAW = text(f"""
with {FEATURES}
select {encoded(*_FIGURES, joins=_JOINS)}, {UNTIL}, (select stamp from field.coverage_clock)
""")  # noqa: S608 - only our own constants are spliced in
# A kept tile of coverage is still good if none of its places has other figures than when they were last looked at.
_CONFIRM = text("""
update geo.tile t set stamp = k.stamp from field.coverage_clock k
where t.z = :z and t.x = :x and t.y = :y and t.layer = :layer and t.area = :area and t.audience = :audience
  and (t.until is null or t.until > :day) and not exists (
    select from unnest(cast(:digits as int[])) as shown (digits)
    join geo.drawing d on d.digits = shown.digits and d.geom && ST_TileEnvelope(:z, :x, :y, margin => 0.015625)
    left join field.coverage_ground g on g.digits = d.digits and g.code = d.code
    left join field.coverage_work w on w.digits = d.digits and w.code = d.code and w.court_id = :audience
    where starts_with(d.code, :area) and (g.changed > t.stamp or w.changed > t.stamp))
returning t.body, t.etag, t.until, t.stamp
""")


@dataclass(frozen=True)
class Look:
    """Who asks, and the tile that is kept for them, if there is one and it still holds.

    `body` is gzipped MVT, or None where it is known already.
    """

    person: SignedInUser
    etag: str | None
    body: bytes | None


def look_values(user_id: int, layer: Layer, square: Square, day: date, known: str) -> dict[str, Any]:
    """Return the parameters of one of `LOOKS`; `known` holds the ETags of bodies that need not be fetched."""
    z, x, y = square
    return {"z": z, "x": x, "y": y, "layer": layer.value, "user": user_id, "day": day, "known": known}


def read_look(row: Sequence[Any]) -> Look:
    """Turn a row of one of `LOOKS` into who asks and what is kept for them."""
    good = row[7] is not None and row[9]
    return Look(read_person(row), row[7] if good else None, row[8] if good else None)


def look(session: Session, user_id: int, layer: Layer, square: Square, day: date, known: str = "") -> Look | None:
    """Return the active person with the tile that is kept for them."""
    values = look_values(user_id, layer, square, day, known)
    row = session.connection().exec_driver_sql(LOOKS[layer], values).one_or_none()
    return read_look(row) if row else None


def draw_tile(session: Session, actor: Actor, layer: Layer, square: Square, day: date) -> Drawn:
    """Draw a tile for a person, and keep it for the next reader of the same area.

    Refuses workers any layer but cells, and inspectors coverage, with `role_may_not` (403); coverage before its first
    count with `coverage_not_counted` (503).
    """
    if actor.role is Role.INSPECTOR and layer is Layer.COVERAGE:
        raise Refused("role_may_not", role=actor.role.value)
    if actor.role is Role.WORKER:
        if layer is not Layer.CELLS:
            raise Refused("role_may_not", role=actor.role.value)
        return draw(session, Canvas(layer, square, "", codes=_own_cells(session, actor, day)), day)
    area = "" if actor.role is Role.ADMINISTRATOR else actor.division_code or "-"
    audience = actor.court_id or ALL_COURTS if layer is Layer.COVERAGE else ALL_COURTS
    canvas = Canvas(layer, square, area, audience)
    if layer is Layer.COVERAGE and (confirmed := _confirmed(session, canvas, day)):
        return confirmed
    keeping = square.z <= KEPT_TO and may_keep(session)
    drawn = _draw_coverage(session, canvas, day) if layer is Layer.COVERAGE else draw(session, canvas, day)
    # An empty tile is not worth a row: there is no end of them.
    if keeping and drawn.body:
        keep(session, canvas, drawn)
    return drawn


def _own_cells(session: Session, actor: Actor, day: date) -> list[str]:
    return list(
        session.scalars(
            select(Cell.code)
            .join(Duty, Duty.cell_id == Cell.id)
            .where(Duty.worker_id == actor.id, current(day), Cell.valid_on(day))
        )
    )


def _confirmed(session: Session, canvas: Canvas, day: date) -> Drawn | None:
    values = canvas_values(canvas, day) | {"audience": canvas.audience}
    row = session.execute(_CONFIRM, values).one_or_none()
    return Drawn(*row) if row else None


def _draw_coverage(session: Session, canvas: Canvas, day: date) -> Drawn:
    values = {"audience": canvas.audience, "done_since": day - timedelta(days=DONE_DAYS)}
    mvt, changes, stamp = session.execute(_DRAW, canvas_values(canvas, day) | values).one()
    if stamp is None:
        raise Refused("coverage_not_counted")
    # What is overdue, and how much was done lately, is told of one day.
    tomorrow = day + timedelta(days=1)
    return pressed(mvt, min(changes or tomorrow, tomorrow), stamp)

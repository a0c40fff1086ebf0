"""Coverage figures kept by area, and their history by week.

Half: before. Triggers note which cells changed, also for the code already running; `gridfield work` counts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

READING = """
create function field.done_after(days integer[], upto integer[], since date) returns integer
language sql immutable parallel safe as $$
  select coalesce(upto[cardinality(upto)], 0) - coalesce(upto[width_bucket(since - date '2000-01-01', days)], 0)
$$;
create function field.wait_slot(hours double precision) returns integer
language sql immutable parallel safe as $$
  select case when hours <= 24 then round(greatest(hours, 0) * 10)::integer
              else 240 + round(ln(hours / 24) / ln(1.01::double precision))::integer end
$$;
create function field.wait_hours(slot integer) returns double precision
language sql immutable parallel safe as $$
  select case when slot <= 240 then slot / 10.0::double precision
              else 24 * power(1.01::double precision, slot - 240) end
$$;
create function field.median_wait(slots integer[], upto integer[]) returns double precision
language sql immutable parallel safe as $$
  select (field.wait_hours(slots[width_bucket((upto[cardinality(upto)] + 1) / 2 - 1, upto) + 1])
        + field.wait_hours(slots[width_bucket((upto[cardinality(upto)] + 2) / 2 - 1, upto) + 1])) / 2
  where cardinality(upto) > 0
$$;
"""
NOTING = """
create function field.touch_coverage_of_task() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    if old.cell_id is not null and old.sent_at is not null then
      insert into field.coverage_touch (code, ground) values (old.area_code, false);
      if tg_op = 'DELETE' or new.area_code = old.area_code then
        return null;
      end if;
    end if;
  end if;
  if tg_op <> 'DELETE' then
    if new.cell_id is not null and new.sent_at is not null then
      insert into field.coverage_touch (code, ground) values (new.area_code, false);
    end if;
  end if;
  return null;
end $$;
create trigger touch_coverage_asked after insert on field.task for each row
  when (new.cell_id is not null and new.sent_at is not null) execute function field.touch_coverage_of_task();
create trigger touch_coverage_moved after update on field.task for each row
  when ((old.area_code, old.court_id, old.cell_id is null, old.sent_at is null,
         old.state in ('closed', 'draft', 'withdrawn'), old.state = 'closed', old.due_on, old.closed_at,
         old.created_at, old.first_attempt_at, old.last_attempt_at)
     is distinct from
        (new.area_code, new.court_id, new.cell_id is null, new.sent_at is null,
         new.state in ('closed', 'draft', 'withdrawn'), new.state = 'closed', new.due_on, new.closed_at,
         new.created_at, new.first_attempt_at, new.last_attempt_at))
  execute function field.touch_coverage_of_task();
create trigger touch_coverage_gone after delete on field.task for each row
  execute function field.touch_coverage_of_task();

create function field.touch_coverage_of_duties() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into field.coverage_touch (code, ground)
    select distinct cell.code, true from before join geo.cell on cell.id = before.cell_id;
  end if;
  if tg_op <> 'DELETE' then
    insert into field.coverage_touch (code, ground)
    select distinct cell.code, true from after join geo.cell on cell.id = after.cell_id;
  end if;
  return null;
end $$;
create trigger touch_coverage_begun after insert on field.duty
  referencing new table as after for each statement execute function field.touch_coverage_of_duties();
create trigger touch_coverage_moved after update on field.duty
  referencing old table as before new table as after
  for each statement execute function field.touch_coverage_of_duties();
create trigger touch_coverage_gone after delete on field.duty
  referencing old table as before for each statement execute function field.touch_coverage_of_duties();

create function field.touch_coverage_of_cells() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into field.coverage_touch (code, ground) select distinct code, true from before where kind <> 'MICRO';
  end if;
  if tg_op <> 'DELETE' then
    insert into field.coverage_touch (code, ground) select distinct code, true from after where kind <> 'MICRO';
  end if;
  return null;
end $$;
create trigger touch_coverage_drawn after insert on geo.cell
  referencing new table as after for each statement execute function field.touch_coverage_of_cells();
create trigger touch_coverage_moved after update on geo.cell
  referencing old table as before new table as after
  for each statement execute function field.touch_coverage_of_cells();
create trigger touch_coverage_gone after delete on geo.cell
  referencing old table as before for each statement execute function field.touch_coverage_of_cells();

create function field.touch_coverage_of_worker() returns trigger language plpgsql as $$
begin
  insert into field.coverage_touch (code, ground)
  select distinct cell.code, true from field.duty join geo.cell on cell.id = duty.cell_id
  where duty.worker_id = new.id;
  return null;
end $$;
create trigger touch_coverage_of_worker after update of active on field."user" for each row
  when (old.active is distinct from new.active) execute function field.touch_coverage_of_worker();

create function field.guard_coverage_week() returns trigger language plpgsql as $$
begin
  raise exception 'a week that is over stays as it was' using errcode = 'integrity_constraint_violation';
end $$;
create trigger guard_coverage_week before update on field.coverage_week
  for each row execute function field.guard_coverage_week();
"""
FUNCTIONS = (
    "touch_coverage_of_task()",
    "touch_coverage_of_duties()",
    "touch_coverage_of_cells()",
    "touch_coverage_of_worker()",
    "guard_coverage_week()",
    "median_wait(integer[], integer[])",
    "wait_hours(integer)",
    "wait_slot(double precision)",
    "done_after(integer[], integer[], date)",
)
EMPTY_IS_COUNTED = """
insert into field.coverage_clock (day, counted_at)
select (now() at time zone interval '8 hours')::date, now()
where not exists (select from geo.cell) and not exists (select from field.task)
"""
"""A database with something in it waits for `gridfield work`: counting here would hold up whoever writes."""


def _place(*, court: bool) -> list[sa.Column[object]]:
    columns: list[sa.Column[object]] = [
        sa.Column("digits", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
    ]
    return [*columns, sa.Column("court_id", sa.BigInteger(), nullable=False)] if court else columns


def upgrade() -> None:
    counts = [sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
              for name in ("cells", "cells_on_duty", "workers_on_duty")]  # fmt: skip
    op.create_table(
        "coverage_ground",
        *_place(court=False),
        *counts,
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digits", "code", name=op.f("pk_coverage_ground")),
        schema="field",
    )
    op.create_index(
        "ix_coverage_ground_unattended", "coverage_ground", ["code"], schema="field",
        postgresql_where=sa.text("digits = 15 and cells > 0 and cells_on_duty = 0"),
    )  # fmt: skip
    op.create_table(
        "coverage_staff",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", "worker_id", name=op.f("pk_coverage_staff")),
        schema="field",
    )
    op.create_index(op.f("ix_coverage_staff_worker_id"), "coverage_staff", ["worker_id"], schema="field")
    _work()
    for table in ("coverage_ground", "coverage_work"):
        op.create_index(op.f(f"ix_{table}_changed"), table, ["changed"], schema="field")
    op.create_table(
        "coverage_clock",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("one", name=op.f("ck_coverage_clock_one")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_coverage_clock")),
        schema="field",
    )
    op.create_table(
        "coverage_touch",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("ground", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        schema="field",
    )
    _weeks()
    op.execute(READING)
    op.execute(NOTING)
    op.execute(EMPTY_IS_COUNTED)


def _work() -> None:
    arrays: list[sa.Column[list[int]]] = [
        sa.Column(name, postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False)
        for name in ("done_days", "done_upto", "wait_slots", "wait_upto")
    ]
    op.create_table(
        "coverage_work",
        *_place(court=True),
        *(sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False) for name in ("open", "overdue")),
        *arrays,
        sa.Column("median_hours", sa.Float(precision=53), nullable=True),
        sa.Column("last_visit", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digits", "code", "court_id", name=op.f("pk_coverage_work")),
        schema="field",
    )
    # What every reader reads stays in the row; what only counting needs moves out of it first.
    op.execute(
        "alter table field.coverage_work alter column done_days set storage main, alter column done_upto set storage main"
    )


def _weeks() -> None:
    op.create_table(
        "coverage_week",
        *_place(court=True),
        sa.Column("week", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("cells", "cells_on_duty", "workers_on_duty")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("open", "overdue", "done")),
        sa.Column("median_hours", sa.Float(precision=53), nullable=True),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digits", "code", "court_id", "week", name=op.f("pk_coverage_week")),
        schema="field",
    )


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(f"drop function field.{function} cascade")
    for table in ("week", "touch", "clock", "work", "staff", "ground"):
        op.drop_table(f"coverage_{table}", schema="field")

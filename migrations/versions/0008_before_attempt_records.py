"""What an attempt records beside its outcome: receivers, relations, witnesses, refusals, officers, leads, promises.

Half: before. The code already running writes none of it; what it writes stays as the guard wants it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CAPACITIES = (
    "'SELF', 'COHABITING_ADULT', 'LEGAL_REP', 'PRINCIPAL', 'ORG_RECEIVER', 'AGENT', 'DESIGNEE', 'GUARDIAN', "
    "'NEIGHBOUR', 'LANDLORD', 'PROPERTY_GUARD', 'MINOR_CHILD', 'VILLAGE_CADRE', 'OPPOSING_PARTY', 'OTHER'"
)
GUARD = """
create function field.guard_records() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
     and to_jsonb(new) - coalesce(tg_argv, '{}') = to_jsonb(old) - coalesce(tg_argv, '{}') then
    return new;
  end if;
  raise exception 'what was recorded stays as it was' using errcode = 'integrity_constraint_violation';
end $$
"""
"""Only the columns that a trigger names may change: what later became of a fact, never the fact."""
GUARDED = {
    "attempt": ("intent", "intent_code"),
    "receiver": (),
    "relation": (),
    "witness": (),
    "refusal": (),
    "officer": (),
    "undertaking": (),
    "observation": ("promoted_by", "promoted_at", "verdict"),
    "lead": ("legality", "legality_by", "legality_at"),
}
CHECKS = {
    "place": "place in ('RESIDENCE', 'WORKPLACE', 'ORG_PREMISES', 'ELSEWHERE')",
    "recusal": "recusal in ('RELATIVE', 'FRIEND_OR_NEIGHBOUR', 'BUSINESS', 'DISPUTE', 'OTHER')",
    "from_a_phone": "by_court or num_nonnulls(device_seq, installation_id) = 2",
}
# What the court found out by itself is reported, though nobody holds the task.
HELD = "not (state in ({})) or worker_id is not null"
ON_A_LIST = "'accepted', 'assigned', 'claimed', 'in_progress', 'returned'"


def _attempt_id() -> sa.Column[object]:
    return sa.Column("attempt_id", sa.Uuid(), nullable=False)


def _text(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=optional)


def _keys(table: str, *more: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.ForeignKeyConstraint(["attempt_id"], ["field.attempt.id"], name=op.f(f"fk_{table}_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", *more, name=op.f(f"pk_{table}")),
    )


def _receiving() -> None:
    op.create_table(
        "receiver",
        _attempt_id(),
        *(_text(name) for name in ("capacity", "name", "sign_kind")),
        sa.Column("signed_on", sa.Date(), nullable=False),
        *(_text(name, optional=True) for name in ("post", "unit", "reason", "authorisation")),
        sa.Column("also_designee", sa.Boolean(), nullable=False),
        *(_text(name, optional=True) for name in ("id_type", "id_last4", "id_seen_by")),
        sa.CheckConstraint(f"capacity in ({CAPACITIES})", name=op.f("ck_receiver_capacity")),
        sa.CheckConstraint(
            "sign_kind in ('SIGNATURE', 'SEAL', 'FINGERPRINT', 'E_SIGNATURE')", name=op.f("ck_receiver_sign_kind")
        ),
        sa.CheckConstraint("length(id_last4) = 4", name=op.f("ck_receiver_id_last4")),
        *_keys("receiver"),
        schema="field",
    )
    op.create_table(
        "relation",
        _attempt_id(),
        _text("kind"),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("adult", "cohabiting", "opposing_party")),
        *_keys("relation"),
        schema="field",
    )
    op.create_table(
        "witness",
        _attempt_id(),
        sa.Column("nth", sa.SmallInteger(), nullable=False),
        *(_text(name) for name in ("name", "capacity", "unit")),
        sa.Column("signed", sa.Boolean(), nullable=False),
        _text("reason_unsigned", optional=True),
        sa.CheckConstraint(
            "capacity in ('COMMITTEE_STAFF', 'EMPLOYER_STAFF', 'OTHER')", name=op.f("ck_witness_capacity")
        ),
        *_keys("witness", "nth"),
        schema="field",
    )
    op.create_table(
        "refusal",
        _attempt_id(),
        *(_text(name) for name in ("refused_by", "reason")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opposing_party", sa.Boolean(), nullable=False),
        _text("left_at", optional=True),
        sa.Column("also_designee", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"refused_by in ({CAPACITIES})", name=op.f("ck_refusal_refused_by")),
        *_keys("refusal"),
        schema="field",
    )
    op.create_table("officer", _attempt_id(), _text("name"), _text("post"), *_keys("officer"), schema="field")


def _learning() -> None:
    op.create_table(
        "observation",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        _attempt_id(),
        sa.Column("nth", sa.SmallInteger(), nullable=False),
        *(_text(name) for name in ("kind", "value", "source")),
        sa.Column("confidence", sa.SmallInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("promoted_by", sa.BigInteger(), nullable=True),
        sa.Column("promoted_at", sa.DateTime(timezone=True), nullable=True),
        _text("verdict", optional=True),
        sa.CheckConstraint(
            "kind in ('ADDRESS', 'WORKPLACE', 'PHONE', 'RETURN_DATE', 'WHEREABOUTS')", name=op.f("ck_observation_kind")
        ),
        sa.CheckConstraint(
            "source in ('SELF', 'FAMILY', 'NEIGHBOUR', 'COMMITTEE', 'EMPLOYER', 'PUBLIC_SIGN', 'OTHER')",
            name=op.f("ck_observation_source"),
        ),
        sa.CheckConstraint("confidence between 1 and 3", name=op.f("ck_observation_confidence")),
        sa.ForeignKeyConstraint(["attempt_id"], ["field.attempt.id"], name=op.f("fk_observation_attempt_id")),
        sa.ForeignKeyConstraint(["promoted_by"], ["field.user.id"], name=op.f("fk_observation_promoted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
        sa.UniqueConstraint("attempt_id", "nth", name=op.f("uq_observation_attempt_id_nth")),
        schema="field",
    )
    op.create_table(
        "lead",
        _attempt_id(),
        *(_text(name) for name in ("asset_kind", "description", "apparent_holder", "holder_kind")),
        _text("basis", optional=True),
        sa.Column("exempt_hints", postgresql.ARRAY(sa.Text()), nullable=False),
        _text("encumbrance"),
        sa.Column("legality", sa.Text(), server_default="NOT_ASSESSED", nullable=False),
        sa.Column("legality_by", sa.BigInteger(), nullable=True),
        sa.Column("legality_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounty_eligible", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint(
            "asset_kind in ('VEHICLE', 'MACHINERY', 'STOCK_GOODS', 'LIVESTOCK_CROP', 'HOUSE', 'LAND_USE', "
            "'SHOP_LEASE', 'WAGES', 'RENT', 'RECEIVABLE', 'EQUITY_BUSINESS', 'SUBSIDY', 'OTHER')",
            name=op.f("ck_lead_asset_kind"),
        ),
        sa.CheckConstraint(
            "apparent_holder in ('DEBTOR', 'THIRD_PARTY', 'CO_OWNED', 'UNCLEAR')", name=op.f("ck_lead_apparent_holder")
        ),
        sa.CheckConstraint(
            "legality in ('NOT_ASSESSED', 'LAWFUL', 'POSSIBLE_ILLEGAL_PROCEEDS')", name=op.f("ck_lead_legality")
        ),
        sa.CheckConstraint("not bounty_eligible", name=op.f("ck_lead_no_bounty")),
        sa.ForeignKeyConstraint(["legality_by"], ["field.user.id"], name=op.f("fk_lead_legality_by")),
        *_keys("lead"),
        schema="field",
    )
    op.create_table(
        "undertaking",
        _attempt_id(),
        sa.Column("on_day", sa.Date(), nullable=False),
        _text("by_whom"),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_undertaking_amount_fen")),
        *_keys("undertaking"),
        schema="field",
    )


def _held_by_someone(states: str) -> None:
    op.drop_constraint(op.f("ck_task_held_by_someone"), "task", schema="field")
    op.create_check_constraint(op.f("ck_task_held_by_someone"), "task", HELD.format(states), schema="field")


def upgrade() -> None:
    for column in (
        _text("place", optional=True),
        sa.Column("indicators", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        _text("recusal", optional=True),
        sa.Column("by_court", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
    ):
        op.add_column("attempt", column, schema="field")
    for name in ("device_seq", "installation_id"):
        op.alter_column("attempt", name, nullable=True, schema="field")
    op.create_foreign_key(
        op.f("fk_attempt_supersedes"), "attempt", "attempt", ["supersedes"], ["id"],
        source_schema="field", referent_schema="field",
    )  # fmt: skip
    for name, check in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_attempt_{name}"), "attempt", check, schema="field")
    _held_by_someone(ON_A_LIST)
    _receiving()
    _learning()
    op.execute(GUARD)
    for table, columns in GUARDED.items():
        told = ", ".join(f"'{column}'" for column in columns)
        op.execute(
            f"create trigger guard_records before update or delete on field.{table} "
            f"for each row execute function field.guard_records({told})"
        )
        op.execute(
            f"create trigger guard_records_whole before truncate on field.{table} "
            "for each statement execute function field.guard_records()"
        )


def downgrade() -> None:
    for table in reversed(GUARDED):
        op.execute(f"drop trigger guard_records on field.{table}")
        op.execute(f"drop trigger guard_records_whole on field.{table}")
        if table != "attempt":
            op.drop_table(table, schema="field")
    op.execute("drop function field.guard_records()")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_attempt_{name}"), "attempt", schema="field")
    op.drop_constraint(op.f("fk_attempt_supersedes"), "attempt", schema="field")
    # What the court recorded itself came from no phone, and the code before knows only phones.
    op.execute("delete from field.attempt where by_court")
    op.execute("update field.task set state = 'open' where state = 'reported' and worker_id is null")
    _held_by_someone("'accepted', 'assigned', 'claimed', 'in_progress', 'reported', 'returned'")
    for name in ("device_seq", "installation_id"):
        op.alter_column("attempt", name, nullable=False, schema="field")
    for name in ("supersedes", "by_court", "recusal", "indicators", "place"):
        op.drop_column("attempt", name, schema="field")

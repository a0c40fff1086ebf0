"""What follows from an attempt: days to look again, referrals to somebody else; and the inspectors who read sealed ones.

Half: before. New tables, and a role that the code already running never writes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ROLES = ("dispatcher", "coordinator", "worker", "administrator")
KINDS = (
    "'JUDICIAL_AID', 'SOCIAL_ASSISTANCE', 'REFUSAL_EVIDENCE', 'THIRD_PARTY_CLAIM', 'INCIDENT', 'INTERFERENCE', "
    "'COMPLAINT', 'COURT_NOTE'"
)

GUARDED: dict[str, tuple[str, ...]] = {
    "follow_up": ("state", "told", "version", "decided_by", "decided_at", "note"),
    "referral": ("state", "version", "decided_by", "decided_at", "decision", "decision_note"),
    "promotion": (),
}
"""Columns that may change: what was decided, never what was said."""


def upgrade() -> None:
    _swap("role", f"role in ({_listed((*ROLES, 'inspector'))})")
    op.drop_constraint(op.f("ck_user_dispatcher_has_court"), "user", schema="field")
    op.create_check_constraint(
        op.f("ck_user_court_staff_have_court"),
        "user",
        "(role in ('dispatcher', 'inspector')) = (court_id is not null)",
        schema="field",
    )
    _follow_up()
    _referral()
    op.create_table(
        "promotion",
        sa.Column("observation_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["observation_id"], ["field.observation.id"], name=op.f("fk_promotion_observation_id")),
        sa.PrimaryKeyConstraint("observation_id", name=op.f("pk_promotion")),
        schema="field",
    )
    for table, columns in GUARDED.items():
        told = _listed(columns)
        op.execute(
            f"create trigger guard_records before update or delete on field.{table} "
            f"for each row execute function field.guard_records({told})"
        )
        op.execute(
            f"create trigger guard_records_whole before truncate on field.{table} "
            "for each statement execute function field.guard_records()"
        )


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _swap(name: str, check: str, *, not_valid: bool = False) -> None:
    op.drop_constraint(op.f(f"ck_user_{name}"), "user", schema="field")
    op.create_check_constraint(op.f(f"ck_user_{name}"), "user", check, schema="field", postgresql_not_valid=not_valid)


def _follow_up() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("worker_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("told", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('PROMISE', 'REVISIT', 'SEASONAL_RETURN')", name=op.f("ck_follow_up_kind")),
        sa.CheckConstraint(
            "state in ('open', 'lapsed', 'kept', 'broken', 'cancelled')", name=op.f("ck_follow_up_state")
        ),
        sa.CheckConstraint("told between 0 and 7", name=op.f("ck_follow_up_told")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_follow_up_amount")),
        sa.CheckConstraint("(state in ('open', 'lapsed')) = (decided_at is null)", name=op.f("ck_follow_up_ended")),
        sa.CheckConstraint("(decided_at is null) = (decided_by is null)", name=op.f("ck_follow_up_decided_by_someone")),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_follow_up_court_id")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_follow_up_task_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["field.attempt.id"], name=op.f("fk_follow_up_attempt_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["field.user.id"], name=op.f("fk_follow_up_worker_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["field.user.id"], name=op.f("fk_follow_up_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        schema="field",
    )
    _index("uq_follow_up_attempt", "follow_up", ["attempt_id", "kind"], unique=True)
    _index(op.f("ix_follow_up_task_id"), "follow_up", ["task_id"])
    _index("ix_follow_up_open_of", "follow_up", ["worker_id"], "state = 'open'")
    _index("ix_follow_up_open_on", "follow_up", ["due_on"], "state = 'open'")
    _index("ix_follow_up_undecided", "follow_up", ["court_id", "due_on", "id"], "state in ('open', 'lapsed')")


def _referral() -> None:
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to_body", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("who", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("indicators", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("evidence_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.CheckConstraint(f"kind in ({KINDS})", name=op.f("ck_referral_kind")),
        sa.CheckConstraint(
            "to_body in ('COURT', 'COURT_AID_OFFICE', 'CIVIL_AFFAIRS', 'INSPECTION')", name=op.f("ck_referral_to_body")
        ),
        sa.CheckConstraint(
            "state in ('proposed', 'referred', 'declined', 'decided', 'closed')", name=op.f("ck_referral_state")
        ),
        sa.CheckConstraint("decision in ('REFER', 'DECLINE', 'DECIDE', 'CLOSE')", name=op.f("ck_referral_decision")),
        sa.CheckConstraint(
            "made_by is not null or attempt_id is not null", name=op.f("ck_referral_made_from_something")
        ),
        sa.CheckConstraint("attempt_id is null or task_id is not null", name=op.f("ck_referral_attempt_of_a_task")),
        sa.CheckConstraint("(state = 'proposed') = (decided_at is null)", name=op.f("ck_referral_decided")),
        sa.CheckConstraint(
            "num_nulls(decided_by, decided_at, decision) in (0, 3)", name=op.f("ck_referral_decided_by_someone")
        ),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_referral_court_id")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_referral_task_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["field.attempt.id"], name=op.f("fk_referral_attempt_id")),
        sa.ForeignKeyConstraint(["case_id"], ["field.case.id"], name=op.f("fk_referral_case_id")),
        sa.ForeignKeyConstraint(["made_by"], ["field.user.id"], name=op.f("fk_referral_made_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["field.user.id"], name=op.f("fk_referral_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        schema="field",
    )
    _index("uq_referral_proposed", "referral", ["attempt_id", "kind"], "made_by is null", unique=True)
    _index(op.f("ix_referral_court_id_made_at_id"), "referral", ["court_id", "made_at", "id"])
    op.create_index(
        "ix_referral_area",
        "referral",
        ["area_code", "made_at"],
        schema="field",
        postgresql_ops={"area_code": "text_pattern_ops"},
    )
    _index(op.f("ix_referral_made_by_made_at"), "referral", ["made_by", "made_at"], "made_by is not null")
    _index(op.f("ix_referral_task_id"), "referral", ["task_id"], "task_id is not null")
    _index("ix_referral_to_decide", "referral", ["court_id", "urgent", "made_at"], "state = 'proposed'")


def _index(name: str, table: str, columns: list[str], where: str | None = None, *, unique: bool = False) -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, schema="field", unique=unique, postgresql_where=only)


def downgrade() -> None:
    op.drop_table("promotion", schema="field")
    op.drop_table("referral", schema="field")
    op.drop_table("follow_up", schema="field")
    # The code before knows no such role: who has it may not sign in, and the row stays for the ledger's sake.
    op.execute("update field.\"user\" set active = false where role = 'inspector'")
    op.drop_constraint(op.f("ck_user_court_staff_have_court"), "user", schema="field")
    op.create_check_constraint(
        op.f("ck_user_dispatcher_has_court"),
        "user",
        "(role = 'dispatcher') = (court_id is not null)",
        schema="field",
        postgresql_not_valid=True,
    )
    _swap("role", f"role in ({_listed(ROLES)})", not_valid=True)

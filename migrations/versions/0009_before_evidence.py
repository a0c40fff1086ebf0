"""Evidence, and the sealed bytes it points to; what is sealed stays as it is, whoever asks.

Half: before. New tables only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = (
    "'ADDRESS_FORM', 'AUDIO_CALL', 'AUTHORISATION', 'COMMITTEE_CERT', 'COURT_OFFICER_SIGN', 'E_RECEIPT', "
    "'PHOTO_DOC_LEFT', 'PHOTO_DOOR', 'PHOTO_HANDOVER', 'PHOTO_SCENE', 'RECEIPT_SIGNED', 'SERVER_SIGN', "
    "'STATEMENT_SIGNED', 'VIDEO_SERVICE', 'WITNESS_SIGN'"
)
CHECKS = {
    "kind": f"kind in ({KINDS})",
    "state": "state in ('expected', 'sealed')",
    "datum": "datum in ('WGS84', 'GCJ02', 'BD09', 'CGCS2000')",
    "point_whole": "num_nonnulls(lon, lat, raw_lon, raw_lat, datum) in (0, 5)",
    "sha256": "octet_length(sha256) = 32",
    "sm3": "octet_length(sm3) = 32",
    "size": "size > 0",
    "sealed_whole": "num_nonnulls(sealed_at, object_sha256) = case state when 'sealed' then 2 else 0 end",
    "as_declared": "object_sha256 = sha256",
}
GUARDS = """
create function field.guard_evidence() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state = 'expected' and new.state = 'sealed'
     and to_jsonb(new) - '{state,sealed_at,object_sha256}'::text[]
       = to_jsonb(old) - '{state,sealed_at,object_sha256}'::text[] then
    return new;
  end if;
  raise exception 'evidence stays as it was declared and sealed' using errcode = 'integrity_constraint_violation';
end $$;
create function field.guard_evidence_object() returns trigger language plpgsql as $$
begin
  raise exception 'sealed bytes stay as they are' using errcode = 'integrity_constraint_violation';
end $$;
create trigger guard_evidence before update or delete on field.evidence
  for each row execute function field.guard_evidence();
create trigger guard_evidence_whole before truncate on field.evidence
  for each statement execute function field.guard_evidence();
create trigger guard_evidence_object before update or delete on field.evidence_object
  for each row execute function field.guard_evidence_object();
create trigger guard_evidence_object_whole before truncate on field.evidence_object
  for each statement execute function field.guard_evidence_object();
"""
"""Evidence may be sealed once; nothing else changes or goes."""


def upgrade() -> None:
    _objects()
    _pieces()
    op.create_index(op.f("ix_evidence_task_id_received_at"), "evidence", ["task_id", "received_at"], schema="field")
    op.create_index(op.f("ix_evidence_attempt_id"), "evidence", ["attempt_id"], schema="field")
    op.create_index(
        "ix_evidence_expected",
        "evidence",
        ["court_id", "received_at"],
        schema="field",
        postgresql_where=sa.text("state = 'expected'"),
    )
    op.create_index(
        "ix_evidence_object_sha256",
        "evidence",
        ["object_sha256"],
        schema="field",
        postgresql_where=sa.text("object_sha256 is not null"),
    )
    op.execute(GUARDS)


def _objects() -> None:
    op.create_table(
        "evidence_object",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_evidence_object_sha256")),
        sa.CheckConstraint("octet_length(sm3) = 32", name=op.f("ck_evidence_object_sm3")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_evidence_object")),
        schema="field",
    )


def _pieces() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("sm3", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=True),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_mono_ms", sa.BigInteger(), nullable=True),
        sa.Column("boot_id", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_mono_ms", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", postgresql.ARRAY(sa.Text()), nullable=False),
        *(sa.Column(name, sa.Float(53), nullable=True) for name in ("lon", "lat", "raw_lon", "raw_lat")),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("accuracy_m", sa.Float(53), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("is_mock", sa.Boolean(), nullable=True),
        sa.Column("installation_id", sa.Uuid(), nullable=True),
        sa.Column("app_version", sa.Text(), nullable=True),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("object_sha256", sa.LargeBinary(), nullable=True),
        *(sa.CheckConstraint(check, name=op.f(f"ck_evidence_{name}")) for name, check in CHECKS.items()),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_evidence_court_id")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_evidence_task_id")),
        sa.ForeignKeyConstraint(["user_id"], ["field.user.id"], name=op.f("fk_evidence_user_id")),
        sa.ForeignKeyConstraint(
            ["object_sha256"], ["field.evidence_object.sha256"], name=op.f("fk_evidence_object_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        schema="field",
    )


def downgrade() -> None:
    op.drop_table("evidence", schema="field")
    op.drop_table("evidence_object", schema="field")
    op.execute("drop function field.guard_evidence()")
    op.execute("drop function field.guard_evidence_object()")

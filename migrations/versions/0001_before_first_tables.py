"""The first tables of all three packages, and the guard of the ledger.

Half: before (nothing runs yet).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LEDGER_GUARD = """
create function field.guard_ledger() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
     and (new.id, new.chain, new.at, new.actor, new.action, new.object, new.version, new.commit)
       = (old.id, old.chain, old.at, old.actor, old.action, old.object, old.version, old.commit)
     and ((old.seq is null and new.salt is not distinct from old.salt and new.details is not distinct from old.details)
       or (old.seq is not null and (new.seq, new.prev, new.hash) = (old.seq, old.prev, old.hash)
           and new.salt is null and new.details is null))
  then
    return new;
  end if;
  raise exception 'the ledger only grows' using errcode = 'integrity_constraint_violation';
end $$;
create trigger guard_ledger before update or delete on field.ledger_entry
  for each row execute function field.guard_ledger();
create trigger guard_ledger_whole before truncate on field.ledger_entry
  for each statement execute function field.guard_ledger();
"""
"""Sealing once and erasing are the only changes."""


def upgrade() -> None:
    op.create_table(
        "division",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_division_code_valid",
        ),
        sa.CheckConstraint(
            "(level = 'PROVINCE') = (parent_id IS NULL)",
            name=op.f("ck_division_only_province_without_parent"),
        ),
        sa.CheckConstraint("code ~ '^[0-9]+$'", name=op.f("ck_division_code_digits")),
        sa.CheckConstraint(
            "length(code) = CASE level WHEN 'PROVINCE' THEN 2 WHEN 'PREFECTURE' THEN 4 WHEN 'COUNTY' THEN 6 WHEN 'TOWNSHIP' THEN 9 WHEN 'VILLAGE' THEN 12 END",
            name=op.f("ck_division_code_fits_level"),
        ),
        sa.CheckConstraint(
            "level IN ('PROVINCE', 'PREFECTURE', 'COUNTY', 'TOWNSHIP', 'VILLAGE')",
            name=op.f("ck_division_level_known"),
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_division_name_length")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_division_days_in_order")),
        sa.ForeignKeyConstraint(["parent_id"], ["geo.division.id"], name=op.f("fk_division_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_division")),
        schema="geo",
    )
    op.create_index(
        op.f("ix_division_code"),
        "division",
        ["code"],
        unique=False,
        schema="geo",
        postgresql_ops={"code": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_division_parent_id"), "division", ["parent_id"], unique=False, schema="geo")
    op.create_geospatial_table(
        "cell",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "centre",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            sa.Computed("ST_PointOnSurface(geom)", persisted=True),
            nullable=False,
        ),
        sa.Column("area_m2", sa.Double(), sa.Computed("ST_Area(geom::geography)", persisted=True), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_cell_code_valid",
        ),
        sa.CheckConstraint("(kind = 'MICRO') = (length(code) = 18)", name=op.f("ck_cell_code_fits_kind")),
        sa.CheckConstraint("code ~ '^[0-9]{15}([0-9]{3})?$'", name=op.f("ck_cell_code_digits")),
        sa.CheckConstraint("kind IN ('GENERAL', 'SPECIAL', 'MICRO')", name=op.f("ck_cell_kind_known")),
        sa.CheckConstraint("ST_IsValid(geom)", name=op.f("ck_cell_geom_valid")),
        sa.CheckConstraint("area_m2 > 0", name=op.f("ck_cell_geom_not_empty")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_cell_name_length")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_cell_days_in_order")),
        sa.ForeignKeyConstraint(["village_id"], ["geo.division.id"], name=op.f("fk_cell_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell")),
        schema="geo",
    )
    op.create_index(
        op.f("ix_cell_code"),
        "cell",
        ["code"],
        unique=False,
        schema="geo",
        postgresql_ops={"code": "text_pattern_ops"},
    )
    op.create_geospatial_index(
        op.f("ix_cell_geom"),
        "cell",
        ["geom"],
        unique=False,
        schema="geo",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_cell_village_id"), "cell", ["village_id"], unique=False, schema="geo")
    op.create_table(
        "channel_state",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("slowed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(paused_at IS NULL) = (paused_reason IS NULL)", name=op.f("ck_channel_state_paused")),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_state")),
        schema="notifications",
    )
    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("installation_id", sa.Uuid(), nullable=True),
        sa.Column(
            "ref",
            sa.BigInteger(),
            server_default=sa.text("('x' || substr(md5(gen_random_uuid()::text), 1, 15))::bit(60)::bigint"),
            nullable=False,
        ),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address_kind", sa.Text(), server_default="none", nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(address_kind = 'none') = (address IS NULL) AND (address IS NULL) = (token_hash IS NULL)",
            name=op.f("ck_device_address"),
        ),
        sa.CheckConstraint("address_kind IN ('token', 'fid', 'none')", name=op.f("ck_device_address_kind")),
        sa.CheckConstraint("channel ~ '^[a-z]{2,16}$'", name=op.f("ck_device_channel")),
        sa.CheckConstraint("(dead_at IS NULL) = (dead_reason IS NULL)", name=op.f("ck_device_dead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("channel", "token_hash", name=op.f("uq_device_channel_token_hash")),
        sa.UniqueConstraint("id", "channel", name=op.f("uq_device_id_channel")),
        sa.UniqueConstraint("installation_id", name=op.f("uq_device_installation_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_device_ref")),
        schema="notifications",
    )
    op.create_index("ix_device_recipient_id", "device", ["recipient_id"], unique=False, schema="notifications")
    op.create_index("ix_device_seen_at", "device", ["seen_at"], unique=False, schema="notifications")
    op.create_index(
        "uq_device_recipient_id_built_in",
        "device",
        ["recipient_id"],
        unique=True,
        schema="notifications",
        postgresql_where=sa.text("installation_id IS NULL"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("collapse_key", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'pending') = (settled_at IS NULL)", name=op.f("ck_message_settled")),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_message_sent")),
        sa.CheckConstraint("collapse_key IN ('sync', 'urgent')", name=op.f("ck_message_collapse_key")),
        sa.CheckConstraint("state IN ('pending', 'sent') OR reason IS NOT NULL", name=op.f("ck_message_reason")),
        sa.CheckConstraint("state IN ('pending', 'sent', 'done', 'dead', 'expired')", name=op.f("ck_message_state")),
        sa.ForeignKeyConstraint(
            ["device_id", "channel"],
            ["notifications.device.id", "notifications.device.channel"],
            name=op.f("fk_message_device_id_channel"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        schema="notifications",
    )
    op.create_index(
        "ix_message_channel_collapse_key_due_id_pending",
        "message",
        ["channel", "collapse_key", "due", "id"],
        unique=False,
        schema="notifications",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_message_device_id", "message", ["device_id"], unique=False, schema="notifications")
    op.create_index(
        "ix_message_expires_at_pending",
        "message",
        ["expires_at"],
        unique=False,
        schema="notifications",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_message_settled_at_undelivered",
        "message",
        ["settled_at"],
        unique=False,
        schema="notifications",
        postgresql_where=sa.text("state IN ('dead', 'expired')"),
    )
    op.create_index(
        "uq_message_device_id_collapse_key_pending",
        "message",
        ["device_id", "collapse_key"],
        unique=True,
        schema="notifications",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "court",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9_-]{2,32}$'", name=op.f("ck_court_code_form")),
        sa.CheckConstraint("division_code ~ '^[0-9]{2,12}$'", name=op.f("ck_court_division_code_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court")),
        sa.UniqueConstraint("code", name=op.f("uq_court_code")),
        schema="field",
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("commit", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("prev", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("num_nulls(seq, prev, hash) in (0, 3)", name=op.f("ck_ledger_entry_sealed_whole")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        schema="field",
    )
    op.create_index(op.f("ix_ledger_entry_object_id"), "ledger_entry", ["object", "id"], unique=False, schema="field")
    op.create_index(
        "ix_ledger_entry_unsealed",
        "ledger_entry",
        ["chain", "id"],
        unique=False,
        schema="field",
        postgresql_where=sa.text("seq is null"),
    )
    op.create_index(
        "uq_ledger_entry_seq",
        "ledger_entry",
        ["chain", "seq"],
        unique=True,
        schema="field",
        postgresql_where=sa.text("seq is not null"),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_failure")),
        schema="field",
    )
    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=True),
        sa.Column("division_code", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(role = 'dispatcher') = (court_id is not null)", name=op.f("ck_user_dispatcher_has_court")),
        sa.CheckConstraint("login ~ '^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$'", name=op.f("ck_user_login_form")),
        sa.CheckConstraint(
            "role in ('dispatcher', 'coordinator', 'worker', 'administrator')", name=op.f("ck_user_role")
        ),
        sa.CheckConstraint(
            "role not in ('coordinator', 'worker') or division_code is not null",
            name=op.f("ck_user_grid_staff_have_division"),
        ),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_user_court_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("login", name=op.f("uq_user_login")),
        schema="field",
    )
    op.create_index(op.f("ix_user_court_id"), "user", ["court_id"], unique=False, schema="field")
    op.create_table(
        "case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_case_court_id")),
        sa.ForeignKeyConstraint(["created_by"], ["field.user.id"], name=op.f("fk_case_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("court_id", "case_no", name=op.f("uq_case_court_id_case_no")),
        schema="field",
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("worker_id"), "="),
            (sa.column("cell_id"), "="),
            (sa.text("daterange(since, until)"), "&&"),
            using="gist",
            name="ex_duty_once_at_a_time",
        ),
        sa.CheckConstraint("rank in (1, 2)", name=op.f("ck_duty_rank")),
        sa.CheckConstraint("until is null or until > since", name=op.f("ck_duty_period")),
        sa.ForeignKeyConstraint(["cell_id"], ["geo.cell.id"], name=op.f("fk_duty_cell_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["field.user.id"], name=op.f("fk_duty_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        schema="field",
    )
    op.create_index(op.f("ix_duty_cell_id"), "duty", ["cell_id"], unique=False, schema="field")
    op.create_table(
        "idempotency_key",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["field.user.id"], name=op.f("fk_idempotency_key_user_id")),
        sa.PrimaryKeyConstraint("user_id", "operation", "key", name=op.f("pk_idempotency_key")),
        schema="field",
    )
    op.create_index(
        op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"], unique=False, schema="field"
    )
    op.create_table(
        "refresh_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("family", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["field.user.id"], name=op.f("fk_refresh_token_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_token")),
        schema="field",
    )
    op.create_index(op.f("ix_refresh_token_family"), "refresh_token", ["family"], unique=False, schema="field")
    op.create_index(op.f("ix_refresh_token_user_id"), "refresh_token", ["user_id"], unique=False, schema="field")
    op.create_table(
        "worklist",
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("fetched_version", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_version", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["worker_id"], ["field.user.id"], name=op.f("fk_worklist_worker_id")),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_worklist")),
        schema="field",
    )
    op.create_table(
        "party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role in ('creditor', 'debtor', 'third_party', 'interested_party', 'assisting_party')",
            name=op.f("ck_party_role"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["field.case.id"], name=op.f("fk_party_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("case_id", "name", "role", name=op.f("uq_party_case_id_name_role")),
        schema="field",
    )
    op.create_geospatial_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("raw_lon", sa.Float(precision=53), nullable=False),
        sa.Column("raw_lat", sa.Float(precision=53), nullable=False),
        sa.Column("datum", sa.Text(), nullable=False),
        sa.Column("accuracy_m", sa.Float(precision=53), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("release", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("returned_version", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("first_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("datum in ('WGS84', 'GCJ02', 'BD09', 'CGCS2000')", name=op.f("ck_task_datum")),
        sa.CheckConstraint("kind in ('SERVE', 'LOCATE', 'ASSET', 'REMIND', 'PETITION')", name=op.f("ck_task_kind")),
        sa.CheckConstraint(
            "not (state in ('accepted', 'assigned', 'claimed', 'in_progress', 'reported', 'returned')) or worker_id is not null",
            name=op.f("ck_task_held_by_someone"),
        ),
        sa.CheckConstraint(
            "state in ('draft', 'unplaced', 'open', 'assigned', 'claimed', 'accepted', 'in_progress', 'reported', 'returned', 'closed', 'withdrawn')",
            name=op.f("ck_task_state"),
        ),
        sa.CheckConstraint(
            "state in ('draft', 'unplaced', 'withdrawn') or cell_id is not null", name=op.f("ck_task_placed")
        ),
        sa.CheckConstraint("priority between 1 and 3", name=op.f("ck_task_priority")),
        sa.ForeignKeyConstraint(["case_id"], ["field.case.id"], name=op.f("fk_task_case_id")),
        sa.ForeignKeyConstraint(["cell_id"], ["geo.cell.id"], name=op.f("fk_task_cell_id")),
        sa.ForeignKeyConstraint(["court_id"], ["field.court.id"], name=op.f("fk_task_court_id")),
        sa.ForeignKeyConstraint(["created_by"], ["field.user.id"], name=op.f("fk_task_created_by")),
        sa.ForeignKeyConstraint(["party_id"], ["field.party.id"], name=op.f("fk_task_party_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["field.user.id"], name=op.f("fk_task_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        schema="field",
    )
    op.create_index(
        "ix_task_area",
        "task",
        ["area_code", "state"],
        unique=False,
        schema="field",
        postgresql_ops={"area_code": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_task_case_id"), "task", ["case_id"], unique=False, schema="field")
    op.create_index(
        op.f("ix_task_court_id_created_at_id"),
        "task",
        ["court_id", "created_at", "id"],
        unique=False,
        schema="field",
    )
    op.create_index(
        "ix_task_live_in_cell",
        "task",
        ["cell_id"],
        unique=False,
        schema="field",
        postgresql_where=sa.text(
            "state in ('accepted', 'assigned', 'claimed', 'in_progress', 'open', 'reported', 'returned', 'unplaced')"
        ),
    )
    op.create_index(
        "ix_task_on_worklist",
        "task",
        ["worker_id"],
        unique=False,
        schema="field",
        postgresql_where=sa.text("state in ('accepted', 'assigned', 'claimed', 'in_progress', 'returned')"),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("given_version", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", sa.Text(), nullable=True),
        sa.Column("ended_version", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["given_by"], ["field.user.id"], name=op.f("fk_assignment_given_by")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_assignment_task_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["field.user.id"], name=op.f("fk_assignment_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        schema="field",
    )
    op.create_index(
        op.f("ix_assignment_task_id_worker_id"),
        "assignment",
        ["task_id", "worker_id"],
        unique=False,
        schema="field",
    )
    op.create_index(
        "ix_assignment_withdrawn",
        "assignment",
        ["worker_id", "ended_version"],
        unique=False,
        schema="field",
        postgresql_where=sa.text("ended_at is not null"),
    )
    op.create_index(
        "uq_assignment_current",
        "assignment",
        ["task_id"],
        unique=True,
        schema="field",
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("raw_lon", sa.Float(precision=53), nullable=True),
        sa.Column("raw_lat", sa.Float(precision=53), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("accuracy_m", sa.Float(precision=53), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("base_version", sa.BigInteger(), nullable=True),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("after_seq", sa.BigInteger(), nullable=True),
        sa.Column("installation_id", sa.Uuid(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_mono_ms", sa.BigInteger(), nullable=True),
        sa.Column("boot_id", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_mono_ms", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("intent_code", sa.Text(), nullable=True),
        sa.CheckConstraint("datum in ('WGS84', 'GCJ02', 'BD09', 'CGCS2000')", name=op.f("ck_attempt_datum")),
        sa.CheckConstraint("intent in ('none', 'applied', 'held', 'rejected')", name=op.f("ck_attempt_intent")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_attempt_task_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["field.user.id"], name=op.f("fk_attempt_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        schema="field",
    )
    op.create_index(
        "ix_attempt_held",
        "attempt",
        ["worker_id", "task_id"],
        unique=False,
        schema="field",
        postgresql_where=sa.text("intent = 'held'"),
    )
    op.create_index(
        op.f("ix_attempt_task_id_corrected_at"),
        "attempt",
        ["task_id", "corrected_at"],
        unique=False,
        schema="field",
    )
    op.create_table(
        "remark",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["field.user.id"], name=op.f("fk_remark_author_id")),
        sa.ForeignKeyConstraint(["task_id"], ["field.task.id"], name=op.f("fk_remark_task_id")),
        sa.PrimaryKeyConstraint("task_id", "version", name=op.f("pk_remark")),
        schema="field",
    )

    op.execute(LEDGER_GUARD)


def downgrade() -> None:
    op.drop_table("remark", schema="field")
    op.drop_index(op.f("ix_attempt_task_id_corrected_at"), table_name="attempt", schema="field")
    op.drop_index("ix_attempt_held", table_name="attempt", schema="field", postgresql_where=sa.text("intent = 'held'"))
    op.drop_table("attempt", schema="field")
    op.drop_index(
        "uq_assignment_current",
        table_name="assignment",
        schema="field",
        postgresql_where=sa.text("ended_at is null"),
    )
    op.drop_index(
        "ix_assignment_withdrawn",
        table_name="assignment",
        schema="field",
        postgresql_where=sa.text("ended_at is not null"),
    )
    op.drop_index(op.f("ix_assignment_task_id_worker_id"), table_name="assignment", schema="field")
    op.drop_table("assignment", schema="field")
    op.drop_index(
        "ix_task_on_worklist",
        table_name="task",
        schema="field",
        postgresql_where=sa.text("state in ('accepted', 'assigned', 'claimed', 'in_progress', 'returned')"),
    )
    op.drop_index(
        "ix_task_live_in_cell",
        table_name="task",
        schema="field",
        postgresql_where=sa.text(
            "state in ('accepted', 'assigned', 'claimed', 'in_progress', 'open', 'reported', 'returned', 'unplaced')"
        ),
    )
    op.drop_index(op.f("ix_task_court_id_created_at_id"), table_name="task", schema="field")
    op.drop_index(op.f("ix_task_case_id"), table_name="task", schema="field")
    op.drop_index("ix_task_area", table_name="task", schema="field", postgresql_ops={"area_code": "text_pattern_ops"})
    op.drop_geospatial_table("task", schema="field")
    op.drop_table("party", schema="field")
    op.drop_table("worklist", schema="field")
    op.drop_index(op.f("ix_refresh_token_user_id"), table_name="refresh_token", schema="field")
    op.drop_index(op.f("ix_refresh_token_family"), table_name="refresh_token", schema="field")
    op.drop_table("refresh_token", schema="field")
    op.drop_index(op.f("ix_idempotency_key_created_at"), table_name="idempotency_key", schema="field")
    op.drop_table("idempotency_key", schema="field")
    op.drop_index(op.f("ix_duty_cell_id"), table_name="duty", schema="field")
    op.drop_table("duty", schema="field")
    op.drop_table("case", schema="field")
    op.drop_index(op.f("ix_user_court_id"), table_name="user", schema="field")
    op.drop_table("user", schema="field")
    op.drop_table("sign_in_failure", schema="field")
    op.drop_index(
        "uq_ledger_entry_seq",
        table_name="ledger_entry",
        schema="field",
        postgresql_where=sa.text("seq is not null"),
    )
    op.drop_index(
        "ix_ledger_entry_unsealed",
        table_name="ledger_entry",
        schema="field",
        postgresql_where=sa.text("seq is null"),
    )
    op.drop_index(op.f("ix_ledger_entry_object_id"), table_name="ledger_entry", schema="field")
    op.drop_table("ledger_entry", schema="field")
    op.drop_table("court", schema="field")
    op.drop_index(
        "uq_message_device_id_collapse_key_pending",
        table_name="message",
        schema="notifications",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index(
        "ix_message_settled_at_undelivered",
        table_name="message",
        schema="notifications",
        postgresql_where=sa.text("state IN ('dead', 'expired')"),
    )
    op.drop_index(
        "ix_message_expires_at_pending",
        table_name="message",
        schema="notifications",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index("ix_message_device_id", table_name="message", schema="notifications")
    op.drop_index(
        "ix_message_channel_collapse_key_due_id_pending",
        table_name="message",
        schema="notifications",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("message", schema="notifications")
    op.drop_index(
        "uq_device_recipient_id_built_in",
        table_name="device",
        schema="notifications",
        postgresql_where=sa.text("installation_id IS NULL"),
    )
    op.drop_index("ix_device_seen_at", table_name="device", schema="notifications")
    op.drop_index("ix_device_recipient_id", table_name="device", schema="notifications")
    op.drop_table("device", schema="notifications")
    op.drop_table("channel_state", schema="notifications")
    op.drop_index(op.f("ix_cell_village_id"), table_name="cell", schema="geo")
    op.drop_geospatial_index(
        op.f("ix_cell_geom"), table_name="cell", schema="geo", postgresql_using="gist", column_name="geom"
    )
    op.drop_index(op.f("ix_cell_code"), table_name="cell", schema="geo", postgresql_ops={"code": "text_pattern_ops"})
    op.drop_geospatial_table("cell", schema="geo")
    op.drop_index(op.f("ix_division_parent_id"), table_name="division", schema="geo")
    op.drop_index(
        op.f("ix_division_code"),
        table_name="division",
        schema="geo",
        postgresql_ops={"code": "text_pattern_ops"},
    )
    op.drop_table("division", schema="geo")
    op.execute("drop function field.guard_ledger()")

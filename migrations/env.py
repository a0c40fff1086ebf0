"""Run the migrations of all three packages, on the caller's connection or on the configured database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from geoalchemy2 import alembic_helpers

import field.models
import geo.drawn
import geo.models
import notifications.models
from field import config
from field.cli.cluster import database
from field.models.engine import make_engine

TARGETS = [geo.models.Base.metadata, notifications.models.Base.metadata, field.models.Base.metadata]
SCHEMAS = ("geo", "notifications", "field")


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Keep autogenerate inside the three schemas: the database may hold others' tables."""
    return kind != "schema" or name in SCHEMAS


def migrate(connection: sa.Connection) -> None:
    """Bring this connection's database to the wanted revision, in one transaction."""
    # Longer waiting would queue every live reader and writer behind the migration's lock.
    connection.execute(sa.text("set lock_timeout = '4s'"))
    for schema in SCHEMAS:
        connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=TARGETS,
        include_schemas=True,
        include_name=ours,
        include_object=alembic_helpers.include_object,
        render_item=alembic_helpers.render_item,
        process_revision_directives=alembic_helpers.writer,
        version_table_schema="field",
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Take the connection handed over by the caller, or open the configured database."""
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    with database(config.load()) as url, make_engine(url, poolclass=sa.NullPool).connect() as connection:
        migrate(connection)


main()

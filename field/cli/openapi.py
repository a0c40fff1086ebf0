"""`gridfield openapi`: the API's description, as the server serves it."""

from __future__ import annotations

from dataclasses import replace

import click

from field import config
from field.app import create_app


@click.command()
def openapi() -> None:
    """输出 OpenAPI 3.1 描述 / Print the OpenAPI 3.1 description."""
    # Describing needs neither a database nor keys, so none is made.
    settings = replace(config.load(), secret_key="00" * 32, ledger_key="00" * 32)
    app = create_app(settings, "postgresql+psycopg://")
    click.echo(app.test_client().get("/api/v1/openapi.json").get_data(as_text=True))

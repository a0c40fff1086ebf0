"""`gridfield serve`: the web server."""

from __future__ import annotations

import os

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from field import config
from field.cli import demo
from field.cli.cluster import database
from field.cli.ports import require_free
from field.cli.storage import require_migrated

KILL_TIMEOUT_S = 10


@click.command()
def serve() -> None:
    """网站与接口 / The web server."""
    settings = config.load()
    require_free(settings.host, settings.port)
    with database(settings) as url:
        require_migrated(url, private=settings.database_url is None)
        demo.forbid_in_production(settings, url)
        os.environ["GRIDFIELD_DATABASE_URL"] = url  # house: handed on to the server's processes, which read it there
        Granian(
            "field.wsgi:app",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=settings.threads,
            # Asked to end while a worker is still starting, the server would wait for it for ever.
            workers_kill_timeout=KILL_TIMEOUT_S,
            log_level=LogLevels.error,
            respawn_failed_workers=True,
        ).serve()

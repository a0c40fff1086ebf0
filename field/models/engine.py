"""How the product connects to PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine


def make_engine(url: str, *, statement_timeout_ms: int | None = None, **options: Any) -> Engine:
    """Return an engine whose errors never show bound values (they hold names and places).

    `statement_timeout_ms` bounds every statement of the connections it makes: requests use 3,000.
    """
    arguments: dict[str, Any] = {"application_name": "gridfield"}
    if statement_timeout_ms is not None:
        arguments["options"] = f"-c statement_timeout={statement_timeout_ms}"
    return create_engine(url, hide_parameters=True, connect_args=arguments, **{"pool_pre_ping": True} | options)

"""Calling the API as a person of the town, with the headers that changes need."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.http.caller import Caller, Person


def call(
    api: Caller,
    person: Person,
    method: str,
    path: str,
    body: Any = None,
    *,
    version: int | str | None = None,
    key: str | None = None,
    seen: int | None = None,
) -> TestResponse:
    """Send a request below /api/v1; POSTs get a fresh Idempotency-Key unless one is given."""
    headers = {} if seen is None else {"If-None-Match": f'"{seen}"'}
    return api.send(method, person, path, body, key=key, version=version, headers=headers)

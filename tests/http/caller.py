"""The API called in process, as a person with a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from field.http.services import Services
from field.models import User
from field.rules.people import Actor

Person = User | Actor


@dataclass(frozen=True)
class Caller:
    """Somebody at the other end of the line; `None` calls without a token. `session` holds rows still to be seen."""

    app: Flask
    session: Session | None = None

    def get(self, person: Person | None, path: str, **query: Any) -> TestResponse:
        """GET a path below /api/v1 with this query."""
        return self.send("GET", person, path, query_string=query)

    def post(self, person: Person | None, path: str, body: Any = None, **options: Any) -> TestResponse:
        """POST JSON to a path below /api/v1; options as `send` takes them."""
        return self.send("POST", person, path, body, **options)

    def send(
        self,
        method: str,
        person: Person | None,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        version: int | str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        """Send a request with its Idempotency-Key (a new one, for a POST without) and the version as its If-Match."""
        if self.session is not None:
            self.session.flush()
        sent = self.token(person)
        if method == "POST":
            sent["Idempotency-Key"] = key or uuid4().hex
        if version is not None:
            sent["If-Match"] = f'"{version}"' if isinstance(version, int) else version
        if body is not None:
            options["json"] = body
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=sent | (headers or {}), **options)

    def token(self, person: Person | None) -> dict[str, str]:
        """Return the headers of somebody who has signed in."""
        if person is None:
            return {}
        services: Services = self.app.extensions["gridfield"]
        return {"Authorization": f"Bearer {services.tokens.issue(person.id, uuid4(), datetime.now(UTC))}"}

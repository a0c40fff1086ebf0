"""For operators: alive, able to serve, and numbers."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.http.problems import problem
from field.http.transaction import transaction
from field.queries.health import Health, read_health


def install(app: Flask) -> None:
    """Add /livez, /readyz and /metrics beside the API: no sign-in, nothing about people or cases."""

    @app.get("/livez")
    def livez() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> Response:
        try:
            health = _health()
        except DBAPIError:
            return problem("busy", retry_after=1)
        return jsonify(
            status="ok",
            oldest_unsealed_s=health.oldest_unsealed_s,
            oldest_unanchored_s=health.oldest_unanchored_s,
            oldest_promise_s={f"{each.channel}/{each.state}": each.oldest_s for each in health.promises},
        )

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(_registry(_health())), mimetype=CONTENT_TYPE_LATEST)


@transaction
def _health(session: Session) -> Health:
    return read_health(session)


def _registry(health: Health) -> CollectorRegistry:
    """Read everything from the database at scrape time: any number of processes then say the same."""
    registry = CollectorRegistry()
    tasks = Gauge("gridfield_tasks", "tasks by state", ["state"], registry=registry)
    for state, count in health.tasks.items():
        tasks.labels(state).set(count)
    Gauge("gridfield_ledger_unsealed_age_seconds", "age of the oldest unsealed entry", registry=registry).set(
        health.oldest_unsealed_s or 0
    )
    Gauge("gridfield_ledger_unanchored_age_seconds", "age of the oldest unsigned entry", registry=registry).set(
        health.oldest_unanchored_s or 0
    )
    promises = Gauge("gridfield_promises", "promised pushes", ["channel", "state"], registry=registry)
    ages = Gauge("gridfield_promise_age_seconds", "age of the oldest promise", ["channel", "state"], registry=registry)
    for each in health.promises:
        promises.labels(each.channel, each.state).set(each.count)
        ages.labels(each.channel, each.state).set(each.oldest_s)
    return registry

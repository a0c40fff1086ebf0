"""The composition root: settings in, a Flask app out."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Any

from flask import Flask
from flask_smorest import Api
from sqlalchemy.orm import sessionmaker

from field.config import Settings, calendar_of
from field.http import (
    addresses,
    bundles,
    cases,
    cells,
    courts,
    coverage,
    door,
    evidence,
    exports,
    follow_ups,
    health,
    kinds,
    leads,
    ledger,
    observations,
    ogc,
    oversight,
    papers,
    people,
    phone,
    pictures,
    problems,
    referrals,
    reviews,
    revisions,
    seizures,
    sign_in,
    tasks,
    terms,
    tiles,
    tus,
    uploads,
)
from field.http.openapi import PlainJson, ProblemApi, spec_options
from field.http.services import Services
from field.http.short_way import ShortWay
from field.http.transaction import peeking
from field.models.engine import make_engine
from field.rules.calendar import observe
from field.schemas.points import PointIn
from field.vault.copies import open_copies
from field.vault.keys import load_keys
from field.vault.remembered import Remembered
from field.vault.signing import load_signer, trusted_keys
from field.vault.staging import Staging
from field.vault.stores import open_store
from field.vault.tokens import Tokens
from field.web import docs
from field.web.pages import draw
from geo.points import Envelope
from notifications.addresses import AddressCipher

STATEMENT_TIMEOUT_MS = 3000
BLUEPRINTS = (
    sign_in.blp,
    cases.blp,
    seizures.blp,
    tasks.blp,
    terms.blp,
    addresses.blp,
    phone.blp,
    evidence.blp,
    tus.blp,
    kinds.blp,
    pictures.blp,
    reviews.blp,
    ledger.blp,
    cells.blp,
    exports.blp,
    uploads.blp,
    coverage.blp,
    tiles.blp,
    revisions.blp,
    courts.blp,
    people.blp,
    oversight.blp,
    follow_ups.blp,
    referrals.blp,
    observations.blp,
    leads.blp,
    papers.blp,
    bundles.blp,
)


def create_app(settings: Settings, database_url: str) -> Flask:
    """Return the app that serves this database; it opens no connection before the first request."""
    app = Flask("gridfield", static_folder=None)
    app.extensions["gridfield"] = _services(settings, database_url)
    PointIn.area = Envelope(*settings.envelope)
    observe(calendar_of(settings))
    app.config.update(spec_options())
    app.json = PlainJson(app)
    door.install(app)
    api: Api = ProblemApi(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(ogc.blp)
    app.register_blueprint(papers.check)
    problems.install(app)
    health.install(app)
    docs.install(app)
    app.wsgi_app = ShortWay(app)  # type: ignore[method-assign]
    return app


def _services(settings: Settings, database_url: str) -> Services:
    engine: Any = make_engine(
        database_url,
        statement_timeout_ms=STATEMENT_TIMEOUT_MS,
        pool_size=settings.threads,
        max_overflow=0,
        pool_timeout=5,
        # A ping would cost every request a round trip; `transaction` runs a request again whose connection had died.
        pool_pre_ping=False,
    )
    keys = load_keys(settings.home, settings.secret_key)
    signer = load_signer(settings.home, settings.ledger_key)
    return Services(
        sessions=sessionmaker(engine, expire_on_commit=False),
        glances=sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT")),
        tokens=Tokens(keys.tokens),
        cipher=AddressCipher(keys.addresses),
        open_task_limit=settings.open_task_limit,
        production=settings.production,
        remembered=Remembered(),
        public_url=settings.public_url,
        base_url=settings.base_url,
        draw=draw,
        peek=peeking(engine),
        paper_key=keys.papers,
        objects=open_store(settings.evidence_store, settings.s3),
        staging=Staging(settings.staging),
        upload_turns=BoundedSemaphore(max(1, settings.threads * 3 // 4)),
        copies=open_copies(settings.evidence_store, settings.s3),
        signer=signer,
        signers=trusted_keys(settings.home, signer),
    )

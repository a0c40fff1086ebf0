"""Referrals over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, VERSION_HEADER, Door, etag, if_match
from field.http.once import once
from field.http.services import now
from field.http.transaction import transaction
from field.queries.referrals import ReferralFacts, closed, find_referral, list_referrals
from field.rules.people import Actor, Role
from field.schemas.referrals import (
    DecideReferralIn,
    MakeReferralIn,
    ReferralContentOut,
    ReferralOut,
    ReferralPage,
    ReferralQuery,
    content_out,
    page,
    wanted,
)
from field.usecases.decide_referral import DECIDERS, DecideReferral, decide_referral
from field.usecases.make_referral import MakeReferral, make_referral
from field.usecases.read_referral import read_referral

blp = Door("referrals", __name__, url_prefix="/api/v1", description="转介 / referrals")
REFERRAL = "/referrals/<uuid:referral_id>"


@blp.route("/referrals", methods=["POST"])
@blp.arguments(MakeReferralIn)
@blp.response(201, ReferralOut)
@blp.doc(parameters=[KEY_HEADER])
@once(201, ReferralOut, Role.DISPATCHER, Role.COORDINATOR, Role.WORKER)
def post_referral(session: Session, who: Actor, order: MakeReferral) -> ReferralFacts:
    """登记转介 / Pass something on: facts for somebody else to decide, never an amount. Needs an Idempotency-Key."""
    return closed(find_referral(session, who, make_referral(session, who, order, now())))


@blp.route("/referrals", methods=["GET"])
@blp.arguments(ReferralQuery, location="query")
@blp.response(200, ReferralPage)
@transaction
def get_referrals(session: Session, asked: dict[str, Any]) -> Any:
    """转介列表 / The referrals you may read, newest first; sealed ones without their content."""
    return page(list_referrals(session, actor(session), wanted(asked)), asked["limit"])


@blp.route(REFERRAL, methods=["GET"])
@blp.response(200, ReferralContentOut)
@transaction
def get_one_referral(session: Session, referral_id: UUID) -> Response:
    """一件转介 / One referral with its content; each reading of a sealed one stands in the ledger."""
    content = read_referral(session, actor(session), referral_id)
    body = json.dumps(content_out(content), ensure_ascii=False)
    return Response(body, 200, headers=etag(content.referral.version), mimetype="application/json")


@blp.route(f"{REFERRAL}/decision", methods=["POST"])
@blp.arguments(DecideReferralIn)
@blp.response(200, ReferralOut)
@blp.doc(parameters=[KEY_HEADER, VERSION_HEADER])
@once(200, ReferralOut, *DECIDERS)
def post_referral_decision(session: Session, who: Actor, asked: dict[str, Any], referral_id: UUID) -> ReferralFacts:
    """处理转介 / Refer, decline, write down what was decided, or close. Needs If-Match."""
    decide_referral(session, who, DecideReferral(referral_id, if_match(), **asked), now())
    return closed(find_referral(session, who, referral_id))

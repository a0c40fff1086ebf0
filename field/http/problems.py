"""Refusals on the wire: RFC 9457 problem+json with a stable code, in Chinese and English."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import Any

import structlog
from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from field.rules.refusals import REFUSALS, RETRYABLE, Refused
from field.schemas.problems import field_errors
from field.schemas.tasks import TASK_OUT
from geo.points import GeoError

log = structlog.get_logger()

BY_STATUS = {
    400: "body_unreadable",
    401: "token_invalid",
    403: "role_may_not",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "media_type_wrong",
    422: "invalid",
    503: "busy",
}
QUERY_CANCELED = "57014"


def problem(code: str, **facts: Any) -> Response:
    """Return the answer for a refusal code; facts become members of the problem."""
    refusal = REFUSALS[code]
    body: dict[str, Any] = {
        "type": f"urn:gridfield:problem:{code}",
        "title": refusal.en,
        "status": refusal.status,
        "code": code,
        "detail": f"{refusal.zh} / {refusal.en}",
        "request_id": g.get("request_id", ""),
        "retryable": code in RETRYABLE,
    }
    if (wait := facts.pop("retry_after", None)) is None and refusal.status in (429, 503):
        wait = 2
    if (current := facts.pop("current", None)) is not None:
        facts["current"] = TASK_OUT.dump(current)
    if field := facts.pop("field", None):
        facts["errors"] = [{"field": field, "message": body["detail"]}]
    response = Response(
        json.dumps({**body, **facts}, ensure_ascii=False, default=_plain),
        refusal.status,
        mimetype="application/problem+json",
    )
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _plain(fact: Any) -> Any:
    """Tell a typed fact, such as what a result lacks, by its members."""
    return asdict(fact) if is_dataclass(fact) and not isinstance(fact, type) else str(fact)


def install(app: Flask) -> None:
    """Make every error of the app leave as a problem, and none of them show data."""

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return problem(error.code, **error.facts)

    @app.errorhandler(GeoError)
    def misplaced(error: GeoError) -> Response:
        return problem(error.code, **error.facts)

    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError) -> Response:
        state = getattr(error.orig, "sqlstate", None)
        if error.connection_invalidated or state is None or state.startswith(("08", "57", "53", "40", "55")):
            log.warning("database_busy", sqlstate=state, request_id=g.get("request_id"))
            return problem("busy", retry_after=1)
        return broken(error)

    @app.errorhandler(PoolTimeout)
    def crowded(_error: PoolTimeout) -> Response:
        return problem("busy", retry_after=1)

    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(Exception, broken)


def broken(error: Exception) -> Response:
    """Answer 500 and log where it broke, by type and place only: messages may hold personal data."""
    trace, last = error.__traceback__, ""
    while trace is not None:
        last = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    log.error(
        "internal_error",
        error=type(error).__name__,
        at=last,
        request_id=g.get("request_id"),
        path=request.path,
    )
    return problem("internal")


def http_problem(error: HTTPException) -> Response:
    """Turn Flask's, Werkzeug's and webargs' own errors into problems."""
    status = error.code or 500
    # What else Werkzeug may refuse is about a header: a Range that is not there, an Expect it does not know.
    code = BY_STATUS.get(status, "header_invalid" if status < 500 else "internal")
    messages = (getattr(error, "data", None) or {}).get("messages")
    answer = problem(code, errors=field_errors(messages)) if messages else problem(code)
    if error.code == 405:
        answer.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return answer

"""The API's own description: OpenAPI 3.1, with problem+json for every error."""

from __future__ import annotations

import http
import inspect
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api
from flask_smorest.utils import prepare_response

from field.schemas.problems import ProblemOut


class PlainJson(DefaultJSONProvider):
    """Chinese stays Chinese on the wire, members stay in the order of their schema."""

    ensure_ascii = False
    sort_keys = False


class ToldConverter(OpenAPIConverter):
    """Schemas in their own words; only what comes in is closed: an answer may gain members."""

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        """Describe a schema with its docstring's first sentence."""
        found: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        if not _schema_name(schema).endswith(("In", "Body")):
            found.pop("additionalProperties", None)
        return {"description": (inspect.getdoc(schema) or "").partition("\n\n")[0]} | found


class ToldSchemas(MarshmallowPlugin):
    """apispec's marshmallow plugin with that converter."""

    Converter = ToldConverter


class ProblemApi(Api):
    """flask-smorest's Api whose error responses are RFC 9457 problems."""

    ERROR_SCHEMA = ProblemOut

    def __init__(self, app: Flask) -> None:
        super().__init__(app, spec_kwargs={"marshmallow_plugin": ToldSchemas(schema_name_resolver=_schema_name)})

    def _register_error_handlers(self) -> None:
        """Leave errors to our own table."""

    def _register_responses(self) -> None:
        statuses = [(status.name, status.phrase, status >= 400) for status in http.HTTPStatus]
        for name, phrase, failed in [*statuses, ("DEFAULT_ERROR", "a refusal", True)]:
            response: dict[str, Any] = {"description": phrase}
            if failed:
                response["schema"] = self.ERROR_SCHEMA
            prepare_response(response, self.spec, "application/problem+json")
            self.spec.components.response(name, response, lazy=True)


def spec_options() -> dict[str, Any]:
    """Return the Flask settings that describe the API."""
    return {
        "API_TITLE": "Gridfield",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api/v1",
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "info": {
                "description": _INTRODUCTION,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
            "security": [{"bearer": []}],
        },
    }


_INTRODUCTION = """\
网格员协助执行的后端接口 / Grid workers help courts enforce judgments.

先用 `POST /auth/token` 登录，再带上 `Authorization: Bearer …`。/ Sign in, then send the bearer token.

* 时间 / times: RFC 3339 with an offset. 坐标 / points: `{"lon", "lat", "datum"}`, the datum is mandatory.
* 修改任务须带 `If-Match: "<version>"` / changes of a task need it: 428 without, 412 when stale.
* 无客户端编号的 POST 须带 `Idempotency-Key` / POSTs without an id of yours need one; the same key gets the same answer.
* 错误 / errors: `application/problem+json` with a stable `code`. 不在您范围内的一律 404 / what is not yours is 404.
"""


def _schema_name(schema: Any) -> str:
    """Name a schema by its class; one class is one component."""
    found = schema if isinstance(schema, type) else type(schema)
    name = found.__name__
    return name + "Part" if getattr(schema, "only", None) or getattr(schema, "exclude", None) else name

"""The API's own description: valid, whole, with examples that are true; and the API keeps to it, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import seed as seeded
from hypothesis import settings as limits
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from field.rules.people import Role
from field.rules.refusals import REFUSALS
from tests.http.asks import ASKS
from tests.http.test_jurisdiction import BY_OPERATION, OPEN_TO_ALL, ROLES, ROWS
from tests.http.world import Relation, World

PREFIX = "/api/v1"
OPERATIONS = sorted({name.partition("#")[0] for name in BY_OPERATION} | OPEN_TO_ALL)
PROMISES = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
Spec = dict[str, Any]


@pytest.fixture(scope="module")
def spec(app: Flask) -> Spec:
    """The document as it is served."""
    answer = app.test_client().get(f"{PREFIX}/openapi.json")
    assert answer.mimetype == "application/json"
    found: Spec = answer.get_json()
    return found


def _operations(spec: Spec) -> Iterator[tuple[str, Spec]]:
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield f"{method.upper()} {path.removeprefix(PREFIX)}", operation


def _resolved(spec: Spec, node: Any) -> Any:
    """Follow a reference inside the document."""
    while isinstance(node, dict) and "$ref" in node:
        found: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _examples(spec: Spec, node: Any, above: tuple[int, ...] = ()) -> Iterator[tuple[Spec, Any]]:
    """Yield each example below a schema, with the schema it is an example of."""
    node = _resolved(spec, node)
    if id(node) in above:
        return
    if isinstance(node, dict):
        if "example" in node:
            yield node, node["example"]
        for name, inner in node.items():
            if name != "example":
                yield from _examples(spec, inner, (*above, id(node)))
    elif isinstance(node, list):
        for inner in node:
            yield from _examples(spec, inner, (*above, id(node)))


def test_it_is_valid_openapi_3_1(spec: Spec) -> None:
    assert spec["openapi"] == "3.1.0"
    validate(spec)


def test_every_operation_says_in_both_languages_what_it_does(spec: Spec) -> None:
    for name, operation in _operations(spec):
        zh, _, en = operation["summary"].partition(" / ")
        assert len(zh) >= 2, name
        assert len(en.split()) >= 2, name
        assert operation["tags"], name


def test_every_request_body_shows_an_example(spec: Spec) -> None:
    bodies = {name: operation["requestBody"] for name, operation in _operations(spec) if "requestBody" in operation}
    assert len(bodies) >= 10
    assert [name for name, body in bodies.items() if not list(_examples(spec, body["content"]))] == []


def test_every_example_is_one(spec: Spec) -> None:
    """An example that its own schema refuses teaches the wrong thing."""
    found = list(_examples(spec, spec["components"]["schemas"]))
    assert len(found) >= 40
    for schema, example in found:
        parts = {name: schema[name] for name in ("type", "enum", "pattern", "minimum", "maximum") if name in schema}
        assert list(Draft202012Validator(parts).iter_errors(example)) == [], (schema, example)


def test_every_error_is_a_problem(spec: Spec) -> None:
    for name, operation in _operations(spec):
        for status, response in operation["responses"].items():
            if status == "default" or int(status) >= 400:
                content = _resolved(spec, response)["content"]
                assert set(content) == {"application/problem+json"}, name
                shown = _resolved(spec, content["application/problem+json"]["schema"])
                members = {"type", "title", "status", "code", "detail", "request_id", "retryable", "errors"}
                assert members <= set(shown["properties"])
        assert "default" in operation["responses"], name


def test_only_signing_in_needs_no_token(spec: Spec) -> None:
    assert spec["security"] == [{"bearer": []}]
    open_to_all = {name for name, operation in _operations(spec) if operation.get("security") == []}
    assert open_to_all == OPEN_TO_ALL
    assert all("security" not in operation for name, operation in _operations(spec) if name not in OPEN_TO_ALL)


def test_the_headers_it_calls_needed_are_needed(spec: Spec, world: World) -> None:
    """Each operation is sent without each header it names, and is refused for that."""
    needed = {
        (name, parameter["name"])
        for name, operation in _operations(spec)
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "header" and parameter.get("required")
    }
    assert len(needed) >= 8
    for name, header in needed:
        full, statuses = next((full, found) for full, _, found in ROWS if full.partition("#")[0] == name)
        person = world.home[next(role for role, status in zip(ROLES, statuses, strict=True) if status < 300)]
        request = ASKS[full](world, Relation.OWN)
        if header == "If-Match":
            answer = replace(request, version=None).send(world, person)
            assert (answer.status_code, answer.get_json()["code"]) == (428, "if_match_missing"), name
        elif "Tus-Resumable" in (sent := request.options.get("headers", {})):
            rest = {each: value for each, value in sent.items() if each != header}
            answer = replace(request, options=request.options | {"headers": rest}).send(world, person)
            refused = {"Tus-Resumable": (412, "tus_version"), "Upload-Offset": (400, "header_invalid")}[header]
            assert (answer.status_code, answer.get_json()["code"]) == refused, name
        else:
            answer = world.post(person, request.path, request.body, version=1, headers={header: ""})
            assert (answer.status_code, answer.get_json()["code"]) == (400, "idempotency_key_missing"), name


def test_the_headers_that_are_needed_are_named(spec: Spec) -> None:
    named = {
        name: {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}
        for name, operation in _operations(spec)
    }
    for name in ("POST /cases", "POST /tasks/{task_id}/transitions", "POST /tasks/{task_id}/claim"):
        assert "Idempotency-Key" in named[name]
    changes = (
        "/transitions",
        "/claim",
        "/assignment",
        "/decision",
        "PUT /courts/{code}",
        "/settings",
        "PATCH /people/{login}",
        *("/met", "/renew", "/lift"),
    )
    assert {name for name in named if name.endswith(changes)} == {name for name in named if "If-Match" in named[name]}


def test_it_names_no_outside_address(spec: Spec) -> None:
    assert "://" not in str(spec)


@pytest.fixture(scope="module")
def description(app: Flask) -> Any:
    """The document as a source of requests."""
    schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
    return schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", app)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["kept", "broken"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_is_sent_the_answer_is_as_described(
    world: World, description: Any, seed: int, name: str, mode: GenerationMode
) -> None:
    method, path = name.split()
    operation = description[PREFIX + path][method]
    known = {
        "task_id": [str(world.task(relation).id) for relation in (Relation.OWN, Relation.FOREIGN)],
        "case_id": [str(world.case.id), str(world.other_case.id)],
        "code": [world.cell.code, world.court.code],
        "login": [world.worker.login],
    }

    @seeded(seed)
    @limits(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode), st.sampled_from(Role), st.randoms(use_true_random=False))
    def send(case: Case[Any], role: Role, chance: Any) -> None:
        for parameter, values in known.items():
            if parameter in case.path_parameters and chance.random() < 0.8:
                case.path_parameters[parameter] = chance.choice(values)
        if "If-Match" in case.headers and chance.random() < 0.8:
            case.headers["If-Match"] = '"1"'
        answer = case.call(headers=world.token(world.home[role]))
        case.validate_response(answer, checks=PROMISES)
        if answer.status_code >= 400:
            assert answer.json()["code"] in REFUSALS

    send()

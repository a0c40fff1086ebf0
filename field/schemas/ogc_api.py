"""What /ogc can be asked, as OpenAPI 3.0: map programs look there for limits and filters."""

from __future__ import annotations

from typing import Any

from field.queries.crs import CRS84, SYSTEMS
from field.queries.wanted import Collection
from field.schemas.feature_query import MOST, QUERYABLES, USUAL
from field.schemas.ogc import GEOJSON, HTML, JSON, SCHEMA, title

_SHARED = {
    "f": {
        "name": "f",
        "in": "query",
        "description": "形式，不写则按 Accept / the form; by the Accept header unless given",
        "schema": {"type": "string", "enum": ["json", "html"]},
    },
    "bbox": {
        "name": "bbox",
        "in": "query",
        "description": "外框：西,南,东,北 / west,south,east,north, in the axis order of bbox-crs",
        "schema": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        "style": "form",
        "explode": False,
    },
    "bbox-crs": {
        "name": "bbox-crs",
        "in": "query",
        "description": "外框的坐标系 / the system of bbox",
        "schema": {"type": "string", "format": "uri", "enum": [*SYSTEMS], "default": CRS84.uri},
    },
    "crs": {
        "name": "crs",
        "in": "query",
        "description": "回答的坐标系 / the system of the answer",
        "schema": {"type": "string", "format": "uri", "enum": [*SYSTEMS], "default": CRS84.uri},
    },
    "datetime": {
        "name": "datetime",
        "in": "query",
        "description": "某日或某段时间有效的 / what holds on a day or in an interval: "
        "2026-06-10, 2026-06-10T00:00:00Z, 2026-01-01/.., ../2026-06-10; today unless given",
        "schema": {"type": "string"},
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "description": "每页至多 / features per page, at most; a page may be shorter, follow `next`",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    },
    "cursor": {
        "name": "cursor",
        "in": "query",
        "description": "由 next 链接给出 / as the `next` link has it",
        "schema": {"type": "string"},
    },
}


def describe(base: str) -> dict[str, Any]:
    """Return the description of everything below /ogc."""
    paths: dict[str, Any] = {
        "/": _get("首页 / the landing page", "getLandingPage", secured=False),
        "/conformance": _get("符合的标准 / what it conforms to", "getConformanceDeclaration", secured=False),
        "/collections": _get("数据集 / the collections", "getCollections"),
    }
    for each in Collection:
        paths |= _collection(each)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Gridfield 网格协助执行: OGC API Features",
            "description": "用户名与密码（Basic）或令牌（Bearer） / name and password (Basic), or a bearer token",
            "version": "1.0.0",
        },
        "servers": [{"url": base}],
        "security": [{"basic": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "parameters": _SHARED,
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


def _collection(each: Collection) -> dict[str, Any]:
    path, name = f"/collections/{each}", title(each)
    operation = each.value.title()
    filters: list[Any] = [
        {"name": queryable, "in": "query", "description": f"等于 / equals: {queryable}", "schema": {"type": "string"}}
        for queryable in QUERYABLES[each]
    ]
    shared = ("bbox", "bbox-crs", "crs", "datetime", "limit", "cursor", "f")
    of_items = [*map(_shared, shared), *filters]
    feature_id: dict[str, Any] = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        path: _get(name, f"describe{operation}"),
        f"{path}/queryables": _get(name, f"get{operation}Queryables", kind=SCHEMA),
        f"{path}/items": _get(name, f"get{operation}", of_items, GEOJSON),
        f"{path}/items/{{featureId}}": _get(
            name, f"get{operation}Item", [feature_id, _shared("crs"), _shared("f")], GEOJSON
        ),
    }


def _shared(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _get(
    summary: str,
    operation: str,
    parameters: list[dict[str, Any]] | None = None,
    kind: str = JSON,
    *,
    secured: bool = True,
) -> dict[str, Any]:
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
    refusals = {"400": "有参数看不懂 / a parameter makes no sense"}
    if secured:
        refusals |= {"401": "请先登录 / sign in first", "404": "没有，或不在您的范围内 / not there, or not yours"}
    answer = {
        "description": summary,
        "content": {kind: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}},
    }
    described: dict[str, Any] = {
        "summary": summary,
        "operationId": operation,
        "parameters": [_shared("f")] if parameters is None else parameters,
        "responses": {"200": answer} | {status: {"description": text} | problem for status, text in refusals.items()},
    }
    return {"get": described if secured else described | {"security": []}}

"""OGC API Features at /ogc: the same cells, divisions and numbers for QGIS, ogr2ogr and every other map program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from field.http.basic import CHALLENGE, reading
from field.http.services import now, services
from field.queries.crs import Crs
from field.queries.features import count_features, find_extent, find_feature, list_features
from field.queries.wanted import Collection, Extent, Wanted
from field.rules.calendar import court_day
from field.rules.people import Actor, Role
from field.rules.refusals import Refused
from field.schemas import ogc
from field.schemas.feature_query import only, read_id, read_query, system, written
from field.schemas.ogc import Items, Link
from field.schemas.ogc_api import describe

blp = Blueprint("ogc", __name__, url_prefix="/ogc")
COLLECTION = "/collections/<collection_id>"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@blp.after_request
def challenge(response: Response) -> Response:
    """Name both ways of signing in; elsewhere a browser must not ask for a password."""
    if response.status_code == 401:
        response.headers.setlist("WWW-Authenticate", [CHALLENGE, "Bearer"])
    return response


@blp.get("", strict_slashes=False)
def get_landing() -> Response:
    """首页 / The landing page."""
    return _shown("landing", ogc.landing(_base()), _form())


@blp.get("/api")
def get_api() -> Response:
    """接口描述 / What can be asked, as OpenAPI 3.0; the rest of the product has its own description."""
    only(_query(), ())
    return Response(json.dumps(describe(_base()), ensure_ascii=False), content_type=ogc.OPENAPI)


@blp.get("/conformance")
def get_conformance() -> Response:
    """符合的标准 / The classes of the standard this keeps to."""
    return _shown("conformance", ogc.conformance(_base()), _form())


@blp.get("/collections")
@reading
def get_collections(session: Session, who: Actor) -> Response:
    """数据集 / The collections the reader may ask for."""
    form = _form()
    found = [(each, _extent(session, who, each)) for each in Collection if _may(who, each)]
    return _shown("collections", ogc.collections(_base(), found), form)


@blp.get(COLLECTION)
@reading
def get_collection(session: Session, who: Actor, collection_id: str) -> Response:
    """一个数据集 / One collection and how far it reaches."""
    each, form = _collection(who, collection_id), _form()
    return _shown("collection", ogc.collection(_base(), each, _extent(session, who, each)), form)


@blp.get(f"{COLLECTION}/queryables")
@reading
def get_queryables(_session: Session, who: Actor, collection_id: str) -> Response:
    """可筛选的属性 / What a collection can be filtered by."""
    each, form = _collection(who, collection_id), _form()
    return _shown("queryables", ogc.queryables(_base(), each), form, ogc.SCHEMA)


@blp.get(f"{COLLECTION}/items")
@reading
def get_items(session: Session, who: Actor, collection_id: str) -> Response:
    """要素 / A page of features: by box, day, property, in a coordinate system of choice."""
    each = _collection(who, collection_id)
    at = now()
    wanted = read_query(_query(), each, court_day(at))
    page = list_features(session, who, wanted, at)
    following = written(page.features[-1].key) if page.more else None
    matched = count_features(session, who, wanted)
    shown = Items(each, page.features, _items_links(each, following), matched, at)
    if _html():
        return _page("items", shown)
    return _geojson(ogc.items_text(shown), system(request.args, "crs"))


@blp.get(f"{COLLECTION}/items/<feature_id>")
@reading
def get_item(session: Session, who: Actor, collection_id: str, feature_id: str) -> Response:
    """一个要素 / One feature, as it holds today, or as `code@day` when it began on another day."""
    each = _collection(who, collection_id)
    given = only(_query(), {"f", "crs"})
    (code, since), at = read_id(feature_id), now()
    today = court_day(at)
    wanted = Wanted(each, since or today, since or today, today, crs=system(given, "crs"))
    found = find_feature(session, who, code, since, wanted, at)
    if found is None:
        raise Refused("not_found")
    path = f"/collections/{each}"
    links = [
        *ogc.both(_base(), f"{path}/items/{found.id}", "self", kind=ogc.GEOJSON),
        Link(f"{_base()}{path}", "collection", ogc.JSON, ogc.title(each)),
    ]
    if _html():
        return _page("item", Items(each, [found], links, 1, at))
    return _geojson(ogc.feature_text(each, found, links), system(given, "crs"))


def _collection(who: Actor, name: str) -> Collection:
    if name not in [*Collection]:
        raise Refused("not_found")
    if not _may(who, Collection(name)):
        raise Refused("role_may_not", role=who.role.value)
    return Collection(name)


def _may(who: Actor, each: Collection) -> bool:
    """Workers and inspectors see no numbers, as everywhere."""
    return each is not Collection.COVERAGE or who.role not in (Role.WORKER, Role.INSPECTOR)


def _extent(session: Session, who: Actor, each: Collection) -> Extent:
    today = court_day(now())
    return find_extent(session, who, Wanted(each, today, today, today))


def _query() -> dict[str, list[str]]:
    return request.args.to_dict(flat=False)


def _base() -> str:
    """Return the address of the landing page as the client has to call it, also behind a proxy."""
    return f"{services().public_url or request.root_url.rstrip('/')}/ogc"


def _form() -> bool:
    """Tell whether a page is wanted, of a document that takes no other parameter."""
    only(_query(), {"f"})
    return _html()


def _html() -> bool:
    """Tell whether a page for people is wanted: by `f`, or else by the Accept header; JSON where either will do."""
    if form := request.args.get("f"):
        if form not in ("json", "html"):
            raise Refused("parameter_invalid", field="f", allowed=["json", "html"])
        return form == "html"
    wished = request.accept_mimetypes
    best = wished.best_match((ogc.GEOJSON, ogc.JSON, ogc.SCHEMA, ogc.HTML))
    if wished and best is None:
        raise Refused("not_acceptable")
    return bool(best == ogc.HTML)


def _items_links(each: Collection, following: str | None) -> Sequence[Link]:
    """Return the page's links: itself, in the other form, the next page, and the collection."""
    given = {name: value for name, value in request.args.items() if name != "f"}
    path = f"{_base()}/collections/{each}"

    def to(**more: str) -> str:
        query = urlencode(given | more)
        return f"{path}/items?{query}" if query else f"{path}/items"

    html = _html()
    links = [
        Link(to(f="json"), "alternate" if html else "self", ogc.GEOJSON),
        Link(to(f="html"), "self" if html else "alternate", ogc.HTML),
        Link(path, "collection", ogc.JSON, ogc.title(each)),
    ]
    if following:
        form = "html" if html else "json"
        links.append(Link(to(cursor=following, f=form), "next", ogc.HTML if html else ogc.GEOJSON, "下一页 / next"))
    return links


def _geojson(body: str, crs: Crs) -> Response:
    return Response(body, content_type=ogc.GEOJSON, headers={"Content-Crs": f"<{crs.uri}>"})


def _shown(name: str, document: dict[str, Any], html: bool, media_type: str = ogc.JSON) -> Response:
    if html:
        return _page(name, document)
    return Response(json.dumps(document, ensure_ascii=False), content_type=media_type)


def _page(name: str, shown: Any) -> Response:
    body = services().draw(f"ogc/{name}", shown, _base())
    return Response(body, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})

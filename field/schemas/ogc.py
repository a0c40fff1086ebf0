"""OGC API Features as documents: the landing page, what it conforms to, collections, queryables, and the features."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from field.queries.crs import CRS84, SYSTEMS
from field.queries.wanted import PROPERTIES, Collection, Extent, Feature
from field.schemas.feature_query import QUERYABLES

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
CONFORMS = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-{part}"
    for part in (
        "1/1.0/conf/core",
        "1/1.0/conf/geojson",
        "1/1.0/conf/html",
        "1/1.0/conf/oas30",
        "2/1.0/conf/crs",
        "3/1.0/conf/queryables",
        "3/1.0/conf/queryables-query-parameters",
    )
)
_QUERYABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
_TITLES = {
    Collection.CELLS: (
        "网格 / Cells",
        "您范围内的网格，按 datetime 所问之日，不写即今天 / The cells you may see, as on the day asked about.",
    ),
    Collection.DIVISIONS: (
        "行政区划 / Divisions",
        "您范围内的行政区划，无申报边界的由网格合成 / The divisions you may see, declared or drawn from cells.",
    ),
    Collection.COVERAGE: (
        "覆盖情况 / Coverage",
        "各网格此刻的在岗、在办、逾期、近 30 天办结 / Each cell's numbers; a court counts its own tasks only.",
    ),
}
_TOLD = {
    "code": ("编码 / code", "string"),
    "name": ("名称 / name", "string"),
    "kind": ("类别 / GENERAL, SPECIAL, MICRO", "string"),
    "level": ("层级 / PROVINCE, PREFECTURE, COUNTY, TOWNSHIP, VILLAGE", "string"),
    "parent_code": ("上级区划编码 / code of the division above", "string"),
    "outline": ("边界来源 / declared, or drawn from cells", "string"),
    "village_code": ("村（社区）编码 / village code", "string"),
    "village": ("村（社区） / village", "string"),
    "township_code": ("乡镇（街道）编码 / township code", "string"),
    "township": ("乡镇（街道） / township", "string"),
    "county_code": ("县（区）编码 / county code", "string"),
    "county": ("县（区） / county", "string"),
    "area_m2": ("面积，平方米 / square metres", "integer"),
    "valid_from": ("生效日 / first day", "date"),
    "valid_to": ("失效日（不含） / first day no longer", "date"),
    "cells_on_duty": ("今日有人在岗 / 1: somebody is on duty today", "integer"),
    "workers_on_duty": ("今日在岗网格员 / on duty today", "integer"),
    "open": ("在办 / live tasks", "integer"),
    "overdue": ("其中逾期 / of these, past their term", "integer"),
    "done": ("近 30 天办结 / closed in the last 30 days", "integer"),
    "median_hours_to_first_attempt": ("首次上门中位小时数 / median hours to the first attempt", "number"),
    "last_visit": ("最近一次到访 / the latest attempt", "date-time"),
    "as_of": ("统计时刻 / counted at", "date-time"),
}


@dataclass(frozen=True)
class Link:
    """A link of the standard's kind; its address is absolute."""

    href: str
    rel: str
    type: str
    title: str = ""
    hreflang: str = ""

    def document(self) -> dict[str, str]:
        """Return the members that are not empty."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Items:
    """A page of features, or a single one, with its links; `matched` are those on all pages."""

    collection: Collection
    features: Sequence[Feature]
    links: Sequence[Link]
    matched: int
    at: datetime

    @property
    def title(self) -> str:
        """The collection's title."""
        return title(self.collection)

    @property
    def properties(self) -> Sequence[tuple[str, str]]:
        """Each property and what it is called."""
        return [(name, _TOLD[name][0]) for name in PROPERTIES[self.collection]]

    def values(self, feature: Feature) -> list[Any]:
        """Return a feature's values as they are written."""
        return [_plain(value) for value in feature.values]

    def link(self, rel: str) -> Link | None:
        """Return the first link of this kind."""
        return next((link for link in self.links if link.rel == rel), None)


def title(collection: Collection) -> str:
    """Return what a collection is called, Chinese before English."""
    return _TITLES[collection][0]


def landing(base: str) -> dict[str, Any]:
    """Return the landing page."""
    links = [
        *both(base, "", "self", "本页 / this page"),
        Link(f"{base}/api", "service-desc", OPENAPI, "接口描述 / the API's description"),
        Link(f"{base}/conformance", "conformance", JSON, "符合的标准 / what it conforms to"),
        Link(f"{base}/collections", "data", JSON, "数据集 / the collections"),
    ]
    about = "网格、行政区划与覆盖情况，供 QGIS、ogr2ogr 等地图软件读取 / cells, divisions and coverage for map software"
    return {"title": "Gridfield 网格协助执行", "description": about, "links": _documents(links)}


def conformance(base: str) -> dict[str, Any]:
    """Return the classes of the standard that all of this keeps to."""
    return {"conformsTo": [*CONFORMS], "links": _documents(both(base, "/conformance", "self"))}


def collections(base: str, shown: Iterable[tuple[Collection, Extent]]) -> dict[str, Any]:
    """Return the list of collections."""
    listed = [collection(base, each, extent, nested=True) for each, extent in shown]
    return {"links": _documents(both(base, "/collections", "self")), "collections": listed, "crs": [*SYSTEMS]}


def collection(base: str, each: Collection, extent: Extent, *, nested: bool = False) -> dict[str, Any]:
    """Return what one collection is, how far it reaches and where its features are."""
    path, (name, about) = f"/collections/{each}", _TITLES[each]
    links = [
        *both(base, path, "self"),
        Link(f"{base}{path}/items", "items", GEOJSON, name),
        Link(f"{base}{path}/items?f=html", "items", HTML, name),
        Link(f"{base}{path}/queryables", _QUERYABLES_REL, SCHEMA, "可筛选的属性 / what it can be filtered by"),
    ]
    reach: dict[str, Any] = {}
    if box := extent.box:
        reach["spatial"] = {"bbox": [[box.west, box.south, box.east, box.north]], "crs": CRS84.uri}
    if extent.since:
        reach["temporal"] = {"interval": [[f"{extent.since}T00:00:00Z", None]]}
    return {
        "id": each.value,
        "title": name,
        "description": about,
        "links": _documents(links),
        "extent": reach,
        "itemType": "feature",
        "crs": ["#/crs"] if nested else [*SYSTEMS],
        "storageCrs": CRS84.uri,
    }


def queryables(base: str, each: Collection) -> dict[str, Any]:
    """Return the JSON Schema of the properties that a collection can be filtered by."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{each}/queryables",
        "title": title(each),
        "type": "object",
        "properties": {name: {"title": _TOLD[name][0], "type": "string"} for name in QUERYABLES[each]},
        "additionalProperties": False,
    }


def items_text(page: Items) -> str:
    """Return a page as GeoJSON text; outlines go in as the database wrote them."""
    head = {
        "type": "FeatureCollection",
        "timeStamp": _moment(page.at),
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        "links": _documents(page.links),
    }
    features = ",\n".join(feature_text(page.collection, feature) for feature in page.features)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [\n{features}\n]}}'


def feature_text(collection: Collection, feature: Feature, links: Sequence[Link] = ()) -> str:
    """Return a feature as GeoJSON text."""
    values = map(_plain, feature.values)
    facts = {
        "type": "Feature",
        "id": feature.id,
        "properties": dict(zip(PROPERTIES[collection], values, strict=True)),
    }
    if links:
        facts["links"] = _documents(links)
    return f'{json.dumps(facts, ensure_ascii=False)[:-1]}, "geometry": {feature.geometry or "null"}}}'


def both(base: str, path: str, rel: str, name: str = "", kind: str = JSON) -> list[Link]:
    """Return the links to a document in its two forms."""
    return [Link(f"{base}{path}", rel, kind, name), Link(f"{base}{path}?f=html", "alternate", HTML, name)]


def _documents(links: Iterable[Link]) -> list[Any]:
    return [link.document() for link in links]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""OGC API Features: documents to the standard, pages that hang together, and nobody sees more than elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from openapi_spec_validator import validate
from sqlalchemy import func, select, text, update
from werkzeug.test import TestResponse

from field.models import User
from field.queries.crs import SYSTEMS
from field.rules.people import Role
from field.usecases.refresh_coverage import refresh_coverage
from geo.models import Cell, Division
from tests.builders import make_cell, make_duty
from tests.http.caller import Person
from tests.http.world import Relation, World

CRS84, EPSG4326, EPSG3857, EPSG4490 = SYSTEMS
COLLECTIONS = ("cells", "divisions", "coverage")


@pytest.fixture(autouse=True)
def counted(world: World) -> None:
    """The coverage figures have been counted."""
    world.session.execute(text("insert into field.coverage_clock (counted_at, day) values (now(), current_date)"
                               " on conflict do nothing"))  # fmt: skip


def ask(world: World, who: Person | None, path: str = "", **options: Any) -> TestResponse:
    """GET a path below /ogc."""
    world.session.flush()
    headers = world.token(who) | options.pop("headers", {})
    return world.app.test_client().get(f"/ogc{path}", headers=headers, **options)


def items(world: World, who: Person, collection: str = "cells", **query: Any) -> Any:
    """Return the features of a page, by their ids."""
    answer = ask(world, who, f"/collections/{collection}/items", query_string=query)
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.get_json()["features"]}


def refused(answer: TestResponse) -> tuple[int, str, str | None]:
    """Return status, code and the first field of a refusal."""
    assert answer.mimetype == "application/problem+json", answer.text
    body = answer.get_json()
    return answer.status_code, body["code"], (body.get("errors") or [{"field": None}])[0]["field"]


def links(document: Any) -> dict[str, str]:
    """Return the first address of each relation."""
    found: dict[str, str] = {}
    for link in document["links"]:
        found.setdefault(link["rel"], link["href"])
    return found


# What it says of itself.


def test_everything_can_be_reached_from_the_landing_page(world: World) -> None:
    """Every link answers, as the kind of document it promises."""
    waiting, seen = ["http://localhost/ogc"], set[str]()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = world.app.test_client().get(address, headers=world.token(world.coordinator))
        assert answer.status_code == 200, address
        if answer.is_json or answer.mimetype == "application/geo+json":
            document = answer.get_json()
            for each in (document, *document.get("collections", ())):
                for link in each.get("links", ()):
                    assert link["href"].startswith("http://localhost/ogc")
                    waiting += [] if link["href"] in seen else [link["href"]]
    assert {f"http://localhost/ogc/collections/{each}/items" for each in COLLECTIONS} <= seen
    assert {"http://localhost/ogc/api", "http://localhost/ogc/conformance"} <= seen


def test_links_keep_their_promise_of_a_media_type(world: World) -> None:
    document = ask(world, world.coordinator, "/collections/cells").get_json()
    for link in document["links"]:
        answer = world.app.test_client().get(link["href"], headers=world.token(world.coordinator))
        assert answer.content_type.partition(";")[0] == link["type"].partition(";")[0]


def test_behind_a_proxy_links_lead_to_the_proxy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    services = world.app.extensions["gridfield"]
    monkeypatch.setitem(world.app.extensions, "gridfield", replace(services, public_url="https://grid.example/x"))
    page = ask(world, world.clerk, "/collections/cells/items", query_string={"limit": 1}).get_json()
    assert {urlsplit(link["href"])[:2] for link in page["links"]} == {("https", "grid.example")}
    assert links(page)["next"].startswith("https://grid.example/x/ogc/collections/cells/items?")


def test_the_api_is_described_and_the_description_is_true(world: World) -> None:
    """Valid OpenAPI 3.0; every parameter it names is taken, every property it can be filtered by is a queryable."""
    answer = ask(world, None, "/api")
    assert answer.content_type == "application/vnd.oai.openapi+json;version=3.0"
    spec = answer.get_json()
    validate(spec)
    assert links(ask(world, None).get_json())["service-desc"] == "http://localhost/ogc/api"
    for each in COLLECTIONS:
        named = spec["paths"][f"/collections/{each}/items"]["get"]["parameters"]
        filters = [parameter["name"] for parameter in named if "name" in parameter]
        told = ask(world, world.clerk, f"/collections/{each}/queryables").get_json()
        assert list(told["properties"]) == filters
        assert told["$id"] == f"http://localhost/ogc/collections/{each}/queryables"
        for name in filters:
            assert items(world, world.clerk, each, **{name: "410225999999999"}) == {}
    limit = spec["components"]["parameters"]["limit"]["schema"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 10_000, 100)


def test_a_collection_tells_its_extent_and_systems(world: World) -> None:
    document = ask(world, world.coordinator, "/collections/cells").get_json()
    assert document["crs"] == [CRS84, EPSG4326, EPSG3857, EPSG4490]
    assert document["storageCrs"] == CRS84
    box = world.session.execute(
        select(*(getattr(func, f"ST_{edge}")(Cell.geom) for edge in ("XMin", "YMin", "XMax", "YMax"))).where(
            Cell.id == world.cell.id
        )
    ).one()
    assert document["extent"]["spatial"]["bbox"] == [pytest.approx(list(box))]
    assert document["extent"]["temporal"]["interval"] == [["2026-01-01T00:00:00Z", None]]


def test_somebody_without_cells_has_no_extent(world: World) -> None:
    world.session.execute(update(User).where(User.id == world.coordinator.id).values(division_code="410225009"))
    document = ask(world, world.coordinator, "/collections/cells").get_json()
    assert document["extent"] == {}


# Features.


def test_cells_as_they_stand(world: World) -> None:
    answer = ask(world, world.coordinator, "/collections/cells/items")
    assert answer.content_type == "application/geo+json"
    assert answer.headers["Content-Crs"] == f"<{CRS84}>"
    page = answer.get_json()
    assert (page["numberMatched"], page["numberReturned"]) == (1, 1)
    assert page["timeStamp"].endswith("Z")
    (cell,) = page["features"]
    code = world.cell.code
    assert cell["id"] == code
    expected = {
        "code": code, "name": "第1网格", "kind": "GENERAL", "village_code": code[:12], "village": f"区划{code[:12]}",
        "township_code": code[:9], "township": f"区划{code[:9]}", "county_code": code[:6], "county": f"区划{code[:6]}",
        "valid_from": "2026-01-01", "valid_to": None,
    }  # fmt: skip
    assert {name: cell["properties"][name] for name in expected} == expected
    assert cell["geometry"]["type"] == "MultiPolygon"
    alone = ask(world, world.coordinator, f"/collections/cells/items/{code}").get_json()
    assert {name: alone[name] for name in ("id", "properties", "geometry")} == {
        name: cell[name] for name in ("id", "properties", "geometry")
    }


def _pages(world: World, who: Person, address: str) -> Iterator[Any]:
    while address:
        parts = urlsplit(address)
        query = {name: value for name, (value,) in parse_qs(parts.query).items()}
        page = ask(world, who, parts.path.removeprefix("/ogc"), query_string=query).get_json()
        yield page
        address = links(page).get("next", "")


def test_pages_hang_together_also_while_cells_come_and_go(world: World) -> None:
    for number in range(2, 12):
        make_cell(world.session, number)
    found: list[str] = []
    for page in _pages(world, world.coordinator, "/ogc/collections/cells/items?limit=4"):
        found += [each["id"] for each in page["features"]]
        if len(found) == 4:
            make_cell(world.session, 12)
            assert page["numberMatched"] == 11
    assert found == [f"410225001001{number:03d}" for number in range(1, 13)]


@pytest.mark.parametrize("crs", [CRS84, EPSG4326, EPSG3857, EPSG4490])
def test_a_box_and_an_answer_in_each_system(world: World, crs: str) -> None:
    """In the axis order of the system: latitude first in EPSG:4326 and EPSG:4490."""
    make_cell(world.session, 2)
    srid = int(crs.rpartition("/")[2].replace("CRS84", "4326"))
    flipped = crs in (EPSG4326, EPSG4490)
    xy = world.session.execute(
        select(*(getattr(func, f"ST_{axis}")(func.ST_Transform(Cell.centre, srid)) for axis in "XY")).where(
            Cell.id == world.cell.id
        )
    ).one()
    x, y = (xy[1], xy[0]) if flipped else xy
    by = 1 if srid == 3857 else 1e-5
    box = f"{x - by},{y - by},{x + by},{y + by}"
    answer = ask(
        world, world.coordinator, "/collections/cells/items", query_string={"bbox": box, "bbox-crs": crs, "crs": crs}
    )
    (cell,) = answer.get_json()["features"]
    assert cell["id"] == world.cell.code
    assert answer.headers["Content-Crs"] == f"<{crs}>"
    ring = cell["geometry"]["coordinates"][0][0]
    assert all(abs(a - x) < 0.01 * (111_320 if srid == 3857 else 1) for a, _ in ring)


def test_a_box_of_six_numbers_and_one_across_the_date_line(world: World) -> None:
    assert items(world, world.coordinator, bbox="114,34,-10,116,36,9000").keys() == {world.cell.code}
    assert items(world, world.coordinator, bbox="114,34,-170,36").keys() == {world.cell.code}
    assert items(world, world.coordinator, bbox="170,34,-170,36") == {}


def test_on_a_day_and_in_an_interval(world: World) -> None:
    """A cell that was redrawn has two features, each named by the day it began unless it holds today."""
    code = world.cell.code
    world.session.execute(update(Cell).where(Cell.id == world.cell.id).values(valid_to=date(2026, 3, 1)))
    make_cell(world.session, 1, at=(1, 90), since=date(2026, 3, 1))
    make_cell(world.session, 2, since=date(2026, 5, 1), until=date(2026, 5, 1))
    then, now = f"{code}@2026-01-01", code
    expected = {
        "2026-02-28": {then},
        "2026-03-01": {now},
        "2026-02-28T15:59:59Z": {then},
        "2026-02-28T16:00:00Z": {now},
        "2026-02-28t23:59:59.5+08:00": {then},
        "2025-12-31": set(),
        "2026-02-01/2026-03-01": {then, now},
        "2026-02-01/2026-02-28": {then},
        "../2026-02-01": {then},
        "/2026-02-01": {then},
        "2026-03-01/..": {now},
        "2026-02-28/": {then, now},
        "1900-01-01/9999-12-31": {then, now},
    }
    for asked, found in expected.items():
        assert items(world, world.coordinator, datetime=asked).keys() == found, asked
    assert ask(world, world.coordinator, f"/collections/cells/items/{then}").get_json()["id"] == then
    assert ask(world, world.coordinator, f"/collections/cells/items/{code}").get_json()["id"] == now
    for gone in (f"{code}@2026-02-01", f"{code}@2026-02-30", f"{code}@", f"{code[:12]}002@2026-05-01"):
        assert refused(ask(world, world.coordinator, f"/collections/cells/items/{gone}"))[:2] == (404, "not_found")


def test_by_property(world: World) -> None:
    special = make_cell(world.session, 901)
    other = make_cell(world.session, 1, village="410225001002")
    clerk = world.clerk
    assert items(world, clerk, kind="SPECIAL").keys() == {special.code}
    assert items(world, clerk, code=other.code).keys() == {other.code}
    assert items(world, clerk, name="第901网格").keys() == {special.code}
    assert items(world, clerk, village_code="410225001002").keys() == {other.code}
    assert items(world, clerk, township_code="410225001", name="第1网格").keys() == {world.cell.code, other.code}
    assert items(world, clerk, county_code="41022") == {}
    assert items(world, clerk, "coverage", village_code="410225001002").keys() == {other.code}
    assert items(world, clerk, "divisions", parent_code="410225001").keys() == {"410225001001", "410225001002"}
    assert items(world, clerk, "divisions", level="COUNTY").keys() == {"410225"}
    assert items(world, clerk, "divisions", name="x", parent_code="") == {}


def test_divisions_by_their_declared_outline_or_their_cells(world: World) -> None:
    world.session.execute(text("delete from geo.drawing"))
    make_cell(world.session, 2)
    village, township = "410225001001", "410225001"
    declared = "SRID=4326;MULTIPOLYGON(((114.7 34.7, 114.9 34.7, 114.9 34.9, 114.7 34.9, 114.7 34.7)))"
    world.session.execute(update(Division).where(Division.code == township).values(geom=declared))
    found = items(world, world.coordinator, "divisions")
    assert {code: each["properties"]["outline"] for code, each in found.items()} == {
        township: "declared",
        village: "cells",
    }
    assert found[township]["geometry"]["coordinates"][0][0][0] == [114.7, 34.7]
    union = world.session.scalar(
        select(func.ST_Equals(func.ST_GeomFromGeoJSON(str(found[village]["geometry"]).replace("'", '"')),
                              func.ST_Union(Cell.geom))).where(Cell.code.startswith(village))
    )  # fmt: skip
    assert union
    assert found[village]["properties"]["parent_code"] == township
    assert items(world, world.coordinator, "divisions", bbox="114.70,34.70,114.71,34.71").keys() == {township}
    assert items(world, world.coordinator, "divisions", bbox="114.815,34.80,114.816,34.99").keys() == {
        township,
        village,
    }


def test_what_is_kept_for_the_map_is_not_drawn_again(world: World) -> None:
    """Of today; of a day gone by nothing is kept but the cells."""
    village = "410225001001"
    world.session.execute(
        text("""
        insert into geo.drawing (digits, code, since, name, cells, geom)
        values (12, :code, '0001-01-01', 'x', 1, st_multi(st_transform(st_makeenvelope(114, 34, 115, 35, 4326), 3857)))
        on conflict (digits, code, since) do update set geom = excluded.geom"""),
        {"code": village},
    )
    for day, corner in (({}, 114.0), ({"datetime": "2026-02-01"}, 114.81)):
        found = items(world, world.coordinator, "divisions", code=village, **day)[village]
        assert min(x for x, _ in found["geometry"]["coordinates"][0][0]) == pytest.approx(corner, abs=1e-6)
        assert found["properties"]["outline"] == "cells"


def test_a_page_of_divisions_ends_before_drawing_them_takes_long(world: World) -> None:
    """A province of thousands of cells has no outline of its own; what can be drawn comes page by page."""
    administrator = world.home[Role.ADMINISTRATOR]
    world.session.execute(text("delete from geo.drawing"))
    world.session.execute(
        text("""
        insert into geo.cell (code, name, kind, village_id, geom, valid_from)
        select d.code || lpad((100 + n)::text, 3, '0'), 'x', 'GENERAL', d.id,
               st_multi(st_makeenvelope(112 + n * 0.001, 33 + d.nth, 112.001 + n * 0.001, 33.001 + d.nth, 4326)),
               '2026-01-01'
          from (select code, id, row_number() over (order by code) as nth from geo.division
                 where code in ('410225001001', '410105001001')) as d, generate_series(1, 799) as n
    """)
    )
    world.session.execute(
        text("""
        insert into geo.cell (code, name, kind, village_id, geom, valid_from)
        select overlay(code placing lpad(v::text, 3, '0') from 10 for 3), name, kind, village_id, geom, valid_from
          from geo.cell, generate_series(101, 105) as v where code like '410105001001%' and name = 'x'
    """)
    )
    found: dict[str, Any] = {}
    sizes = []
    for page in _pages(world, administrator, "/ogc/collections/divisions/items?limit=100"):
        sizes.append(page["numberReturned"])
        found |= {each["id"]: each for each in page["features"]}
    assert page["numberMatched"] == len(found) == sum(sizes)
    assert len(sizes) > 1
    assert found["41"]["geometry"] is None
    assert found["41"]["properties"]["outline"] is None
    assert found["410225"]["geometry"]["type"] == "MultiPolygon"


def test_numbers_of_today_only(world: World) -> None:
    (cell,) = items(world, world.coordinator, "coverage").values()
    assert {"open", "overdue", "done", "workers_on_duty", "as_of"} <= cell["properties"].keys()
    assert items(world, world.coordinator, "coverage", datetime="2020-01-01/2020-12-31") == {}
    assert items(world, world.coordinator, "coverage", datetime="2020-01-01/..").keys() == {world.cell.code}


def test_numbers_that_were_never_counted(world: World) -> None:
    world.session.execute(text("delete from field.coverage_clock"))
    answer = ask(world, world.coordinator, "/collections/coverage/items")
    assert refused(answer)[:2] == (503, "coverage_not_counted")


# Who sees what.


def test_nobody_sees_more_than_in_the_list_of_cells(world: World) -> None:
    for role, person in world.home.items():
        listed = {each["code"] for each in world.get(person, "/cells").get_json()["items"]}
        assert items(world, person).keys() == listed, role
        for cell in (world.cell, world.next_cell, world.far_cell):
            answer = ask(world, person, f"/collections/cells/items/{cell.code}")
            assert answer.status_code == (200 if cell.code in listed else 404), role
            assert len(items(world, person, code=cell.code)) == (cell.code in listed), role


def test_a_foreign_cell_looks_like_none(world: World) -> None:
    answers = [
        ask(world, world.coordinator, f"/collections/cells/items/{code}")
        for code in (world.far_cell.code, "410105001001999")
    ]
    shown = [
        (each.status_code, len(each.data), {k: v for k, v in each.get_json().items() if k != "request_id"})
        for each in answers
    ]
    assert shown[0] == shown[1]


def test_a_worker_sees_their_own_cells_and_no_numbers(world: World) -> None:
    second = make_cell(world.session, 2)
    make_cell(world.session, 3)
    make_duty(world.session, world.worker, second)
    make_duty(world.session, world.worker, world.next_cell, since=date(2026, 1, 1), until=date(2026, 2, 1))
    assert items(world, world.worker).keys() == {world.cell.code, second.code}
    assert items(world, world.worker, datetime="2026-01-15").keys() == {world.cell.code, second.code}
    listed = ask(world, world.worker, "/collections").get_json()["collections"]
    assert [each["id"] for each in listed] == ["cells", "divisions"]
    assert refused(ask(world, world.worker, "/collections/coverage/items"))[:2] == (403, "role_may_not")


def test_a_court_counts_its_own_tasks(world: World) -> None:
    for relation in (Relation.OWN, Relation.COLLEAGUE, Relation.OTHER_COURT):
        world.task(relation)
    while (done := refresh_coverage(world.session, datetime.now(UTC))) and done.more:
        pass
    for person, open_ in ((world.clerk, 2), (world.coordinator, 3)):
        numbers = items(world, person, "coverage", code=world.cell.code)[world.cell.code]["properties"]
        assert (numbers["open"], numbers["cells_on_duty"], numbers["workers_on_duty"]) == (open_, 1, 2)


@pytest.mark.parametrize("path", ["/collections", "/collections/cells", "/collections/cells/items", "/collections/x"])
def test_data_needs_a_sign_in_and_both_ways_are_named(world: World, path: str) -> None:
    answer = ask(world, None, path)
    assert refused(answer)[:2] == (401, "token_missing")
    assert answer.headers.getlist("WWW-Authenticate") == ['Basic realm="Gridfield", charset="UTF-8"', "Bearer"]


def test_elsewhere_a_browser_is_not_asked_for_a_password(world: World) -> None:
    assert world.get(None, "/cells").headers.getlist("WWW-Authenticate") == ["Bearer"]


@pytest.mark.parametrize("path", ["", "/", "/conformance", "/api"])
def test_what_it_is_may_be_read_by_all(world: World, path: str) -> None:
    assert ask(world, None, path).status_code == 200


# For people.


@pytest.mark.parametrize(
    "path",
    ["", "/conformance", "/collections", *(f"/collections/{each}{more}" for each in COLLECTIONS
                                           for more in ("", "/queryables", "/items"))],
)  # fmt: skip
def test_every_page_can_be_read_by_people(world: World, path: str) -> None:
    """Chinese first, nothing from outside, no script."""
    pages = [
        ask(world, world.clerk, path, query_string={"f": "html"}),
        ask(world, world.clerk, path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}),
    ]
    for answer in pages:
        assert answer.status_code == 200
        assert answer.content_type == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert '<html lang="zh-CN">' in answer.text
        assert "<script" not in answer.text
        assert answer.text.replace("http://localhost/ogc", "").count("src=") == 0
    assert ask(world, world.clerk, path, headers={"Accept": "*/*"}).is_json or path.endswith("items")


def test_a_page_of_features_has_a_table_and_leads_on(world: World) -> None:
    make_cell(world.session, 2)
    world.session.execute(update(Cell).where(Cell.id == world.cell.id).values(name="<b>&网格"))
    page = ask(world, world.coordinator, "/collections/cells/items", query_string={"f": "html", "limit": 1}).text
    assert "&lt;b&gt;&amp;网格" in page
    assert 'rel="next"' in page
    assert "410225001001002" not in page.replace("cursor=410225001001001", "")
    one = ask(world, world.coordinator, f"/collections/cells/items/{world.cell.code}", query_string={"f": "html"}).text
    assert "兰考" in one or "区划410225" in one


def test_what_cannot_be_answered(world: World) -> None:
    answer = ask(world, world.clerk, "/collections", headers={"Accept": "image/png"})
    assert refused(answer)[:2] == (406, "not_acceptable")


# What means harm or nothing.

HOSTILE = [
    ("bbox", "bbox=1,2,3"),
    ("bbox", "bbox=1,2,3,4,5"),
    ("bbox", "bbox=1,2,3,4,5,6,7"),
    ("bbox", "bbox="),
    ("bbox", "bbox=null"),
    ("bbox", "bbox=nan,nan,nan,nan"),
    ("bbox", "bbox=114,34,inf,36"),
    ("bbox", "bbox=1e400,0,1,1"),
    ("bbox", "bbox=114,36,116,34"),
    ("bbox", "bbox=114,34,181,36"),
    ("bbox", "bbox=-181,34,116,36"),
    ("bbox", "bbox=114,34,116,91"),
    ("bbox", "bbox=34,114,36,116"),
    ("bbox", "bbox=114;34;116;36"),
    ("bbox", "bbox=0,0,1e300,1e300&bbox-crs=" + EPSG3857),
    ("bbox", "bbox=114,34,116,36&bbox-crs=" + EPSG4490),
    ("bbox", "bbox=1,2,3,4&bbox=1,2,3,4"),
    ("bbox-crs", "bbox=114,34,116,36&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4527"),
    ("bbox-crs", "bbox-crs=EPSG:4326"),
    ("crs", "crs=EPSG:4326"),
    ("crs", "crs="),
    ("crs", "crs=http://www.opengis.net/def/crs/EPSG/0/4326%0A"),
    ("datetime", "datetime="),
    ("datetime", "datetime=now"),
    ("datetime", "datetime=.."),
    ("datetime", "datetime=/"),
    ("datetime", "datetime=../.."),
    ("datetime", "datetime=2026-13-01"),
    ("datetime", "datetime=2026-02-30"),
    ("datetime", "datetime=20260210"),
    ("datetime", "datetime=2026-W05-1"),
    ("datetime", "datetime=2026-01-01T00:00:00"),
    ("datetime", "datetime=2026-01-01 00:00:00Z"),
    ("datetime", "datetime=2026-01-01T25:00:00Z"),
    ("datetime", "datetime=0000-01-01"),
    ("datetime", "datetime=0001-01-01T00:00:00%2B14:00"),
    ("datetime", "datetime=9999-12-31T23:59:59Z"),
    ("datetime", "datetime=2026-03-01/2026-02-01"),
    ("datetime", "datetime=2026-01-01/2026-02-01/2026-03-01"),
    ("datetime", "datetime=%EF%BC%92026-01-01"),
    ("limit", "limit=0"),
    ("limit", "limit=-1"),
    ("limit", "limit=1.5"),
    ("limit", "limit=1e3"),
    ("limit", "limit="),
    ("limit", "limit=%EF%BC%91"),
    ("limit", "limit=" + "9" * 150),
    ("limit", "limit=1&limit=2"),
    ("code", "code=" + "4" * 201),
    ("f", "f=xml"),
    ("f", "f=html&f=json"),
]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_parameter_that_makes_no_sense_is_400(world: World, collection: str) -> None:
    for field, query in HOSTILE:
        answer = ask(world, world.clerk, f"/collections/{collection}/items?{query}")
        assert refused(answer) == (400, "parameter_invalid", field), query


@pytest.mark.parametrize(
    "path",
    [
        "?x=1",
        "/conformance?limit=1",
        "/api?f=json",
        "/collections?bbox=1,2,3,4",
        "/collections/cells?x",
        "/collections/cells/items?village=x",
        "/collections/cells/items?Limit=1",
        "/collections/cells/items?level=COUNTY",
        "/collections/divisions/items?kind=GENERAL",
        "/collections/cells/items/410225001001001?limit=1",
        "/collections/cells/queryables?name=x",
    ],
)
def test_a_parameter_that_nobody_knows_is_400(world: World, path: str) -> None:
    assert refused(ask(world, world.clerk, path))[:2] == (400, "parameter_unknown")


@pytest.mark.parametrize(
    "cursor", ["x", "41", "41_", "41_2026-02-30", "_2026-01-01", "4%00_2026-01-01", "41_2026-01-01x"]
)
def test_a_cursor_that_we_did_not_write_is_400(world: World, cursor: str) -> None:
    answer = ask(world, world.clerk, f"/collections/cells/items?cursor={cursor}")
    assert refused(answer)[0] == 400
    assert refused(answer)[1] in ("cursor_invalid", "body_bad_character")


@pytest.mark.parametrize("query", ["name=%00", "name=%E2%80%AEx", "%00=1", "name=%ED%A0%80", "name=a%07b"])
def test_unclean_text_is_400(world: World, query: str) -> None:
    answer = ask(world, world.clerk, f"/collections/cells/items?{query}")
    assert answer.status_code == 400 or answer.get_json()["features"] == []
    assert answer.status_code < 500


@pytest.mark.parametrize("name", ["%25", "_", "\\", "'", "'; drop table geo.cell; --", "😀", "%", "a" * 200])
def test_odd_values_find_nothing(world: World, name: str) -> None:
    for filter_ in ("name", "code", "village_code"):
        assert items(world, world.clerk, **{filter_: name}) == {}


def test_more_than_the_most_is_the_most(world: World) -> None:
    assert items(world, world.clerk, limit="10001").keys() == items(world, world.clerk, limit="9" * 18).keys()


@pytest.mark.parametrize(
    "path",
    [
        "/collections/x",
        "/collections/CELLS/items",
        "/collections/cells/items/x",
        "/collections/cells/items/41%2F",
        "/collections/cells/items/410225001001001@",
        "/x",
        "/collections/cells/items/" + "4" * 300,
    ],
)
def test_what_is_not_there_is_404(world: World, path: str) -> None:
    assert refused(ask(world, world.clerk, path))[:2] == (404, "not_found")


def test_nothing_is_written_here(world: World) -> None:
    answer = world.app.test_client().post("/ogc/collections/cells/items", headers=world.token(world.clerk), json={})
    assert refused(answer)[:2] == (405, "method_not_allowed")


def test_a_suspended_person_is_out_at_once(world: World) -> None:
    assert ask(world, world.clerk, "/collections").status_code == 200
    world.session.execute(update(User).where(User.id == world.clerk.id).values(active=False))
    assert refused(ask(world, world.clerk, "/collections"))[:2] == (401, "token_invalid")

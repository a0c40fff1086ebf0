"""The people of the made-up province, written as SQL; and a file of tasks for them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np
import shapely

from tests.bench.province import Province

CELLS_EACH: Final = 3
"""One worker answers for so many cells: 56,000 workers for the whole province."""

COLUMNS: Final = (
    *("id", "kind", "case_no", "court_code", "lon", "lat", "datum", "address"),
    *("party_name", "party_role", "priority"),
)

# A court for each county with the account that imports are entered by, and first workers on duty in every cell.
PEOPLE: Final = f"""
insert into field.court (code, name, division_code, version)
select 'bench' || code, name || '法院', code, 1 from geo.division where level = 'COUNTY' order by code;
insert into field."user" (login, display_name, role, court_id, active, version)
select 'import-' || code, name, 'dispatcher', id, true, 1 from field.court order by id;
create temporary table manned as
select id as cell_id, code, (row_number() over (order by code) - 1) / {CELLS_EACH} as nth from geo.cell;
insert into field."user" (login, display_name, role, division_code, active, version)
select 'w' || nth, '网格员' || nth, 'worker', left(min(code), 9), true, 1 from manned group by nth order by nth;
insert into field.worklist (worker_id, version, fetched_version, acknowledged_version)
select id, 0, 0, 0 from field."user" where role = 'worker';
insert into notifications.device (recipient_id, channel) select id, 'log' from field."user" where role = 'worker';
insert into field.duty (worker_id, cell_id, rank, since)
select u.id, manned.cell_id, 1, current_date - 300
from manned join field."user" u on u.login = 'w' || manned.nth order by manned.cell_id;
"""


def write_tasks(path: Path, province: Province, count: int, seed: int) -> Path:
    """Write a file of so many tasks with points spread over the whole province, forty to a case in one county."""
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.integers(0, len(province.codes), count))
    points = shapely.get_coordinates(shapely.point_on_surface(province.shapes[chosen]))
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for nth, (cell, (lon, lat)) in enumerate(zip(chosen, points, strict=True)):
            county = province.codes[cell][:6]
            case = f"（2099）豫{county[2:]}执{nth // 40 + 1}号"
            id_ = UUID(int=(seed << 64) + nth, version=4)
            address = f"测试村{nth % 997}号"
            rows.writerow(
                [id_, "SERVE", case, f"bench{county}", lon, lat, "WGS84", address, f"甲{nth % 89}", "debtor", 2]
            )
    return path

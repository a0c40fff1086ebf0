"""The main job on a real county, by the commands a court would type."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from tests.cli.processes import environment
from tests.database import ROOT

FATES = text("""
select t.id::text, c.code as cell, t.state,
  a.worker_id is not null and exists (
    select from field.duty d where d.worker_id = a.worker_id and d.cell_id = t.cell_id and d.until is null
  ) as held_on_duty,
  exists (
    select from notifications.message m join notifications.device d on d.id = m.device_id
    join field.worklist w on w.worker_id = d.recipient_id
    where d.recipient_id = a.worker_id and m.state = 'pending' and m.seq = w.version
  ) as promised
from field.task t
join geo.cell c on c.id = t.cell_id
left join field.assignment a on a.task_id = t.id and a.ended_at is null
""")


def test_every_task_in_its_true_cell_given_and_promised(
    lankao: Path, database_url: str, committing_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    """1,638 cells, 1,828 people, 400 tasks."""
    env = environment(database_url, tmp_path)

    def gridfield(*arguments: object) -> str:
        command = [sys.executable, "-m", "field.cli", *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "1638 cells" in gridfield("cells", "import", lankao / "grids.gpkg")
    assert "1828 people: 1828 new" in gridfield(
        "people", "import", lankao / "people.csv", "--passwords", tmp_path / "out"
    )
    assert "400 tasks: 400 new, 0 known; 400 placed, 400 given, 0 open, 0 unplaced" in gridfield(
        "tasks", "import", lankao / "tasks.csv"
    )
    with (lankao / "tasks_true_cells.csv").open() as file:
        true_cells = {row["id"]: row["cell_code"] for row in csv.DictReader(file)}
    with committing_sessions() as session:
        fates = {row.id: row for row in session.execute(FATES)}
    assert {task_id: row.cell for task_id, row in fates.items()} == true_cells
    assert len(true_cells) == 400
    assert {(row.state, row.held_on_duty, row.promised) for row in fates.values()} == {("assigned", True, True)}
    assert "400 known" in gridfield("tasks", "import", lankao / "tasks.csv")
    assert "1828 unchanged" in gridfield("people", "import", lankao / "people.csv")
    assert "1638 unchanged" in gridfield("cells", "import", lankao / "grids.gpkg")
    # With the county's real outline known, whose other half crosses itself and is taken as repaired.
    outlines = gridfield("cells", "import", lankao / "counties_as_received.geojson", "--confirm", "411025")
    assert "2 divisions new, 1 changed" in outlines
    assert "1638 unchanged" in gridfield("cells", "import", lankao / "grids.gpkg")

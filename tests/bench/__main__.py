"""`python -m tests.bench [NAME…]`: one JSON object per measure on standard output, progress on standard error."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import click
from rich.console import Console

from tests.bench import coverage, evidence, imports, locating, paper, province_imports, tiles, verifying
from tests.bench.cluster import GROWN, SEEDED, Databases, cluster, machine
from tests.bench.county import EVERYTHING, HISTORY
from tests.bench.measures import GROWTH, NAMES, measures, races
from tests.bench.rounds import Timing
from tests.bench.servers import servers

USUAL = (
    imports.NAME,
    verifying.NAME,
    *province_imports.NAMES,
    *locating.NAMES,
    *tiles.NAMES,
    *NAMES,
    evidence.NAME,
    paper.NAME,
)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*USUAL, *GROWTH, coverage.NAME]))
@click.option("--seconds", default=2.5, show_default=True, help="length of each round")
@click.option("--rounds", default=3, show_default=True, help="rounds for each side")
def main(names: tuple[str, ...], seconds: float, rounds: int) -> None:
    """Measure the product against the floors it stands on; ratios count, rates depend on the machine."""
    # Asked to end, it ends like Ctrl-C: servers stopped, cluster gone.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = names or USUAL
    timing = Timing(seconds, rounds)
    with ExitStack() as stack:
        status = stack.enter_context(Console(stderr=True).status("making a cluster …"))
        databases = stack.enter_context(cluster())
        show(machine(databases))
        for line in by_itself(databases, wanted, timing, status.update):
            show(line)
        if not (loaded := [name for name in (*NAMES, *GROWTH, evidence.NAME) if name in wanted]):
            return
        status.update("seeding …")
        databases.seed(EVERYTHING)
        if set(GROWTH) & set(loaded):
            databases.seed(HISTORY, GROWN, SEEDED)
        databases.refresh()
        status.update("starting servers …")
        running = stack.enter_context(servers(databases))
        for name in loaded:
            if name == evidence.NAME:
                show(evidence.evidence(databases, running, status.update))
                continue
            show(measures(running)[name].run(databases, timing, status.update))
            if name == "claim":
                status.update("claim: races")
                show(races(databases, running))


def by_itself(
    databases: Databases, wanted: tuple[str, ...], timing: Timing, tell: Callable[[str], None]
) -> Iterator[dict[str, object]]:
    """Yield the lines of what is measured without the servers."""
    if imports.NAME in wanted:
        yield imports.import_county(databases, tell)
    if paper.NAME in wanted:
        yield paper.paper(tell)
    if verifying.NAME in wanted:
        yield verifying.verify_100k(databases, tell)
    yield from on_a_province(databases, wanted, timing, tell)


def on_a_province(
    databases: Databases, wanted: tuple[str, ...], timing: Timing, tell: Callable[[str], None]
) -> Iterator[dict[str, object]]:
    """Yield the lines of what is measured on whole provinces, each made up for its purpose."""
    if coverage.NAME in wanted:
        yield from coverage.coverage(databases, tell)
    if set(province_imports.NAMES) & set(wanted):
        yield from province_imports.measures(databases, wanted, tell)
    if set(locating.NAMES) & set(wanted):
        yield from locating.measures(databases, wanted, timing.rounds, tell)
    if set(tiles.NAMES) & set(wanted):
        yield from tiles.measures(databases, wanted, timing, tell)


def show(line: dict[str, object]) -> None:
    """Write one line at once: a run that is cut short has still said something."""
    click.echo(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()

"""`gridfield work`: the sealer and the clock; any number may run."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

import click

from field import config
from field.cli.signals import stop_on_signals
from field.cli.storage import storage
from field.jobs.anchoring import keep_anchoring
from field.jobs.charting import keep_charting
from field.jobs.counting import keep_counting
from field.jobs.housekeeping import keep_house
from field.jobs.importing import keep_importing
from field.jobs.looking import keep_looking
from field.jobs.sealing import keep_sealing
from field.jobs.sweeping import keep_sweeping
from field.usecases.look_at_pictures import Shelf
from field.vault.copies import open_copies
from field.vault.signing import load_signer
from field.vault.staging import Staging
from field.vault.stores import open_store
from geo.points import Envelope


@click.command()
def work() -> None:
    """后台作业：封存留痕、清理、导入网格、查看照片 / Background work: seal the ledger, do what is due, import files."""
    settings = config.load()
    stop, signer = stop_on_signals(), load_signer(settings.home, settings.ledger_key)
    place = settings.evidence_store, settings.s3
    shelf = Shelf(open_store(*place), open_copies(*place))
    with storage(settings) as sessions, ThreadPoolExecutor(8, thread_name_prefix="work") as pool:
        loops = [
            pool.submit(keep_sealing, sessions, stop),
            pool.submit(keep_anchoring, sessions, stop, signer, settings.anchor_dir),
            pool.submit(keep_counting, sessions, stop),
            pool.submit(keep_house, sessions, stop, limit=settings.open_task_limit),
            pool.submit(keep_looking, sessions, stop, shelf),
            pool.submit(keep_sweeping, sessions, stop, shelf.objects, Staging(settings.staging)),
            pool.submit(keep_charting, sessions, stop, settings.home / "atlas"),
            pool.submit(keep_importing, sessions, stop, Envelope(*settings.envelope), settings.open_task_limit),
        ]
        try:
            # A loop that ends before it was asked to has broken; whoever looks after this process starts it again.
            wait(loops, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    for loop in loops:
        loop.result()

"""`gridfield demo --walk`: the whole story over HTTP, told step by step; each thing it says has been checked."""

from __future__ import annotations

from typing import Final

from rich.console import Console

from field.cli.demo.walk.api import Server, Surprise
from field.cli.demo.walk.evidence import forget_the_receipt, print_the_receipt, send_the_receipt
from field.cli.demo.walk.first_task import (
    accept,
    ask_for_service,
    close,
    enter_the_case,
    find_nobody_home,
    send_it_back,
)
from field.cli.demo.walk.narrator import Narrator
from field.cli.demo.walk.other_tasks import claim_at_once, give_by_hand, step_back
from field.cli.demo.walk.oversight import (
    count_coverage,
    follow_the_ledger,
    keep_the_case_with_the_court,
    tell_the_story,
    turn_the_stranger_away,
)
from field.cli.demo.walk.stage import Stage
from field.cli.errors import CommandError

ACTS: Final = (
    enter_the_case,
    ask_for_service,
    accept,
    find_nobody_home,
    forget_the_receipt,
    send_the_receipt,
    send_it_back,
    close,
    step_back,
    give_by_hand,
    claim_at_once,
    turn_the_stranger_away,
    keep_the_case_with_the_court,
    count_coverage,
    tell_the_story,
    follow_the_ledger,
    print_the_receipt,
)


MALFORMED: Final = (LookupError, TypeError, ValueError, StopIteration)
"""What taking an answer apart raises when a part of it is not there."""


def walk(url: str, console: Console, *, patience_s: float = 6.0) -> bool:
    """Play all acts against the server and tell them; on the first surprise say which step it was and stop.

    The ledger's sealer is waited for no longer than `patience_s` seconds. Raises CommandError when there is no
    server, or no demo on it.
    """
    tell = Narrator(console)
    with Server(url) as server:
        stage = Stage.set(server, tell, patience_s)
        tell.begin("一件任务的一天", f"A task's day, played over HTTP at {url}")
        if not _play(stage):
            return False
    tell.end(
        "走完了，每一句都核对过；可以再走一遍，每次是新的案号。",
        "That was all, and every sentence was checked. Walk again as often as you like.",
    )
    return True


def _play(stage: Stage) -> bool:
    try:
        for act in ACTS:
            act(stage)
    except Surprise as surprise:
        stage.tell.fail(str(surprise))
        return False
    except CommandError as gone:
        stage.tell.fail(gone.message)
        return False
    except MALFORMED as missing:
        stage.tell.fail(f"应答里缺少内容 / the answer lacks something: {missing!r}")
        return False
    finally:
        stage.tidy()
    return True

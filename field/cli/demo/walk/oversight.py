"""Who may not look, what a coordinator sees, and what the ledger keeps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

from field.cli.demo.walk.api import Reply, must
from field.cli.demo.walk.stage import Facts, Stage
from field.ledger.entry import GENESIS, entry_form, link
from field.rules.calendar import CHINA


def turn_the_stranger_away(stage: Stage) -> None:
    """The next township's coordinator asks for the task by its id and learns nothing, not even that it exists."""
    there, nowhere = (_told(stage.stranger.get(f"/tasks/{each}", 404)) for each in (stage.first, uuid4()))
    must(there == nowhere, "答复不同，等于承认存在", "the answers differ, so one knows that it exists")
    stage.tell.step(
        "邻乡协调员拿着编号来查：404，与不存在的编号答得一字不差。",
        "The next township's coordinator asks by its id: 404, as for no task at all.",
    )


def _told(reply: Reply) -> dict[str, Any]:
    return {name: value for name, value in reply.body.items() if name != "request_id"}


def keep_the_case_with_the_court(stage: Stage) -> None:
    """The task's own coordinator sees how it stands, and neither case nor people."""
    task = stage.coordinator.get(f"/tasks/{stage.first}").body
    told = {"case_id", "case_no", "party_name", "party_role", "instructions", "return_reason"} & task.keys()
    must(task["state"] == "closed" and not told, f"看到了 {told}", f"shown: {told}")
    stage.tell.step(
        "本乡协调员看得到办到哪一步，看不到案号和当事人。",
        "The own coordinator sees how far it is, and neither the case nor its people.",
    )


def count_coverage(stage: Stage) -> None:
    """The coordinator's numbers before and after, and the gaps."""
    stage.tidy()
    counted = stage.counted()
    if not counted["fresh"]:
        stage.tell.step(
            "其余撤回。覆盖统计还没有算到此刻：后台 gridfield work 没有在运行。",
            "The rest called off. Coverage is not counted up to now: `gridfield work` is not running.",
        )
        return
    before, after = stage.coverage, counted["totals"]
    must(after["done"] > before["done"], "办结数没有增加", "the count of done has not grown")
    gaps = stage.coordinator.get("/coverage/gaps").body
    empty, overdue = gaps["nobody_on_duty"]["count"], gaps["overdue"]["count"]
    must(empty == after["cells"] - after["cells_on_duty"], "缺口与统计对不上", "the gaps do not fit the numbers")
    done, live = (f"{before[name]} → {after[name]}" for name in ("done", "open"))
    stage.tell.step(
        f"其余撤回。覆盖：近 30 天办结 {done}，在办 {live}；{empty} 格无人在岗，{overdue} 件逾期。",
        f"The rest called off. Done {done}, open {live}; {empty} unattended, {overdue} overdue.",
    )


def tell_the_story(stage: Stage) -> None:
    """The first task's timeline, as its court reads it."""
    story = stage.clerk.get(f"/tasks/{stage.first}/timeline").body["items"]
    actions = [each["action"] for each in story]
    expected = ["task.created", "task.given", "task.accept", "task.return", "task.close"]
    must([each for each in actions if each in expected] == expected, "经过不完整", "the story is not complete")
    must(actions.count("attempt.recorded") == 3, "上门次数不对", "not three attempts")
    stage.tell.step("第一件的经过，留痕为证：", "The first task's story, as the ledger tells it:")
    stage.tell.list(
        _line(each) for each, before in zip(story, [None, *actions], strict=False) if before != each["action"]
    )


def _line(happening: Facts) -> tuple[str, str, str]:
    at = datetime.fromisoformat(happening["at"]).astimezone(CHINA).strftime("%H:%M:%S")
    zh, _, en = happening["sentence"].partition(" / ")
    if happening["action"] == "task.given":  # why was told above
        zh, en = zh.partition("：")[0], en.partition(":")[0]
    elif happening["action"] in ("attempt.recorded", "evidence.declared", "evidence.sealed"):
        en = en.partition(": ")[2]
    return at, happening["actor"] or "—", f"{zh} / {en}"


def follow_the_ledger(stage: Stage) -> None:
    """Everything the court's chain has gained meanwhile, hashed again by our own hands."""
    story = _sealed_story(stage)
    if not all(each["sealed"] for each in story):
        stage.tell.step(
            "留痕已写下，等待封存：后台 gridfield work 没有在运行。",
            "The ledger's entries wait to be sealed: `gridfield work` is not running.",
        )
        return
    seq, last = stage.head[0], bytes.fromhex(stage.head[1]) or GENESIS
    begun = seq
    for entry in _feed(stage, seq):
        form = entry_form(
            entry["chain"], entry["seq"], datetime.fromisoformat(entry["at"]), entry["actor"], entry["action"],
            entry["object"], entry["version"], bytes.fromhex(entry["commit"]),
        )  # fmt: skip
        must(entry["seq"] == seq + 1, f"第 {seq + 1} 条缺失", f"entry {seq + 1} is missing")
        must(
            link(last, form).hex() == entry["hash"], f"第 {entry['seq']} 条对不上", f"entry {entry['seq']} is not sound"
        )
        seq, last = entry["seq"], bytes.fromhex(entry["hash"])
    must(seq >= max(each["seq"] for each in story), "流水里缺了这件任务", "the feed lacks this task")
    stage.tell.step(
        f"留痕新增 {seq - begun} 条，逐条重算哈希，环环相扣；链头 #{seq} {last.hex()[:12]}…",
        f"The ledger: {seq - begun} entries more, hashed anew, each holds the last. Head #{seq}.",
    )


def _sealed_story(stage: Stage) -> list[Facts]:
    """Wait a little for the sealer, which works behind the court's back."""
    deadline = time.monotonic() + stage.patience_s
    while True:
        story: list[Facts] = stage.clerk.get(f"/tasks/{stage.first}/timeline").body["items"]
        if all(each["sealed"] for each in story) or time.monotonic() > deadline:
            return story
        time.sleep(0.2)


def _feed(stage: Stage, after: int) -> Iterator[Facts]:
    """Read the court's chain page by page, as an integrator would."""
    position: str | None = str(after)
    while position is not None:
        page = stage.clerk.get("/ledger", after=position, limit=100).body
        yield from page["items"]
        position = page["next"]

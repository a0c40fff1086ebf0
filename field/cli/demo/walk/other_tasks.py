"""Three more tasks that do not go straight: declined, without a worker, and wanted by two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from field.cli.demo.walk.api import must
from field.cli.demo.walk.stage import Facts, Stage

CLAIM: Final = (200, 409)


def step_back(stage: Stage) -> None:
    """The first worker knows the party; the task goes to the stand-in, never back."""
    task = stage.ask("REMIND", stage.home, "转达法院的履行提醒；不收款。").body
    must(
        task["assignment"]["worker"]["login"] == stage.worker.login, "应先派第一责任人", "not given to the first worker"
    )
    left = stage.move(stage.worker, task["id"], "decline", reason_code="CONFLICT_OF_INTEREST")
    must("address" not in left, "回避后仍看得到内容", "still shown after stepping back")
    stage.worker.get(f"/tasks/{task['id']}", 404)
    given = stage.clerk.get(f"/tasks/{task['id']}").body["assignment"]
    must(given["worker"]["login"] == stage.stand_in.login, "没有转给替补", "not given to the stand-in")
    must("替补" in given["reason"], "理由不是替补", "the reason does not say stand-in")
    stage.tell.step(
        f"第二件：{stage.worker.name}与当事人相识，回避；随即转给替补{stage.stand_in.name}。",
        "A second: the worker knows the party and steps back; the stand-in has it.",
    )


def give_by_hand(stage: Stage) -> None:
    """A task in a cell that nobody answers for waits, shows up as a gap, and is given by a person."""
    empty = stage.coordinator.get("/coverage/gaps", gap="nobody_on_duty").body["nobody_on_duty"]["items"]
    must(bool(empty), "没有空岗网格", "there is no cell without a worker")
    cell = stage.clerk.get(f"/cells/{empty[0]['code']}").body
    task = stage.ask("LOCATE", cell, "核实是否仍在此居住。").body
    must(task["state"] == "open", f"无人在岗却是 {task['state']}", f"nobody on duty, but it is {task['state']}")
    seen = stage.coordinator.get(f"/tasks/{task['id']}")
    gaps = stage.coordinator.get("/coverage/gaps", gap="open_without_worker", limit=1000).body["open_without_worker"]
    must(task["id"] in [each["id"] for each in gaps["items"]], "缺口里没有它", "it is not among the gaps")
    worker = {"worker": stage.stand_in.login}
    given = stage.coordinator.put(f"/tasks/{task['id']}/assignment", worker, version=seen.version).body
    must(given["state"] == "assigned", f"指定后是 {given['state']}", f"given, but it is {given['state']}")
    must(not {"case_no", "party_name"} & given.keys(), "协调员看到了案情", "the coordinator sees the case")
    stage.tell.step(
        f"第三件落在{cell['name']}，今天无人在岗；协调员在缺口里看到，指定{stage.stand_in.name}去。",
        "A third lands where nobody is; the coordinator sees the gap and gives it.",
    )


def claim_at_once(stage: Stage) -> None:
    """Two workers press the button at the same moment; one gets the task, the other learns no name."""
    task_id = stage.ask("ASSET", stage.home, "从公共道路查看院外农机。").body["id"]
    open_task = stage.move(stage.coordinator, task_id, "take_back", reason="改为公开领取。")
    must(open_task["state"] == "open", "没有收回", "not taken back")
    here: Facts = stage.home["centre"]
    nearest = [who.get("/tasks/available", **here).body["items"] for who in (stage.worker, stage.stand_in)]
    must(all(task_id in [each["id"] for each in items] for items in nearest), "两人应都看得到", "not seen by both")
    rivals = (stage.worker, stage.stand_in)
    with ThreadPoolExecutor(len(rivals)) as pool:
        version = open_task["version"]
        claims = [pool.submit(who.once, f"/tasks/{task_id}/claim", None, CLAIM, version=version) for who in rivals]
        replies = [claim.result() for claim in claims]
    winners = [who for who, reply in zip(rivals, replies, strict=True) if reply.status == 200]
    must(len(winners) == 1, f"{len(winners)} 人领到", f"{len(winners)} have it")
    refused = next(reply.body for reply in replies if reply.status == 409)
    must(refused["code"] == "already_claimed", f"被拒原因是 {refused['code']}", f"refused with {refused['code']}")
    must(winners[0].login not in str(refused), "透露了是谁", "it tells who")
    stage.tell.step(
        f"第四件放开领取，两人同时按下：{winners[0].name}领到，另一位 409，不透露是谁。",
        f"A fourth is open; two claim at once: {winners[0].login} has it, the other 409, no name.",
    )

"""The first task from the clerk's desk to the door and back: steps one to ten."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from field.cli.demo.people import COURT_NO
from field.cli.demo.walk.api import must
from field.cli.demo.walk.evidence import mend_the_receipt
from field.cli.demo.walk.stage import Stage
from field.rules.choosing import metres

NUMBERS = 90_000
RETURNED = "回证缺签收日期，请补。"


def enter_the_case(stage: Stage) -> None:
    """The clerk enters a case with two parties, under a number that is still free."""
    cell = stage.worker.me["cells"][0]["code"]
    stage.home = stage.clerk.get(f"/cells/{cell}").body
    stage.coverage = stage.counted()["totals"]
    for head in stage.clerk.get("/ledger/heads").body["items"]:
        stage.head = head["seq"], head["hash"]
    parties = [{"name": "壬望舒", "role": "creditor"}, {"name": "癸小满", "role": "debtor"}]
    while not stage.case:
        number = f"（2099）豫{COURT_NO}执{10_000 + secrets.randbelow(NUMBERS)}号"
        order = {"case_no": number, "cause": "民间借贷纠纷", "parties": parties}
        entered = stage.clerk.once("/cases", order, (201, 409))
        stage.case = entered.body if entered.status == 201 else {}
    must(len(stage.case["parties"]) == 2, "案件应有两位当事人", "the case should have two parties")
    stage.tell.step(
        f"书记员{stage.clerk.name}登录，录入{stage.case['case_no']}，两位当事人。",
        "The clerk signs in and enters a case with two parties.",
    )


def ask_for_service(stage: Stage) -> None:
    """A GCJ-02 point off a map site finds its cell, and the cell its worker."""
    before = stage.worker.get("/worklist").version or 0
    stage.worker.put(f"/devices/{stage.phone.installation_id}", {"channel": "log"}, 204)
    task = stage.ask("SERVE", stage.home, "送达执行通知书一份，请本人签收。").body
    stage.first = task["id"]
    raw, point = task["point_as_given"], task["point"]
    shift = metres(raw["lon"], raw["lat"], point["lon"], point["lat"])
    must(task["cell_code"] == stage.home["code"], "落错了网格", "the wrong cell")
    stage.tell.step(
        f"请求送达。坐标抄自地图网站（GCJ-02），纠偏 {shift:.0f} 米，落在{stage.home['name']}。",
        f"Papers to serve at a map site's GCJ-02 point; {shift:.0f} m put right, it has a cell.",
    )
    must((given := task["assignment"]) is not None, "没有派出去", "nobody was given the task")
    must(given["worker"]["login"] == stage.worker.login, "派错了人", "given to somebody else")
    zh, _, en = given["reason"].partition(" / ")
    stage.tell.step(f"同时派给{stage.worker.name}：{zh}。", f"At once it is given: {en}.")
    _look_at_the_phone(stage, before)


def _look_at_the_phone(stage: Stage, before: int) -> None:
    """The list has grown, the push promised covers it, and asking again costs next to nothing."""
    fetched = stage.worker.get("/worklist")
    must((fetched.version or 0) > before, "名单没有变", "the list has not changed")
    must(fetched.body["covers"] == fetched.version, "名单没有覆盖推送", "the list does not cover the push")
    task = stage.on_list(stage.worker, stage.first)
    must(task["address"].endswith("1号"), "名单缺少地址", "the list lacks the address")
    again = stage.worker.get("/worklist", 304, seen=fetched.version)
    must(again.length == 0, "304 不应有内容", "a 304 should be empty")
    stage.tell.step(
        f"推送只含设备代号和序号 {fetched.version}，没有姓名、案号、地址；名单 200，再问 304。",
        "The push holds two numbers, no name, no case. The list is 200; again, 304.",
    )


def accept(stage: Stage) -> None:
    """The worker takes it on."""
    state = stage.move(stage.worker, stage.first, "accept")["state"]
    must(state == "accepted", f"签收后是 {state}", f"accepted, but it is {state}")
    stage.tell.step(f"{stage.worker.name}签收。", "The worker accepts.")


def find_nobody_home(stage: Stage) -> None:
    """The first visit is recorded without a network and sent afterwards, by a phone whose clock is wrong."""
    item = stage.phone.note(stage.on_list(stage.worker, stage.first), "NOT_HOME", "敲门无人应答。", done=False)
    batch = stage.phone.batch(item)
    answer = stage.phone.send(batch)
    must(answer["status"] == "accepted", "上报未被接受", "the report was not accepted")
    must("clock_skewed" in answer["marks"], "没有发现时钟不准", "the wrong clock went unnoticed")
    task = stage.clerk.get(f"/tasks/{stage.first}").body
    asked, tried = (datetime.fromisoformat(task[name]) for name in ("created_at", "first_attempt_at"))
    must(asked <= tried < asked + timedelta(minutes=5), "时间没有校正", "the time was not corrected")
    stage.tell.step(
        "第一次上门，无人在家。离线记录，随后上传；手机快 9 分钟，服务器已校正并标注。",
        "Nobody home. Kept offline, sent later; its clock, 9 min fast, is put right.",
    )
    again = stage.phone.send(batch)
    must((again["status"], again["marks"]) == (answer["status"], answer["marks"]), "答复不同", "another answer")
    story = stage.clerk.get(f"/tasks/{stage.first}/timeline").body["items"]
    tries = [each for each in story if each["action"] == "attempt.recorded"]
    must(len(tries) == 1, f"记了 {len(tries)} 次", f"recorded {len(tries)} times")
    stage.tell.step(
        "信号不好，同一份又发了一遍：答复相同，只记一次。",
        "A bad line, so the phone sends it again: the same answer, recorded once.",
    )


def send_it_back(stage: Stage) -> None:
    """The clerk returns the report, and the worker reads why."""
    stage.move(stage.clerk, stage.first, "return", reason=RETURNED)
    task = stage.on_list(stage.worker, stage.first)
    must(task["return_reason"] == RETURNED, "看不到退回原因", "the reason does not show")
    stage.tell.step(
        f"书记员退回：“{RETURNED}”网格员在名单上看到原因。",
        "The clerk sends it back: the receipt lacks a date. The worker reads why.",
    )


def close(stage: Stage) -> None:
    """The worker reports again, the clerk closes, and the phone confirms that it holds nothing any more."""
    mend_the_receipt(stage)
    state = stage.move(stage.clerk, stage.first, "close")["state"]
    must(state == "closed", f"办结后是 {state}", f"closed, but it is {state}")
    stage.unfinished.remove(stage.first)
    left = stage.worker.get("/worklist")
    must(stage.first in left.body["withdrawn"], "没有让手机清除", "the phone was not told to drop it")
    stage.worker.get("/worklist", 304, seen=left.version)
    must(stage.first not in stage.worker.get("/worklist").body["withdrawn"], "清除未确认", "dropping went unconfirmed")
    stage.tell.step(
        "补正后再次上报，书记员办结；任务从手机上消失，手机也确认了。",
        "Put right, reported, closed. It leaves the phone, and the phone confirms.",
    )

"""The receipt: what the server asks for, how the picture of it travels, and the papers that come of it."""

from __future__ import annotations

import hashlib
import random
import secrets
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

from field.cli.demo.pictures import signed_receipt
from field.cli.demo.walk.api import must
from field.cli.demo.walk.stage import Facts, Stage
from field.rules.calendar import court_day

CUT = 0.6
"""How much of the picture has arrived when the line breaks."""


def forget_the_receipt(stage: Stage) -> None:
    """The second visit finds the addressee; handing in without the signed receipt is refused, by name and article."""
    answer = stage.phone.send(stage.phone.batch(_served(stage, "本人签收，回证已带回。")))
    must(answer["status"] == "rejected", "缺回证也收下了", "taken without a receipt")
    missing = {each["piece"]: each for each in answer["missing"]}
    must("RECEIPT_SIGNED" in missing, "没说缺什么", "it does not say what is missing")
    zh, _, en = missing["RECEIPT_SIGNED"]["article"].partition(" / ")
    stage.tell.step(
        f"第二次上门，本人签收，没拍回证：不收，写明缺它（{zh}）。",
        f"Signed for, no photo of the receipt: refused ({en}).",
    )


def send_the_receipt(stage: Stage) -> None:
    """Declared with its digest, handed in, then uploaded with a break in the middle; the seal hands the task in."""
    item = _served(stage, "本人签收，回证已带回。")
    picture = declare(stage, item)
    answer = stage.phone.send(stage.phone.batch(item))
    must((answer["status"], answer["code"]) == ("held", "evidence_awaited"), "没有等材料", "it does not wait")
    cut = int(len(picture["body"]) * CUT)
    sent = stage.worker.upload(picture["upload_url"], picture["body"][:cut], 0)
    must(sent == cut, "续传位置不对", "the upload stands elsewhere")
    stage.worker.upload(picture["upload_url"], picture["body"][cut:], sent)
    _state(stage, "in_progress")
    sealed = stage.worker.post(f"/evidence/{picture['id']}/seal").body
    must(sealed["sha256"] == picture["sha256"], "封存的不是这一张", "another picture was sealed")
    _state(stage, "reported")
    size, mark = len(picture["body"]) // 1024, picture["sha256"][:12]
    stage.tell.step(
        f"补拍：先报摘要 {mark}…，再传 {size} kB，断线续传；核对、封存，即上报。",
        f"The photo: digest first, then {size} kB with a break; sealed, so handed in.",
    )


def mend_the_receipt(stage: Stage) -> None:
    """After the return the receipt is taken anew; the first one stays."""
    item = _served(stage, "已补签收日期。")
    picture = declare(stage, item)
    stage.phone.send(stage.phone.batch(item))
    stage.worker.upload(picture["upload_url"], picture["body"], 0)
    stage.worker.post(f"/evidence/{picture['id']}/seal")
    _state(stage, "reported")
    kept = stage.clerk.get(f"/tasks/{stage.first}/evidence").body["items"]
    must(len(kept) == 2, f"存了 {len(kept)} 份", f"{len(kept)} pieces are kept")


def print_the_receipt(stage: Stage) -> None:
    """The return of service prints itself, and anybody who holds it can ask whether it is genuine."""
    paper = stage.clerk.file(f"/tasks/{stage.first}/documents/receipt.pdf")
    must(paper.startswith(b"%PDF"), "不是 PDF", "not a PDF")
    again = stage.clerk.file(f"/tasks/{stage.first}/documents/receipt.pdf")
    must(paper == again, "两次打印不一样", "printed twice, it differs")
    bundle = stage.clerk.file(f"/tasks/{stage.first}/bundle")
    must(bundle.startswith(b"PK"), "不是 zip", "not a zip")
    stage.tell.step(
        f"送达回证自动成文，{len(paper) // 1024} kB，附图与二维码；印两次，逐字节相同。",
        f"The return of service prints itself: {len(paper) // 1024} kB, twice the same bytes.",
    )
    with zipfile.ZipFile(BytesIO(bundle)) as inside:
        stage.verifier = inside.read("verify.py")
    faults = stage.check_bundle(bundle)
    must(not faults, f"证据包有误：{faults}", f"the bundle has faults: {faults}")
    broken = bytearray(bundle)
    broken[random.Random(1).randrange(len(bundle) // 3, len(bundle) // 2)] ^= 1  # noqa: S311
    must(bool(stage.check_bundle(bytes(broken))), "改了一位没有发现", "one changed bit went unnoticed")
    stage.tell.step(
        f"证据包 {len(bundle) // 1024} kB，不靠本系统也能核对：完好；改一位，即被指出。",
        f"A bundle of {len(bundle) // 1024} kB checks without us: whole; one bit changed is named.",
    )


def declare(stage: Stage, item: Facts) -> dict[str, Any]:
    """Take a picture for an attempt and declare it; return it with where its bytes go."""
    body = signed_receipt(random.Random(secrets.randbits(64))).body  # noqa: S311
    sha256 = hashlib.sha256(body).hexdigest()
    order = {
        "client_id": str(uuid4()),
        "task_id": item["task_id"],
        "attempt_id": item["client_id"],
        "fence": item["fence"],
        "kind": "RECEIPT_SIGNED",
        "sha256": sha256,
        "size": len(body),
        "media_type": "image/jpeg",
        "point": item["point"],
        "captured_at": item["captured_at"],
        "captured_mono_ms": item["captured_mono_ms"],
        **stage.phone.clock("sent"),
    }
    told = stage.worker.post("/evidence", order, 201).body
    return {"id": told["id"], "upload_url": told["upload_url"], "sha256": sha256, "body": body}


def _served(stage: Stage, note: str) -> dict[str, Any]:
    """Record at the door that the addressee signed."""
    task = stage.on_list(stage.worker, stage.first)
    item = stage.phone.note(task, "SERVED_SELF", note, done=True)
    today = court_day(datetime.now(UTC)).isoformat()
    signed = {"capacity": "SELF", "name": task["party_name"], "sign_kind": "SIGNATURE", "signed_on": today}
    return {**item, "place": "RESIDENCE", "receiver": signed}


def _state(stage: Stage, wanted: str) -> None:
    state = stage.clerk.get(f"/tasks/{stage.first}").body["state"]
    must(state == wanted, f"现在是 {state}", f"it stands {state}, not {wanted}")

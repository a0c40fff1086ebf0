"""Uploads over lines that break, from a real browser, through killed servers and a full disk."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Evidence, EvidenceObject
from field.models.engine import make_engine
from field.vault.local_objects import LocalObjects
from tests.cutting import cut_line
from tests.files import declaration, photo
from tests.serving import Served, Site, build_site, served

CHROMIUM = Path("/usr/bin/chromium")
UPLOADS, PART = 300, 16_384
TUS = {"Tus_Resumable": "1.0.0", "Content_Type": "application/offset+octet-stream"}
PAGE = """async ({token, taskId, sizes, part}) => {
  const bearer = {Authorization: `Bearer ${token}`}
  const hex = buffer => Array.from(new Uint8Array(buffer), byte => byte.toString(16).padStart(2, '0')).join('')
  const patiently = async (path, body) => {
    for (;;) {
      try {
        const headers = {...bearer, 'Content-Type': 'application/json'}
        const answer = await fetch('/api/v1' + path, {method: 'POST', headers, body})
        if (answer.status < 500 && answer.status != 423) return await answer.json()
      } catch (broken) { }
      await new Promise(done => setTimeout(done, 20))
    }
  }
  const one = async size => {
    const body = new Uint8Array(size)
    crypto.getRandomValues(body.subarray(0, Math.min(size, 65536)))
    crypto.getRandomValues(body.subarray(Math.min(size, 65536)))
    body.set(new TextEncoder().encode('%PDF-1.7 '))
    const sha256 = hex(await crypto.subtle.digest('SHA-256', body))
    const id = crypto.randomUUID(), at = new Date().toISOString()
    const declared = await patiently('/evidence', JSON.stringify({
      client_id: id, task_id: taskId, attempt_id: crypto.randomUUID(), fence: 1, kind: 'RECEIPT_SIGNED', sha256, size,
      media_type: 'application/pdf', captured_at: at, sent_at: at,
    }))
    await new Promise((done, failed) => new tus.Upload(new Blob([body]), {
      uploadUrl: declared.upload_url, headers: bearer, chunkSize: part, retryDelays: Array(200).fill(10),
      storeFingerprintForResuming: false, onSuccess: done, onError: failed,
    }).start())
    const sealed = await patiently(`/evidence/${id}/seal`, '')
    return {id, sha256, sealed: sealed.sha256, state: sealed.state}
  }
  const done = [], waiting = [...sizes]
  const work = async () => { while (waiting.length) done.push(await one(waiting.pop())) }
  await Promise.all(Array.from({length: 6}, work))
  return done
}"""


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Site:
    """A worker with a task in hand."""
    return build_site(database_url, tmp_path)


@contextmanager
def rows(site: Site) -> Iterator[Session]:
    """What is stored."""
    engine = make_engine(site.url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def objects(site: Site) -> LocalObjects:
    """The site's store."""
    return LocalObjects(site.home / "evidence")


def test_a_browser_sends_300_files_over_a_line_that_breaks(site: Site, rng: random.Random) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  it is slow to load, and most runs skip nothing else

    sizes = [rng.randint(5_000, 80_000) for _ in range(UPLOADS)]
    began = time.monotonic()
    with served(site) as server, cut_line(server.port, rng, mean=50_000) as (port, counted), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/api/v1/docs")
        page.goto(f"http://127.0.0.1:{port}/healthz")
        script = (Path(__file__).parents[2] / "field/web/static/tus.min.js").read_text()
        page.evaluate(script)
        page.set_default_timeout(120_000)
        done = page.evaluate(PAGE, {"token": site.worker, "taskId": str(site.task_id), "sizes": sizes, "part": PART})
        browser.close()
    resent = counted.bodies - sum(sizes)
    print(
        f"{len(done)} uploads, {sum(sizes)} bytes, {counted.cuts} cuts of {counted.connections} connections, "
        f"{resent} bytes sent again: {resent / max(1, counted.cuts) / PART:.2f} parts a cut; "
        f"{time.monotonic() - began:.1f} s"
    )
    assert len(done) == UPLOADS
    assert all(each["state"] == "sealed" and each["sealed"] == each["sha256"] for each in done)
    store = objects(site)
    for each in done:
        assert hashlib.sha256(store.get(bytes.fromhex(each["sha256"]))).hexdigest() == each["sha256"]
    assert counted.cuts >= UPLOADS / 2
    assert resent <= counted.cuts * PART
    assert list(site.staging.iterdir()) == []


def declare(server: Served, site: Site, body: bytes, **members: Any) -> str:
    """Declare a file; return its path below the API."""
    status, _, answer = server.send("POST", "/evidence", declaration(site.task_id, body, **members))
    assert status in (200, 201), answer
    return f"/evidence/{json.loads(answer)['id']}"


def offset(server: Served, piece: str) -> int:
    """Ask how much has arrived."""
    status, headers, _ = server.send("HEAD", f"{piece}/upload", Tus_Resumable="1.0.0")
    assert status == 200
    return int(headers["upload-offset"])


def patch(server: Served, piece: str, body: bytes, at: int, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Send a part."""
    return server.send("PATCH", f"{piece}/upload", body, Upload_Offset=str(at), **TUS, **headers)


def begun(server: Served, piece: str, body: bytes, at: int, sent: int) -> socket.socket:
    """Begin to send what is left of a file and stop after some bytes, the line still open."""
    line = socket.create_connection(("127.0.0.1", server.port))
    head = f"PATCH /api/v1{piece}/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
    head += f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {at}\r\nContent-Type: application/offset+octet-stream\r\n"
    line.sendall(f"{head}Content-Length: {len(body) - at}\r\n\r\n".encode() + body[at : at + sent])
    return line


def eventually(holds: Any, within_s: float = 10.0) -> None:
    """Wait until something holds."""
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_arrived_before_the_cut_stays_and_a_second_writer_waits(site: Site) -> None:
    body = photo(400_000)
    with served(site) as server:
        piece = declare(server, site, body)
        line = begun(server, piece, body, 0, 150_000)
        eventually(lambda: offset(server, piece) >= 131_072)
        status, _, answer = patch(server, piece, body, 0)
        assert (status, json.loads(answer)["code"]) == (409, "upload_offset_wrong")
        known = offset(server, piece)
        status, headers, answer = patch(server, piece, body[known:], known)
        assert (status, json.loads(answer)["code"]) == (423, "upload_busy")
        assert headers["tus-resumable"] == "1.0.0"
        line.close()
        eventually(lambda: offset(server, piece) == 150_000)
        eventually(lambda: patch(server, piece, body[150_000:], 150_000, Upload_Seal="1")[0] == 204)
        assert server.send("GET", piece)[2].count(b'"sealed"')
    assert objects(site).get(hashlib.sha256(body).digest()) == body


def test_a_line_that_went_silent_does_not_keep_the_phone_out(site: Site) -> None:
    body = photo(400_000)
    with served(site) as server:
        piece = declare(server, site, body)
        silent = begun(server, piece, body, 0, 140_000)
        eventually(lambda: offset(server, piece) == 131_072)
        past = time.time() - 60
        [file] = site.staging.iterdir()
        os.utime(file, (past, past))
        assert patch(server, piece, body[131_072:], 131_072, Upload_Seal="1")[0] == 204
        silent.sendall(body[140_000:])
        assert b" 423 " in silent.recv(100)
        silent.close()
    assert objects(site).get(hashlib.sha256(body).digest()) == body
    assert list(site.staging.iterdir()) == []


def test_a_killed_server_loses_nothing_it_has_confirmed(site: Site, rng: random.Random) -> None:
    """Uploads go on meanwhile: whatever was confirmed, as an offset or as sealed, is there after each kill."""
    confirmed: dict[str, tuple[bytes, int, bool]] = {}
    for _ in range(4):
        with served(site) as server, ThreadPoolExecutor(4) as pool:
            for piece, (body, size, seals) in confirmed.items():
                assert offset(server, piece) >= size
                if seals:
                    assert json.loads(server.send("GET", piece)[2])["state"] == "sealed"
                    assert objects(site).get(hashlib.sha256(body).digest()) == body
            working = [pool.submit(_go_on, server, site, confirmed, random.Random(rng.random())) for _ in range(4)]
            time.sleep(rng.uniform(0.4, 1.2))
            server.kill()
            for each in working:
                each.result()
    assert sum(seals for _, _, seals in confirmed.values()) >= 8
    with rows(site) as session:
        digests = session.scalars(select(EvidenceObject.sha256)).all()
        sealed = session.scalars(select(Evidence.object_sha256).where(Evidence.state == "sealed")).all()
    assert set(sealed) <= set(digests)
    assert all(objects(site).exists(each) for each in digests)


def _go_on(server: Served, site: Site, confirmed: dict[str, tuple[bytes, int, bool]], rng: random.Random) -> None:
    try:
        while True:
            body = photo(rng.randint(20_000, 300_000), rng)
            piece = declare(server, site, body)
            at = 0
            while at < len(body):
                part = body[at : at + rng.randint(5_000, 90_000)]
                status, headers, _ = patch(server, piece, part, at)
                assert status == 204
                at = int(headers["upload-offset"])
                confirmed[piece] = body, at, False
            status, _, _ = server.send("POST", f"{piece}/seal")
            assert status == 200
            confirmed[piece] = body, at, True
    except (OSError, HTTPException):
        return


def test_a_full_disk_is_told_and_the_same_upload_goes_on(site: Site) -> None:
    """A real file system of one megabyte, filled to the brim."""
    site.staging.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(site.staging)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no right to mount a file system")
    try:
        body = photo(300_000)
        ballast = site.staging / "ballast"
        ballast.write_bytes(bytes(900_000))
        with served(site) as server:
            piece = declare(server, site, body)
            status, _, answer = patch(server, piece, body, 0, Upload_Seal="1")
            assert (status, json.loads(answer)["code"]) == (507, "disk_full")
            assert json.loads(answer)["retryable"]
            known = offset(server, piece)
            assert 0 < known < len(body)
            status, _, answer = server.send("POST", f"{piece}/seal")
            assert (status, json.loads(answer)["code"]) == (409, "upload_incomplete")
            ballast.unlink()
            assert patch(server, piece, body[known:], known, Upload_Seal="1")[0] == 204
        assert objects(site).get(hashlib.sha256(body).digest()) == body
    finally:
        subprocess.run(["umount", str(site.staging)], check=True)


def test_a_file_that_the_system_will_not_let_grow_is_told_as_a_full_disk(site: Site) -> None:
    """The limit is set on the running server's processes, and taken away again."""
    body = photo(300_000)
    with served(site, GRIDFIELD_WORKERS="1") as server:
        piece = declare(server, site, body)
        workers = [int(each) for each in _children(server.process.pid)]
        for pid in workers:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        status, _, answer = patch(server, piece, body, 0)
        assert (status, json.loads(answer)["code"]) == (507, "disk_full")
        known = offset(server, piece)
        assert known == 100_000
        for pid in workers:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert patch(server, piece, body[known:], known, Upload_Seal="1")[0] == 204
    assert objects(site).get(hashlib.sha256(body).digest()) == body


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_eight_seals_at_once_seal_once(site: Site) -> None:
    body = photo(200_000)
    with served(site) as server:
        for _ in range(5):
            piece = declare(server, site, body)
            assert patch(server, piece, body, 0)[0] == 204
            together = threading.Barrier(8)

            def seal(piece: str = piece, together: threading.Barrier = together) -> tuple[int, bytes]:
                together.wait()
                status, _, answer = server.send("POST", f"{piece}/seal")
                return status, answer

            with ThreadPoolExecutor(8) as pool:
                answered = {each.result() for each in [pool.submit(seal) for _ in range(8)]}
            assert len(answered) == 1
            assert next(iter(answered))[0] == 200
    with rows(site) as session:
        assert len(session.scalars(select(EvidenceObject.sha256)).all()) == 1
        assert len(session.scalars(select(Evidence.id).where(Evidence.state == "sealed")).all()) == 5


def test_two_writers_at_once_never_mix(site: Site) -> None:
    body = photo(250_000)
    with served(site) as server:
        for _ in range(6):
            piece = declare(server, site, body)
            with ThreadPoolExecutor(2) as pool:
                tries = [pool.submit(patch, server, piece, body, 0) for _ in range(2)]
                statuses = sorted(each.result()[0] for each in tries)
            assert statuses[0] == 204
            assert statuses[1] in (409, 423)
            assert server.send("POST", f"{piece}/seal")[0] == 200

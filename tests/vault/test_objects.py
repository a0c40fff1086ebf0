"""Sealed bytes in a folder and in a store that speaks S3: the same promises, tried on both."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest
import requests
from moto.server import ThreadedMotoServer

from field.vault.digests import measure, new_sm3
from field.vault.local_objects import LocalObjects
from field.vault.objects import ObjectStore, StoreDown, digest_of
from field.vault.remote_objects import RemoteObjects
from field.vault.stores import open_store

BODY = bytes(range(256)) * 12_000
SHA256 = hashlib.sha256(BODY).digest()
LATER = datetime.now(UTC) + timedelta(days=1)
KEYS = {"region": "us-east-1", "access_key_id": "made-up", "secret_access_key": "made-up"}


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a made-up S3."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store((tmp_path / "a store").as_uri(), {})
    endpoint = request.getfixturevalue("s3")
    bucket = f"bucket-{time.monotonic_ns()}"
    requests.put(f"{endpoint}/{bucket}", timeout=10).raise_for_status()
    return open_store(f"s3://{bucket}/some/prefix", KEYS | {"endpoint": endpoint})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(BODY)
    return path


def test_put_read_in_ranges_and_delete(store: ObjectStore, file: Path) -> None:
    assert not store.exists(SHA256)
    store.put(SHA256, file)
    store.put(SHA256, file)
    file.unlink()
    assert store.exists(SHA256)
    assert store.get(SHA256) == BODY
    assert b"".join(store.open(SHA256)) == BODY
    assert b"".join(store.open(SHA256, 5, 2_500_000)) == BODY[5:2_500_000]
    assert b"".join(store.open(SHA256, 3_000_000)) == BODY[3_000_000:]
    assert [each.sha256 for each in store.stored(LATER)] == [SHA256]
    assert list(store.stored(LATER - timedelta(days=2))) == []
    assert not store.delete(SHA256, LATER - timedelta(days=2))
    assert store.delete(SHA256, LATER)
    assert not store.delete(SHA256, LATER)
    for read in (store.get, store.open):
        with pytest.raises(FileNotFoundError):
            read(SHA256)


def test_a_probe_leaves_nothing(store: ObjectStore) -> None:
    assert store.probe()
    assert list(store.stored(LATER)) == []


def test_an_object_in_s3_is_never_written_over(s3: str, file: Path) -> None:
    """Conditionally in one piece; in parts only after a look."""
    requests.put(f"{s3}/once", timeout=10).raise_for_status()
    store = RemoteObjects("once", "evidence", KEYS | {"endpoint": s3})
    store.put(SHA256, file)
    other = file.with_name("other")
    other.write_bytes(b"other bytes under the same name")
    store.put(SHA256, other)
    store = RemoteObjects("once", "evidence", KEYS | {"endpoint": s3}, at_once=10)
    store.put(SHA256, other)
    assert store.get(SHA256) == BODY
    key = f"{SHA256.hex()[:2]}/{SHA256.hex()}"
    assert [each["path"] for batch in obstore.list(store._store) for each in batch] == [key]
    large = hashlib.sha256(b"large").digest()
    store.put(large, file)
    assert store.get(large) == BODY


def test_a_store_that_does_not_answer_is_down(file: Path) -> None:
    store = RemoteObjects("nowhere", "x", KEYS | {"endpoint": "http://127.0.0.1:1"})
    store._store = type(store._store)(
        "nowhere", config=KEYS | {"endpoint": "http://127.0.0.1:1"},  # type: ignore[arg-type]
        client_options={"allow_http": True}, retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
    )  # fmt: skip
    for ask in (lambda: store.put(SHA256, file), lambda: store.exists(SHA256), lambda: store.get(SHA256), store.probe):
        with pytest.raises(StoreDown):
            ask()


def test_on_another_disk_it_is_copied(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    store = LocalObjects(tmp_path / "store")
    store.put(SHA256, file)
    file.write_bytes(b"")
    assert store.get(SHA256) == BODY


def test_leftovers_of_a_killed_writer_are_cleared(tmp_path: Path, file: Path) -> None:
    store = LocalObjects(tmp_path / "store")
    store.put(SHA256, file)
    folder = tmp_path / "store" / SHA256.hex()[:2]
    (folder / ".halfway").touch()
    (folder / "stray").touch()
    past = time.time() - 100
    for path in folder.iterdir():
        os.utime(path, (past, past))
    assert [each.sha256 for each in store.stored(datetime.now(UTC))] == [SHA256]
    assert sorted(path.name for path in folder.iterdir()) == sorted([SHA256.hex(), "stray"])


def test_names_that_are_no_objects() -> None:
    name = SHA256.hex()
    assert digest_of(f"{name[:2]}/{name}") == digest_of(f"prefix/{name[:2]}/{name}") == SHA256
    for other in (name, f"00/{name}", f"{name[:2]}/{name}.jpg", "derived/x", f"{name[:2]}/{name[:-2]}", ""):
        assert digest_of(other) is None


def test_bytes_are_measured_in_one_pass(file: Path) -> None:
    """SM3 by its standard's own example (GB/T 32905-2016, A.1)."""
    digest = new_sm3()
    digest.update(b"abc")
    assert digest.digest().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    found = measure(file, 10)
    assert (found.size, found.sha256, found.head) == (len(BODY), SHA256, BODY[:10])
    assert found.sm3 == hashlib.new("sm3", BODY).digest()
    file.write_bytes(b"")
    assert measure(file, 10).size == 0

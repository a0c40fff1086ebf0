"""Smaller copies are kept beside the sealed bytes, in a folder or in a bucket, and may be lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from moto.server import ThreadedMotoServer

from field.vault.copies import Copies, open_copies
from field.vault.objects import StoreDown
from field.vault.pictures import Size

SHA256 = bytes(range(32))
MADE = {Size.THUMBNAIL: b"small", Size.COPY: b"larger"}
ACCESS = {"region": "us-east-1", "access_key_id": "made-up", "secret_access_key": "made-up"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server that speaks S3."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def copies(request: pytest.FixtureRequest, tmp_path: Path) -> Copies:
    """An empty place for copies."""
    if request.param == "folder":
        return open_copies(tmp_path.as_uri(), {})
    endpoint, bucket = request.getfixturevalue("s3"), f"copies-{uuid4().hex}"
    with urlopen(Request(f"{endpoint}/{bucket}", method="PUT")) as made:
        assert made.status == 200
    return open_copies(f"s3://{bucket}/evidence", ACCESS | {"endpoint": endpoint})


def test_what_was_put_is_got_and_what_was_not_is_not_there(copies: Copies) -> None:
    assert [copies.get(SHA256, size) for size in Size] == [None, None]
    copies.put(SHA256, MADE)
    assert {size: copies.get(SHA256, size) for size in Size} == MADE
    assert copies.get(bytes(32), Size.COPY) is None
    copies.put(SHA256, {Size.COPY: b"made anew"})
    assert (copies.get(SHA256, Size.COPY), copies.get(SHA256, Size.THUMBNAIL)) == (b"made anew", b"small")


def test_a_folder_holds_them_apart_from_the_sealed_bytes(tmp_path: Path) -> None:
    open_copies(tmp_path.as_uri(), {}).put(SHA256, MADE)
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert files == [f"derived/{SHA256.hex()}/copy.jpg", f"derived/{SHA256.hex()}/thumbnail.jpg"]


def test_a_store_that_is_gone_is_said_so() -> None:
    lost = open_copies("s3://no-such-bucket/x", ACCESS | {"endpoint": "http://127.0.0.1:1"})
    with pytest.raises(StoreDown):
        lost.get(SHA256, Size.COPY)

"""Types by their own bytes, what each kind takes, and that nothing needless is taken."""

from __future__ import annotations

import pytest

from field.rules.evidence import FILE_KINDS, EvidenceKind
from field.rules.media import LARGEST, MEDIA, allowed_types, check_content, check_media, sniff, wanted_kinds
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind
from tests.files import tiny_jpeg

K = EvidenceKind
FILES = {
    "image/jpeg": tiny_jpeg(),
    "image/png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "video/mp4": b"\0\0\0\x18ftypmp42\0\0\0\0",
    "video/quicktime": b"\0\0\0\x14ftypqt  \0\0\0\0",
    "video/webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
    "audio/ogg": b"OggS\0\x02",
    "audio/mp4": b"\0\0\0\x1cftypM4A \0\0\0\0",
    "audio/mpeg": b"\xff\xfb\x90\x64",
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "application/pdf": b"%PDF-1.7\n",
}


def test_every_type_is_told_by_its_bytes() -> None:
    assert {name: sniff(head) for name, head in FILES.items()} == {name: name for name in MEDIA}


@pytest.mark.parametrize(
    "head",
    [
        b"", b"\xff", b"GIF89a", b"<html>", b"<svg", b"PK\x03\x04", b"MZ", b"\x7fELF", b"\0\0\0\x18ftypheic",
        b"RIFF\x24\0\0\0AVI ", b"\x1aE\xdf\xa3matroska", b"\xff\xf1\x50\x80", b"\xff\xfe\0\0", b"\xff\xfb\xf0\x64",
        b"#!/bin/sh",
    ],
)  # fmt: skip
def test_all_else_is_nothing_we_take(head: bytes) -> None:
    assert sniff(head) is None
    with pytest.raises(Refused, match="media_type_not_allowed"):
        check_content(K.PHOTO_DOOR, head, 10)


def test_each_kind_takes_its_own() -> None:
    pictures, films, sounds = (
        ["image/jpeg", "image/png", "image/webp"],
        {"video/mp4", "video/webm", "video/quicktime"},
        4,
    )
    assert allowed_types(K.PHOTO_SCENE) == pictures
    assert set(allowed_types(K.VIDEO_SERVICE)) == films
    assert len(allowed_types(K.AUDIO_CALL)) == sounds
    assert allowed_types(K.RECEIPT_SIGNED) == [*pictures, "application/pdf"]
    assert all(allowed_types(kind) for kind in FILE_KINDS)


def test_names_and_sizes() -> None:
    assert check_media(K.PHOTO_DOOR, "Image/JPEG; q=1", 20_000_000) == "image/jpeg"
    assert check_media(K.AUDIO_CALL, "audio/x-m4a", 1) == "audio/mp4"
    for kind, name, largest in (
        (K.PHOTO_DOOR, "image/jpeg", 20_000_000),
        (K.VIDEO_SERVICE, "video/mp4", 200_000_000),
        (K.AUDIO_CALL, "audio/ogg", 50_000_000),
    ):
        check_media(kind, name, largest)
        with pytest.raises(Refused) as refused:
            check_media(kind, name, largest + 1)
        assert (refused.value.code, refused.value.facts) == ("evidence_too_large", {"largest": largest})
    assert set(LARGEST) == set(MEDIA.values())


def test_only_what_some_outcome_needs_is_taken() -> None:
    assert {K.RECEIPT_SIGNED, K.ADDRESS_FORM, K.PHOTO_DOOR, K.VIDEO_SERVICE} <= wanted_kinds(TaskKind.SERVE)
    assert wanted_kinds(TaskKind.PETITION) == {K.STATEMENT_SIGNED}
    assert K.RECEIPT_SIGNED not in wanted_kinds(TaskKind.ASSET)
    for kind in TaskKind:
        assert wanted_kinds(kind) <= FILE_KINDS
        assert K.AUDIO_CALL not in wanted_kinds(kind)

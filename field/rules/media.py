"""What a file of evidence may be: its type by its own bytes, the types each kind takes, and how large each may be."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from field.rules.evidence import FILE_KINDS, EvidenceKind
from field.rules.outcomes import OUTCOMES
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind

HEAD = 4096
"""How many of a file's first bytes tell its type."""
PART = 512 * 1024
"""The size of part that phones are advised to send: half a minute on a bad line."""
_MB = 1000 * 1000


class Medium(StrEnum):
    """What sort of thing a file holds."""

    PICTURE = "picture"
    VIDEO = "video"
    SOUND = "sound"
    PAPER = "paper"


LARGEST: dict[Medium, int] = {
    Medium.PICTURE: 20 * _MB,
    Medium.VIDEO: 200 * _MB,
    Medium.SOUND: 50 * _MB,
    Medium.PAPER: 20 * _MB,
}
MEDIA: dict[str, Medium] = {
    "image/jpeg": Medium.PICTURE,
    "image/png": Medium.PICTURE,
    "image/webp": Medium.PICTURE,
    "video/mp4": Medium.VIDEO,
    "video/webm": Medium.VIDEO,
    "video/quicktime": Medium.VIDEO,
    "audio/ogg": Medium.SOUND,
    "audio/mp4": Medium.SOUND,
    "audio/mpeg": Medium.SOUND,
    "audio/wav": Medium.SOUND,
    "application/pdf": Medium.PAPER,
}
ENDINGS: dict[str, str] = {
    "image/jpeg": "jpg",
    "video/quicktime": "mov",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
}
"""How a file of this type is called where that is not the type's own name."""
_SAME = {"audio/m4a": "audio/mp4", "audio/x-m4a": "audio/mp4", "audio/mp3": "audio/mpeg", "audio/x-wav": "audio/wav"}
_OWN = {EvidenceKind.VIDEO_SERVICE: Medium.VIDEO, EvidenceKind.AUDIO_CALL: Medium.SOUND}


def mediums_of(kind: EvidenceKind) -> frozenset[Medium]:
    """Return what a kind may be: a recording what its name says, a photo a picture, a paper a picture or a PDF."""
    if kind in _OWN:
        return frozenset({_OWN[kind]})
    return frozenset({Medium.PICTURE} if kind.startswith("PHOTO_") else {Medium.PICTURE, Medium.PAPER})


def named(media_type: str) -> str:
    """Return the one name of a media type: without parameters, and other names for the same thing turned into ours."""
    plain = media_type.partition(";")[0].strip().lower()
    return _SAME.get(plain, plain)


def check_media(kind: EvidenceKind, media_type: str, size: int) -> str:
    """Return the type's one name; refuse `media_type_not_allowed` (422), `evidence_too_large` (413)."""
    name = named(media_type)
    medium = MEDIA.get(name)
    if medium is None or medium not in mediums_of(kind):
        raise Refused("media_type_not_allowed", allowed=allowed_types(kind))
    if size > LARGEST[medium]:
        raise Refused("evidence_too_large", largest=LARGEST[medium])
    return name


def check_content(kind: EvidenceKind, head: bytes, size: int) -> str:
    """Return the type that a file's own bytes tell, whatever was declared; refused as a declared one would be."""
    return check_media(kind, sniff(head) or "", size)


def allowed_types(kind: EvidenceKind) -> list[str]:
    """Return the media types that a kind takes."""
    return [name for name, medium in MEDIA.items() if medium in mediums_of(kind)]


def wanted_kinds(kind: TaskKind) -> frozenset[EvidenceKind]:
    """Return the files that some outcome of such a task needs or allows: nothing else is taken (国办函〔2026〕12号)."""
    pieces = {
        piece
        for outcome in OUTCOMES[kind].values()
        for way in (*(way for need in outcome.needs for way in need), outcome.optional)
        for piece in way
    }
    return frozenset(each for each in FILE_KINDS if each.value in pieces)


def sniff(head: bytes) -> str | None:
    """Return the media type that a file's first bytes tell, None for one we do not take."""
    return next((name for name, fits in _SIGNATURES if fits(head)), None)


def _starts(*signs: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signs)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _iso(*brands: bytes) -> Callable[[bytes], bool]:
    """Tell an ISO base media file by its major brand; without brands any will do."""
    return lambda head: head[4:8] == b"ftyp" and (not brands or head[8:12] in brands)


def _webm(head: bytes) -> bool:
    return head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64]


def _mpeg_sound(head: bytes) -> bool:
    """Tell MPEG-1/2 layer III: an ID3 tag, or a frame whose sync, version, layer, bit rate and sampling rate exist."""
    if head.startswith(b"ID3"):
        return True
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[1] & 0x18 != 0x08 and head[2] >> 4 not in (0, 15) and head[2] & 0x0C != 0x0C


_SIGNATURES: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("image/jpeg", _starts(b"\xff\xd8\xff")),
    ("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    ("image/webp", _riff(b"WEBP")),
    ("audio/wav", _riff(b"WAVE")),
    ("audio/mp4", _iso(b"M4A ", b"M4B ")),
    ("video/quicktime", _iso(b"qt  ")),
    (
        "video/mp4",
        _iso(b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"3gp4", b"3gp5", b"M4V "),
    ),
    ("video/webm", _webm),
    ("audio/ogg", _starts(b"OggS")),
    ("audio/mpeg", _mpeg_sound),
    ("application/pdf", _starts(b"%PDF-")),
)

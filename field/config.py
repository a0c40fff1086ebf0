"""The one reader of the environment: every setting, its default and what it is for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields
from pathlib import Path

from environs import Env

import geo.points
from field.rules.calendar import Calendar
from field.schemas.calendar_file import read_calendar


class SettingsError(ValueError):
    """A setting that cannot be used; the text names the variable and what it should be."""


def _setting(name: str, text: str, *, secret: bool = False) -> dict[str, object]:
    return {"variable": f"GRIDFIELD_{name}", "text": text, "secret": secret}


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two installations."""

    home: Path = field(metadata=_setting("HOME", "folder for the private cluster, keys and logs"))
    database_url: str | None = field(
        metadata=_setting("DATABASE_URL", "a PostgreSQL of your own instead of the private cluster", secret=True)
    )
    env: str = field(metadata=_setting("ENV", "development or production (first passwords must be changed)"))
    host: str = field(metadata=_setting("HOST", "address the web server listens on"))
    port: int = field(metadata=_setting("PORT", "port the web server listens on"))
    workers: int = field(metadata=_setting("WORKERS", "web server processes"))
    threads: int = field(metadata=_setting("THREADS", "requests at once per web server process"))
    secret_key: str | None = field(
        metadata=_setting("SECRET_KEY", "64 hex digits; without it a key file is made in the home", secret=True)
    )
    ledger_key: str | None = field(
        metadata=_setting(
            "LEDGER_KEY", "64 hex digits that sign the ledger's heads; without it a key file is made", secret=True
        )
    )
    anchor_dir: Path = field(
        metadata=_setting("ANCHOR_DIR", "folder for the signed heads of the ledger, best on another owner's machine")
    )
    channels: tuple[str, ...] = field(metadata=_setting("CHANNELS", "push channels to run: log, fcm"))
    fcm_credentials: Path | None = field(
        metadata=_setting("FCM_CREDENTIALS", "Firebase service-account file, for the fcm channel")
    )
    fcm_endpoint: str | None = field(
        metadata=_setting("FCM_ENDPOINT", "base URL of FCM, for private gateways and stubs")
    )
    open_task_limit: int = field(metadata=_setting("OPEN_TASK_LIMIT", "open tasks one worker may hold"))
    envelope: tuple[float, float, float, float] = field(
        metadata=_setting("ENVELOPE", "west,south,east,north in WGS-84 degrees; points outside are refused")
    )
    public_url: str | None = field(
        metadata=_setting("PUBLIC_URL", "address that clients use, where a proxy stands before the web server")
    )
    calendar: Path | None = field(
        metadata=_setting("CALENDAR", "TOML file of days that work or rest otherwise than the holiday library knows")
    )
    evidence_store: str = field(
        metadata=_setting("EVIDENCE_STORE", "where sealed evidence is kept: file:///folder or s3://bucket/prefix")
    )
    staging: Path = field(
        metadata=_setting("STAGING", "folder where uploads grow; all web servers of a site must share it")
    )
    s3_endpoint: str | None = field(metadata=_setting("S3_ENDPOINT", "address of an S3 store that is not Amazon's"))
    s3_region: str | None = field(metadata=_setting("S3_REGION", "region of the S3 store"))
    s3_key_id: str | None = field(metadata=_setting("S3_KEY_ID", "key id for the S3 store"))
    s3_secret: str | None = field(metadata=_setting("S3_SECRET", "secret of that key", secret=True))
    emulated: bool = field(
        metadata={
            "variable": "FIREBASE_AUTH_EMULATOR_HOST",
            "text": "must not be set: firebase-admin would then skip authentication",
            "secret": False,
        }
    )

    @property
    def production(self) -> bool:
        """Whether the stricter rules for real people's data apply."""
        return self.env == "production"

    @property
    def base_url(self) -> str:
        """What addresses on papers begin with: never what a request says, or one paper would be many files."""
        return self.public_url or local_address(self.host, self.port)

    @property
    def s3(self) -> dict[str, str]:
        """How to get at the S3 store; empty where evidence is kept in a folder."""
        named = {
            "endpoint": self.s3_endpoint,
            "region": self.s3_region,
            "access_key_id": self.s3_key_id,
            "secret_access_key": self.s3_secret,
        }
        return {name: value for name, value in named.items() if value}


def local_address(host: str, port: int) -> str:
    """Return the URL under which this machine itself reaches a server listening there."""
    name = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  no binding, a name
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


HENAN = (geo.points.HENAN.west, geo.points.HENAN.south, geo.points.HENAN.east, geo.points.HENAN.north)


def load() -> Settings:
    """Read the environment once; raise SettingsError naming the first variable that makes no sense."""
    env = Env(prefix="GRIDFIELD_")
    try:
        home = Path(env.str("HOME", "var")).absolute()
        return _checked(
            Settings(
                home=home,
                database_url=env.str("DATABASE_URL", None),
                env=env.str("ENV", "development"),
                host=env.str("HOST", "127.0.0.1"),
                port=env.int("PORT", 8080),
                workers=env.int("WORKERS", 2),
                threads=env.int("THREADS", 8),
                secret_key=env.str("SECRET_KEY", None),
                ledger_key=env.str("LEDGER_KEY", None),
                anchor_dir=Path(env.str("ANCHOR_DIR", str(home / "anchors"))).absolute(),
                channels=tuple(env.list("CHANNELS", ["log"])),
                fcm_credentials=env.path("FCM_CREDENTIALS", None),
                fcm_endpoint=env.str("FCM_ENDPOINT", None),
                open_task_limit=env.int("OPEN_TASK_LIMIT", 30),
                envelope=_envelope(env.list("ENVELOPE", list(HENAN), subcast=float)),
                public_url=env.str("PUBLIC_URL", "").rstrip("/") or None,
                calendar=env.path("CALENDAR", None),
                evidence_store=env.str("EVIDENCE_STORE", (home / "evidence").as_uri()),
                staging=Path(env.str("STAGING", str(home / "staging"))).absolute(),
                s3_endpoint=env.str("S3_ENDPOINT", None),
                s3_region=env.str("S3_REGION", None),
                s3_key_id=env.str("S3_KEY_ID", None),
                s3_secret=env.str("S3_SECRET", None),
                emulated="FIREBASE_AUTH_EMULATOR_HOST" in os.environ,
            )
        )
    except SettingsError:
        raise
    except ValueError as problem:
        raise SettingsError(f"设置无效 / invalid setting: {problem}") from None


def _envelope(edges: list[float]) -> tuple[float, float, float, float]:
    if len(edges) != 4:
        raise SettingsError("GRIDFIELD_ENVELOPE: 需要四个数 west,south,east,north / needs four numbers")
    west, south, east, north = edges
    return west, south, east, north


def _checked(settings: Settings) -> Settings:
    west, south, east, north = settings.envelope
    key, ledger = settings.secret_key, settings.ledger_key
    rules = [
        (settings.env in ("development", "production"), "GRIDFIELD_ENV: development | production"),
        (0 < settings.port < 65536, "GRIDFIELD_PORT: 1–65535"),
        (settings.workers > 0 and settings.threads > 0, "GRIDFIELD_WORKERS, GRIDFIELD_THREADS: ≥ 1"),
        (settings.open_task_limit > 0, "GRIDFIELD_OPEN_TASK_LIMIT: ≥ 1"),
        (set(settings.channels) <= {"log", "fcm"}, "GRIDFIELD_CHANNELS: log, fcm"),
        (
            "fcm" not in settings.channels or settings.fcm_credentials,
            "GRIDFIELD_FCM_CREDENTIALS: 启用 fcm 时必填 / needed by fcm",
        ),
        (west < east and south < north, "GRIDFIELD_ENVELOPE: west < east, south < north"),
        (
            settings.public_url is None or re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", settings.public_url),
            "GRIDFIELD_PUBLIC_URL: https://…",
        ),
        (
            re.fullmatch(r"file:///.+|s3://[a-z0-9.-]{3,63}(/[^?#]*)?", settings.evidence_store),
            "GRIDFIELD_EVIDENCE_STORE: file:///… | s3://bucket/prefix",
        ),
        (key is None or _is_key(key), "GRIDFIELD_SECRET_KEY: 64 位十六进制 / 64 hex digits"),
        (ledger is None or _is_key(ledger), "GRIDFIELD_LEDGER_KEY: 64 位十六进制 / 64 hex digits"),
    ]
    for holds, text in rules:
        if not holds:
            raise SettingsError(f"设置无效 / invalid setting: {text}")
    return settings


def _is_key(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdefABCDEF" for letter in text)


def calendar_of(settings: Settings) -> Calendar:
    """Return the calendar that terms are counted by; raise SettingsError for a file that cannot be used."""
    if settings.calendar is None:
        return Calendar()
    try:
        return read_calendar(settings.calendar.read_text("utf-8"))
    except OSError as problem:
        raise SettingsError(f"GRIDFIELD_CALENDAR: {settings.calendar}: {problem.strerror}") from None
    except ValueError as problem:
        raise SettingsError(f"GRIDFIELD_CALENDAR: {settings.calendar}: {problem}") from None


def described(settings: Settings) -> list[tuple[str, str, str]]:
    """Return (variable, value, what it is for) for each setting, secrets hidden: for `doctor` and the README."""
    rows = []
    for each in fields(Settings):
        value = getattr(settings, each.name)
        shown = "•••" if each.metadata["secret"] and value else "" if value is None else _plain(value)
        rows.append((str(each.metadata["variable"]), shown, str(each.metadata["text"])))
    return rows


def _plain(value: object) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, tuple) else str(value)

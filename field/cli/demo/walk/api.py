"""The walk's side of the HTTP API: people who sign in, and say before each request what answer they expect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import requests

from field.cli.demo.people import DemoAccount
from field.cli.errors import CommandError

PATIENCE_S = 15
Expected = int | Collection[int]


class Surprise(Exception):
    """The server did not do what the story says it does; the text says what was expected and what came."""


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its JSON (empty where there is none), the version it names, its length in bytes."""

    status: int
    body: Mapping[str, Any]
    version: int | None
    length: int
    headers: Mapping[str, str]
    content: bytes


def must(holds: bool, zh: str, en: str) -> None:
    """Raise Surprise unless what the story is about to say is true."""
    if not holds:
        raise Surprise(f"{zh} / {en}")


@dataclass
class Server:
    """The server that the walk talks to, and nobody else: no proxy, no redirect."""

    url: str
    _http: requests.Session = field(default_factory=requests.Session, repr=False)

    def __enter__(self) -> Self:
        """Open the connections; the shell's proxy settings and .netrc have no say in where they lead."""
        self._http.trust_env = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self, method: str, path: str, expect: Expected, headers: Mapping[str, str] | None = None, **content: Any
    ) -> Reply:
        """Make one request; raise Surprise for another status than expected, CommandError when nobody answers."""
        url = f"{self.url.rstrip('/')}/api/v1{path}"
        try:
            answer = self._http.request(
                method, url, headers=headers, timeout=PATIENCE_S, allow_redirects=False, **content
            )
        except requests.RequestException:
            raise CommandError(
                f"{self.url} 没有应答：请先 make run，或用 --url 指明地址",
                f"nobody answers at {self.url}: `make run` first, or give --url",
            ) from None
        body = _object(answer)
        wanted = (expect,) if isinstance(expect, int) else expect
        if answer.status_code not in wanted:
            came, due = f"{answer.status_code} {body.get('code', '')}".strip(), "/".join(map(str, wanted))
            raise Surprise(f"{method} {path}：应答 {came}，应为 {due} / answered {came}, not {due}")
        tag = answer.headers.get("ETag", "").strip('"')
        version = int(tag) if tag.isdigit() else None
        return Reply(answer.status_code, body, version, len(answer.content), answer.headers, answer.content)

    def sign_in(self, account: DemoAccount) -> Person:
        """Sign in as a demo account; CommandError when this server has no such person."""
        credentials = {"login": account.login, "password": account.password}
        try:
            tokens = self.call("POST", "/auth/token", 200, json=credentials).body
        except Surprise as surprise:
            raise CommandError(
                f"{account.login} 登录不了：请先 gridfield demo；若提示次数过多，请稍等（{surprise}）",
                f"{account.login} cannot sign in: run `gridfield demo` first, or wait if it was tried too often",
            ) from None
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        me = self.call("GET", "/me", 200, headers=bearer).body
        return Person(self, bearer, account.login, str(me["display_name"]), me)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    server: Server
    bearer: Mapping[str, str] = field(repr=False)
    login: str
    name: str
    me: Mapping[str, Any]

    def get(self, path: str, expect: Expected = 200, *, seen: int | None = None, **query: Any) -> Reply:
        """Look at something; `seen` is the version already known."""
        known = {"If-None-Match": f'"{seen}"'} if seen is not None else {}
        return self.server.call("GET", path, expect, headers={**self.bearer, **known}, params=query)

    def post(self, path: str, body: Mapping[str, Any] | None = None, expect: Expected = 200) -> Reply:
        """Send something that carries ids of its own."""
        return self.server.call("POST", path, expect, headers=self.bearer, json=body)

    def once(
        self, path: str, body: Mapping[str, Any] | None = None, expect: Expected = 200, *, version: int | None = None
    ) -> Reply:
        """Ask for something that must happen only once, to what was seen in this version."""
        headers = {**self.bearer, "Idempotency-Key": uuid4().hex, **_if_match(version)}
        return self.server.call("POST", path, expect, headers=headers, json=body)

    def put(self, path: str, body: Mapping[str, Any], expect: Expected = 200, *, version: int | None = None) -> Reply:
        """Set something to what is sent."""
        return self.server.call("PUT", path, expect, headers={**self.bearer, **_if_match(version)}, json=body)

    def file(self, path: str) -> bytes:
        """Fetch something that is a file."""
        return self.server.call("GET", path, 200, headers=self.bearer).content

    def upload(self, url: str, part: bytes, offset: int) -> int:
        """Send the next part of an upload (tus 1.0); return where it stands afterwards."""
        tus = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        path = url.removeprefix("/api/v1")
        return int(
            self.server.call("PATCH", path, 204, headers={**self.bearer, **tus}, data=part).headers["Upload-Offset"]
        )

    def delete(self, path: str, expect: Expected = 204) -> Reply:
        """Take something away."""
        return self.server.call("DELETE", path, expect, headers=self.bearer)


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def _object(answer: requests.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}

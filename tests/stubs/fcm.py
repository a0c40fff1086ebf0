"""A loopback server that speaks FCM v1 and Google's token exchange, and answers as a test tells it to.

One thread a connection and no HTTP library, so that a load test measures the client and not this.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from base64 import urlsafe_b64decode
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PROJECT = "gridfield-test"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
#: The client names Google whatever the token server of its account.
AUDIENCE = "https://oauth2.googleapis.com/token"
_SEND = f"/v1/projects/{PROJECT}/messages:send"
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_PHRASES = {200: "OK", 302: "Found"}


@dataclass(frozen=True)
class Reply:
    """One answer: a status with a body, or silence (`hang`), or a torn connection (`reset`)."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    reset: bool = False


@dataclass(frozen=True)
class Received:
    """One push as it arrived: FCM's message object, the bearer token, and when (monotonic seconds)."""

    message: dict[str, Any]
    authorization: str
    at: float

    @property
    def address(self) -> str:
        """The registration token or installation id it was sent to."""
        address: str = self.message.get("token") or self.message["fid"]
        return address

    @property
    def body(self) -> dict[str, Any]:
        """What the app on the phone reads."""
        body: dict[str, Any] = json.loads(self.message["data"]["body"])
        return body


def refusal(
    status: int, code: str, message: str = "", *, fcm_code: str = "", field_name: str = "", wait: str = ""
) -> Reply:
    """Google's error object: its canonical `code`, FCM's own `fcm_code`, and the field that is wrong, if one is."""
    details: list[dict[str, Any]] = []
    if fcm_code:
        details.append({"@type": _FCM_ERROR, "errorCode": fcm_code})
    if field_name:
        details.append({"@type": _BAD_REQUEST, "fieldViolations": [{"field": field_name}]})
    error = {"code": status, "message": message or code, "status": code, "details": details}
    headers = {"Retry-After": wait} if wait else {}
    return Reply(status, json.dumps({"error": error}).encode(), headers)


ACCEPTED = Reply(body=json.dumps({"name": f"projects/{PROJECT}/messages/0:1"}).encode())
UNREGISTERED = refusal(404, "NOT_FOUND", "Requested entity was not found.", fcm_code="UNREGISTERED")
SENDER_MISMATCH = refusal(403, "PERMISSION_DENIED", "SenderId mismatch", fcm_code="SENDER_ID_MISMATCH")
BAD_TOKEN = refusal(
    400,
    "INVALID_ARGUMENT",
    "The registration token is not a valid FCM registration token",
    fcm_code="INVALID_ARGUMENT",
    field_name="message.token",
)
BAD_MESSAGE = refusal(
    400, "INVALID_ARGUMENT", "Invalid value", fcm_code="INVALID_ARGUMENT", field_name="message.data[0].value"
)
UNAUTHENTICATED = refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
FORBIDDEN = refusal(403, "PERMISSION_DENIED", "The caller does not have permission")
THROTTLED = refusal(429, "RESOURCE_EXHAUSTED", fcm_code="QUOTA_EXCEEDED")
INTERNAL = refusal(500, "INTERNAL", fcm_code="INTERNAL")
UNAVAILABLE = refusal(503, "UNAVAILABLE", fcm_code="UNAVAILABLE")
GARBAGE = Reply(body=b"<html>Welcome to the network</html>")
HANG = Reply(hang=True)
RESET = Reply(reset=True)
INVALID_GRANT = Reply(400, b'{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}')


class FcmStub:
    """Use as a context manager; `endpoint` and `service_account` are what the channel needs to find it.

    Each push takes the next of `replies`, else what `answer` says to its message, which is to accept.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.replies: deque[Reply] = deque()
        self.token_replies: deque[Reply] = deque()
        self.tokens_asked = 0
        self.answer: Callable[[Received], Reply] = lambda _: ACCEPTED
        self._issued: set[str] = set()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        # Shutting down wakes the thread that accepts; closing alone would leave it waiting.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # it may be ending by itself
                    connection.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """Begin anew: nothing received, nothing scripted; access tokens once issued stay good."""
        self.received.clear()
        self.replies.clear()
        self.token_replies.clear()
        self.tokens_asked = 0
        self.answer = lambda _: ACCEPTED

    def service_account(self, path: Path) -> Path:
        """Write a made-up service account whose token server is this stub."""
        pem = _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        account = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "1",
            "private_key": pem,
            "client_email": f"push@{PROJECT}.example",
            "token_uri": f"{self.endpoint}/token",
        }
        path.write_text(json.dumps(account))
        return path

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open.add(connection)
        try:
            with connection, connection.makefile("rb") as stream:
                while (line := stream.readline()).endswith(b"\r\n"):
                    reply = self._reply(line.split(b" ")[1].decode(), *_rest(stream))
                    if reply.hang:
                        self._closed.wait()
                    if reply.hang or reply.reset:
                        # No linger: the other side sees a reset, not an end.
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    connection.sendall(_encoded(reply))
        except OSError:
            return  # the client went away, as clients that are killed do
        finally:
            with self._lock:
                self._open.discard(connection)

    def _reply(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if path == "/token":
            return self._token(body)
        if path != _SEND:
            return Reply(404, b"<html>no such page</html>")
        authorization = headers.get("authorization", "").removeprefix("Bearer ")
        if authorization not in self._issued:
            return UNAUTHENTICATED
        push = Received(json.loads(body)["message"], authorization, monotonic())
        with self._lock:
            self.received.append(push)
            scripted = self.replies.popleft() if self.replies else None
        return scripted or self.answer(push)

    def _token(self, body: bytes) -> Reply:
        with self._lock:
            self.tokens_asked += 1
            if self.token_replies:
                return self.token_replies.popleft()
            token = f"access-{len(self._issued) + 1}"
        asked = parse_qs(body.decode())
        if not _is_signed(asked["assertion"][0]):
            return INVALID_GRANT
        self._issued.add(token)
        granted = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        return Reply(body=json.dumps(granted).encode())


@cache
def _key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def _is_signed(assertion: str) -> bool:
    """Check the assertion as Google would: our key, meant for Google, asking for the right to push."""
    signed, _, signature = assertion.rpartition(".")
    _key().public_key().verify(_decoded(signature), signed.encode(), PKCS1v15(), SHA256())
    claims = json.loads(_decoded(signed.split(".")[1]))
    return claims["aud"] == AUDIENCE and SCOPE in claims["scope"].split()


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _rest(stream: Any) -> tuple[dict[str, str], bytes]:
    """Headers, with lower-case names, and body of the request whose first line has been read."""
    headers: dict[str, str] = {}
    while (line := stream.readline()) != b"\r\n":
        name, colon, value = line.partition(b":")
        if not colon:
            raise ConnectionError("the client went away in the headers")
        headers[name.decode().lower()] = value.strip().decode()
    body = stream.read(length := int(headers.get("content-length", "0")))
    if len(body) < length:
        raise ConnectionError("the client went away in the body")
    return headers, body


def _encoded(reply: Reply) -> bytes:
    head = [f"HTTP/1.1 {reply.status} {_PHRASES.get(reply.status, 'Refused')}"]
    head += [f"{name}: {value}" for name, value in reply.headers.items()]
    head += ["Content-Type: application/json", f"Content-Length: {len(reply.body)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + reply.body

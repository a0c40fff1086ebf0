"""Firebase Cloud Messaging through firebase-admin, with the library's own retries taken out."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import firebase_admin
import requests
from firebase_admin import credentials, exceptions, messaging
from google.auth.credentials import Credentials, TokenState
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport import Response as TokenResponse
from google.auth.transport.requests import Request as TokenRequest
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from notifications.addresses import AddressCipher, UnreadableAddressError
from notifications.channels.base import ChannelError, Outgoing
from notifications.policy import PROVIDER_TIMEOUT, Answer, Said, retry_after
from notifications.wording import Language, visible

_FCM = "https://fcm.googleapis.com"
#: The part of the time-out that may pass before the provider's door is even open.
_CONNECT_SHARE = 3 / 8
_ADDRESS_FIELDS = {"message.token", "message.fid"}
_ADDRESS_WORDS = re.compile(r"registration (token|id)|message\.(token|fid)\b", re.IGNORECASE)


class FcmChannel:
    """Pushes in batches of at most 200, each message once; what to do about failures is decided elsewhere."""

    name = "fcm"
    batch_size = 200

    def __init__(
        self,
        service_account: Path,
        cipher: AddressCipher,
        *,
        endpoint: str | None = None,
        timeout: timedelta = PROVIDER_TIMEOUT,
        language: Language = "zh",
        emulator_host: str | None = None,
        testing: bool = False,
    ) -> None:
        """Open the channel; `emulator_host` is FIREBASE_AUTH_EMULATOR_HOST as found in the environment.

        Raises `ChannelError` for settings that could never deliver.
        """
        if emulator_host and not testing:
            raise ChannelError("fcm_emulator", "FIREBASE_AUTH_EMULATOR_HOST is set; pushes would go nowhere")
        if not timedelta(0) < timeout <= PROVIDER_TIMEOUT:
            raise ChannelError("fcm_timeout", "the time-out must be above 0 and at most 8 s")
        if endpoint is not None and not endpoint.startswith(("http://", "https://")):
            raise ChannelError("fcm_endpoint", "the endpoint must begin with http:// or https://")
        seconds = timeout.total_seconds()
        limits = (seconds * _CONNECT_SHARE, seconds * (1 - _CONNECT_SHARE))
        certificate = _certificate(service_account)
        self._cipher = cipher
        self._language = language
        self._credential: Credentials = certificate.get_credential()
        self._token_request = _OneTokenRequest(limits)
        self._app = firebase_admin.initialize_app(certificate, {"httpTimeout": limits}, name=f"gridfield-{uuid4()}")
        service = messaging._get_messaging_service(self._app)  # noqa: SLF001 - the only way to its HTTP session
        service._client.session.mount(_FCM, _OneTry(endpoint, self.batch_size))  # noqa: SLF001 - same

    def send(self, batch: Sequence[Outgoing]) -> list[Answer]:
        """Hand over the batch; a refused sign-in counts as wrong credentials, an unreadable address as trouble.

        Not as wrong credentials, because after a change of key one old registration would hold up all new ones.
        """
        answers: dict[int, Answer] = {}
        ready: dict[int, messaging.Message] = {}
        for place, outgoing in enumerate(batch):
            try:
                ready[place] = self._message(outgoing)
            except UnreadableAddressError:
                answers[place] = Answer(Said.UNAVAILABLE, detail="address_key")
            except ValueError:
                answers[place] = Answer(Said.BAD_ADDRESS, detail="address_kind")
        answers.update(zip(ready, self._send(list(ready.values())), strict=True))
        return [answers[place] for place in range(len(batch))]

    def close(self) -> None:
        """Give back the connections."""
        firebase_admin.delete_app(self._app)

    def _send(self, messages: list[messaging.Message]) -> list[Answer]:
        if not messages:
            return []
        try:
            # Once for the batch: left to the library, each of its 200 threads would sign in for itself.
            if self._credential.token_state is not TokenState.FRESH:
                self._credential.refresh(self._token_request)  # type: ignore[no-untyped-call]
            found = messaging.send_each(messages, app=self._app).responses
        except GoogleAuthError as error:
            refused = isinstance(error, RefreshError) and not error.retryable
            said = Said.CREDENTIALS if refused else Said.UNAVAILABLE
            return [Answer(said, detail="sign_in")] * len(messages)
        answers = [_answer(response) for response in found]
        if any(answer.said is Said.CREDENTIALS for answer in answers):
            self._credential.token = None  # so that the first try after the pause signs in afresh
        return answers

    def _message(self, outgoing: Outgoing) -> messaging.Message:
        if outgoing.address is None or outgoing.address_kind not in {"token", "fid"}:
            raise ValueError("no address")
        words = visible(urgent=outgoing.urgent, language=self._language)
        message = messaging.Message(
            data={"body": outgoing.body.decode()},
            notification=messaging.Notification(title=words.title, body=words.body),
            android=messaging.AndroidConfig(
                collapse_key=outgoing.collapse_key,
                priority="high" if outgoing.urgent else "normal",
                ttl=outgoing.ttl,
            ),
            apns=messaging.APNSConfig(headers={"apns-collapse-id": outgoing.collapse_key}),
        )
        # Set here because the constructor warns about `token`, and many phones still have nothing else.
        setattr(message, outgoing.address_kind, self._cipher.decrypt(outgoing.address))
        return message


class _OneTry(HTTPAdapter):
    """Sends each request once, to the given origin, and keeps one strange answer from spoiling a batch.

    Anything but a plain 200 is raised from here, below the layers that would sign in again and repeat, or
    follow a redirect; and a body the library would stumble over is emptied first.
    """

    def __init__(self, endpoint: str | None, connections: int) -> None:
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=0)
        self._endpoint = endpoint.rstrip("/") if endpoint else None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """One attempt; raises `requests.RequestException` unless the message was accepted."""
        if self._endpoint:
            request.url = self._endpoint + request.path_url
            kwargs["proxies"] = get_environ_proxies(request.url, no_proxy=None)
        response = super().send(request, *args, **kwargs)
        body = _json_object(response.content)
        if response.status_code != requests.codes.ok:
            raise requests.HTTPError(response=response if _is_error(body) else _emptied(response))
        if not isinstance(body.get("name"), str):
            raise requests.RequestException("accepted without a name")
        return response


class _OneTokenRequest(TokenRequest):
    """Asks for an access token once; a server in trouble is an error, not a reason to sleep and repeat."""

    def __init__(self, limits: tuple[float, float]) -> None:
        super().__init__(requests.Session())
        self._limits = limits

    def __call__(self, *args: Any, **kwargs: Any) -> TokenResponse:
        """One attempt; raises `TransportError` unless the token server itself has spoken."""
        response: TokenResponse = super().__call__(*args, **{**kwargs, "timeout": self._limits})  # type: ignore[no-untyped-call]
        if response.status in {408, 429} or response.status >= 500 or not _json_object(response.data):
            raise TransportError("no answer about the access token")  # type: ignore[no-untyped-call]
        return response


def _certificate(path: Path) -> credentials.Certificate:
    try:
        return credentials.Certificate(str(path))
    except (OSError, ValueError, AttributeError) as error:  # the last for JSON that is no object
        # Not the library's words: they may quote the file.
        raise ChannelError("fcm_service_account", f"{path} is not a service-account file") from error


def _answer(response: messaging.SendResponse) -> Answer:
    if response.success:
        return Answer(Said.ACCEPTED)
    error = response.exception
    http = getattr(error, "http_response", None)
    if http is None:
        return Answer(Said.UNAVAILABLE, detail=type(error).__name__)
    wait = retry_after(http.headers.get("Retry-After"), datetime.now(UTC))
    return Answer(_said(error, http), wait, detail=f"{http.status_code} {error.code}")


def _said(error: exceptions.FirebaseError, http: requests.Response) -> Said:
    if isinstance(error, messaging.UnregisteredError):
        return Said.UNREGISTERED
    if isinstance(error, messaging.SenderIdMismatchError):
        return Said.SENDER_MISMATCH
    match http.status_code:
        case 400:
            return Said.BAD_ADDRESS if _names_the_address(_json_object(http.content)) else Said.BAD_MESSAGE
        case 401 | 403:
            return Said.CREDENTIALS
        case 429:
            return Said.THROTTLED
        case _:
            return Said.UNAVAILABLE


def _names_the_address(body: Mapping[str, Any]) -> bool:
    """FCM says 400 for a wrong token, and for a message that would suit none; only the first ends it."""
    error = body.get("error", {})
    violations = [
        violation.get("field") for detail in error.get("details", []) for violation in detail.get("fieldViolations", [])
    ]
    if violations:
        return not _ADDRESS_FIELDS.isdisjoint(violations)
    return bool(_ADDRESS_WORDS.search(str(error.get("message"))))


def _json_object(content: bytes) -> dict[str, Any]:
    """The object in an answer's body, empty if there is none."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _is_error(body: Mapping[str, Any]) -> bool:
    """Shaped like Google's error object, as far as the library and this module look into it."""
    error = body.get("error")
    details = error.get("details", []) if isinstance(error, dict) else None
    return isinstance(details, list) and all(
        isinstance(detail, dict)
        and isinstance(detail.get("fieldViolations", []), list)
        and all(isinstance(violation, dict) for violation in detail.get("fieldViolations", []))
        for detail in details
    )


def _emptied(response: requests.Response) -> requests.Response:
    empty = requests.Response()
    empty.status_code, empty.headers, empty.raw = response.status_code, response.headers, BytesIO(b"{}")
    return empty

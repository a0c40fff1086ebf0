"""The FCM channel by itself: settings it refuses, addresses it cannot use, sign-in, and speed of failure."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from notifications.addresses import AddressCipher
from notifications.channels.base import ChannelError, Outgoing
from notifications.channels.fcm import FcmChannel
from notifications.policy import Answer, Said
from tests.stubs import fcm as says
from tests.stubs.fcm import FcmStub


def outgoing(cipher: AddressCipher, address: str = "token", kind: str = "token") -> Outgoing:
    return Outgoing(b'{"v":1}', "sync", kind, cipher.encrypt(address), timedelta(hours=4))


def said(answers: Sequence[Answer]) -> list[Said]:
    return [answer.said for answer in answers]


def test_an_emulator_outside_tests_is_refused(account: Path, cipher: AddressCipher) -> None:
    with pytest.raises(ChannelError, match="FIREBASE_AUTH_EMULATOR_HOST") as refused:
        FcmChannel(account, cipher, emulator_host="localhost:9099")
    assert refused.value.code == "fcm_emulator"
    FcmChannel(account, cipher, emulator_host="localhost:9099", testing=True).close()
    FcmChannel(account, cipher, emulator_host="").close()


@pytest.mark.parametrize("seconds", [0, -1, 8.1])
def test_a_time_out_that_could_outlive_the_lease_is_refused(
    account: Path, cipher: AddressCipher, seconds: float
) -> None:
    with pytest.raises(ChannelError, match="8 s"):
        FcmChannel(account, cipher, timeout=timedelta(seconds=seconds))


def test_an_endpoint_without_a_scheme_is_refused(account: Path, cipher: AddressCipher) -> None:
    with pytest.raises(ChannelError, match="http://"):
        FcmChannel(account, cipher, endpoint="push.example:8080")


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"type": "service_account", "private_key": "SECRET"}'])
def test_a_file_that_is_no_service_account_is_refused_without_quoting_it(
    tmp_path: Path, cipher: AddressCipher, content: str | None
) -> None:
    path = tmp_path / "account.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ChannelError, match=r"account\.json is not a service-account file") as refused:
        FcmChannel(path, cipher)
    assert "SECRET" not in str(refused.value)


def test_an_installation_id_is_sent_as_one(fcm: FcmChannel, cipher: AddressCipher, stub: FcmStub) -> None:
    assert said(fcm.send([outgoing(cipher, "cR7x", "fid")])) == [Said.ACCEPTED]
    assert (stub.received[0].message["fid"], "token" in stub.received[0].message) == ("cR7x", False)


def test_answers_come_in_the_order_asked_whatever_happens_to_each(
    fcm: FcmChannel, cipher: AddressCipher, stub: FcmStub
) -> None:
    stub.answer = lambda push: says.UNREGISTERED if push.address == "gone" else says.ACCEPTED
    foreign = outgoing(AddressCipher(b"another key, which we do not have"[:32]))
    nowhere = Outgoing(b"{}", "sync", "none", None, timedelta(hours=4))
    answers = fcm.send([foreign, outgoing(cipher), nowhere, outgoing(cipher, "gone"), outgoing(cipher)])
    expected = [Said.UNAVAILABLE, Said.ACCEPTED, Said.BAD_ADDRESS, Said.UNREGISTERED, Said.ACCEPTED]
    assert said(answers) == expected
    assert len(stub.received) == 3


def test_nothing_sendable_asks_nobody(fcm: FcmChannel, stub: FcmStub) -> None:
    assert fcm.send([]) == []
    assert stub.tokens_asked == 0


def test_one_sign_in_serves_full_batches(new_fcm: FcmChannel, cipher: AddressCipher, stub: FcmStub) -> None:
    for _ in range(2):
        assert set(said(new_fcm.send([outgoing(cipher)] * new_fcm.batch_size))) == {Said.ACCEPTED}
    assert (stub.tokens_asked, len(stub.received)) == (1, 400)


def test_after_refused_credentials_it_signs_in_again(new_fcm: FcmChannel, cipher: AddressCipher, stub: FcmStub) -> None:
    stub.replies.append(says.UNAUTHENTICATED)
    assert said(new_fcm.send([outgoing(cipher)])) == [Said.CREDENTIALS]
    assert said(new_fcm.send([outgoing(cipher)])) == [Said.ACCEPTED]
    assert stub.tokens_asked == 2


def test_nothing_is_repeated_by_the_library(fcm: FcmChannel, cipher: AddressCipher, stub: FcmStub) -> None:
    for trouble in (says.HANG, says.RESET, says.INTERNAL, says.UNAVAILABLE, says.THROTTLED, says.UNAUTHENTICATED):
        stub.forget()
        stub.answer = lambda _, reply=trouble: reply  # type: ignore[misc] # bound now, not when it is called
        fcm.send([outgoing(cipher)] * 5)
        assert len(stub.received) == 5


@pytest.mark.usefixtures("stub")
def test_without_an_endpoint_it_is_google_that_is_asked(account: Path, cipher: AddressCipher) -> None:
    channel = FcmChannel(account, cipher)
    # The network of tests ends at this machine, and says where somebody wanted to go.
    with pytest.raises(Exception, match=r"getaddrinfo 'fcm\.googleapis\.com'"):
        channel.send([outgoing(cipher)])
    channel.close()


def test_an_answer_about_another_field_than_the_token_keeps_the_token(
    fcm: FcmChannel, cipher: AddressCipher, stub: FcmStub
) -> None:
    about_ttl = says.refusal(400, "INVALID_ARGUMENT", "registration token?", field_name="message.android.ttl")
    about_fid = says.refusal(400, "INVALID_ARGUMENT", "no", field_name="message.fid")
    stub.replies.extend([about_ttl, about_fid, says.Reply(400, b"Bad Request")])
    answers = [said(fcm.send([outgoing(cipher)])) for _ in range(3)]
    assert answers == [[Said.BAD_MESSAGE], [Said.BAD_ADDRESS], [Said.BAD_MESSAGE]]


def test_the_providers_code_is_kept_for_people(fcm: FcmChannel, cipher: AddressCipher, stub: FcmStub) -> None:
    stub.replies.append(says.refusal(400, "FAILED_PRECONDITION", f"no {'x' * 9}"))
    [answer] = fcm.send([outgoing(cipher)])
    assert answer.detail == "400 FAILED_PRECONDITION"


def test_proxies_of_the_environment_do_not_catch_a_private_endpoint(
    fcm: FcmChannel, cipher: AddressCipher, stub: FcmStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(fcm.send([outgoing(cipher)])) == [Said.ACCEPTED]
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert said(fcm.send([outgoing(cipher)])) == [Said.ACCEPTED]


def test_the_whole_request_is_small(fcm: FcmChannel, cipher: AddressCipher, stub: FcmStub) -> None:
    fcm.send([outgoing(cipher)])
    assert len(json.dumps(stub.received[0].message)) < 1024

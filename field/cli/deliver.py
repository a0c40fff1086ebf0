"""`gridfield deliver`: the push worker; any number may run."""

from __future__ import annotations

from collections.abc import Callable

import click

from field import config
from field.cli.errors import CommandError
from field.cli.signals import stop_on_signals
from field.cli.storage import storage
from field.config import Settings
from field.vault.keys import KeyFileError, load_keys
from notifications import deliver as sender
from notifications.addresses import AddressCipher
from notifications.channels.base import Channel, ChannelError
from notifications.channels.log import LogChannel


@click.command()
def deliver() -> None:
    """推送：把新任务通知到手机 / Tell phones that there is something new."""
    settings = config.load()
    channels = build_channels(settings)
    stop = stop_on_signals()
    with storage(settings) as sessions:
        sender.deliver(sessions, channels, stop)


def build_channels(settings: Settings) -> dict[str, Channel]:
    """Return the channels that the settings ask for; raise CommandError for one that could never deliver."""
    return {name: CHANNELS[name](settings) for name in settings.channels}


def _log(_settings: Settings) -> Channel:
    return LogChannel()


def _fcm(settings: Settings) -> Channel:
    # Loaded only where it is used: firebase-admin brings a hundred megabytes of libraries along.
    from notifications.channels.fcm import FcmChannel  # noqa: PLC0415

    if settings.emulated:
        raise CommandError(
            "已设置 FIREBASE_AUTH_EMULATOR_HOST，推送不会到达：请取消该变量",
            "FIREBASE_AUTH_EMULATOR_HOST is set, pushes would go nowhere: unset it",
        )
    assert settings.fcm_credentials is not None
    try:
        cipher = AddressCipher(load_keys(settings.home, settings.secret_key).addresses)
        return FcmChannel(settings.fcm_credentials, cipher, endpoint=settings.fcm_endpoint)
    except KeyFileError as problem:
        raise CommandError(str(problem)) from None
    except ChannelError as problem:
        raise CommandError(f"推送通道 fcm 无法启用：{problem.reason}", f"channel fcm: {problem.reason}") from None


CHANNELS: dict[str, Callable[[Settings], Channel]] = {"log": _log, "fcm": _fcm}

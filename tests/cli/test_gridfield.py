"""The command itself: every row of its table leads somewhere, and bad settings end it in one line."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from field.cli import COMMANDS, main
from field.cli.errors import CommandError


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_can_be_loaded_and_says_what_it_does(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert " / " in (command.help or ""), "Chinese and English"


def test_help_names_them_all() -> None:
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    assert [name for name in COMMANDS if f"  {name} " not in shown.output] == []


def test_an_unknown_command() -> None:
    assert CliRunner().invoke(main, ["dance"]).exit_code == 2


def test_a_setting_that_makes_no_sense() -> None:
    done = CliRunner().invoke(main, ["doctor"], env={"GRIDFIELD_PORT": "a door"})
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "PORT" in done.stderr


def test_an_error_is_one_line_in_both_languages() -> None:
    assert CommandError("磁盘\n已满", "the disk\nis full").message == "磁盘 已满 / the disk is full"
    assert CommandError("两种语言 / both").message == "两种语言 / both"

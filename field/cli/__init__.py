"""The command `gridfield`: a table of sub-commands, each loaded only when it is asked for."""

from __future__ import annotations

import logging
from importlib import import_module

import click
import structlog

from field.cli.errors import CommandError
from field.config import SettingsError

COMMANDS = {
    "run": "field.cli.run:run",
    "serve": "field.cli.serve:serve",
    "deliver": "field.cli.deliver:deliver",
    "work": "field.cli.work:work",
    "demo": "field.cli.demo:demo",
    "cells": "field.cli.cells:cells",
    "people": "field.cli.people:people",
    "tasks": "field.cli.tasks:tasks",
    "coverage": "field.cli.coverage:coverage",
    "report": "field.cli.report:report",
    "verify": "field.cli.verify:verify",
    "doctor": "field.cli.doctor:doctor",
    "openapi": "field.cli.openapi:openapi",
    "migrate": "field.cli.migrate:migrate",
}


class LazyGroup(click.Group):
    """A group that imports a sub-command when it is used: the push worker need not load the web."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the sub-commands in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one sub-command by its name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the sub-command; a setting that makes no sense ends it like any other bad input."""
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
        try:
            return super().invoke(ctx)
        except SettingsError as problem:
            raise CommandError(str(problem)) from None


@click.group(cls=LazyGroup)
def main() -> None:
    """网格协助执行 / Grid workers help courts enforce judgments."""

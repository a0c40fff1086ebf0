"""A court's settings: careful by default, and the one that needs a written authorisation."""

from __future__ import annotations

import pytest

from field.rules.court_settings import CourtSettings, check_settings, differing
from field.rules.refusals import Refused


def test_the_defaults_are_careful_and_need_no_storing() -> None:
    check_settings(CourtSettings())
    assert CourtSettings().retention_requires_court_officer
    assert differing(CourtSettings()) == {}
    assert differing(CourtSettings(least_attempts=5, address="某路1号")) == {"least_attempts": 5, "address": "某路1号"}


@pytest.mark.parametrize("number", [None, "", " ", "　"])
def test_leaving_papers_alone_needs_a_written_authorisation(number: str | None) -> None:
    with pytest.raises(Refused) as told:
        check_settings(CourtSettings(retention_requires_court_officer=False, retention_authorisation_no=number))
    assert (told.value.code, told.value.facts) == ("authorisation_needed", {"field": "retention_authorisation_no"})
    check_settings(CourtSettings(retention_authorisation_no=number))
    check_settings(CourtSettings(retention_requires_court_officer=False, retention_authorisation_no="（2099）1号"))

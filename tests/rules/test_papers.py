"""Which papers there are, of which kinds of task, and for whom."""

from __future__ import annotations

import pytest

from field.rules.papers import PAPERS, PaperName, check_paper, papers_of
from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind

SERVICE_ONLY = {PaperName.RECEIPT, PaperName.SLIP}


def test_every_name_has_its_title_in_both_languages() -> None:
    assert set(PAPERS) == set(PaperName)
    assert all(paper.zh and paper.en.isascii() for paper in PAPERS.values())


def test_only_the_slip_is_for_workers_and_all_are_for_the_court() -> None:
    assert {name for name, paper in PAPERS.items() if Role.WORKER in paper.roles} == {PaperName.SLIP}
    assert all(Role.DISPATCHER in paper.roles for paper in PAPERS.values())
    assert all(paper.roles <= {Role.DISPATCHER, Role.WORKER} for paper in PAPERS.values())


def test_only_service_has_a_return_and_a_slip() -> None:
    assert papers_of(TaskKind.SERVE) == list(PaperName)
    assert set(papers_of(TaskKind.LOCATE)) == set(PaperName) - SERVICE_ONLY
    for kind in (TaskKind.ASSET, TaskKind.REMIND, TaskKind.PETITION):
        assert set(papers_of(kind)) == {PaperName.ATTEMPTS, PaperName.EVIDENCE, PaperName.BUNDLE_COVER}


@pytest.mark.parametrize("name", PaperName)
@pytest.mark.parametrize("kind", TaskKind)
def test_another_paper_is_refused_with_those_there_are(name: PaperName, kind: TaskKind) -> None:
    if name in papers_of(kind):
        check_paper(name, kind)
        return
    with pytest.raises(Refused) as refused:
        check_paper(name, kind)
    assert refused.value.code == "paper_not_of_kind"
    assert refused.value.facts["papers"] == [each.value for each in papers_of(kind)]

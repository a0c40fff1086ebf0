"""The tables that forms are drawn from: complete, in both languages, and nothing that no outcome knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from field.rules import records
from field.rules.articles import LAWS, cited, in_words
from field.rules.evidence import EvidenceKind, Given
from field.rules.follows import FOLLOWS
from field.rules.forms import FORMS, Form
from field.rules.guards import EVERYWHERE, GUARDS, PROTECTION, Guard
from field.rules.kinds import CATALOGUE
from field.rules.labels import LABELS
from field.rules.outcomes import OUTCOMES, Outcome
from field.rules.pieces import PIECES, Only
from field.rules.records import Capacity, Records
from field.rules.scripts import SCRIPTS
from field.rules.tasks import TaskKind

HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z0-9 ,.;:'’{}()?_-]+")
EVERY = [(kind, each) for kind, table in OUTCOMES.items() for each in table.values()]
NEEDED = {piece for _, each in EVERY for need in each.needs for way in need for piece in way}
OPTIONAL = {piece for _, each in EVERY for piece in each.optional}


def _words() -> Iterator[tuple[str, str]]:
    yield from ((each.zh, each.en) for each in PIECES.values())
    yield from ((each.why_zh, each.why_en) for each in PIECES.values())
    yield from ((each.zh, each.en) for table in (*GUARDS.values(), EVERYWHERE, (PROTECTION,)) for each in table)
    yield from ((each.zh, each.en) for labels in LABELS.values() for each in labels)
    yield from FOLLOWS.values()
    yield from ((each.zh, each.en) for each in SCRIPTS.values())
    for form in FORMS:
        yield form.zh, form.en
        yield from ((each.zh, each.en) for each in form.fields)


def test_everything_is_said_in_both_languages() -> None:
    for zh, en in _words():
        assert HAN.search(zh), zh
        assert ENGLISH.fullmatch(en), en


@pytest.mark.parametrize(("kind", "outcome"), EVERY, ids=lambda each: getattr(each, "code", each))
def test_every_outcome_rests_on_an_article_and_says_what_follows(kind: TaskKind, outcome: Outcome) -> None:
    assert {law for law, _ in cited(outcome.article)} <= set(LAWS)
    assert outcome.follows
    assert set(outcome.follows) <= set(FOLLOWS)
    assert not set(outcome.optional) & {piece for need in outcome.needs for way in need for piece in way}


def test_every_piece_is_known_and_needed_somewhere() -> None:
    """The recording of a call is known and asked for by none: no outcome is a call."""
    assert set(PIECES) - NEEDED - OPTIONAL == {"AUDIO_CALL"}
    assert set(PIECES) >= NEEDED | OPTIONAL
    assert set(EvidenceKind) <= set(PIECES)
    assert {each for _, outcome in EVERY for each in outcome.follows} == set(FOLLOWS)


def test_nothing_but_a_note_is_asked_for_where_it_is_unsafe() -> None:
    for kind, each in EVERY:
        if each.code == "UNSAFE":
            assert (each.needs, each.optional) == (((("NOTE",),),), ()), kind


def test_each_piece_stands_somewhere_in_the_report() -> None:
    names = {each.name for each in FORMS} | {"note", "point"}
    for piece in PIECES.values():
        assert piece.record in names or (piece.given is Given.FILE and not piece.record)
    assert {name: piece.only for name, piece in PIECES.items() if piece.only} == {
        "witness.unsigned": Only.SUMMARY_PROCEDURE,
        "registry": Only.BY_COURT,
        "officer": Only.COURT_ASKS,
    }


def test_the_forms_are_the_records() -> None:
    assert [each.name for each in FORMS] == [each.name for each in fields(Records)]
    for form in FORMS:
        assert bool(form.fields) != bool(form.choices)
        kinds = [(form.value, form.choices), *((each.value, each.choices) for each in form.fields)]
        for value, choices in kinds:
            assert (choices is not None) == (value in ("choice", "choices"))
            assert choices is None or choices in LABELS


def test_how_members_are_read() -> None:
    def member(form: str, name: str) -> tuple[str, bool, str | None]:
        record = next(each for each in FORMS if each.name == form)
        found = next(each for each in record.fields if each.name == name)
        return found.value, found.required, found.choices

    assert member("receiver", "capacity") == ("choice", True, "Capacity")
    assert member("receiver", "signed_on") == ("date", True, None)
    assert member("receiver", "post") == ("text", False, None)
    assert member("relation", "adult") == ("yes_no", True, None)
    assert member("refusal", "at") == ("moment", True, None)
    assert member("undertaking", "amount_fen") == ("number", False, None)
    assert member("lead", "exempt_hints") == ("choices", False, "ExemptHint")
    assert member("lead", "basis") == ("choice", False, "Basis")
    single = {each.name: (each.many, each.value, each.choices) for each in FORMS if not each.fields}
    assert single == {
        "place": (False, "choice", "PlaceKind"),
        "indicators": (True, "choices", "RefusalIndicator"),
        "recusal": (False, "choice", "RecusalReason"),
    }
    assert [each.name for each in FORMS if each.many] == ["witnesses", "observations", "indicators"]


def test_no_form_asks_for_worth_or_for_what_is_the_courts() -> None:
    """A worker never puts a value on a thing, never says whether it is lawful, never names whom they asked."""
    asked = {f"{form.name}.{each.name}" for form in FORMS for each in form.fields}
    assert not {each for each in asked if re.search(r"legal|worth|price|debt|bounty|track|score", each)}
    assert "observations.source" in asked
    assert not {each for each in asked if each.startswith("observations.") and "name" in each.split(".")[1]}


def test_every_choice_has_its_words() -> None:
    for name, labels in LABELS.items():
        if choices := getattr(records, name, None):
            assert [each.code for each in labels] == list(choices)
        assert len({each.zh for each in labels}) == len(labels)


def test_articles_in_words() -> None:
    assert in_words("CPL 88") == "《民事诉讼法》第88条 / Civil Procedure Law art. 88"
    assert in_words("house") == "本系统默认规则 / house rule"
    assert in_words("法〔2021〕227号; Criminal Law 245") == (
        "法〔2021〕227号；《刑法》第245条 / Court Rules on Receiving Petitioners (2021, no. 227); Criminal Law art. 245"
    )


@pytest.mark.parametrize("kind", TaskKind)
def test_what_to_say_and_what_not_to_do(kind: TaskKind) -> None:
    script = SCRIPTS[kind]
    for words in (script.zh, script.en):
        assert "{court}" in words
        assert "{duty_phone}" in words
        assert set(re.findall(r"{\w+}", words)) == {"{court}", "{duty_phone}"}
    assert len(GUARDS[kind]) >= 5


def test_the_line_that_protects() -> None:
    assert "第114(1)(4)条" in PROTECTION.article
    assert "第118条" in PROTECTION.article
    only: list[Guard] = [each for table in GUARDS.values() for each in table if each.only]
    assert [each.only for each in only] == [Only.COURT_ASKS]


def test_the_catalogue_tells_who_may_receive() -> None:
    choices = {each.name: each.choices for each in CATALOGUE.choices}
    never = {each.code for each in choices["Capacity"] if not each.may_receive}
    assert never == {
        "NEIGHBOUR",
        "LANDLORD",
        "PROPERTY_GUARD",
        "MINOR_CHILD",
        "VILLAGE_CADRE",
        "OPPOSING_PARTY",
        "OTHER",
    }
    assert set(Capacity) - never == {each for received in CATALOGUE.receives.values() for each in received}
    assert {each.code for each in choices["Capacity"] if each.refusal_counts} == {
        *("SELF", "COHABITING_ADULT", "LEGAL_REP", "PRINCIPAL", "ORG_RECEIVER", "AGENT")
    }
    assert [each.may_witness for each in choices["WitnessCapacity"]] == [True, True, False]
    assert [each.may_receive for each in choices["Source"]] == [None] * 7
    assert CATALOGUE.mediation_paper == ("SERVED_SELF", "SERVED_LEGAL_REP", "SERVED_DESIGNEE", "SERVED_GUARDIAN")
    assert [each.code for each in CATALOGUE.kinds] == list(TaskKind)


def test_a_form_is_plain_data() -> None:
    assert all(isinstance(each, Form) for each in FORMS)

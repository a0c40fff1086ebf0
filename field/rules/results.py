"""Whether a result may stand: every piece its outcome legally needs, and the rules of service."""

from __future__ import annotations

from datetime import date

from field.rules.claimed import Circumstances, Missing, Result
from field.rules.outcomes import Need, Outcome, outcome
from field.rules.pieces import PIECES
from field.rules.records import Records
from field.rules.refusals import Refused
from field.rules.service import Breach, breaches, impossible_days, lacks_relation
from field.rules.showing import asked, shown

__all__ = ["Circumstances", "Missing", "Result", "check_days", "check_result", "check_rules", "missing_for"]

RECEIPT = frozenset({"RECEIPT_SIGNED", "E_RECEIPT"})


def check_result(result: Result, circumstances: Circumstances) -> None:
    """Refuse (422) a result that may not stand: the code is the first rule broken, `missing` names everything."""
    meant = outcome(result.kind, result.outcome)
    broken = _broken(result, meant, circumstances)
    lacking = _lacking(result, meant, circumstances)
    if broken:
        raise Refused(broken[0].code, missing=_once(broken, lacking))
    if lacking:
        no_receipt = any(each.piece in RECEIPT for each in lacking)
        raise Refused("receipt_missing" if no_receipt else "evidence_missing", missing=lacking)


def check_rules(result: Result, circumstances: Circumstances) -> None:
    """Refuse (422) a result that breaks a rule of law by what it says, done or not: uploads may yet come."""
    if broken := _broken(result, outcome(result.kind, result.outcome), circumstances):
        raise Refused(broken[0].code, missing=_once(broken, []))


def check_days(records: Records, first: date, last: date) -> None:
    """Refuse (422) what is said to have been signed or refused on a day on which it cannot have been."""
    if broken := list(impossible_days(records, first, last)):
        raise Refused(broken[0].code, missing=_once(broken, []))


def missing_for(result: Result, circumstances: Circumstances) -> list[Missing]:
    """Return everything that handing in this result would still need, broken rules first."""
    meant = outcome(result.kind, result.outcome)
    return _once(_broken(result, meant, circumstances), _lacking(result, meant, circumstances))


def _broken(result: Result, outcome: Outcome, circumstances: Circumstances) -> list[Breach]:
    return list(breaches(result, outcome, circumstances))


def _lacking(result: Result, outcome: Outcome, circumstances: Circumstances) -> list[Missing]:
    pieces = [piece for need in outcome.needs for piece in _unmet(need, result, circumstances)]
    if lacks_relation(outcome, result.records):
        pieces.append("RELATION_STMT")
    return [PIECES[piece].missing(outcome.article) for piece in pieces]


def _unmet(need: Need, result: Result, circumstances: Circumstances) -> list[str]:
    """Return what the way that has come furthest still lacks: nothing, if one way is complete or none is asked for."""
    ways = [way for way in need if all(asked(piece, circumstances) for piece in way)]
    lacking = {way: [piece for piece in way if not shown(piece, result, circumstances)] for way in ways}
    return lacking[min(ways, key=lambda way: len(lacking[way]) / len(way))] if ways else []


def _once(broken: list[Breach], lacking: list[Missing]) -> list[Missing]:
    found = {each.piece: each for each in (*(breach.missing for breach in broken), *lacking)}
    return list(found.values())

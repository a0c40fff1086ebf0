"""The one table of refusals: each code has the status that the promise names, and words in both languages."""

from __future__ import annotations

import re

import pytest

from field.rules.people import Actor, Role, require
from field.rules.refusals import REFUSALS, RETRYABLE, Refused

# 400 unreadable · 401 · 403 your role may never · 404 not there or not yours · 409 state · 412 stale · 413 · 415 ·
# 422 invalid · 428 no If-Match · 429 · 503; written by hand, so that no status changes unnoticed.
STATUS = {
    "body_unreadable": 400, "body_too_deep": 400, "body_duplicate_key": 400, "body_bad_character": 400,
    "header_invalid": 400, "idempotency_key_missing": 400, "cursor_invalid": 400,
    "file_missing": 400, "file_too_large": 413, "cells_refused": 422, "parameter_unknown": 400,
    "parameter_invalid": 400,
    "token_missing": 401, "token_invalid": 401, "credentials_wrong": 401, "refresh_invalid": 401,
    "role_may_not": 403, "must_change_password": 403, "not_found": 404, "method_not_allowed": 405,
    "not_acceptable": 406, "case_exists": 409, "already_claimed": 409, "worker_full": 409, "stale_claim": 409,
    "worker_recused": 409, "task_has_point": 409, "revision_used": 409, "revision_unknown": 404,
    "revision_built_upon": 409,
    "move_not_allowed": 409, "task_exists": 409, "gap_too_long": 409, "older_than_return": 409,
    "stale": 412, "too_large": 413, "media_type_wrong": 415,
    "invalid": 422, "case_no_invalid": 422, "outcome_unknown": 422, "reason_missing": 422,
    "decline_reason_unknown": 422, "axes_swapped": 422, "point_outside_area": 422, "point_not_finite": 422,
    "datum_unknown": 422, "candidate_unknown": 422, "cell_unknown": 422, "worker_unknown": 422, "party_unknown": 422,
    "accuracy_invalid": 422,
    "tile_invalid": 422, "division_unknown": 422, "level_above_area": 422, "due_in_past": 422, "password_weak": 422,
    "password_wrong": 422,
    "idempotency_key_reused": 422, "client_id_reused": 422, "if_match_missing": 428, "too_many_attempts": 429,
    "mediation_paper_personal_only": 422, "retention_needs_refusal": 422, "retention_place": 422,
    "retention_needs_court": 422, "receiver_not_eligible": 422, "receipt_missing": 422, "court_only": 422,
    "notice_not_in_summary": 422, "evidence_missing": 422, "authorisation_needed": 422,
    "evidence_sealed": 409, "upload_incomplete": 409, "upload_offset_wrong": 409, "tus_version": 412,
    "evidence_too_large": 413, "upload_too_long": 413, "upload_type_wrong": 415, "range_unsatisfiable": 416,
    "evidence_not_needed": 422, "media_type_not_allowed": 422, "hash_mismatch": 422, "upload_busy": 423,
    "checksum_mismatch": 460, "disk_full": 507,
    "follow_up_decided": 409, "referral_not_here": 409, "referral_exists": 409, "observation_decided": 409,
    "referral_needs_task": 422, "attempt_unknown": 422, "evidence_unknown": 422, "amount_not_wanted": 422,
    "interference_incomplete": 422,
    "review_looked": 409, "not_a_picture": 409, "picture_undecodable": 409, "picture_too_large": 422,
    "picture_animated": 422,
    "picture_unreadable": 422, "paper_not_of_kind": 422, "period_not_whole": 422, "already_corrected": 409,
    "evidence_too_much": 422,
    "documents_not_served": 422, "documents_too_many": 422, "seizure_too_long": 422, "seizure_lapsed": 422,
    "seizure_ended": 409, "day_in_future": 422, "day_before_begin": 422, "term_met": 409,
    "evidence_awaited": 409, "superseded": 409, "supersedes_unknown": 422, "correction_not_done": 422,
    "day_impossible": 422,
    "internal": 500, "busy": 503, "coverage_not_counted": 503, "export_too_large": 422,
}  # fmt: skip
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_code_has_the_status_it_was_promised() -> None:
    assert {code: refusal.status for code, refusal in REFUSALS.items()} == STATUS


@pytest.mark.parametrize("code", REFUSALS)
def test_every_code_speaks_both_languages_plainly(code: str) -> None:
    refusal = REFUSALS[code]
    assert re.fullmatch(r"[a-z][a-z_]{2,40}", code)
    assert len(HAN.findall(refusal.zh)) >= 3
    assert not HAN.search(refusal.en.replace("（2026）豫0225执123号", ""))
    assert len(refusal.en.split()) >= 2
    for text in (refusal.zh, refusal.en):
        assert text == text.strip()
        assert "/" not in re.sub("application/[a-z+-]+", "", text), "a slash parts the languages"
        assert not text.endswith((".", "。"))


def test_what_may_be_tried_again() -> None:
    tried = {
        "too_many_attempts",
        "busy",
        "internal",
        "stale",
        "coverage_not_counted",
        "upload_busy",
        "checksum_mismatch",
        "disk_full",
    }
    assert frozenset(tried) == RETRYABLE


def test_a_refusal_carries_its_facts() -> None:
    refused = Refused("stale_claim", fence=3)
    assert (refused.code, refused.facts, str(refused)) == ("stale_claim", {"fence": 3}, "stale_claim")


def _actor(role: Role, court_code: str | None = None) -> Actor:
    return Actor(7, "someone", role, None, court_code, None)


@pytest.mark.parametrize("role", Role)
def test_only_the_roles_named_get_in(role: Role) -> None:
    require(_actor(role), *Role)
    require(_actor(role), role)
    others = [other for other in Role if other is not role]
    for asked in (others, []):
        with pytest.raises(Refused) as refused:
            require(_actor(role), *asked)
        assert (refused.value.code, refused.value.facts) == ("role_may_not", {"role": role.value})


def test_an_actor_is_named_by_number_and_writes_to_its_courts_chain() -> None:
    assert _actor(Role.DISPATCHER, "yu0225").ref == "user:7"
    assert _actor(Role.DISPATCHER, "yu0225").chain == "yu0225"
    assert _actor(Role.WORKER).chain == "system"

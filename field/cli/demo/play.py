"""Plays the planned stories through the product's own use cases: every entry and promise in the demo is true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from field.cli.demo import texts
from field.cli.demo.cases import IDS, PlannedTask, Scene, Work, nearby
from field.cli.demo.people import CLERK, COORDINATOR, STRANGER, WORKER, Roster
from field.cli.demo.proof import DOCUMENTS, Camera, Shot, said
from field.cli.demo.town import TOWNSHIP
from field.queries.cases import get_case
from field.queries.people import find_actor_by_login
from field.queries.tasks import TaskFacts, get_task
from field.rules.clocks import PhoneClock
from field.rules.people import Actor
from field.rules.records import Records
from field.rules.tasks import DeclineReason, MoveName, TaskKind, TaskState
from field.usecases.claim_task import ClaimTask, claim_task
from field.usecases.create_case import CreateCase, NewParty, create_case
from field.usecases.create_task import CreateTask, create_tasks
from field.usecases.give_task import GiveTask, give_task
from field.usecases.move_task import move_task
from field.usecases.moving import MoveTask
from field.usecases.record_attempts import Batch, ItemStatus, NewAttempt, record_attempts
from field.vault.objects import ObjectStore

LIMIT: Final = 30  # the product's default: the stories must not depend on how an installation is set
BOOTED: Final = datetime(2026, 1, 1, tzinfo=UTC)
FAST: Final = timedelta(minutes=11)
BY_WORKER: Final = frozenset({MoveName.ACCEPT, MoveName.DECLINE})


class StoryBroken(RuntimeError):
    """The product did something else than the plan expects: a fault of the demo or of the product."""


class Player:
    """Acts as the court, the coordinators and the phones, each scene at its own time."""

    def __init__(self, session: Session, work: Work, roster: Roster, rng: Random, objects: ObjectStore) -> None:
        self._camera = Camera(session, objects, rng)
        self._session, self._work, self._roster, self._rng = session, work, roster, rng
        self._actors: dict[str, Actor] = {}
        self._clerk = self._actor(CLERK.login)
        self._cases: list[tuple[UUID, Mapping[NewParty, UUID]]] = []
        self._items: dict[str | UUID, int] = {}

    def play(self, progress: Callable[[int, int], None]) -> None:
        """Enter the cases, then play all scenes of all tasks in the order of time; raise StoryBroken on a surprise."""
        self._cases = [self._enter(case) for case in self._work.cases]
        moments: dict[datetime, list[tuple[PlannedTask, Scene]]] = defaultdict(list)
        for task in self._work.tasks:
            for scene, at in task.scenes:
                moments[at].append((task, scene))
        for done, (at, scenes) in enumerate(sorted(moments.items()), 1):
            self._ask([task for task, scene in scenes if scene is Scene.ASK], at)
            for task, scene in scenes:
                self._perform(task, scene, at)
            progress(done, len(moments))
        for task in self._work.tasks:
            if (state := self._facts(task).state) != task.state:
                raise StoryBroken(f"a {task.kind} task ended {state}, not {task.state}")

    def _perform(self, task: PlannedTask, scene: Scene, at: datetime) -> None:
        match scene:
            case Scene.ASK:
                pass  # all that is asked for at one moment was asked for in one go
            case Scene.CLAIM:
                worker = self._actor(self._roster.first[task.spot.code])
                claim_task(self._session, worker, ClaimTask(task.id, self._facts(task).version), at, LIMIT)
            case Scene.GIVE:
                order = GiveTask(task.id, self._facts(task).version, WORKER.login)
                give_task(self._session, self._coordinator(task), order, at)
            case Scene.TRY | Scene.REPORT:
                self._visit(task, at, done=scene is Scene.REPORT)
            case _:
                self._move(task, MoveName(scene), at)

    def _ask(self, tasks: Sequence[PlannedTask], at: datetime) -> None:
        create_tasks(self._session, self._clerk, [self._order(task) for task in tasks], at, LIMIT)

    def _enter(self, order: CreateCase) -> tuple[UUID, Mapping[NewParty, UUID]]:
        case_id = create_case(self._session, self._clerk, order)
        stored = get_case(self._session, self._clerk, case_id).parties
        ids = {(party.name, party.role): party.id for party in stored}
        return case_id, {party: ids[party.name, party.role.value] for party in order.parties}

    def _order(self, task: PlannedTask) -> CreateTask:
        case_id, parties = self._cases[task.case]
        return CreateTask(
            id=task.id,
            kind=task.kind,
            point=task.spot.point,
            address=task.spot.address,
            case_id=case_id,
            party_id=parties[task.party],
            priority=task.priority,
            instructions=texts.INSTRUCTIONS[task.kind],
            release=task.release,
            draft=task.state is TaskState.DRAFT,
            documents=DOCUMENTS if task.kind is TaskKind.SERVE else (),
        )

    def _move(self, task: PlannedTask, name: MoveName, at: datetime) -> None:
        facts = self._facts(task)
        who = self._holder(facts) if name in BY_WORKER else self._clerk
        if name is MoveName.TAKE_BACK:
            who = self._coordinator(task)
        reason = texts.RETURNED[task.kind] if name is MoveName.RETURN else texts.REASONS.get(name)
        code = DeclineReason.CONFLICT_OF_INTEREST if name is MoveName.DECLINE else None
        move_task(self._session, who, MoveTask(task.id, name, facts.version, reason, code), at, LIMIT)

    def _visit(self, task: PlannedTask, at: datetime, *, done: bool) -> None:
        """The holder's phone sends now what it recorded some while ago, out of reach of any network."""
        facts = self._facts(task)
        worker = self._holder(facts)
        outcome, note = (texts.REPORTED if done else texts.TRIED)[task.kind]
        number = self._items.get(worker.login, 0) + 1
        attempt = NewAttempt(
            client_id=uuid5(task.id, f"attempt {number}"),
            task_id=task.id,
            outcome=outcome,
            note=note,
            point=nearby(task.spot.point, self._rng),
            captured=_clock(worker, at - timedelta(minutes=self._rng.randint(4, 90))),
            records=said(task.kind, task.party.name, at) if done else Records(),
            fence=facts.fence,
            device_seq=number,
            after_seq=self._items.get(task.id),
            base_version=facts.version,
            done=done,
        )
        self._items[worker.login] = self._items[task.id] = number
        if done:
            self._photograph(task, worker, attempt, at)
        batch = Batch(uuid5(IDS, f"phone of {worker.login}"), _clock(worker, at), [attempt])
        (answer,) = record_attempts(self._session, worker, batch, at)
        if answer.status is not ItemStatus.ACCEPTED:
            raise StoryBroken(f"an attempt was answered {answer.status}: {answer.code}")

    def _photograph(self, task: PlannedTask, worker: Actor, attempt: NewAttempt, at: datetime) -> None:
        assert attempt.point is not None
        shot = Shot(
            task.id, task.kind, attempt.fence, attempt.client_id, attempt.captured, _clock(worker, at), attempt.point
        )
        self._camera.take(worker, shot, at)

    def _facts(self, task: PlannedTask) -> TaskFacts:
        return get_task(self._session, self._clerk, task.id)

    def _holder(self, facts: TaskFacts) -> Actor:
        if facts.assignment is None:
            raise StoryBroken(f"nobody holds a {facts.kind} task in {facts.cell_code}")
        return self._actor(facts.assignment.worker.login)

    def _coordinator(self, task: PlannedTask) -> Actor:
        return self._actor((COORDINATOR if task.spot.code.startswith(TOWNSHIP) else STRANGER).login)

    def _actor(self, login: str) -> Actor:
        if login not in self._actors:
            found = find_actor_by_login(self._session, login)
            if found is None:
                raise StoryBroken(f"there is no {login}")
            self._actors[login] = found.actor
        return self._actors[login]


def _clock(worker: Actor, at: datetime) -> PhoneClock:
    """What a phone's clocks say at a moment; every sixth phone runs fast, which the product has to notice."""
    wall = at if worker.id % 6 else at + FAST
    return PhoneClock(wall, int((at - BOOTED).total_seconds() * 1000), f"boot of {worker.login}")

"""What people may order: the week's digest, once; after that its message brought up to date, never a second one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from domains import messages
from domains.audit import Entry, record
from domains.messages import Posted
from domains.people import Act, Caller, require
from domains.policy import get_policy
from kit.clock import Clock, local_today
from kit.db import TenantSession
from kit.errors import Refused
from kit.outbox import enqueue
from orchestrators.digest_runs import (
    DigestRun,
    RunKind,
    RunState,
    claim_period,
    get_run,
    list_runs_of_week,
    order_key,
    step,
    subject_of,
)
from orchestrators.outgoing import DeliverDigest
from orchestrators.results.digest import Period

UNDER_WAY = frozenset({RunState.DUE, RunState.BUILT, RunState.POSTING})


@dataclass(frozen=True, slots=True)
class RunTicket:
    """What a person's order led to. `fresh` False: it was under way already. `update`: what stands will be edited."""

    run_id: str
    fresh: bool
    update: bool = False


@dataclass(frozen=True, slots=True)
class StandingDigest:
    """The week's digest was posted. `place` is None when its message was deleted since; `run_id` its newest version."""

    run_id: str
    at: datetime
    place: Posted | None


@dataclass(frozen=True, slots=True)
class DoubtfulDigest:
    """Slack never said whether it took the week's digest: a person looks."""

    run_id: str


Ordered: TypeAlias = RunTicket | StandingDigest | DoubtfulDigest


async def find_standing(session: TenantSession, week: Period) -> Posted | None:
    """The message in which the digest of this week stands."""
    copies = await messages.list_about(session, subject_of(week))
    return copies[-1] if copies else None


@dataclass(frozen=True, slots=True)
class DigestRuns:
    session: TenantSession
    clock: Clock

    async def post_now(self, caller: Caller | None, *, source: str) -> Ordered:
        """The week's digest if it does not stand yet, else what stands. Raises `NotAllowed`.

        None is an operator on the command line.
        """
        await self._may(caller)
        week = Period.of(await self._today())
        found = await self._find(week)
        if found is None:
            return await self._order(RunKind.WEEKLY, str(week), caller, source)
        if isinstance(found, DigestRun):
            return await self._revive(found, caller, source)
        return found

    async def update_posted(self, caller: Caller, run_id: UUID, *, source: str) -> Ordered:
        """Build the digest anew and show it where the week's stands. `run_id`: the version that the person saw.

        Raises `Refused` for a digest of another week: that one stays as it was told.
        """
        await self._may(caller)
        run, week = await get_run(self.session, run_id), Period.of(await self._today())
        if run.week != week:
            raise Refused("That digest is of an earlier week and stays as it was told. Nothing was changed.")
        found = await self._find(week)
        if not isinstance(found, StandingDigest) or found.run_id != str(run.id):
            return await self.post_now(caller, source=source)
        number = len(await list_runs_of_week(self.session, RunKind.NOW, week)) + 2
        return await self._order(RunKind.NOW, f"{week}.{number}", caller, source, update=found.place is not None)

    async def post_again(self, caller: Caller, run_id: UUID, *, source: str) -> RunTicket:
        """A person looked: the digest whose fate was unknown is not there. Raises `Refused` when it was settled."""
        await self._may(caller)
        run = await get_run(self.session, run_id, lock=True)
        if run.state is RunState.POSTED:
            raise Refused("That digest was posted meanwhile. Nothing was posted twice.")
        if run.state is not RunState.UNKNOWN:
            return RunTicket(str(run.id), fresh=False)
        await step(self.session, run, RunState.BUILT, self.clock, by=caller.slack_user, source=source)
        await enqueue(self.session, DeliverDigest(run_id=str(run.id)), key=f"digest:{run.id}:again:{run.attempts}")
        return RunTicket(str(run.id), fresh=True)

    async def _find(self, week: Period) -> Ordered | DigestRun | None:
        """What became of the week's digest; None when nobody made it, a run when it was given up."""
        weekly = await list_runs_of_week(self.session, RunKind.WEEKLY, week)
        runs = [*weekly, *await list_runs_of_week(self.session, RunKind.NOW, week)]
        if not runs:
            return None
        if runs[-1].state in UNDER_WAY:
            return RunTicket(str(runs[-1].id), fresh=False)
        if runs[-1].state is RunState.UNKNOWN:
            return DoubtfulDigest(str(runs[-1].id))
        posted = [run for run in runs if run.posted_at is not None]
        if not posted:
            return runs[-1]
        newest = posted[-1]
        return StandingDigest(
            str(newest.id), newest.posted_at or self.clock.now(), await find_standing(self.session, week)
        )

    async def _order(
        self, kind: RunKind, period: str, caller: Caller | None, source: str, *, update: bool = False
    ) -> Ordered:
        now, by = self.clock.now(), caller.slack_user if caller else "runway"
        run_id = await claim_period(self.session, kind=kind, period=period, due_at=now, by=by)
        if run_id is None:  # somebody asked at the same moment
            return await self.post_now(caller, source=source)
        await self._deliver(run_id, now)
        entry = Entry(
            actor=by, action="digest.ordered", object_type="digest", object_id=f"{kind}:{period}", source=source
        )
        await record(self.session, entry, clock=self.clock)
        return RunTicket(str(run_id), fresh=True, update=update)

    async def _revive(self, run: DigestRun, caller: Caller | None, source: str) -> RunTicket:
        """A run that was given up gets another chance, as the same run of its period."""
        held = await get_run(self.session, run.id, lock=True)
        if held.state is not RunState.SKIPPED:
            return RunTicket(str(held.id), fresh=False)
        now, by = self.clock.now(), caller.slack_user if caller else "runway"
        await step(self.session, held, RunState.DUE, self.clock, by=by, source=source, due_at=now, asked_by=by)
        await self._deliver(held.id, now)
        return RunTicket(str(held.id), fresh=True)

    async def _deliver(self, run_id: UUID, due_at: datetime) -> None:
        await enqueue(self.session, DeliverDigest(run_id=str(run_id)), key=order_key(run_id, due_at))

    async def _may(self, caller: Caller | None) -> None:
        if caller is not None:
            await require(self.session, caller, Act.MANAGE, "post the digest")

    async def _today(self) -> date:
        zone = (await get_policy(self.session)).policy.digest.zone
        return local_today(self.clock, ZoneInfo(zone))

"""From a due run to a post: each step is one transaction, and a crash in between finds the state it left.

Slack takes no idempotency key. POSTING is therefore committed before Slack is asked, and a run that is found there was
interrupted between asking and knowing: it is never posted again by itself, a person is asked to.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domains import messages
from domains.audit import Entry, record
from domains.businesses import get_business
from domains.people import Act, Caller, Role, list_people, require
from domains.policy import get_policy
from kit.clock import Clock, local_today
from kit.db import TenantSession
from kit.errors import Refused
from kit.outbox import enqueue
from orchestrators import digest_parts as parts
from orchestrators import payload
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import DigestConfig
from orchestrators.digest_runs import (
    DigestRun,
    RunKind,
    RunState,
    SkipReason,
    claim_period,
    get_run,
    list_runs_of_week,
    step,
)
from orchestrators.digest_schedule import CATCH_UP
from orchestrators.notices import alert_admins
from orchestrators.outgoing import DeliverDigest
from orchestrators.projection_grades import find_grade, grade_projections, keep_projection
from orchestrators.results.digest import Audience, DigestResult, Period
from orchestrators.results.forecast import Outlook
from orchestrators.results.notices import AlertKind, AlertLine

LATE_AFTER = timedelta(minutes=30)
UNDER_WAY = frozenset({RunState.DUE, RunState.BUILT, RunState.POSTING})
MESSAGE_KIND = "digest"
PERSON_IDS = ("U", "W")  # Slack's own first letters; channels begin with C, G or D


@dataclass(frozen=True, slots=True)
class Destination:
    """A channel, or the person whose DM is to be opened."""

    audience: Audience
    channel: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """Built and ready to go."""

    run: DigestRun
    result: DigestResult
    destination: Destination
    zone: str


@dataclass(frozen=True, slots=True)
class DigestDelivery:
    session: TenantSession
    clock: Clock

    async def prepare(self, run_id: UUID) -> Parcel | None:
        """Build what is due, or bring back what was built; None when nothing is to be posted (any more)."""
        run = await get_run(self.session, run_id, lock=True)
        if run.state is RunState.POSTING:
            await self.lose(run_id)
            return None
        if run.state is RunState.DUE:
            run = await self._build(run)
        destination = await self._destination()
        if run.state is not RunState.BUILT or destination is None:
            return None
        result = payload.load(run.payload, DigestResult)
        return Parcel(run, result, destination, (await get_business(self.session)).zone)

    async def _build(self, run: DigestRun) -> DigestRun:
        now, destination = self.clock.now(), await self._destination()
        if destination is None:
            return await self.skip(run.id, SkipReason.NO_DESTINATION)
        if now - run.due_at > CATCH_UP:
            return await self.skip(run.id, SkipReason.MISSED)
        due = run.due_at if run.asked_by == "runway" else None
        late = due is not None and now - due > LATE_AFTER
        config = DigestConfig.weekly().sent_to(destination.audience)
        built = await DigestDataOrchestrator(self.session, self.clock).build(config, due=due, late=late)
        if parts.never_synced(built.result.health):
            return await self.skip(run.id, SkipReason.NEVER_SYNCED)
        kept = await self._graded(run, built.result)
        figures = payload.dump(built.figures)
        await step(
            self.session, run, RunState.BUILT, self.clock, payload=payload.dump(kept), figures=figures, built_at=now
        )
        return await get_run(self.session, run.id)

    async def _graded(self, run: DigestRun, result: DigestResult) -> DigestResult:
        """The weekly run keeps its projection and grades the earlier ones; what that says is told at once."""
        if run.kind is RunKind.WEEKLY and isinstance(result.outlook, Outlook):
            await keep_projection(self.session, result.outlook)
        await grade_projections(self.session, self.clock, result.health.today, result.health.currency)
        return replace(result, grade=await find_grade(self.session))

    async def _destination(self) -> Destination | None:
        """The channel that was chosen, a person's DM when a person was chosen, else the longest-standing owner's."""
        chosen = (await get_policy(self.session)).policy.digest.channel
        if chosen and chosen.startswith(PERSON_IDS):
            return Destination(Audience.OWNER_DM, None, chosen)
        if chosen:
            return Destination(Audience.TEAM_CHANNEL, chosen, None)
        people = [one for one in await list_people(self.session) if one.refused_as is None]
        owners = [one.slack_user for role in (Role.OWNER, Role.ADMIN) for one in people if role in one.roles]
        return Destination(Audience.OWNER_DM, None, owners[0]) if owners else None

    async def begin(self, run_id: UUID, channel: str) -> None:
        """From the commit of this on, the post may stand in Slack."""
        run = await get_run(self.session, run_id, lock=True)
        await step(self.session, run, RunState.POSTING, self.clock, channel=channel, attempts=run.attempts + 1)

    async def arrived(self, run_id: UUID, *, channel: str, ts: str) -> None:
        run = await get_run(self.session, run_id, lock=True)
        now = self.clock.now()
        await step(self.session, run, RunState.POSTED, self.clock, channel=channel, ts=ts, posted_at=now)
        subject = f"digest:{run.period}"
        message = await messages.reserve(
            self.session, kind=MESSAGE_KIND, key=f"digest:{run.id}", subjects=[subject], params={"run_id": str(run.id)}
        )
        await messages.posted(self.session, message.id, channel=channel, ts=ts)

    async def not_sent(self, run_id: UUID) -> None:
        """Slack surely did not take it: the next attempt posts the same digest."""
        run = await get_run(self.session, run_id, lock=True)
        await step(self.session, run, RunState.BUILT, self.clock)

    async def lose(self, run_id: UUID) -> None:
        """Nobody can know whether it stands there: a person looks and decides."""
        run = await get_run(self.session, run_id, lock=True)
        await step(self.session, run, RunState.UNKNOWN, self.clock)
        line = AlertLine(AlertKind.DIGEST_UNKNOWN, subject=f"digest:{run.id}:{run.attempts}", ref=str(run.id))
        await alert_admins(self.session, self.clock, line)

    async def skip(self, run_id: UUID, reason: SkipReason) -> DigestRun:
        """Give this period up, say why in the audit log, and tell the admins where they can change something."""
        run = await get_run(self.session, run_id, lock=True)
        await step(self.session, run, RunState.SKIPPED, self.clock, reason=reason)
        broken = reason is SkipReason.DESTINATION_BROKEN
        kind = AlertKind.DIGEST_BROKEN if broken else AlertKind.DIGEST_SKIPPED
        if reason is not SkipReason.APP_REMOVED:
            line = AlertLine(kind, subject=f"digest:{run.period}", ref=run.channel, detail=reason)
            await alert_admins(self.session, self.clock, line)
        return await get_run(self.session, run.id)


@dataclass(frozen=True, slots=True)
class RunTicket:
    """What a person's order led to. `fresh` False: it was under way already."""

    run_id: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class DigestRuns:
    """What people may order."""

    session: TenantSession
    clock: Clock

    async def post_now(self, caller: Caller | None, *, source: str) -> RunTicket:
        """The week's digest if it has not been posted yet, else another one. Raises `NotAllowed`.

        None is an operator on the command line.
        """
        if caller is not None:
            await require(self.session, caller, Act.MANAGE)
        week = Period.of(await self._today())
        weekly = await list_runs_of_week(self.session, RunKind.WEEKLY, week)
        if not weekly:
            return await self._order(RunKind.WEEKLY, str(week), caller, source)
        extra = await list_runs_of_week(self.session, RunKind.NOW, week)
        newest = (weekly + extra)[-1]
        if newest.state in UNDER_WAY:
            return RunTicket(str(newest.id), fresh=False)
        return await self._order(RunKind.NOW, f"{week}.{len(extra) + 1}", caller, source)

    async def _order(self, kind: RunKind, period: str, caller: Caller | None, source: str) -> RunTicket:
        now, by = self.clock.now(), caller.slack_user if caller else "runway"
        run_id = await claim_period(self.session, kind=kind, period=period, due_at=now, by=by)
        if run_id is None:
            raise Refused(
                "Somebody asked for the digest at the same moment. It is on its way; nothing was posted twice."
            )
        await enqueue(self.session, DeliverDigest(run_id=str(run_id)), key=f"digest:{kind}:{period}")
        entry = Entry(
            actor=by, action="digest.ordered", object_type="digest", object_id=f"{kind}:{period}", source=source
        )
        await record(self.session, entry, clock=self.clock)
        return RunTicket(str(run_id), fresh=True)

    async def post_again(self, caller: Caller, run_id: UUID, *, source: str) -> RunTicket:
        """A person looked: the digest whose fate was unknown is not there. Raises `Refused` when it was settled."""
        await require(self.session, caller, Act.MANAGE)
        run = await get_run(self.session, run_id, lock=True)
        if run.state is RunState.POSTED:
            raise Refused("That digest was posted meanwhile. Nothing was posted twice.")
        if run.state is not RunState.UNKNOWN:
            return RunTicket(str(run.id), fresh=False)
        await step(self.session, run, RunState.BUILT, self.clock, by=caller.slack_user, source=source)
        await enqueue(self.session, DeliverDigest(run_id=str(run.id)), key=f"digest:{run.id}:again:{run.attempts}")
        return RunTicket(str(run.id), fresh=True)

    async def _today(self) -> date:
        zone = (await get_policy(self.session)).policy.digest.zone
        return local_today(self.clock, ZoneInfo(zone))

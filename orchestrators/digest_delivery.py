"""From a due run to a post: each step is one transaction, and a crash in between finds the state it left.

Slack takes no idempotency key. POSTING is therefore committed before Slack is asked, and a run that is found there was
interrupted between asking and knowing: it is never posted again by itself, a person is asked to.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from domains import messages
from domains.businesses import get_business
from domains.messages import Posted
from domains.people import Role, list_people
from domains.policy import get_policy
from kit.clock import Clock
from kit.db import TenantSession
from kit.outbox import enqueue
from orchestrators import digest_parts as parts
from orchestrators import payload
from orchestrators.digest import DigestDataOrchestrator
from orchestrators.digest_config import DigestConfig
from orchestrators.digest_orders import find_standing
from orchestrators.digest_runs import DigestRun, RunKind, RunState, SkipReason, get_run, step, subject_of
from orchestrators.digest_schedule import CATCH_UP
from orchestrators.notices import alert_admins, settle
from orchestrators.outgoing import RedrawMessage
from orchestrators.projection_grades import find_grade, grade_projections, keep_projection
from orchestrators.results.digest import Audience, DigestResult, Revision
from orchestrators.results.forecast import Outlook
from orchestrators.results.headline import CashLine
from orchestrators.results.notices import AlertKind, AlertLine

LATE_AFTER = timedelta(minutes=30)
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
        standing = await self._find_standing(run)
        if run.state is RunState.DUE:
            run = await self._build(run, standing)
        destination = await self._destination()
        if run.state is not RunState.BUILT or destination is None:
            return None
        if standing is not None:
            await self._show_in(standing, run)
            return None
        result = payload.load(run.payload, DigestResult)
        return Parcel(run, result, destination, (await get_business(self.session)).zone)

    async def _find_standing(self, run: DigestRun) -> Posted | None:
        """The message of the week that this run brings up to date; a weekly run posts its own."""
        return await find_standing(self.session, run.week) if run.kind is RunKind.NOW else None

    async def _show_in(self, standing: Posted, run: DigestRun) -> None:
        """An edit may be repeated, so nothing is in doubt: the message speaks of this run, and its redraw says so."""
        await messages.remember(self.session, standing.id, {"run_id": str(run.id)})
        place: dict[str, Any] = {"channel": standing.channel, "ts": standing.ts}
        await step(self.session, run, RunState.POSTING, self.clock, attempts=run.attempts + 1, **place)
        held = await get_run(self.session, run.id)
        await step(self.session, held, RunState.POSTED, self.clock, posted_at=self.clock.now(), **place)
        await enqueue(self.session, RedrawMessage(message_id=str(standing.id)), key=f"redraw:{standing.id}:{run.id}")

    async def _build(self, run: DigestRun, standing: Posted | None) -> DigestRun:
        now, destination = self.clock.now(), _place_of(standing) or await self._destination()
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
        kept = await self._graded(run, replace(built.result, revision=await self._revision(run, standing)))
        figures = payload.dump(built.figures)
        await step(
            self.session, run, RunState.BUILT, self.clock, payload=payload.dump(kept), figures=figures, built_at=now
        )
        return await get_run(self.session, run.id)

    async def _revision(self, run: DigestRun, standing: Posted | None) -> Revision | None:
        if standing is None:
            return None
        before = await get_run(self.session, UUID(standing.params["run_id"]))
        first = payload.load(before.payload, DigestResult).revision
        told = first.first_posted if first else before.posted_at
        return Revision(self.clock.now(), run.asked_by, told or before.due_at)

    async def _graded(self, run: DigestRun, result: DigestResult) -> DigestResult:
        """The weekly run keeps its projection and grades the earlier ones; what that says is told at once."""
        outlook, cash = result.outlook, result.cash
        if run.kind is RunKind.WEEKLY and isinstance(outlook, Outlook) and isinstance(cash, CashLine):
            await keep_projection(self.session, outlook, cash.cash_book)
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
        message = await messages.reserve(
            self.session,
            kind=MESSAGE_KIND,
            key=f"digest:{run.id}",
            subjects=[subject_of(run.week)],
            params={"run_id": str(run.id)},
        )
        await messages.posted(self.session, message.id, channel=channel, ts=ts)
        for kind in (AlertKind.DIGEST_UNKNOWN, AlertKind.DIGEST_BROKEN, AlertKind.DIGEST_SKIPPED):
            await settle(self.session, self.clock, kind, frozenset())

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


def _place_of(standing: Posted | None) -> Destination | None:
    if standing is None or standing.channel is None:
        return None
    audience = Audience.OWNER_DM if standing.channel.startswith("D") else Audience.TEAM_CHANNEL
    return Destination(audience, standing.channel, None)

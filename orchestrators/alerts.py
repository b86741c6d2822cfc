"""What is alarming now, and whom it concerns: held against the desk after every sync and now and then between."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from calculators.flows import Flow, FlowKind
from calculators.projection import Projection
from domains.decisions import Decision, Phase
from domains.issues.catalogue import RecordKind
from domains.people import Act, Role, list_people, list_people_who_may
from domains.sync_history import SYNCS, RunState, SyncRunRow
from kit.money import Money
from kit.outbox import enqueue
from orchestrators.authority import Electorate, load_electorate
from orchestrators.base import BaseDataOrchestrator
from orchestrators.desk import Desk
from orchestrators.figures import low_water
from orchestrators.notices import alert, settle
from orchestrators.outgoing import TellApprovers
from orchestrators.references import ref_of
from orchestrators.results.basis import Link
from orchestrators.results.headline import LowWater
from orchestrators.results.notices import AlertKind, AlertLine
from orchestrators.untold import carry_over

FAILURES = 3
STALLED = timedelta(hours=3)
TROUGH_LINES = 3
PATIENCE = timedelta(hours=24)
WATCHED = (
    AlertKind.RECONNECT,
    AlertKind.NO_OWNER,
    AlertKind.SYNC_FAILED,
    AlertKind.SYNC_STALLED,
    AlertKind.FLOOR_BREACH,
    AlertKind.TROUGH,
    AlertKind.STUCK,
    AlertKind.OVERDUE,
)


@dataclass(frozen=True, slots=True)
class Concern:
    line: AlertLine
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertOrchestrator(BaseDataOrchestrator):
    async def review(self) -> tuple[AlertLine, ...]:
        """Write what is alarming into the messages of those it concerns, strike what no longer is."""
        await carry_over(self.session, self.clock)
        desk = await self.load()
        concerns = [*await self._access(desk), *await self._cash(desk), *await self._waiting(desk)]
        for concern in concerns:
            await alert(self.session, self.clock, concern.people, concern.line)
        for kind in WATCHED:
            still = frozenset(one.line.subject for one in concerns if one.line.kind is kind)
            await settle(self.session, self.clock, kind, still)
        return tuple(one.line for one in concerns)

    async def _access(self, desk: Desk) -> list[Concern]:
        admins = tuple(await list_people_who_may(self.session, Act.MANAGE))
        lines: list[AlertLine] = []
        if desk.health.link is Link.NEEDS_RECONNECT:
            lines.append(AlertLine(AlertKind.RECONNECT, subject="link"))
        reason = await self._repeated_failure()
        if reason is not None:
            lines.append(AlertLine(AlertKind.SYNC_FAILED, subject="sync", detail=reason))
        if desk.health.link is Link.CONNECTED and await self._is_stalled(desk):
            lines.append(AlertLine(AlertKind.SYNC_STALLED, subject="sync_stalled"))
        return [Concern(line, admins) for line in lines]

    async def _is_stalled(self, desk: Desk) -> bool:
        """A run that QuickBooks keeps waiting does not fail for a day, and none is tried beside it."""
        newest = select(SyncRunRow.finished_at, SyncRunRow.started_at).where(SyncRunRow.kind.in_(SYNCS))
        row = (await self.session.execute(newest.order_by(SyncRunRow.started_at.desc()).limit(1))).one_or_none()
        return row is not None and row.finished_at is None and desk.health.now - row.started_at > STALLED

    async def _repeated_failure(self) -> str | None:
        """The newest reason when the last three finished runs all failed."""
        statement = (
            select(SyncRunRow.state, SyncRunRow.reason)
            .where(SyncRunRow.finished_at.is_not(None))
            .order_by(SyncRunRow.started_at.desc())
            .limit(FAILURES)
        )
        rows = [(state, reason) for state, reason in await self.session.execute(statement)]
        if len(rows) < FAILURES or any(state != RunState.FAILED for state, _ in rows):
            return None
        return rows[0][1] or ""

    async def _cash(self, desk: Desk) -> list[Concern]:
        low = low_water(desk)
        if not isinstance(low, LowWater) or low.first_below_floor is None:
            return []
        owners = tuple(
            one.slack_user
            for one in await list_people(self.session)
            if Role.OWNER in one.roles and one.refused_as is None
        )
        detail = "below_zero" if low.first_below_zero is not None else None
        breach = AlertLine(
            AlertKind.FLOOR_BREACH, subject="floor", amount=low.balance, on=low.first_below_floor, detail=detail
        )
        return [Concern(line, owners) for line in (breach, *_in_trough(desk))]

    async def _waiting(self, desk: Desk) -> list[Concern]:
        """A yes that is asked for: of nobody, or for so long that the bill is past due by now."""
        proposed = [one for one in desk.decisions.values() if one.phase is Phase.PROPOSED]
        if any(desk.health.now - one.changed_at > PATIENCE for one in proposed):
            await enqueue(self.session, TellApprovers(reminder=True), key=f"remind:{desk.today}")
        electorate = await load_electorate(self.session, desk.rules, desk.today)
        if not electorate.owners:
            admins = tuple(await list_people_who_may(self.session, Act.MANAGE))
            return [Concern(AlertLine(AlertKind.NO_OWNER, subject="owners"), admins)]
        waiting = (_waiting_for(one, electorate, desk.today) for one in proposed)
        return [concern for concern in waiting if concern is not None]


def _waiting_for(one: Decision, electorate: Electorate, today: date) -> Concern | None:
    """What is late is told to whoever's yes is still of use; what nobody can approve, to the owners."""
    can = (*electorate.owners, *electorate.delegates)
    able = tuple(person for person in can if electorate.brings(person, one.voices, one.home_amount))
    if not able:
        return Concern(_line(AlertKind.STUCK, one), electorate.owners)
    late = one.judged.due is not None and one.judged.due < today
    return Concern(_line(AlertKind.OVERDUE, one), able) if late else None


def _line(kind: AlertKind, one: Decision) -> AlertLine:
    ref, judged = ref_of(RecordKind.BILL, one.bill_id).ref, one.judged
    return AlertLine(kind, subject=f"{kind}:{ref}", ref=ref, party=judged.vendor, amount=judged.amount, on=judged.due)


def _in_trough(desk: Desk) -> list[AlertLine]:
    """Payments to vendors that must be paid, planned for a day on which the projection is below the floor."""
    projection = desk.reckoning.projection
    if not isinstance(projection, Projection):
        return []
    return [_trough(flow, desk) for flow in _tier_one(projection, desk)][:TROUGH_LINES]


def _tier_one(projection: Projection, desk: Desk) -> Iterator[Flow]:
    view, floor = projection.committed, desk.rules.floor_cash
    for flow in sorted(view.flows, key=lambda one: (one.on, one.ref)):
        if flow.kind is FlowKind.BILL and desk.tiers.get(flow.party_id or "") == 1 and view.curve.on(flow.on) < floor:
            yield flow


def _trough(flow: Flow, desk: Desk) -> AlertLine:
    ref = ref_of(RecordKind.BILL, flow.ref).ref
    amount = Money(-flow.amount, desk.currency)
    return AlertLine(AlertKind.TROUGH, subject=f"trough:{ref}", ref=ref, party=flow.label, amount=amount, on=flow.on)

"""The hygiene tray: reads the desk's issues, and moves what people and syncs do about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from domains.issues.catalogue import Issue, RecordKind, Severity
from domains.issues.survey import ranked
from domains.item_states import ItemKey, ItemState, ItemStatus, Standing, move, undo
from domains.people import Act, Caller, list_roles, require
from kit.errors import Refused
from kit.money import Money
from orchestrators.base import BaseDataOrchestrator, bounds, page_of
from orchestrators.desk import Desk, key_of
from orchestrators.figures import data_quality
from orchestrators.gather import find_document
from orchestrators.jobs import WaitingReply
from orchestrators.references import find_key, guess_key
from orchestrators.results.tray import SeverityTotal, TrayAct, TrayItem, TrayOutcome, TrayOutcomeKind, TrayResult
from orchestrators.tray_acts import (
    NOT_THERE,
    Taken,
    allow,
    check_assignee,
    check_reason,
    check_snooze,
    check_version,
    follow_up,
    parse_key,
    take,
)
from orchestrators.tray_items import OPEN_TO, can_undo, gone_item, item_of, may_work_on
from orchestrators.tray_sync import TrayChanges, settle_tray


@dataclass(frozen=True, slots=True)
class HygieneTrayDataOrchestrator(BaseDataOrchestrator):
    async def get_hygiene_data(self, caller: Caller | None, *, page: int = 1, per_page: int = 5) -> TrayResult:
        """Members meet what is assigned to them; whoever may see the books meets all of it."""
        mine_only = await self._sees_own_only(caller)
        desk = await self.load()
        issues = [one for one in desk.in_tray() if not mine_only or _is_for(desk, one, caller)]
        order = ranked(issues, available=desk.available, today=desk.today)
        where = page_of(len(order), page, per_page)
        return TrayResult(
            health=desk.health,
            items=tuple(item_of(desk, one, caller, points) for one, points in order[bounds(where, per_page)]),
            page=where,
            totals=_totals(desk, issues),
            blocking=sum(issue.blocks for issue in issues),
            snoozed=_count(desk, ItemStatus.SNOOZED),
            dismissed=_count(desk, ItemStatus.DISMISSED),
            data_quality=data_quality(desk),
            mine_only=mine_only,
        )

    async def get_item(self, caller: Caller | None, key: str) -> TrayItem:
        """In any state, also one that left the tray. Raises `Refused` for what never was in it."""
        found = await self._find(caller, parse_key(key))
        if found is None:
            raise Refused(NOT_THERE)
        return found

    async def find_item(self, caller: Caller | None, words: str) -> TrayItem | None:
        """By "B-145", by "B-145 MISSING_DUE_DATE" (the first one by order without a code), or by an item's key."""
        desk = await self.load()
        reference, _, code = words.strip().partition(" ")
        record = find_key(reference) or guess_key(reference)
        if record is None:
            return None
        about = [one for one in desk.issues if one.key == record and (not code or one.code == code.strip().upper())]
        waiting = ranked(about, available=desk.available, today=desk.today)
        item = item_of(desk, waiting[0][0], caller) if waiting else None
        return item if item and await self._may_see(caller, item) else None

    async def get_same_page(self, caller: Caller, touched: TrayItem, *, page: int, keys: Sequence[str]) -> TrayResult:
        """The items that stood on a page, in their order, each as it is now; `touched` as the act left it."""
        fresh = await self.get_hygiene_data(caller, page=page)
        known = {item.key: item for item in (*fresh.items, touched)}
        items = [known[key] if key in known else await self.get_item(caller, key) for key in keys]
        return replace(fresh, items=tuple(items)) if items else fresh

    async def resolve(
        self, caller: Caller, key: str, version: str | None, *, source: str, reply: WaitingReply | None = None
    ) -> TrayOutcome:
        """A person says it is mended. The record is read again at once; `reply` is told what came of it."""
        return await self._act(caller, key, version, TrayAct.RESOLVE, ItemStatus.RESOLVED, source=source, reply=reply)

    async def assign(self, caller: Caller, key: str, version: str | None, *, to: str, source: str) -> TrayOutcome:
        await check_assignee(self.session, to)
        return await self._act(caller, key, version, TrayAct.ASSIGN, ItemStatus.ASSIGNED, assignee=to, source=source)

    async def snooze(self, caller: Caller, key: str, version: str | None, *, until: date, source: str) -> TrayOutcome:
        check_snooze(until, (await self.load()).today)
        return await self._act(caller, key, version, TrayAct.SNOOZE, ItemStatus.SNOOZED, until=until, source=source)

    async def dismiss(self, caller: Caller, key: str, version: str | None, *, reason: str, source: str) -> TrayOutcome:
        """Sticks until what was judged changes; a dismissed issue blocks nothing."""
        why = check_reason(reason)
        return await self._act(caller, key, version, TrayAct.DISMISS, ItemStatus.DISMISSED, reason=why, source=source)

    async def reopen(self, caller: Caller, key: str, version: str | None, *, source: str) -> TrayOutcome:
        """Back into the tray: a dismissal or snooze taken back, or a *resolved* that was too early."""
        return await self._act(caller, key, version, TrayAct.REOPEN, ItemStatus.OPEN, source=source)

    async def undo(self, caller: Caller, key: str, *, source: str) -> TrayOutcome:
        """For 24 hours after a person's act, once."""
        desk = await self.load()
        taken = await take(self.session, self.clock, desk, parse_key(key))
        await allow(self.session, caller, taken.state)
        if not can_undo(desk, taken.state):
            return await self._outcome(TrayOutcomeKind.ALREADY, desk, taken.issue, taken.state, caller)
        back = await undo(self.session, taken.state, by=caller.slack_user, source=source, clock=self.clock)
        await follow_up(self.session, back)
        return await self._outcome(TrayOutcomeKind.DONE, desk, taken.issue, back, caller)

    async def reconcile_after_sync(self, asked_at: datetime) -> TrayChanges:
        """Settle every item against the books as they were read when QuickBooks was asked at `asked_at`."""
        return await settle_tray(self.session, self.clock, await self.afresh().load(), asked_at)

    async def _act(
        self,
        caller: Caller,
        key: str,
        version: str | None,
        act: TrayAct,
        status: ItemStatus,
        *,
        source: str,
        assignee: str | None = None,
        until: date | None = None,
        reason: str | None = None,
        reply: WaitingReply | None = None,
    ) -> TrayOutcome:
        desk = await self.load()
        taken = await take(self.session, self.clock, desk, parse_key(key))
        await allow(self.session, caller, taken.state)
        if taken.issue is None:
            return await self._outcome(TrayOutcomeKind.GONE, desk, None, taken.state, caller)
        check_version(taken, version)
        to = replace(taken.standing(status), until=until, reason=reason)
        to = replace(to, assignee=assignee) if assignee else to
        if act not in OPEN_TO[taken.state.status] or to == taken.state.standing:
            return await self._outcome(TrayOutcomeKind.ALREADY, desk, taken.issue, taken.state, caller)
        return await self._move(desk, taken, to, caller, source=source, reply=reply)

    async def _move(
        self, desk: Desk, taken: Taken, to: Standing, caller: Caller, *, source: str, reply: WaitingReply | None
    ) -> TrayOutcome:
        if to.status is ItemStatus.OPEN and taken.state.status is ItemStatus.RESOLVED:
            to = replace(to, status=ItemStatus.REOPENED)
        state = await move(self.session, taken.state, to, by=caller.slack_user, source=source, clock=self.clock)
        checking = await follow_up(self.session, state, reply)
        outcome = await self._outcome(TrayOutcomeKind.DONE, desk, taken.issue, state, caller)
        return replace(outcome, checking=checking)

    async def _outcome(
        self, kind: TrayOutcomeKind, desk: Desk, issue: Issue | None, state: ItemState, caller: Caller
    ) -> TrayOutcome:
        seen = replace(desk, states={**desk.states, state.key: state})
        if issue is not None:
            return TrayOutcome(kind, item_of(seen, issue, caller))
        record = await find_document(self.session, state.key.record)
        return TrayOutcome(kind, gone_item(seen, state, caller, record))

    async def _find(self, caller: Caller | None, key: ItemKey) -> TrayItem | None:
        desk = await self.load()
        issue = next((one for one in desk.issues if key_of(one) == key), None)
        state = desk.states.get(key)
        if issue is not None:
            item = item_of(desk, issue, caller)
        elif state is not None:
            item = gone_item(desk, state, caller, await find_document(self.session, key.record))
        else:
            return None
        return item if await self._may_see(caller, item) else None

    async def _may_see(self, caller: Caller | None, item: TrayItem) -> bool:
        return not await self._sees_own_only(caller) or may_work_on(caller, item.state.assignee)

    async def _sees_own_only(self, caller: Caller | None) -> bool:
        """Raises `NotAllowed` for a person without any role."""
        if caller is None:
            return False
        roles = await list_roles(self.session, caller.slack_user)
        if not roles:
            await require(self.session, caller, Act.SEE)
        return not Caller(caller.slack_user, roles).may(Act.SEE)


def _is_for(desk: Desk, issue: Issue, caller: Caller | None) -> bool:
    state = desk.states.get(key_of(issue))
    return caller is not None and state is not None and state.standing.assignee == caller.slack_user


def _totals(desk: Desk, issues: Iterable[Issue]) -> tuple[SeverityTotal, ...]:
    """A record with two issues of one severity is counted twice but its money once."""
    listed = list(issues)
    return tuple(_total(desk, severity, [one for one in listed if one.severity is severity]) for severity in Severity)


def _total(desk: Desk, severity: Severity, issues: list[Issue]) -> SeverityTotal:
    stakes: dict[tuple[RecordKind, str], Decimal] = {
        (one.key.kind, one.key.qbo_id): one.at_stake for one in issues if one.at_stake is not None
    }
    return SeverityTotal(severity, len(issues), Money(sum(stakes.values(), Decimal(0)), desk.currency))


def _count(desk: Desk, status: ItemStatus) -> int:
    return sum(desk.status(issue) is status for issue in desk.issues)

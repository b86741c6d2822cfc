"""What a sync says about tray items: new ones, mended ones, and those that were called mended too early."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domains.audit import lock_chain
from domains.freshness import Freshness, Group
from domains.issues.catalogue import Issue, RecordKind
from domains.item_states import ItemKey, ItemState, ItemStatus, Standing, find_state, move, open_items
from kit.clock import Clock
from kit.db import TenantSession
from kit.outbox import enqueue
from orchestrators.desk import Desk, effective_status, key_of
from orchestrators.effects import HOME, redraw, redraw_shown
from orchestrators.jobs import RefreshDesk


@dataclass(frozen=True, slots=True)
class TrayChanges:
    opened: tuple[ItemKey, ...]
    auto_resolved: tuple[ItemKey, ...]
    reopened: tuple[ItemKey, ...]


NOTHING = TrayChanges((), (), ())
AT_ONCE = 250
GROUPS = {
    RecordKind.BILL: Group.BILLS,
    RecordKind.VENDOR_CREDIT: Group.BILLS,
    RecordKind.INVOICE: Group.INVOICES,
    RecordKind.PAYMENT: Group.INVOICES,
    RecordKind.CREDIT_MEMO: Group.INVOICES,
    RecordKind.VENDOR: Group.NAMES,
    RecordKind.CUSTOMER: Group.NAMES,
    RecordKind.ACCOUNT: Group.BALANCES,
    RecordKind.SYNC: Group.BILLS,
}


async def settle_tray(session: TenantSession, clock: Clock, desk: Desk, asked_at: datetime) -> TrayChanges:
    """Nothing is settled against books that were not read whole yet: what is missing there is not mended."""
    if any(line.state is Freshness.NEVER for line in desk.shelf.freshness.groups):
        return NOTHING
    await lock_chain(session)
    found = {key_of(issue): issue for issue in desk.issues}
    fresh = [(key, issue.judged) for key, issue in found.items() if key not in desk.states]
    opened = await open_items(session, fresh, clock=clock)
    due = await _first_due(session, _due(desk, found, asked_at), asked_at)
    moved = [await _settle(session, clock, desk.states[key], to) for key, to in due.items()]
    changed = [state for state in moved if state is not None]
    await _redraw(session, clock, opened, changed)
    return TrayChanges(
        opened=tuple(opened),
        auto_resolved=tuple(one.key for one in changed if one.status is ItemStatus.AUTO_RESOLVED),
        reopened=tuple(one.key for one in changed if one.status is not ItemStatus.AUTO_RESOLVED),
    )


async def _first_due(
    session: TenantSession, due: dict[ItemKey, ItemStatus], asked_at: datetime
) -> dict[ItemKey, ItemStatus]:
    """Not more at once than people can wait for behind the chain's lock; another run settles the rest."""
    if len(due) > AT_ONCE:
        job = RefreshDesk(asked_at=asked_at.isoformat())
        await enqueue(session, job, key=f"desk:{asked_at.isoformat()}:{len(due)}")
    return dict(list(due.items())[:AT_ONCE])


def _due(desk: Desk, found: Mapping[ItemKey, Issue], asked_at: datetime) -> dict[ItemKey, ItemStatus]:
    """The items whose written status is not what the books say."""
    due = {key: _verdict(desk, found.get(key), state, asked_at) for key, state in desk.states.items()}
    return {key: status for key, status in due.items() if status is not None}


def _verdict(desk: Desk, issue: Issue | None, state: ItemState, asked_at: datetime) -> ItemStatus | None:
    if issue is None:
        return None if state.status is ItemStatus.AUTO_RESOLVED else ItemStatus.AUTO_RESOLVED
    if state.status is ItemStatus.RESOLVED:
        return ItemStatus.REOPENED if state.changed_at < asked_at and _was_read(desk, state) else None
    now = effective_status(issue, state, desk.today)
    return None if now is state.status else now


def _was_read(desk: Desk, state: ItemState) -> bool:
    """QuickBooks answered since the person spoke: what was read before, or could not be read, says nothing."""
    key = state.key.record
    group = desk.shelf.freshness.of(GROUPS[key.kind]).last_synced
    records = desk.shelf.bills if key.kind is RecordKind.BILL else desk.shelf.invoices
    record = records.get(key.qbo_id) if key.kind in (RecordKind.BILL, RecordKind.INVOICE) else None
    read = [at for at in (group, record.last_synced if record else None) if at is not None]
    return max(read, default=state.changed_at) > state.changed_at


async def _settle(session: TenantSession, clock: Clock, seen: ItemState, to: ItemStatus) -> ItemState | None:
    """None when a person moved the item in the meantime: the next sync settles it."""
    state = await find_state(session, seen.key, lock=True)
    if state is None or state.standing != seen.standing:
        return None
    standing = Standing(to, state.standing.assignee, judged=state.standing.judged)
    return await move(session, state, standing, by="runway", source="sync", clock=clock)


async def _redraw(session: TenantSession, clock: Clock, opened: list[ItemKey], changed: list[ItemState]) -> None:
    cause = clock.now().isoformat()
    await redraw_shown(session, [str(state.key) for state in changed], cause=cause)
    if opened or changed:
        await redraw(session, [HOME], cause=cause)

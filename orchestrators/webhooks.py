"""What Intuit says has changed becomes one order to read the changes: deduplicated, per company, a moment later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from uuid import UUID

import structlog
from sqlalchemy import select

from domains.books import Books, Event
from domains.connections import find_business_of_realm
from domains.sync_history import Kind
from kit.clock import Clock
from kit.db import Database, TenantSession
from kit.inbox import receive
from kit.outbox import OutboxRow
from orchestrators.sync import OURS, MergedName, SyncBooks, SyncBooksNow, order_sync

SOURCE = "qbo"
# Edits come in bursts: the first one waits for those behind it.
SETTLE = timedelta(seconds=3)
MERGED = "merged"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookIntake:
    """Answer 200 once this returned: what was sent is stored then."""

    db: Database
    clock: Clock
    books: Books

    async def take(self, raw: bytes) -> int:
        """How many events were new. Raises `Unreadable`; a company that nobody connected is passed over."""
        events = sorted(self.books.read_events(raw), key=_realm)
        return sum([await self._of_realm(realm, list(group)) for realm, group in groupby(events, key=_realm)])

    async def _of_realm(self, realm: str, events: list[Event]) -> int:
        async with self.db.system_session() as session:
            business = await find_business_of_realm(session, realm)
        if business is None:
            log.info("webhook.realm_unknown", events=len(events))
            return 0
        return await self._store(business, events)

    async def _store(self, business: UUID, events: list[Event]) -> int:
        async with self.db.tenant_session(business) as session:
            fresh = [event for event in events if await receive(session, SOURCE, event.key)]
            if any(event.entity for event in fresh):
                await self._order(session, fresh)
        return len(fresh)

    async def _order(self, session: TenantSession, fresh: list[Event]) -> None:
        merges = _merges(fresh)
        if not merges and await _is_ordered(session):
            return
        slot = int(self.clock.now().timestamp() // SETTLE.total_seconds())
        key = f"merge:{fresh[0].key}" if merges else f"webhook:{slot}"
        await order_sync(session, Kind.INCREMENTAL, actor=OURS, key=key, merges=merges, delay=SETTLE)


async def _is_ordered(session: TenantSession) -> bool:
    """An order that nobody has begun will find this change too; one under way may be past it already."""
    statement = select(OutboxRow.id).where(
        OutboxRow.kind.in_((SyncBooks.__name__, SyncBooksNow.__name__)),
        OutboxRow.done_at.is_(None),
        OutboxRow.dead_at.is_(None),
        OutboxRow.lease_token.is_(None),
        OutboxRow.attempts == 0,
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none() is not None


def _merges(events: Iterable[Event]) -> tuple[MergedName, ...]:
    return tuple(
        MergedName(entity=event.entity, kept=event.qbo_id, gone=event.deleted_id)
        for event in events
        if event.operation == MERGED and event.entity
    )


def _realm(event: Event) -> str:
    return event.realm_id

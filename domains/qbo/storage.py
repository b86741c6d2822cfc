"""Writes pages into the mirror: COPY into a staging table, drop what is not news, log and upsert the rest.

Everything here runs in the caller's transaction, behind one lock per business, so that "before" in the log is true.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from domains.mirror import Entity
from domains.qbo import statements as sql
from domains.qbo.entities import CASH
from domains.qbo.mapping import Rejected, Row
from domains.sync_history import Kind
from kit.db import TenantSession


@dataclass(frozen=True, slots=True)
class Origin:
    """What a change is put down to in the log. `actor` is a Slack id or runway."""

    source: Kind
    actor: str
    run_id: UUID | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Key:
    entity: Entity
    qbo_id: str


COLUMNS = (
    "entity",
    "qbo_id",
    "sync_token",
    "last_updated",
    "digest",
    "active",
    "name",
    "party_id",
    "account_id",
    "term_id",
    "parent_id",
    "kind",
    "subkind",
    "doc_number",
    "txn_date",
    "due_date",
    "currency",
    "exchange_rate",
    "total",
    "balance",
    "home_balance",
    "document",
)
POSTING_COLUMNS = (
    "txn_date",
    "account_id",
    "amount",
    "home_amount",
    "currency",
    "counter_id",
    "party_id",
    "link_entity",
    "link_id",
    "settles",
)
_columns_of = attrgetter(*COLUMNS)
_posting_columns_of = attrgetter(*POSTING_COLUMNS)


async def store(session: TenantSession, rows: Sequence[Row], as_of: datetime, origin: Origin) -> list[Key]:
    """Rows of one answer. Returns those that were news, each with its log row written."""
    staged = await _lock(session)
    if not rows:
        return []
    fresh = _newest(rows)
    await _clear_stage(session, staged=staged)
    await _copy(session, "staged_records", (*COLUMNS, "as_of"), [(*_columns_of(row), as_of) for row in fresh])
    facts = _facts(session, origin)
    await session.execute(sql.DROP_OLD, facts)
    news, known = await _news(session, facts)
    if news:
        await session.execute(sql.LOG, facts)
        await _post(session, [row for row in fresh if Key(row.entity, row.qbo_id) in news], known, facts)
        await session.execute(sql.UPSERT, facts)
        for entity, ids in _by_entity(news).items():
            await session.execute(sql.RELEASE, {**facts, "entity": entity, "ids": ids})
    return list(news)


async def _news(session: TenantSession, facts: dict[str, Any]) -> tuple[dict[Key, bool], list[Key]]:
    """What is left after the old was dropped, in order; and which of it the mirror had before."""
    rows = (await session.execute(sql.NEWS, facts)).all()
    news = {Key(Entity(entity), qbo_id): known for entity, qbo_id, known in rows}
    return news, [key for key, known in news.items() if known]


async def _post(session: TenantSession, rows: Sequence[Row], known: Sequence[Key], facts: dict[str, Any]) -> None:
    for entity, ids in _by_entity(known).items():
        if entity in CASH:
            await session.execute(sql.FORGET_POSTINGS, {**facts, "entity": entity, "ids": ids})
    legs = [
        (row.entity, row.qbo_id, leg, *_posting_columns_of(posting))
        for row in rows
        for leg, posting in enumerate(row.postings)
    ]
    if legs:
        await _copy(session, "staged_postings", ("entity", "qbo_id", "leg", *POSTING_COLUMNS), legs)
        await session.execute(sql.POST, facts)


def _by_entity(keys: Iterable[Key]) -> dict[Entity, list[str]]:
    grouped: dict[Entity, list[str]] = {}
    for key in keys:
        grouped.setdefault(key.entity, []).append(key.qbo_id)
    return grouped


async def quarantine(session: TenantSession, rejected: Iterable[Rejected], origin: Origin) -> int:
    """Keep what could not be read where it is counted and found; returns how many."""
    facts = _facts(session, origin)
    rows = [
        {**facts, "entity": row.entity, "qbo_id": row.qbo_id, "reason": row.reason, "document": row.document}
        for row in rejected
    ]
    for row in rows:
        await session.execute(sql.QUARANTINE, row)
    return len(rows)


async def bury(session: TenantSession, entity: Entity, ids: Sequence[str], as_of: datetime, origin: Origin) -> int:
    """Tombstones for records that QuickBooks, asked for them at `as_of`, does not have. Returns how many are new."""
    await _lock(session)
    facts = {**_facts(session, origin), "entity": entity, "ids": list(ids), "as_of": as_of}
    return _count(await session.execute(sql.BURY, facts))


async def confirm(session: TenantSession, entity: Entity, ids: Sequence[str], now: datetime) -> None:
    """These records were just read, changed or not."""
    facts = {"business": session.business_id, "entity": entity, "ids": list(ids), "now": now}
    await session.execute(sql.CONFIRM, facts)


async def _lock(session: TenantSession) -> bool:
    """Wait for our turn; whether this connection has its staging tables already."""
    row = (await session.execute(sql.LOCK, {"business": str(session.business_id)})).one()
    return bool(row.staged)


async def _clear_stage(session: TenantSession, *, staged: bool) -> None:
    for statement in (sql.CLEAR, sql.CLEAR_POSTINGS) if staged else (sql.STAGE, sql.STAGE_POSTINGS):
        await session.execute(statement)


def _facts(session: TenantSession, origin: Origin) -> dict[str, Any]:
    return {
        "business": session.business_id,
        "now": origin.now,
        "source": origin.source,
        "actor": origin.actor,
        "run_id": origin.run_id,
    }


def _newest(rows: Sequence[Row]) -> list[Row]:
    """One row per record: two versions of it in one answer would meet in one statement."""
    newest: dict[tuple[Entity, str], Row] = {}
    for row in rows:
        key = (row.entity, row.qbo_id)
        known = newest.get(key)
        if known is None or (row.sync_token, row.last_updated) >= (known.sync_token, known.last_updated):
            newest[key] = row
    return list(newest.values())


async def _copy(session: TenantSession, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    await driver.copy_records_to_table(table, records=rows, columns=columns)


def _count(result: Any) -> int:
    count: int = result.rowcount
    return count

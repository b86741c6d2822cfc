"""Writes pages into the mirror: COPY into a staging table, drop what is not news, log and upsert the rest.

Everything here runs in the caller's transaction, behind one lock per business, so that "before" in the log is true.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeAlias
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


Pair: TypeAlias = tuple[Entity, str]
# Marks a session whose transaction has used the staging tables.
USED = "mirror_staged"


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
    turn = await _lock(session)
    if not rows:
        return []
    fresh = _newest(rows)
    await _open_stage(session, exists=turn.staged)
    await _copy(session, "staged_records", (*COLUMNS, "as_of"), [(*_columns_of(row), as_of) for row in fresh])
    facts = _facts(session, origin)
    added = _keys(await session.execute(sql.ADD, facts))
    old = {(row.entity, row.qbo_id) for row in fresh} - set(added) if len(added) < len(fresh) else set()
    changed = await _change(session, old, facts) if old else []
    news = {*added, *changed}
    await _post(session, [row for row in fresh if (row.entity, row.qbo_id) in news], changed, facts)
    if turn.quarantined:
        for entity, ids in _by_entity(news).items():
            await session.execute(sql.RELEASE, {**facts, "entity": entity, "ids": ids})
    return [Key(entity, qbo_id) for entity, qbo_id in sorted(news)]


async def _change(session: TenantSession, old: set[Pair], facts: dict[str, Any]) -> list[Pair]:
    """Of what the mirror had before, drop what is older or the same, log and store the rest."""
    await session.execute(sql.KEEP, {"ids": [qbo_id for _, qbo_id in old]})
    await session.execute(sql.DROP_OLD, facts)
    changed = _keys(await session.execute(sql.NEWS))
    if changed:
        await session.execute(sql.LOG, facts)
        await session.execute(sql.UPSERT, facts)
    return changed


def _keys(rows: Iterable[Any]) -> list[Pair]:
    return [(Entity(entity), qbo_id) for entity, qbo_id in rows]


async def _post(session: TenantSession, rows: Sequence[Row], known: Sequence[Pair], facts: dict[str, Any]) -> None:
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


def _by_entity(keys: Iterable[Pair]) -> dict[Entity, list[str]]:
    grouped: dict[Entity, list[str]] = {}
    for entity, qbo_id in keys:
        grouped.setdefault(entity, []).append(qbo_id)
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


async def _lock(session: TenantSession) -> Any:
    """Wait for our turn. Tells whether this connection is `staged` already, and whether anything is `quarantined`."""
    return (await session.execute(sql.LOCK, {"business": str(session.business_id)})).one()


async def _open_stage(session: TenantSession, *, exists: bool) -> None:
    """Every transaction begins with empty tables; only a second answer in the same one has to clear them."""
    if not exists:
        await session.execute(sql.STAGE)
        await session.execute(sql.STAGE_POSTINGS)
    elif session.info.get(USED):
        await session.execute(sql.CLEAR)
        await session.execute(sql.CLEAR_POSTINGS)
    session.info[USED] = True


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

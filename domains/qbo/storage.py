"""Writes answers into the mirror: adds what is new, drops what is old, and logs each change in the same statement.

Everything here runs in the caller's transaction, behind one lock per kind: "before" in the log is true.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

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


class Key(NamedTuple):
    entity: Entity
    qbo_id: str


encode = msgspec.json.Encoder().encode


async def store(
    session: TenantSession, rows: Sequence[Row], as_of: datetime, origin: Origin, *, unseen: bool = False
) -> list[Key]:
    """Rows of one answer. Returns those that were news, each with its log row written.

    `unseen` promises that the mirror has none of them: raises `IntegrityError` where it has, and nothing is stored.
    """
    if not rows:
        return []
    fresh = _newest(rows)
    quarantined = await lock(session, {key.entity for key in fresh})
    facts = {**_facts(session, origin), "as_of": as_of}
    add = sql.ADD_UNSEEN if unseen else sql.ADD
    added = _keys(await session.execute(add, {**facts, **_page(fresh.values())}), fresh)
    known = [row for key, row in fresh.items() if key not in added] if len(added) < len(fresh) else []
    changed = _keys(await session.execute(sql.CHANGE, {**facts, **_page(known)}), fresh) if known else set()
    news = {key: row for key, row in fresh.items() if key in added or key in changed} if known else fresh
    await _post(session, news.values(), changed, facts)
    if quarantined:
        for entity, ids in _by_entity(news).items():
            await session.execute(sql.RELEASE, {**facts, "entity": entity, "ids": ids})
    return list(news)


def _page(rows: Collection[Row]) -> dict[str, Any]:
    return {
        "heads": encode([row.head for row in rows]).decode(),
        "documents": [row.document for row in rows],
        "digests": b"".join(row.digest for row in rows),
    }


def _keys(found: Iterable[Any], asked: Collection[Key]) -> Collection[Key]:
    """Those of `asked` that the database named: where it named as many, they are these.

    An entity is its own name: what the database writes equals it, and hashes like it.
    """
    grouped = [(entity, ids) for entity, ids in found]
    if sum(len(ids) for _, ids in grouped) == len(asked):
        return asked
    return {Key(entity, qbo_id) for entity, ids in grouped for qbo_id in ids}


async def _post(session: TenantSession, rows: Iterable[Row], changed: Iterable[Key], facts: dict[str, Any]) -> None:
    for entity, ids in _by_entity(changed).items():
        if entity in CASH:
            await session.execute(sql.FORGET_POSTINGS, {**facts, "entity": entity, "ids": ids})
    postings = [posting for row in rows for posting in row.postings]
    if postings:
        await session.execute(sql.POST, {**facts, "postings": encode(postings).decode()})


def _by_entity(keys: Iterable[Key]) -> dict[Entity, list[str]]:
    grouped: dict[Entity, list[str]] = {}
    for entity, qbo_id in keys:
        grouped.setdefault(Entity(entity), []).append(qbo_id)
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
    await lock(session, {entity})
    await _mark(session, {entity})
    facts = {**_facts(session, origin), "entity": entity, "ids": list(ids), "as_of": as_of}
    return _count(await session.execute(sql.BURY, facts))


async def confirm(session: TenantSession, entity: Entity, ids: Sequence[str], now: datetime) -> None:
    """These records were just read, changed or not."""
    await _mark(session, {entity})
    facts = {"business": session.business_id, "entity": entity, "ids": list(ids), "now": now}
    await session.execute(sql.CONFIRM, facts)


async def _mark(session: TenantSession, entities: Iterable[Entity]) -> None:
    """What was read of these kinds before is not what stands there from this commit on."""
    await session.execute(sql.MARK, {"business": session.business_id, "entities": list(entities)})


async def lock(session: TenantSession, entities: Iterable[Entity]) -> bool:
    """Wait for our turn with these kinds; whether anything of this business is quarantined.

    Who stores several answers in one transaction asks for all kinds first, or two of them could wait for each other.
    """
    facts = {"business": str(session.business_id), "entities": list(entities)}
    return any(row.quarantined for row in await session.execute(sql.LOCK, facts))


def _facts(session: TenantSession, origin: Origin) -> dict[str, Any]:
    return {
        "business": session.business_id,
        "now": origin.now,
        "source": origin.source,
        "actor": origin.actor,
        "run_id": origin.run_id,
    }


def _newest(rows: Sequence[Row]) -> dict[Key, Row]:
    """One row per record: two versions of it in one answer would meet in one statement."""
    newest: dict[Key, Row] = {}
    for row in rows:
        key = Key(row.head.entity, row.head.qbo_id)
        known = newest.get(key)
        if known is None or (row.sync_token, row.last_updated) >= (known.sync_token, known.last_updated):
            newest[key] = row
    return newest


def _count(result: Any) -> int:
    count: int = result.rowcount
    return count

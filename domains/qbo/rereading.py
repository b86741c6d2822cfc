"""Asks for single records again: those said to be deleted, and those that change without saying so."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ARRAY, String, any_, false, func, literal, not_, or_, select

from domains.documents import decode_transaction
from domains.mirror import Entity, RecordRow
from domains.qbo import query, storage
from domains.qbo.entities import MANY, POINTERS
from domains.qbo.faults import MalformedAnswer
from domains.qbo.mapping import LONGEST_ID, Gone, Row
from domains.qbo.run import Run, Sorted, sort
from domains.sync_history import CursorRow
from kit.db import TenantSession

IDS_AT_ONCE = 200
# A deposit is noted in the payments it took along, and neither their version nor their time moves.
TAKEN_ALONG = frozenset({Entity.PAYMENT, Entity.SALES_RECEIPT, Entity.REFUND_RECEIPT})


@dataclass(frozen=True, slots=True)
class Reread:
    """What QuickBooks has of the records asked for, and which of them it does not have."""

    found: Sorted = field(default_factory=Sorted)
    missing: dict[Entity, list[str]] = field(default_factory=dict)
    answered: datetime | None = None


async def reread(run: Run, wanted: dict[Entity, set[str]]) -> list[Reread]:
    """One request per kind and 200 ids. A record that was rejected is there, though it cannot be read."""
    return [
        answer
        for entity, ids in wanted.items()
        for part in _parts(sorted(ids))
        for answer in await _ask_for(run, entity, part)
    ]


async def _ask_for(run: Run, entity: Entity, ids: Sequence[str]) -> list[Reread]:
    """An answer may hold fewer than it should: missing is what an answer brings none of, and claims nothing new of."""
    answers, left = [], list(ids)
    claimed: set[str] = set()
    while left:
        page = await run.client.query(query.by_ids(entity, left))
        found = sort(page)
        there = {row.qbo_id for row in found.rows} | {row.qbo_id for row in found.rejected}
        if is_nameless(found):
            raise MalformedAnswer(None)  # it may be any of them
        others = [qbo_id for qbo_id in left if qbo_id not in there]
        claims = {claim.qbo_id for claim in found.gone} - claimed
        claimed |= claims
        missing = {entity: others} if others == left and not claims else {}
        answers.append(Reread(found, missing, page.answered))
        left = [] if missing else others
    return answers


def is_nameless(found: Sorted) -> bool:
    """Whether a record came without a usable id."""
    return any(len(record.qbo_id) > LONGEST_ID for record in found.rejected)


async def settle(run: Run, session: TenantSession, answers: Iterable[Reread]) -> None:
    """Store what is there and bury what is not, in this transaction."""
    await storage.lock(session, MANY)
    for answer in answers:
        assert answer.answered is not None
        await run.take(session, answer.found, answer.answered)
        for entity, ids in answer.missing.items():
            await run.bury(session, entity, ids, answer.answered)


async def doubtful(session: TenantSession, rows: Sequence[Row], gone: Sequence[Gone]) -> dict[Entity, set[str]]:
    """Which records must be asked for before an answer of change data capture may be believed."""
    wanted: dict[Entity, set[str]] = {}
    live = await _live(session, gone)
    for claim in live:
        wanted.setdefault(claim.entity, set()).add(claim.qbo_id)
    hidden = await _newly_hidden(session, rows)
    for name in POINTERS:
        merged = [claim.qbo_id for claim in live if claim.entity is name] + hidden.get(name, [])
        for entity, ids in (await documents_of(session, name, merged)).items():
            wanted.setdefault(entity, set()).update(ids)
    for document in await _changed_deposits(session, rows, gone):
        for line in decode_transaction(document).line:
            for link in line.linked_txn:
                if link.txn_type in TAKEN_ALONG and link.txn_id:
                    wanted.setdefault(Entity(link.txn_type), set()).add(link.txn_id)
    return wanted


async def _live(session: TenantSession, gone: Sequence[Gone]) -> list[Gone]:
    """Claims about records that the mirror still has: all others were settled before."""
    if not gone:
        return []
    statement = select(RecordRow.entity, RecordRow.qbo_id).where(
        RecordRow.entity.in_({claim.entity for claim in gone}),
        RecordRow.qbo_id.in_({claim.qbo_id for claim in gone}),
        RecordRow.deleted_at.is_(None),
    )
    live = {(entity, qbo_id) for entity, qbo_id in await session.execute(statement)}
    return [claim for claim in gone if (claim.entity, claim.qbo_id) in live]


async def _newly_hidden(session: TenantSession, rows: Sequence[Row]) -> dict[Entity, list[str]]:
    """Names made inactive: one that was merged into another may be left like this, and its documents say nothing.

    One that a page or a single read brought so since the changes were last settled is news here too.
    """
    told = [row for row in rows if row.entity in POINTERS and not row.head.active]
    if not told:
        return {}
    settled = select(CursorRow.last_synced).where(CursorRow.entity == RecordRow.entity).scalar_subquery()
    older = func.coalesce(RecordRow.last_synced <= settled, false())
    statement = select(RecordRow.entity, RecordRow.qbo_id).where(
        RecordRow.entity.in_({row.entity for row in told}),
        RecordRow.qbo_id.in_({row.qbo_id for row in told}),
        or_(RecordRow.active, not_(older)),
    )
    news, hidden = {(row.entity, row.qbo_id) for row in told}, defaultdict(list)
    for entity, qbo_id in await session.execute(statement):
        if (entity, qbo_id) in news:
            hidden[Entity(entity)].append(qbo_id)
    return hidden


async def documents_of(session: TenantSession, name: Entity, ids: Sequence[str]) -> dict[Entity, set[str]]:
    """A name that goes away was perhaps merged into another: what pointed to it, in a line even, then points there.

    Reads every document there is: some six seconds of a million, so many names are looked for at once.
    """
    if not ids:
        return {}
    either = "|".join(map(re.escape, ids))
    pointing = rf'"(?:{POINTERS[name]})"\s*:\s*\{{[^{{}}]*"value"\s*:\s*"(?:{either})"'
    statement = select(RecordRow.entity, RecordRow.qbo_id).where(
        RecordRow.document.regexp_match(pointing), RecordRow.deleted_at.is_(None)
    )
    documents: dict[Entity, set[str]] = {}
    for entity, qbo_id in await session.execute(statement):
        documents.setdefault(Entity(entity), set()).add(qbo_id)
    return documents


async def _changed_deposits(session: TenantSession, rows: Sequence[Row], gone: Sequence[Gone]) -> list[str]:
    """Before and after: what a changed or deleted deposit took along, and what it takes along now.

    One that a page or a single read brought since the changes were last settled is news here, though it is stored.
    """
    told = {row.qbo_id: row for row in rows if row.entity is Entity.DEPOSIT}
    touched = {*told, *(claim.qbo_id for claim in gone if claim.entity is Entity.DEPOSIT)}
    if not touched:
        return []
    settled = select(CursorRow.last_synced).where(CursorRow.entity == Entity.DEPOSIT).scalar_subquery()
    older = func.coalesce(RecordRow.last_synced <= settled, false())
    statement = select(RecordRow.qbo_id, RecordRow.digest, RecordRow.document, older).where(
        RecordRow.entity == Entity.DEPOSIT,
        RecordRow.qbo_id == any_(literal(sorted(touched), ARRAY(String))),
        RecordRow.deleted_at.is_(None),
    )
    known = (await session.execute(statement)).all()
    same = {qbo_id for qbo_id, digest, _, old in known if old and qbo_id in told and told[qbo_id].digest == digest}
    before = [document for qbo_id, _, document, _ in known if qbo_id not in same]
    return before + [row.document for row in told.values() if row.qbo_id not in same]


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))

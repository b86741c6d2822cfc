"""Who did what, when, from which message: append-only, each row sealed to the one before it.

The chain is per business: `hash = sha256(prev || body)` over a canonical text, so that an edited, removed or reordered
row is named by `verify_chain`. A cut-off tail shows only against an anchor kept elsewhere (the digest prints the head).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, select, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.clock import Clock
from kit.db import TenantSession
from kit.models import Base, Owned

GENESIS = bytes(32)


class AuditRow(Owned, Base):
    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_object", "business_id", "object_type", "object_id", "seq"),)

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    prev: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act.

    `actor` is a Slack id, or `runway` for what a sync or the clock did; `source` says where it came from: a message
    (channel:ts), a command, a job.
    """

    actor: str
    action: str
    object_type: str
    object_id: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    source: str | None = None
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it stands in the chain."""

    seq: int
    at: datetime
    actor: str
    action: str
    object_type: str
    object_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    source: str | None
    on_behalf_of: str | None


async def lock_chain(session: TenantSession) -> None:
    """Appends of one business queue here until their transaction ends.

    Whoever will lock rows and then append takes this first: two acts then never wait for each other in a circle.
    """
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:business, 1))")
    await session.execute(lock, {"business": str(session.business_id)})


async def record(session: TenantSession, entry: Entry, *, clock: Clock) -> int:
    """Append in this transaction; returns the sequence number."""
    return await record_all(session, [entry], clock=clock)


async def record_all(session: TenantSession, entries: Sequence[Entry], *, clock: Clock) -> int:
    """Append in this order, in this transaction; returns the last sequence number."""
    await lock_chain(session)
    last = (await session.execute(select(AuditRow).order_by(AuditRow.seq.desc()).limit(1))).scalar_one_or_none()
    seq, prev, at = last.seq if last else 0, last.hash if last else GENESIS, clock.now()
    for entry in entries:
        seq += 1
        row = _sealed(seq, prev, at, entry)
        session.add(row)
        prev = row.hash
    await session.flush()
    return seq


def _sealed(seq: int, prev: bytes, at: datetime, entry: Entry) -> AuditRow:
    body = _canonical(seq, at, entry)
    return AuditRow(
        seq=seq,
        at=at,
        actor=entry.actor,
        action=entry.action,
        object_type=entry.object_type,
        object_id=entry.object_id,
        body=body,
        prev=prev,
        hash=sha256(prev + body.encode()).digest(),
    )


def _canonical(seq: int, at: datetime, entry: Entry) -> str:
    facts = {
        "seq": seq,
        "at": at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "object": [entry.object_type, entry.object_id],
        "before": entry.before,
        "after": entry.after,
        "source": entry.source,
        "on_behalf_of": entry.on_behalf_of,
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


async def list_entries(
    session: TenantSession, *, object_type: str | None = None, object_id: str | None = None, limit: int = 20
) -> list[Recorded]:
    """Newest first."""
    statement = select(AuditRow).order_by(AuditRow.seq.desc()).limit(limit)
    if object_type is not None:
        statement = statement.where(AuditRow.object_type == object_type)
    if object_id is not None:
        statement = statement.where(AuditRow.object_id == object_id)
    return [_recorded(row) for row in (await session.execute(statement)).scalars()]


async def verify_chain(session: TenantSession) -> int | None:
    """The sequence number of the first row that does not fit the one before it, or None when all do."""
    expected, prev = 1, GENESIS
    rows = await session.stream_scalars(select(AuditRow).order_by(AuditRow.seq))
    async for row in rows:
        intact = row.seq == expected and row.prev == prev and row.hash == sha256(prev + row.body.encode()).digest()
        if not intact or _recorded(row) != _claimed(row):
            return row.seq
        expected, prev = row.seq + 1, row.hash
    return None


def _recorded(row: AuditRow) -> Recorded:
    body = json.loads(row.body)
    return Recorded(
        row.seq,
        row.at,
        row.actor,
        row.action,
        row.object_type,
        row.object_id,
        body["before"],
        body["after"],
        body["source"],
        body["on_behalf_of"],
    )


def _claimed(row: AuditRow) -> Recorded:
    """The same row as its sealed body tells it: the columns beside it must not say otherwise."""
    body = json.loads(row.body)
    kind, object_id = body["object"]
    return Recorded(
        body["seq"],
        datetime.fromisoformat(body["at"]),
        body["actor"],
        body["action"],
        kind,
        object_id,
        body["before"],
        body["after"],
        body["source"],
        body["on_behalf_of"],
    )

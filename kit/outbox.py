"""The queue of record: work to do next is a row, written in the transaction that made it necessary.

A Dramatiq message is only a hint at such a row; losing, doubling or forging one is harmless. Who runs a row holds its
lease: a token that the claim hands out and that every later write of that run must still show. Attempts are counted
at the claim, so a job that kills its process is counted too. All lease times are the database's own clock.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, String, UniqueConstraint, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import SystemSession, TenantSession
from kit.errors import LeaseLost
from kit.jobs import Job, encode
from kit.models import Base, OwnedById

LEASE = timedelta(seconds=15)
CRASHES_TO_DIE = 5
PATIENCE = timedelta(hours=24)


class OutboxRow(OwnedById, Base):
    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("business_id", "dedupe_key"),
        Index("ix_outbox_due", "lane", "not_before", postgresql_where=text("done_at IS NULL AND dead_at IS NULL")),
        Index("ix_outbox_id", "id"),
        Index("ix_outbox_leased", "business_id", postgresql_where=text("lease_token IS NOT NULL")),
        # Hard guarantee behind the claim's own check: one run at a time per serial key.
        Index(
            "uq_outbox_serial",
            "business_id",
            "serial_key",
            unique=True,
            postgresql_where=text("lease_token IS NOT NULL"),
        ),
    )

    lane: Mapped[int]
    kind: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    dedupe_key: Mapped[str] = mapped_column(String(200))
    serial_key: Mapped[str | None] = mapped_column(String(200))
    not_before: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(server_default="0")
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    last_error: Mapped[str | None] = mapped_column(String(200))
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


@dataclass(frozen=True, slots=True)
class Claim:
    """One run of one row. Only the holder of `token` may write on its behalf."""

    business_id: UUID
    id: UUID
    token: UUID
    kind: str
    payload: dict[str, Any]
    attempts: int
    overdue: bool  # has waited longer than `PATIENCE` since it was written


async def enqueue(session: TenantSession, job: Job, *, key: str, delay: timedelta = timedelta(0)) -> bool:
    """Write the job in this transaction. The same `key` never makes a second row; returns whether this made one."""
    kind, payload = encode(job)
    row = {
        "business_id": session.business_id,
        "id": uuid4(),
        "lane": int(job.lane),
        "kind": kind,
        "payload": payload,
        "dedupe_key": key,
        "serial_key": job.serial,
        "not_before": func.now() + delay,
    }
    statement = insert(OutboxRow).values(row).on_conflict_do_nothing().returning(OutboxRow.id)
    written = (await session.execute(statement)).scalar_one_or_none()
    if written is not None and not delay:
        session.info.setdefault("outbox", []).append(written)
    return written is not None


async def list_unstarted(session: TenantSession, serials: Collection[str]) -> set[str]:
    """Those of the serial keys that have a due row which nobody took: its run will see all that is committed now."""
    statement = select(OutboxRow.serial_key).where(
        OutboxRow.serial_key.in_(serials),
        OutboxRow.done_at.is_(None),
        OutboxRow.dead_at.is_(None),
        OutboxRow.lease_token.is_(None),
        OutboxRow.not_before <= func.now(),
    )
    return {key for key in (await session.execute(statement)).scalars() if key is not None}


# The oldest open row of a serial key goes first, and no business holds more than its share of the workers. Rows that
# lost their process twice come back at moments of their own: the one that kills it takes the others along no more.
CLAIM = text("""
UPDATE outbox SET lease_token = gen_random_uuid(), lease_until = now() + :lease, attempts = attempts + 1
WHERE (business_id, id) = (
  SELECT o.business_id, o.id FROM outbox o
  WHERE o.done_at IS NULL AND o.dead_at IS NULL AND o.not_before <= now()
    AND (o.lease_until IS NULL
      OR o.lease_until < now() - greatest(o.attempts - 1, 0) * (abs(hashtext(o.id::text)) % 1000) * interval '1 ms')
    AND (CAST(:id AS uuid) IS NULL OR o.id = CAST(:id AS uuid))
    AND (o.serial_key IS NULL OR NOT EXISTS (
      SELECT 1 FROM outbox p WHERE p.business_id = o.business_id AND p.serial_key = o.serial_key
        AND p.done_at IS NULL AND p.dead_at IS NULL AND (p.created_at, p.id) < (o.created_at, o.id)))
    AND (SELECT count(*) FROM outbox f WHERE f.business_id = o.business_id
         AND f.lease_token IS NOT NULL AND f.lease_until >= now()) < :share
  ORDER BY o.lane, o.not_before LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING business_id, id, lease_token, kind, payload, attempts,
  created_at < now() - CAST(:patience AS interval) AS overdue
""")


async def claim(
    session: SystemSession, *, only: UUID | None = None, share: int = 8, lease: timedelta = LEASE
) -> Claim | None:
    """Take one due row, or None. `only` is what a hint named; `share` caps a business's rows in flight."""
    try:
        async with session.begin_nested():
            values = {"id": only, "share": share, "lease": lease, "patience": PATIENCE}
            row = (await session.execute(CLAIM, values)).one_or_none()
    except IntegrityError:
        return None  # another run holds the serial key; the sweeper comes back
    if row is None:
        return None
    return Claim(row.business_id, row.id, row.lease_token, row.kind, row.payload, row.attempts, row.overdue)


async def hold(session: TenantSession, work: Claim) -> None:
    """Fence the transaction: it may only commit while the lease is ours. Raises `LeaseLost`.

    KEY SHARE keeps a claimer out until we are through, yet lets the renewal of our own lease pass.
    """
    statement = (
        select(OutboxRow.id)
        .where(OutboxRow.id == work.id, OutboxRow.lease_token == work.token, OutboxRow.lease_until > func.now())
        .with_for_update(read=True, key_share=True)
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise LeaseLost(str(work.id))


async def renew(session: SystemSession, work: Claim, *, lease: timedelta = LEASE) -> None:
    await _settle(session, work, lease_until=func.now() + lease)


async def finish(session: SystemSession, work: Claim) -> None:
    await _settle(session, work, done_at=func.now(), lease_token=None, lease_until=None, last_error=None)


async def release(session: SystemSession, work: Claim, *, delay: float, error: str, burned: bool) -> None:
    """Give the row back, due again in `delay` seconds. Waiting for a vendor or a lock burns no attempt."""
    attempts = OutboxRow.attempts if burned else OutboxRow.attempts - 1
    due = func.now() + timedelta(seconds=delay)
    await _settle(
        session, work, not_before=due, attempts=attempts, lease_token=None, lease_until=None, last_error=error
    )


async def bury(session: SystemSession, work: Claim, *, error: str) -> None:
    """Stop trying. The row stays, visible and retryable."""
    await _settle(session, work, dead_at=func.now(), lease_token=None, lease_until=None, last_error=error)


async def _settle(session: SystemSession, work: Claim, **changes: object) -> None:
    statement = (
        update(OutboxRow)
        .where(
            OutboxRow.business_id == work.business_id,
            OutboxRow.id == work.id,
            OutboxRow.lease_token == work.token,
            OutboxRow.done_at.is_(None),
        )
        .values(**changes)
        .returning(OutboxRow.id)
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise LeaseLost(str(work.id))


async def list_unfinished(session: SystemSession, *, dead: bool, limit: int = 100) -> list[OutboxRow]:
    """Oldest first: what waits or runs, or what was given up."""
    state = OutboxRow.dead_at.is_not(None) if dead else OutboxRow.dead_at.is_(None)
    statement = select(OutboxRow).where(OutboxRow.done_at.is_(None), state).order_by(OutboxRow.created_at).limit(limit)
    return list((await session.execute(statement)).scalars())


async def database_now(session: SystemSession) -> datetime:
    """The clock of the lease times."""
    return (await session.execute(select(func.now()))).scalar_one()


async def count_dead(session: SystemSession) -> int:
    statement = select(func.count()).select_from(OutboxRow).where(OutboxRow.dead_at.is_not(None))
    return (await session.execute(statement)).scalar_one()


async def forget_done(session: SystemSession, *, older_than: timedelta, but: str, limit: int = 10_000) -> int:
    """Delete finished rows, some at a time; their keys may then be used again. Keys that begin with `but` stay."""
    old = (
        select(OutboxRow.business_id, OutboxRow.id)
        .where(OutboxRow.done_at < func.now() - older_than, ~OutboxRow.dedupe_key.startswith(but, autoescape=True))
        .limit(limit)
    )
    statement = delete(OutboxRow).where(tuple_(OutboxRow.business_id, OutboxRow.id).in_(old)).returning(OutboxRow.id)
    return len((await session.execute(statement)).all())


async def revive(session: SystemSession, row_id: UUID) -> bool:
    """Put a dead row back in the queue with its attempts forgiven."""
    changes = {"dead_at": None, "attempts": 0, "not_before": func.now(), "created_at": func.clock_timestamp()}
    statement = (
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.dead_at.is_not(None))
        .values(**changes)
        .returning(OutboxRow.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def oldest_due_age(session: SystemSession) -> float:
    """Seconds that the oldest due row has waited; 0 when nothing waits."""
    waiting = func.extract("epoch", func.now() - func.min(OutboxRow.not_before))
    statement = select(func.coalesce(func.greatest(waiting, 0), 0)).where(
        OutboxRow.done_at.is_(None), OutboxRow.dead_at.is_(None), OutboxRow.not_before <= func.now()
    )
    return float((await session.execute(statement)).scalar_one())

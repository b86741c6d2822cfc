"""What every sync did and what it cost: runs, a cursor per kind of record, and the meter of reads that Intuit bills."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.models import Base, Owned, OwnedById


class Kind(StrEnum):
    FULL = "full"
    INCREMENTAL = "incremental"
    TARGETED = "targeted"
    RECONCILE = "reconcile"
    NOTE = "note"


# What people call a sync; the others read or write a single record.
SYNCS = (Kind.FULL, Kind.INCREMENTAL, Kind.RECONCILE)


class RunState(StrEnum):
    RUNNING = "running"
    WAITING = "waiting"  # the vendor is busy; goes on by itself
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class SyncRunRow(OwnedById, Base):
    """`reason` is the failure in plain words; `progress` maps an entity to the rows expected and stored."""

    __tablename__ = "sync_runs"
    __table_args__ = (
        Index("ix_sync_runs_started", "business_id", "started_at"),
        Index("uq_sync_runs_job", "business_id", "job_key", unique=True),
    )

    job_key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    actor: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    phase: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    since: Mapped[datetime | None]  # the response time before the first page: what the catch-up starts from
    requests: Mapped[int] = mapped_column(server_default="0")
    reads: Mapped[int] = mapped_column(server_default="0")
    expected: Mapped[int] = mapped_column(server_default="0")
    done: Mapped[int] = mapped_column(server_default="0")
    changed: Mapped[int] = mapped_column(server_default="0")
    deleted: Mapped[int] = mapped_column(server_default="0")
    quarantined: Mapped[int] = mapped_column(server_default="0")
    reason: Mapped[str | None] = mapped_column(String(300))
    reference: Mapped[str | None] = mapped_column(String(80))  # intuit_tid of the answer that failed it
    progress: Mapped[dict[str, dict[str, int]]] = mapped_column(JSONB, server_default=text("'{}'"))


class CursorRow(Owned, Base):
    """How far one kind of record is known. `watermark` is QuickBooks's clock, `last_synced` and the others are ours."""

    __tablename__ = "sync_cursors"

    entity: Mapped[str] = mapped_column(String(20), primary_key=True)
    watermark: Mapped[datetime | None]
    last_synced: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    full_at: Mapped[datetime | None]
    reconciled_at: Mapped[datetime | None]


class SliceRow(Owned, Base):
    """A stretch of LastUpdatedTime that an unfinished full sync pages through, and how far it came.

    `position` is the time of the last stored row, `skip` how many rows of that very time are stored.
    """

    __tablename__ = "sync_slices"

    entity: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[datetime | None]
    until: Mapped[datetime | None]
    skip: Mapped[int] = mapped_column(server_default="0")
    done: Mapped[bool] = mapped_column(server_default="false")


class ReadMeterRow(Owned, Base):
    """Reads of a calendar month (UTC), as Intuit's meter counts them: one per query, also inside a batch."""

    __tablename__ = "read_meter"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    reads: Mapped[int] = mapped_column(server_default="0")
    requests: Mapped[int] = mapped_column(server_default="0")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

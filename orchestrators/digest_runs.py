"""Every week's digest: what was due, what was built, what was posted, and what nobody can know. Nothing is deleted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, String, UniqueConstraint, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from domains.audit import Entry, record
from kit.clock import Clock
from kit.db import TenantSession
from kit.models import Base, OwnedById
from orchestrators.results.digest import Period


class RunKind(StrEnum):
    """WEEKLY is the one post of its week; NOW is asked for later and brings that post up to date."""

    WEEKLY = "weekly"
    NOW = "now"


class RunState(StrEnum):
    """DUE → BUILT → POSTING → POSTED; SKIPPED with a reason; UNKNOWN when we stopped between asking Slack and knowing.

    POSTING is committed before Slack is asked: who finds it later must not ask again.
    """

    DUE = "due"
    BUILT = "built"
    POSTING = "posting"
    POSTED = "posted"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class SkipReason(StrEnum):
    NEVER_SYNCED = "never_synced"
    MISSED = "missed"
    RESCHEDULED = "rescheduled"
    NO_DESTINATION = "no_destination"
    DESTINATION_BROKEN = "destination_broken"
    APP_REMOVED = "app_removed"
    REFUSED_BY_SLACK = "refused_by_slack"


STEPS: dict[RunState, frozenset[RunState]] = {
    RunState.DUE: frozenset({RunState.BUILT, RunState.SKIPPED}),
    RunState.BUILT: frozenset({RunState.POSTING, RunState.SKIPPED}),
    RunState.POSTING: frozenset({RunState.POSTED, RunState.BUILT, RunState.SKIPPED, RunState.UNKNOWN}),
    RunState.UNKNOWN: frozenset({RunState.BUILT}),
    RunState.SKIPPED: frozenset({RunState.DUE}),
    RunState.POSTED: frozenset(),
}


class DigestRunRow(OwnedById, Base):
    """`payload` is the whole result, `figures` the few numbers that next week is compared with."""

    __tablename__ = "digest_runs"
    __table_args__ = (
        UniqueConstraint("business_id", "kind", "period"),
        Index("ix_digest_runs_built", "business_id", "built_at"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    period: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(30))
    due_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(server_default="0")
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    channel: Mapped[str | None] = mapped_column(String(40))
    ts: Mapped[str | None] = mapped_column(String(40))
    built_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True, slots=True)
class DigestRun:
    id: UUID
    kind: RunKind
    period: str
    state: RunState
    reason: SkipReason | None
    due_at: datetime
    asked_by: str
    attempts: int
    payload: dict[str, Any] | None
    figures: dict[str, Any] | None
    channel: str | None
    ts: str | None
    posted_at: datetime | None

    @property
    def week(self) -> Period:
        """NOW runs are numbered behind their week: "2026-W48.2"."""
        year, _, week = self.period.partition(".")[0].partition("-W")
        return Period(int(year), int(week))


class StepNotAllowed(RuntimeError):
    """A run was about to go where its state does not lead: a bug that must never be quiet."""


def subject_of(week: Period) -> str:
    """What the message of a week's digest speaks of."""
    return f"digest:{week}"


def order_key(run_id: UUID, due_at: datetime) -> str:
    """A run is ordered once, and once more when it is due anew."""
    return f"digest:{run_id}:{due_at.timestamp():.6f}"


async def claim_period(session: TenantSession, *, kind: RunKind, period: str, due_at: datetime, by: str) -> UUID | None:
    """Make the one run of this period; None when it exists, whoever made it."""
    row = {"business_id": session.business_id, "id": uuid4(), "kind": kind, "period": period}
    facts = {"state": RunState.DUE, "due_at": due_at, "asked_by": by}
    statement = insert(DigestRunRow).values(**row, **facts).on_conflict_do_nothing().returning(DigestRunRow.id)
    return (await session.execute(statement)).scalar_one_or_none()


async def get_run(session: TenantSession, run_id: UUID, *, lock: bool = False) -> DigestRun:
    """Raises `NoResultFound` for a run of nobody's."""
    statement = select(DigestRunRow).where(DigestRunRow.id == run_id)
    row = (await session.execute(statement.with_for_update() if lock else statement)).scalar_one()
    return _run(row)


async def list_runs_of_week(session: TenantSession, kind: RunKind, week: Period) -> list[DigestRun]:
    """Oldest first."""
    statement = (
        select(DigestRunRow)
        .where(DigestRunRow.kind == kind, DigestRunRow.period.startswith(str(week), autoescape=True))
        .order_by(DigestRunRow.created_at, DigestRunRow.period)
    )
    return [_run(row) for row in (await session.execute(statement)).scalars()]


async def find_last_built(session: TenantSession, *, before: Period) -> DigestRun | None:
    """The newest stored digest of an earlier week: the last one whose figures were told or could have been."""
    statement = (
        select(DigestRunRow)
        .where(DigestRunRow.figures.is_not(None), DigestRunRow.period.collate("C") < str(before))
        .order_by(DigestRunRow.built_at.desc())
        .limit(1)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return _run(row) if row else None


async def step(
    session: TenantSession,
    run: DigestRun,
    to: RunState,
    clock: Clock,
    *,
    by: str = "runway",
    source: str | None = None,
    **facts: Any,
) -> None:
    """Move the run along one arrow and say so in the audit log. Raises `StepNotAllowed`."""
    if to not in STEPS[run.state]:
        raise StepNotAllowed(f"{run.state} → {to}")
    statement = update(DigestRunRow).where(DigestRunRow.id == run.id).values(state=to, **facts)
    await session.execute(statement)
    entry = Entry(
        actor=by,
        action=f"digest.{to}",
        object_type="digest",
        object_id=f"{run.kind}:{run.period}",
        before={"state": run.state},
        after={"state": to} | {key: str(facts[key]) for key in ("reason", "channel", "ts") if facts.get(key)},
        source=source,
    )
    await record(session, entry, clock=clock)


def _run(row: DigestRunRow) -> DigestRun:
    return DigestRun(
        id=row.id,
        kind=RunKind(row.kind),
        period=row.period,
        state=RunState(row.state),
        reason=SkipReason(row.reason) if row.reason else None,
        due_at=row.due_at,
        asked_by=row.asked_by,
        attempts=row.attempts,
        payload=row.payload,
        figures=row.figures,
        channel=row.channel,
        ts=row.ts,
        posted_at=row.posted_at,
    )

"""What people did about an issue: one row per (record, code), moved only along the allowed transitions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, Index, String, Text, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from domains.audit import Entry, record
from domains.issues.catalogue import IssueCode, RecordKey, RecordKind
from kit.clock import Clock
from kit.db import TenantSession
from kit.models import Base, Owned


class ItemStatus(StrEnum):
    OPEN = "open"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    AUTO_RESOLVED = "auto_resolved"
    REOPENED = "reopened"


WAITING = frozenset({ItemStatus.OPEN, ItemStatus.ASSIGNED, ItemStatus.REOPENED})

# From → to. An undo goes back along an arrow; it is audited as what it is and needs no arrow of its own.
TRANSITIONS: dict[ItemStatus, frozenset[ItemStatus]] = {
    **dict.fromkeys(
        WAITING,
        frozenset(
            {
                ItemStatus.ASSIGNED,
                ItemStatus.RESOLVED,
                ItemStatus.SNOOZED,
                ItemStatus.DISMISSED,
                ItemStatus.AUTO_RESOLVED,
            }
        ),
    ),
    ItemStatus.RESOLVED: frozenset({ItemStatus.REOPENED, ItemStatus.AUTO_RESOLVED}),
    ItemStatus.SNOOZED: frozenset(
        {ItemStatus.OPEN, ItemStatus.RESOLVED, ItemStatus.DISMISSED, ItemStatus.ASSIGNED, ItemStatus.AUTO_RESOLVED}
    ),
    ItemStatus.DISMISSED: frozenset({ItemStatus.OPEN, ItemStatus.AUTO_RESOLVED}),
    ItemStatus.AUTO_RESOLVED: frozenset({ItemStatus.OPEN}),
}


class ItemStateRow(Owned, Base):
    """`judged` is the fingerprint at the last change; `previous` is what an undo goes back to."""

    __tablename__ = "item_states"
    __table_args__ = (
        Index("ix_item_states_assignee", "business_id", "assignee", postgresql_where=text("assignee IS NOT NULL")),
    )

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    qbo_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    assignee: Mapped[str | None] = mapped_column(String(40))
    until: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(Text)
    judged: Mapped[str] = mapped_column(String(64))
    resolved_by: Mapped[str | None] = mapped_column(String(40))
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    previous: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


@dataclass(frozen=True, slots=True, order=True)
class ItemKey:
    record: RecordKey
    code: IssueCode

    def __str__(self) -> str:
        return f"{self.record.kind}:{self.record.qbo_id}:{self.code}"

    @classmethod
    def parse(cls, text_: str) -> "ItemKey":
        """Raises `ValueError` for anything that `str` did not write."""
        kind, first, rest = text_.partition(":")
        qbo_id, second, code = rest.rpartition(":")
        if not (first and second and qbo_id):
            raise ValueError(text_)
        return cls(RecordKey(RecordKind(kind), qbo_id), IssueCode(code))


@dataclass(frozen=True, slots=True)
class Standing:
    """The part of a state that a person's act replaces and an undo brings back."""

    status: ItemStatus
    assignee: str | None = None
    until: date | None = None
    reason: str | None = None
    judged: str = ""


@dataclass(frozen=True, slots=True)
class ItemState:
    key: ItemKey
    standing: Standing
    previous: Standing | None
    resolved_by: str | None
    changed_by: str
    changed_at: datetime
    opened_at: datetime

    @property
    def status(self) -> ItemStatus:
        return self.standing.status


class IllegalTransition(RuntimeError):
    """Code asked for an arrow that does not exist: a bug, never an answer to a person."""


async def list_states(session: TenantSession) -> dict[ItemKey, ItemState]:
    rows = (await session.execute(select(ItemStateRow))).scalars()
    return {state.key: state for state in map(_state, rows)}


async def find_state(session: TenantSession, key: ItemKey, *, lock: bool = False) -> ItemState | None:
    statement = select(ItemStateRow).where(_is(key))
    statement = statement.with_for_update().execution_options(populate_existing=True) if lock else statement
    row = (await session.execute(statement)).scalar_one_or_none()
    return _state(row) if row else None


async def open_items(session: TenantSession, opened: Iterable[tuple[ItemKey, str]], *, clock: Clock) -> list[ItemKey]:
    """Remember issues that were seen for the first time; those already known are left alone."""
    fresh = [
        {
            "business_id": session.business_id,
            "kind": key.record.kind,
            "qbo_id": key.record.qbo_id,
            "code": key.code,
            "status": ItemStatus.OPEN,
            "judged": judged,
            "changed_by": "runway",
            "changed_at": clock.now(),
            "opened_at": clock.now(),
        }
        for key, judged in opened
    ]
    made: list[ItemKey] = []
    for start in range(0, len(fresh), 1000):
        statement = insert(ItemStateRow).values(fresh[start : start + 1000]).on_conflict_do_nothing()
        columns = (ItemStateRow.kind, ItemStateRow.qbo_id, ItemStateRow.code)
        made += [_key(*row) for row in await session.execute(statement.returning(*columns))]
    return made


async def move(
    session: TenantSession, state: ItemState, to: Standing, *, by: str, source: str, clock: Clock
) -> ItemState:
    """Along an arrow of `TRANSITIONS`, audited. The caller holds the row's lock."""
    if to.status not in TRANSITIONS[state.status]:
        raise IllegalTransition(f"{state.key} {state.status} → {to.status}")
    resolved_by = by if to.status is ItemStatus.RESOLVED else state.resolved_by
    moved = replace(
        state,
        standing=to,
        previous=state.standing,
        resolved_by=resolved_by,
        changed_by=by,
        changed_at=clock.now(),
    )
    await _write(session, moved)
    await record(session, _entry(state, moved, f"item.{to.status}", source), clock=clock)
    return moved


async def undo(session: TenantSession, state: ItemState, *, by: str, source: str, clock: Clock) -> ItemState:
    """Back to what was before the last act. The caller has checked that there is one, and its age."""
    if state.previous is None:
        raise IllegalTransition(f"{state.key} has nothing to undo")
    back = replace(state, standing=state.previous, previous=None, changed_by=by, changed_at=clock.now())
    await _write(session, back)
    await record(session, _entry(state, back, "item.undone", source), clock=clock)
    return back


async def _write(session: TenantSession, state: ItemState) -> None:
    row = (await session.execute(select(ItemStateRow).where(_is(state.key)))).scalar_one()
    standing, previous = state.standing, state.previous
    row.status, row.assignee, row.until, row.reason = (
        standing.status,
        standing.assignee,
        standing.until,
        standing.reason,
    )
    row.judged, row.previous = standing.judged, _facts(previous) if previous else None
    row.resolved_by, row.changed_by, row.changed_at = state.resolved_by, state.changed_by, state.changed_at
    await session.flush()


def _is(key: ItemKey) -> Any:
    columns = tuple_(ItemStateRow.kind, ItemStateRow.qbo_id, ItemStateRow.code)
    return columns == (key.record.kind, key.record.qbo_id, key.code)


def _entry(before: ItemState, after: ItemState, action: str, source: str) -> Entry:
    return Entry(
        actor=after.changed_by,
        action=action,
        object_type="item",
        object_id=str(after.key),
        before=_facts(before.standing),
        after=_facts(after.standing),
        source=source,
    )


def _facts(standing: Standing) -> dict[str, Any]:
    return {
        "status": standing.status,
        "assignee": standing.assignee,
        "until": standing.until.isoformat() if standing.until else None,
        "reason": standing.reason,
        "judged": standing.judged,
    }


def _standing(facts: dict[str, Any]) -> Standing:
    until = date.fromisoformat(facts["until"]) if facts["until"] else None
    return Standing(ItemStatus(facts["status"]), facts["assignee"], until, facts["reason"], facts["judged"])


def _key(kind: str, qbo_id: str, code: str) -> ItemKey:
    return ItemKey(RecordKey(RecordKind(kind), qbo_id), IssueCode(code))


def _state(row: ItemStateRow) -> ItemState:
    return ItemState(
        key=_key(row.kind, row.qbo_id, row.code),
        standing=Standing(ItemStatus(row.status), row.assignee, row.until, row.reason, row.judged),
        previous=_standing(row.previous) if row.previous else None,
        resolved_by=row.resolved_by,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        opened_at=row.opened_at,
    )

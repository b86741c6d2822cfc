"""Future money that nobody has booked, and money in the bank that is spoken for."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Numeric, String, select
from sqlalchemy.orm import Mapped, mapped_column

from domains.audit import Entry, record
from kit.clock import Clock
from kit.db import TenantSession
from kit.errors import Refused
from kit.models import Base, OwnedById
from kit.money import Money

AMOUNT = Numeric(19, 4)


class Repeat(StrEnum):
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    SEMI_MONTHLY = "semi_monthly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class KnownItemRow(OwnedById, Base):
    """A removed item keeps its row: yesterday's projection counted on it."""

    __tablename__ = "known_items"

    label: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(AMOUNT)
    currency: Mapped[str] = mapped_column(String(3))
    repeat: Mapped[str | None] = mapped_column(String(20))
    until: Mapped[date | None] = mapped_column(Date)
    added_by: Mapped[str] = mapped_column(String(40))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class SetAsideRow(OwnedById, Base):
    __tablename__ = "set_asides"

    label: Mapped[str] = mapped_column(String(200))
    amount: Mapped[Decimal] = mapped_column(AMOUNT)
    currency: Mapped[str] = mapped_column(String(3))
    set_by: Mapped[str] = mapped_column(String(40))
    set_at: Mapped[datetime]
    released_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class KnownItem:
    """`amount` is positive for money in, negative for money out; it repeats to `until` when `repeat` is set."""

    id: UUID
    label: str
    on: date
    amount: Money
    repeat: Repeat | None
    until: date | None
    added_by: str


@dataclass(frozen=True, slots=True)
class SetAside:
    id: UUID
    label: str
    amount: Money
    set_by: str


@dataclass(frozen=True, slots=True)
class NewItem:
    label: str
    on: date
    amount: Money
    repeat: Repeat | None = None
    until: date | None = None


async def list_known_items(session: TenantSession, *, from_day: date) -> list[KnownItem]:
    """Those that still come on or after the day, by date; a repeating one counts while it repeats."""
    live = select(KnownItemRow).where(KnownItemRow.removed_at.is_(None))
    rows = (await session.execute(live.order_by(KnownItemRow.due_on, KnownItemRow.id))).scalars()
    return [_item(row) for row in rows if _last_day(row) >= from_day]


async def list_set_asides(session: TenantSession) -> list[SetAside]:
    live = select(SetAsideRow).where(SetAsideRow.released_at.is_(None)).order_by(SetAsideRow.set_at, SetAsideRow.id)
    return [_aside(row) for row in (await session.execute(live)).scalars()]


async def add_known_item(session: TenantSession, new: NewItem, *, by: str, source: str, clock: Clock) -> KnownItem:
    row = KnownItemRow(
        label=new.label,
        due_on=new.on,
        amount=new.amount.amount,
        currency=new.amount.currency,
        repeat=new.repeat,
        until=new.until,
        added_by=by,
        added_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    entry = _entry(by, "known_item.added", row.id, source, after=_facts(row))
    await record(session, entry, clock=clock)
    return _item(row)


async def remove_known_item(session: TenantSession, item_id: UUID, *, by: str, source: str, clock: Clock) -> KnownItem:
    """Raises `Refused` when it is not there any more."""
    statement = select(KnownItemRow).where(KnownItemRow.id == item_id, KnownItemRow.removed_at.is_(None))
    row = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    if row is None:
        raise Refused("That item was already removed.")
    row.removed_at = clock.now()
    await record(session, _entry(by, "known_item.removed", row.id, source, before=_facts(row)), clock=clock)
    return _item(row)


async def set_aside(
    session: TenantSession, label: str, amount: Money, *, by: str, source: str, clock: Clock
) -> SetAside:
    row = SetAsideRow(label=label, amount=amount.amount, currency=amount.currency, set_by=by, set_at=clock.now())
    session.add(row)
    await session.flush()
    entry = _entry(by, "set_aside.added", row.id, source, after={"label": label, "amount": str(amount.amount)})
    await record(session, entry, clock=clock)
    return _aside(row)


async def release(session: TenantSession, aside_id: UUID, *, by: str, source: str, clock: Clock) -> SetAside:
    """Raises `Refused` when it is not there any more."""
    statement = select(SetAsideRow).where(SetAsideRow.id == aside_id, SetAsideRow.released_at.is_(None))
    row = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    if row is None:
        raise Refused("That amount was already released.")
    row.released_at = clock.now()
    before = {"label": row.label, "amount": str(row.amount)}
    await record(session, _entry(by, "set_aside.released", row.id, source, before=before), clock=clock)
    return _aside(row)


def _last_day(row: KnownItemRow) -> date:
    return row.due_on if row.repeat is None else row.until or date.max


def _facts(row: KnownItemRow) -> dict[str, Any]:
    return {
        "label": row.label,
        "on": row.due_on.isoformat(),
        "amount": str(row.amount),
        "currency": row.currency,
        "repeat": row.repeat,
        "until": row.until.isoformat() if row.until else None,
    }


def _entry(
    by: str,
    action: str,
    item_id: UUID,
    source: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> Entry:
    kind = action.partition(".")[0]
    return Entry(
        actor=by, action=action, object_type=kind, object_id=str(item_id), before=before, after=after, source=source
    )


def _item(row: KnownItemRow) -> KnownItem:
    repeat = Repeat(row.repeat) if row.repeat else None
    amount = Money(row.amount, row.currency)
    return KnownItem(row.id, row.label, row.due_on, amount, repeat, row.until, row.added_by)


def _aside(row: SetAsideRow) -> SetAside:
    return SetAside(row.id, row.label, Money(row.amount, row.currency), row.set_by)

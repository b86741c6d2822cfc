"""How old is too old: per kind of record, from the last time QuickBooks confirmed it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from domains.mirror import Entity
from domains.sync_history import CursorRow
from kit.clock import Clock
from kit.db import TenantSession


class Freshness(StrEnum):
    FRESH = "fresh"
    AGING = "aging"  # served, a refresh is due
    STALE = "stale"  # served with a visible label
    NEVER = "never"  # there is nothing to serve


class Group(StrEnum):
    BILLS = "bills"
    INVOICES = "invoices"
    BALANCES = "balances"
    NAMES = "names"
    CASH = "cash"


# Balances of bank and card accounts can be read without the rest of the chart: they have a cursor of their own.
BALANCES = "Balances"

MEMBERS: dict[Group, tuple[str, ...]] = {
    Group.BILLS: (Entity.BILL, Entity.BILL_PAYMENT, Entity.VENDOR_CREDIT),
    Group.INVOICES: (Entity.INVOICE, Entity.PAYMENT, Entity.CREDIT_MEMO),
    Group.BALANCES: (BALANCES,),
    Group.NAMES: (Entity.VENDOR, Entity.CUSTOMER, Entity.ACCOUNT, Entity.TERM),
    Group.CASH: (
        Entity.PURCHASE,
        Entity.DEPOSIT,
        Entity.TRANSFER,
        Entity.JOURNAL_ENTRY,
        Entity.SALES_RECEIPT,
        Entity.REFUND_RECEIPT,
    ),
}


@dataclass(frozen=True, slots=True)
class Limits:
    soft: timedelta
    hard: timedelta


DOCUMENTS = Limits(timedelta(minutes=75), timedelta(hours=24))
LIMITS: dict[Group, Limits] = {
    Group.BILLS: DOCUMENTS,
    Group.INVOICES: DOCUMENTS,
    Group.CASH: DOCUMENTS,
    Group.BALANCES: Limits(timedelta(minutes=15), timedelta(minutes=60)),
    Group.NAMES: Limits(timedelta(hours=4), timedelta(hours=24)),
}


@dataclass(frozen=True, slots=True)
class GroupFreshness:
    """`last_synced` is that of the oldest member: a group is as fresh as what it waits for longest."""

    group: Group
    state: Freshness
    last_synced: datetime | None


@dataclass(frozen=True, slots=True)
class BooksFreshness:
    """One line per group, and the oldest moment of the documents: "data as of"."""

    groups: tuple[GroupFreshness, ...]

    def of(self, group: Group) -> GroupFreshness:
        return next(line for line in self.groups if line.group is group)

    @property
    def as_of(self) -> datetime | None:
        """None until every kind of record was read once."""
        known = [line.last_synced for line in self.groups if line.last_synced]
        return min(known) if len(known) == len(self.groups) else None

    @property
    def read_only(self) -> bool:
        """Bills or invoices are beyond the hard limit: nothing may be decided on them."""
        beyond = {Freshness.STALE, Freshness.NEVER}
        return bool({self.of(Group.BILLS).state, self.of(Group.INVOICES).state} & beyond)


def judge(last_synced: datetime | None, limits: Limits, now: datetime) -> Freshness:
    if last_synced is None:
        return Freshness.NEVER
    age = now - last_synced
    if age <= limits.soft:
        return Freshness.FRESH
    return Freshness.AGING if age <= limits.hard else Freshness.STALE


async def get_freshness(session: TenantSession, clock: Clock) -> BooksFreshness:
    rows = await session.execute(select(CursorRow.entity, CursorRow.last_synced))
    seen: dict[str, datetime | None] = dict(rows.all())
    return BooksFreshness(tuple(_line(group, seen, clock.now()) for group in Group))


def _line(group: Group, seen: dict[str, datetime | None], now: datetime) -> GroupFreshness:
    times = [seen.get(entity) for entity in MEMBERS[group]]
    known = [at for at in times if at is not None]
    oldest = min(known) if len(known) == len(times) else None
    return GroupFreshness(group, judge(oldest, LIMITS[group], now), oldest)

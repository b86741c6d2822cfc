"""Which older records an open bill may repeat: found by a few columns, so that no year of documents is read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import ARRAY, Text, func, literal, select

from domains.bills import Bill
from domains.mirror import Entity, RecordRow
from kit.db import TenantSession
from kit.turns import in_turns

NEAR: Final = timedelta(days=7)
ZERO: Final = Decimal(0)
ONE_PERCENT: Final = Decimal("0.01")


class Brief(NamedTuple):
    """A record by what it is compared with."""

    entity: str
    qbo_id: str
    party_id: str | None
    txn_date: date | None
    total: Decimal | None
    doc_number: str | None


COLUMNS = tuple(getattr(RecordRow, name) for name in Brief._fields)


async def find_older_twins(session: TenantSession, bills: Iterable[Bill], before: date) -> Mapping[str, list[str]]:
    """Ids by entity of bills and purchases dated before a day that one of the `bills` may repeat.

    They are its vendor's, with its number or of its week and within 1 % of its amount.
    """
    wanted = _wanted(bills)
    vendors = select(func.unnest(literal(sorted(wanted.vendors), ARRAY(Text))))
    older = select(*COLUMNS).where(
        RecordRow.entity.in_((Entity.BILL, Entity.PURCHASE)),
        RecordRow.txn_date < before,
        RecordRow.deleted_at.is_(None),
        RecordRow.party_id.in_(vendors),
    )
    rows = await in_turns(Brief._make, await session.execute(older) if wanted.vendors else ())
    found: dict[str, list[str]] = {Entity.BILL: [], Entity.PURCHASE: []}
    for row in rows:
        if wanted.holds(row):
            found[row.entity].append(row.qbo_id)
    return found


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the bills' twins look like: by vendor and number, and by vendor and day with the amounts."""

    vendors: set[str] = field(default_factory=set)
    numbers: set[tuple[str, str]] = field(default_factory=set)
    amounts: dict[tuple[str, date], list[Decimal]] = field(default_factory=lambda: defaultdict(list))

    def holds(self, row: Brief) -> bool:
        if row.party_id is None or row.txn_date is None:
            return False
        if row.doc_number and (row.party_id, plain(row.doc_number)) in self.numbers:
            return True
        size = abs(row.total or ZERO)
        near = self.amounts.get((row.party_id, row.txn_date), ()) if size else ()
        return any(_close(size, amount) for amount in near)


def _wanted(bills: Iterable[Bill]) -> _Wanted:
    wanted = _Wanted()
    for bill in bills:
        if bill.vendor_id is None:
            continue
        wanted.vendors.add(bill.vendor_id)
        if bill.doc_number and plain(bill.doc_number):
            wanted.numbers.add((bill.vendor_id, plain(bill.doc_number)))
        if bill.txn_date and bill.total:
            for offset in range(-NEAR.days, NEAR.days + 1):
                wanted.amounts[bill.vendor_id, bill.txn_date + timedelta(days=offset)].append(abs(bill.total))
    return wanted


def plain(number: str) -> str:
    """As people compare numbers: without spaces around them, in any case."""
    return number.strip().casefold()


def _close(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= max(one, other) * ONE_PERCENT

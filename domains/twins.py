"""Which older records an open bill may repeat, asked of the mirror: for a few twins no year of books is read."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ARRAY, ColumnElement, Date, Text, and_, any_, func, literal, or_

from domains.bills import Bill
from domains.mirror import RecordRow

NEAR: Final = timedelta(days=7)


def may_be_repeated(bills: Iterable[Bill], before: date) -> ColumnElement[bool]:
    """Dated before a day, of a vendor of the `bills`, and numbered like one of them or within a week of an old one."""
    listed = list(bills)
    vendors = {bill.vendor_id for bill in listed if bill.vendor_id}
    numbers = {bill.doc_number.strip().lower() for bill in listed if bill.doc_number} - {""}
    days = {day for bill in listed if bill.txn_date for day in _around(bill.txn_date) if day < before}
    number = func.lower(func.trim(RecordRow.doc_number))
    return and_(
        RecordRow.txn_date < before,
        RecordRow.party_id == any_(literal(sorted(vendors), ARRAY(Text))),
        or_(
            number == any_(literal(sorted(numbers), ARRAY(Text))),
            RecordRow.txn_date == any_(literal(sorted(days), ARRAY(Date))),
        ),
    )


def _around(day: date) -> Iterable[date]:
    return (day + timedelta(days=offset) for offset in range(-NEAR.days, NEAR.days + 1))

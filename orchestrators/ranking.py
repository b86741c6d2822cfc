"""The console's total order: bills before invoices, each by priority, amount, due date and id."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from calculators.priority import Priority
from domains.bills import Bill
from domains.invoices import Invoice
from domains.issues.catalogue import RecordKey, RecordKind
from domains.issues.ready import Place
from orchestrators.atlas import Atlas
from orchestrators.desk import Desk
from orchestrators.references import ref_of
from orchestrators.results.console import Narrow

_NUMBER = re.compile(r"^(?:no\.?\s+|no\.|#)")
Rank = tuple[bool, Decimal, Decimal, bool, date, int, str]


def ranked_records(atlas: Atlas, narrow: Narrow) -> list[Bill | Invoice]:
    """What can be decided now, first to last."""
    bills = [] if narrow is Narrow.INVOICES else sorted(ready_bills(atlas.desk), key=lambda one: _bill_rank(atlas, one))
    chosen = [] if narrow is Narrow.BILLS else atlas.desk.ready_invoices()
    return [*bills, *sorted(chosen, key=lambda one: _rank(one, atlas.invoice_priority(one)))]


def ready_bills(desk: Desk) -> list[Bill]:
    return [bill for bill in desk.shelf.bills.values() if desk.place(bill) is Place.READY]


def find_by_number(desk: Desk, number: str) -> RecordKey | None:
    """The one open record with this document number; None when there is none or more than one."""
    wanted = _NUMBER.sub("", number.strip().casefold())
    found = [
        *_numbered(RecordKind.BILL, desk.shelf.bills.values(), wanted),
        *_numbered(RecordKind.INVOICE, desk.shelf.invoices.values(), wanted),
    ]
    return found[0] if len(found) == 1 else None


def nearest_bills(desk: Desk, typed: str) -> tuple[str, ...]:
    """References of open bills that look or are numbered like what was typed, up to three, the likeliest first."""
    names = {ref_of(RecordKind.BILL, one.id).ref.casefold(): one.id for one in desk.shelf.bills.values()}
    names |= {one.doc_number.casefold(): one.id for one in desk.shelf.bills.values() if one.doc_number}
    close = get_close_matches(typed.strip().casefold(), sorted(names), n=6, cutoff=0.6)
    return tuple(dict.fromkeys(ref_of(RecordKind.BILL, names[one]).ref for one in close))[:3]


def _numbered(kind: RecordKind, records: Iterable[Bill | Invoice], wanted: str) -> list[RecordKey]:
    return [RecordKey(kind, one.id) for one in records if wanted and (one.doc_number or "").casefold() == wanted]


def _bill_rank(atlas: Atlas, bill: Bill) -> Rank:
    return _rank(bill, atlas.bill_priority(bill))


def _rank(record: Bill | Invoice, priority: Priority | None) -> Rank:
    """Records without a priority (no rate, or unknown cash) come last, by due date."""
    due = record.due_date
    score, amount = (priority.score, priority.amount) if priority else (Decimal(0), Decimal(0))
    return priority is None, -score, -amount, due is None, due or date.max, len(record.id), record.id

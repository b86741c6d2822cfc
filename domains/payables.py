"""BillService: bills by purpose, read from the mirror alone. Amounts that matter are open balances."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, or_

from domains.bills import Bill, judged_digest
from domains.documents import TransactionDoc, decode_transaction, id_of
from domains.issues.catalogue import Issue, RecordKind
from domains.issues.ready import Place, partition
from domains.mirror import Entity, RecordRow
from domains.reading import (
    Names,
    RecordNotMirrored,
    Stored,
    accounts_of,
    among,
    is_voided,
    lines_of,
    list_rows,
    load_names,
)
from kit.db import TenantSession
from kit.turns import in_turns

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class FlaggedBill:
    bill: Bill
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class BillService:
    """Bound to one business by its session. Lists are ordered by due date, those without one first, then by id."""

    session: TenantSession

    async def get_by_qbo_id(self, qbo_id: str) -> Bill:
        """Also one that was deleted. Raises `RecordNotMirrored`."""
        bill = await self.find_by_qbo_id(qbo_id)
        if bill is None:
            raise RecordNotMirrored(f"Bill {qbo_id}")
        return bill

    async def find_by_qbo_id(self, qbo_id: str) -> Bill | None:
        found = await self.list_by_ids([qbo_id])
        return found[0] if found else None

    async def list_by_ids(self, ids: Collection[str]) -> list[Bill]:
        """Deleted ones too, marked; unknown ids are left out."""
        return await self._list(among(RecordRow.qbo_id, ids), deleted=True) if ids else []

    async def list_open(self) -> list[Bill]:
        """Open balance not zero, not voided, not deleted."""
        return [bill for bill in await self._list(RecordRow.balance != 0) if bill.is_open]

    async def list_open_or_dated_since(self, since: date) -> list[Bill]:
        """In one read: the open ones, and whatever else a new bill may be the twin of."""
        found = await self._list(or_(RecordRow.balance != 0, RecordRow.txn_date >= since))
        return [bill for bill in found if bill.is_open or (bill.txn_date is not None and bill.txn_date >= since)]

    async def list_settled(self, ids: Collection[str]) -> list[Bill]:
        """Those of the `ids` with nothing left to pay."""
        found = await self._list(RecordRow.balance == 0, among(RecordRow.qbo_id, ids)) if ids else []
        return [bill for bill in found if not bill.is_open]

    async def overdue(self, today: date) -> list[Bill]:
        return [bill for bill in await self.list_open() if bill.due_date and bill.due_date < today]

    async def due_in_days(self, days: int, today: date) -> list[Bill]:
        """Due from today on, up to and including `days` from now."""
        last = today + timedelta(days=days)
        return [bill for bill in await self.list_open() if bill.due_date and today <= bill.due_date <= last]

    async def get_bills_with_issues(self, issues: Iterable[Issue]) -> list[FlaggedBill]:
        """`issues` are the undismissed ones of the whole business; open bills that have any."""
        by_bill = _by_bill(issues)
        return [FlaggedBill(bill, by_bill[bill.id]) for bill in await self.list_open() if bill.id in by_bill]

    async def get_bills_ready_for_decision(
        self, issues: Iterable[Issue], *, decided: Collection[str], today: date
    ) -> list[Bill]:
        """Complete, within the window, and not decided or held. `decided` are ids with a live decision."""
        places = await self.get_bills_for_digest(issues, decided=decided, today=today)
        return places[Place.READY]

    async def get_bills_for_digest(
        self, issues: Iterable[Issue], *, decided: Collection[str], today: date
    ) -> dict[Place, list[Bill]]:
        """Every open bill in exactly one place: ready, blocked, decided, beyond the window."""
        blocked = {issue.key.qbo_id for issue in issues if issue.blocks and issue.key.kind is RecordKind.BILL}
        return partition(await self.list_open(), blocked=blocked, decided=decided, today=today)

    async def _list(self, *conditions: ColumnElement[bool], deleted: bool = False) -> list[Bill]:
        order = (RecordRow.due_date.asc().nulls_first(),)
        rows = await list_rows(self.session, Entity.BILL, *conditions, order=order, deleted=deleted)
        documents = await in_turns(lambda row: decode_transaction(row.document), rows)
        names = await load_names(self.session, rows, accounts_of(documents))
        return await in_turns(lambda pair: _bill(*pair, names), zip(rows, documents, strict=True))


def _by_bill(issues: Iterable[Issue]) -> dict[str, tuple[Issue, ...]]:
    by_bill: dict[str, tuple[Issue, ...]] = {}
    for issue in issues:
        if issue.key.kind is RecordKind.BILL:
            by_bill[issue.key.qbo_id] = (*by_bill.get(issue.key.qbo_id, ()), issue)
    return by_bill


def _bill(row: Stored, document: TransactionDoc, names: Names) -> Bill:
    vendor = names.vendors.get(row.party_id or "")
    lines = lines_of(document, names)
    currency = row.currency or ""
    return Bill(
        id=row.qbo_id,
        vendor_id=row.party_id,
        vendor_name=(vendor.text or None) if vendor else None,
        vendor_active=vendor.active if vendor else None,
        doc_number=row.doc_number or None,
        txn_date=row.txn_date,
        due_date=row.due_date,
        total=row.total,
        balance=row.balance or ZERO,
        currency=currency,
        exchange_rate=row.exchange_rate,
        home_total=in_home(row.total, row.exchange_rate),
        home_balance=row.home_balance or ZERO,
        lines=lines,
        term_id=row.term_id,
        vendor_term_id=vendor.term_id if vendor else None,
        ap_account_id=row.account_id,
        private_note=document.private_note,
        payments=tuple(link.txn_id for link in document.linked_txn if link.txn_type.startswith("BillPayment")),
        voided=is_voided(row, document.private_note),
        deleted=row.deleted_at is not None,
        sync_token=row.sync_token,
        digest=judged_digest(id_of(document.vendor_ref), row.total, currency, row.due_date, lines),
        last_updated=row.last_updated,
        last_synced=row.last_synced,
    )


def in_home(amount: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """Books with one currency name no rate."""
    return amount if amount is None or rate is None else (amount * rate).quantize(CENT)

"""What settles bills and invoices: payments and credits, and what of them is not applied yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domains.documents import TransactionDoc, decode_transaction, id_of
from domains.mirror import Entity, RecordRow
from domains.reading import Name, Names, Stored, among, list_rows, load_names
from kit.db import TenantSession

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Applied:
    """Part of a payment that settles one document; `entity` is Bill, Invoice, VendorCredit, CreditMemo and so on."""

    entity: str
    id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BillPayment:
    """Money that the books say went out for bills. `method` is Check or CreditCard; `account_id` the bank or card."""

    id: str
    vendor_id: str | None
    date: date | None
    total: Decimal
    currency: str
    exchange_rate: Decimal | None
    method: str | None
    account_id: str | None
    doc_number: str | None
    applied: tuple[Applied, ...]
    deleted: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received from a customer; `unapplied` is what no invoice took yet."""

    id: str
    customer_id: str | None
    customer_name: str | None
    date: date | None
    total: Decimal
    unapplied: Decimal
    currency: str
    exchange_rate: Decimal | None
    deposit_account_id: str | None
    applied: tuple[Applied, ...]
    deleted: bool


@dataclass(frozen=True, slots=True)
class VendorCredit:
    """`remaining` is what no bill took yet. QuickBooks may leave it out: then it is what the links leave."""

    id: str
    vendor_id: str | None
    vendor_name: str | None
    doc_number: str | None
    date: date | None
    total: Decimal
    remaining: Decimal
    currency: str
    exchange_rate: Decimal | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class CreditMemo:
    """`remaining` is what no invoice took yet."""

    id: str
    customer_id: str | None
    customer_name: str | None
    doc_number: str | None
    date: date | None
    total: Decimal
    remaining: Decimal
    currency: str
    exchange_rate: Decimal | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """A bill or invoice that is over: its last payment, or given up when only credits closed it; home currency."""

    id: str
    party_id: str | None
    issued: date
    due: date | None
    closed: date
    amount: Decimal
    written_off: bool


@dataclass(frozen=True, slots=True)
class PaymentService:
    """Payments and credits of one business; deleted ones only by id."""

    session: TenantSession

    async def list_bill_payments(self, ids: Collection[str]) -> list[BillPayment]:
        rows = await list_rows(self.session, Entity.BILL_PAYMENT, among(RecordRow.qbo_id, ids), deleted=True)
        return [_bill_payment(row) for row in rows]

    async def list_bill_payments_since(self, since: date) -> list[BillPayment]:
        return [_bill_payment(row) for row in await self._since(Entity.BILL_PAYMENT, since)]

    async def list_payments_since(self, since: date) -> list[Payment]:
        rows = await self._since(Entity.PAYMENT, since)
        names = await load_names(self.session, rows, ())
        return [_payment(row, names) for row in rows]

    async def list_unapplied_payments(self) -> list[Payment]:
        rows = await list_rows(self.session, Entity.PAYMENT, RecordRow.balance > 0)
        names = await load_names(self.session, rows, ())
        return [_payment(row, names) for row in rows]

    async def list_open_credit_memos(self) -> list[CreditMemo]:
        rows = await list_rows(self.session, Entity.CREDIT_MEMO, RecordRow.balance > 0)
        names = await load_names(self.session, rows, ())
        return [CreditMemo(*_credit(row, _name(names.customers, row), row.balance or ZERO)) for row in rows]

    async def list_open_vendor_credits(self) -> list[VendorCredit]:
        """QuickBooks may leave Balance out: then the credit is what no bill payment took of it."""
        rows = await list_rows(self.session, Entity.VENDOR_CREDIT, RecordRow.total > 0)
        names = await load_names(self.session, rows, ())
        taken = await self._taken([row.qbo_id for row in rows if row.balance is None])
        remaining = {row.qbo_id: _remaining(row, taken) for row in rows}
        return [
            VendorCredit(*_credit(row, _name(names.vendors, row), remaining[row.qbo_id]))
            for row in rows
            if remaining[row.qbo_id] > 0
        ]

    async def _taken(self, credits_: Collection[str]) -> dict[str, Decimal]:
        taken: dict[str, Decimal] = dict.fromkeys(credits_, ZERO)
        if not taken:
            return taken
        for row in await list_rows(self.session, Entity.BILL_PAYMENT):
            for part in _applied(decode_transaction(row.document)):
                if part.entity == Entity.VENDOR_CREDIT and part.id in taken:
                    taken[part.id] += part.amount
        return taken

    async def _since(self, entity: Entity, since: date) -> list[Stored]:
        return await list_rows(self.session, entity, RecordRow.txn_date >= since, order=(RecordRow.txn_date,))


def _remaining(row: Stored, taken: dict[str, Decimal]) -> Decimal:
    return (row.total or ZERO) - taken[row.qbo_id] if row.balance is None else row.balance


def _applied(document: TransactionDoc) -> tuple[Applied, ...]:
    return tuple(
        Applied(link.txn_type, link.txn_id, line.amount or ZERO) for line in document.line for link in line.linked_txn
    )


def _bill_payment(row: Stored) -> BillPayment:
    document = decode_transaction(row.document)
    check, card = document.check_payment, document.credit_card_payment
    return BillPayment(
        row.qbo_id,
        row.party_id,
        row.txn_date,
        row.total or ZERO,
        row.currency or "",
        row.exchange_rate,
        row.kind,
        id_of(check.bank_account_ref if check else card.c_c_account_ref if card else None),
        row.doc_number or None,
        _applied(document),
        row.deleted_at is not None,
    )


def _payment(row: Stored, names: Names) -> Payment:
    return Payment(
        row.qbo_id,
        row.party_id,
        _name(names.customers, row),
        row.txn_date,
        row.total or ZERO,
        row.balance or ZERO,
        row.currency or "",
        row.exchange_rate,
        row.account_id,
        _applied(decode_transaction(row.document)),
        row.deleted_at is not None,
    )


def _credit(
    row: Stored, name: str | None, remaining: Decimal
) -> tuple[str, str | None, str | None, str | None, date | None, Decimal, Decimal, str, Decimal | None, bool]:
    """The fields that a vendor credit and a credit memo have in common, in their order."""
    return (
        row.qbo_id,
        row.party_id,
        name,
        row.doc_number or None,
        row.txn_date,
        row.total or ZERO,
        remaining,
        row.currency or "",
        row.exchange_rate,
        row.deleted_at is not None,
    )


def _name(names: dict[str, Name], row: Stored) -> str | None:
    known = names.get(row.party_id or "")
    return (known.text or None) if known else None

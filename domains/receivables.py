"""InvoiceService: invoices by purpose and by age, read from the mirror alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, select

from domains.bills import judged_digest
from domains.documents import TransactionDoc, decode_name, decode_transaction, id_of
from domains.invoices import Invoice
from domains.issues.catalogue import Issue, RecordKind
from domains.issues.ready import is_invoice_ready
from domains.mirror import Entity, RecordRow
from domains.payables import ZERO, in_home
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

# The most days past due that each holds.
BUCKETS = (("not due", 0), ("1–30", 30), ("31–60", 60), ("61–90", 90), ("over 90", None))


@dataclass(frozen=True, slots=True)
class FlaggedInvoice:
    invoice: Invoice
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class AgeBucket:
    """Open invoices by days past due; `balance` in the home currency."""

    label: str
    count: int
    balance: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceService:
    """Bound to one business by its session. Lists are ordered by due date, those without one first, then by id."""

    session: TenantSession

    async def get_by_qbo_id(self, qbo_id: str) -> Invoice:
        """Also one that was deleted. Raises `RecordNotMirrored`."""
        invoice = await self.find_by_qbo_id(qbo_id)
        if invoice is None:
            raise RecordNotMirrored(f"Invoice {qbo_id}")
        return invoice

    async def find_by_qbo_id(self, qbo_id: str) -> Invoice | None:
        found = await self.list_by_ids([qbo_id])
        return found[0] if found else None

    async def list_by_ids(self, ids: Collection[str]) -> list[Invoice]:
        """Deleted ones too, marked; unknown ids are left out."""
        return await self._list(among(RecordRow.qbo_id, ids), deleted=True) if ids else []

    async def list_open(self) -> list[Invoice]:
        return [invoice for invoice in await self._list(RecordRow.balance != 0) if invoice.is_open]

    async def overdue(self, today: date) -> list[Invoice]:
        return [invoice for invoice in await self.list_open() if invoice.due_date and invoice.due_date < today]

    async def due_in_days(self, days: int, today: date) -> list[Invoice]:
        """Due from today on, up to and including `days` from now."""
        last = today + timedelta(days=days)
        return [one for one in await self.list_open() if one.due_date and today <= one.due_date <= last]

    async def get_invoices_with_issues(self, issues: Iterable[Issue]) -> list[FlaggedInvoice]:
        by_invoice: dict[str, tuple[Issue, ...]] = {}
        for issue in issues:
            if issue.key.kind is RecordKind.INVOICE:
                by_invoice[issue.key.qbo_id] = (*by_invoice.get(issue.key.qbo_id, ()), issue)
        return [FlaggedInvoice(one, by_invoice[one.id]) for one in await self.list_open() if one.id in by_invoice]

    async def get_invoices_ready_for_decision(self, issues: Iterable[Issue], *, today: date) -> list[Invoice]:
        """Past due, or due within 7 days, and without a blocking issue."""
        blocked = {issue.key.qbo_id for issue in issues if issue.blocks and issue.key.kind is RecordKind.INVOICE}
        return [one for one in await self.list_open() if is_invoice_ready(one, blocked=blocked, today=today)]

    async def get_invoices_for_digest(self, issues: Iterable[Issue], *, today: date) -> list[Invoice]:
        """Those ready for a decision, largest open balance first."""
        ready = await self.get_invoices_ready_for_decision(issues, today=today)
        return sorted(ready, key=lambda invoice: (-invoice.home_balance, invoice.id))

    async def get_aging(self, today: date) -> tuple[AgeBucket, ...]:
        """An invoice without a due date counts as not due: nothing says that it is late."""
        counts = dict.fromkeys((label for label, _ in BUCKETS), 0)
        balances = dict.fromkeys(counts, ZERO)
        for invoice in await self.list_open():
            label = _bucket(invoice.due_date, today)
            counts[label] += 1
            balances[label] += invoice.home_balance
        return tuple(AgeBucket(label, counts[label], balances[label]) for label in counts)

    async def _list(self, *conditions: ColumnElement[bool], deleted: bool = False) -> list[Invoice]:
        order = (RecordRow.due_date.asc().nulls_first(),)
        rows = await list_rows(self.session, Entity.INVOICE, *conditions, order=order, deleted=deleted)
        documents = await in_turns(lambda row: decode_transaction(row.document), rows)
        names = await load_names(self.session, rows, accounts_of(documents))
        emails = await _emails(self.session, rows)
        return await in_turns(lambda pair: _invoice(*pair, names, emails), zip(rows, documents, strict=True))


def _bucket(due: date | None, today: date) -> str:
    days = (today - due).days if due else 0
    return next(label for label, last in BUCKETS if last is None or days <= last)


async def _emails(session: TenantSession, rows: Iterable[Stored]) -> dict[str, str | None]:
    parties = {row.party_id for row in rows if row.party_id}
    if not parties:
        return {}
    statement = select(RecordRow.qbo_id, RecordRow.document).where(
        RecordRow.entity == Entity.CUSTOMER, among(RecordRow.qbo_id, parties)
    )
    documents = {qbo_id: decode_name(document) for qbo_id, document in await session.execute(statement)}
    return {key: doc.primary_email_addr.address if doc.primary_email_addr else None for key, doc in documents.items()}


def _invoice(row: Stored, document: TransactionDoc, names: Names, emails: dict[str, str | None]) -> Invoice:
    customer = names.customers.get(row.party_id or "")
    lines = lines_of(document, names)
    currency = row.currency or ""
    own_email = (document.bill_email.address or "").strip() if document.bill_email else None
    sent_at = _instant(document.delivery_info.delivery_time if document.delivery_info else None)
    return Invoice(
        id=row.qbo_id,
        customer_id=row.party_id,
        customer_name=(customer.text or None) if customer else None,
        customer_active=customer.active if customer else None,
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
        email=own_email or emails.get(row.party_id or "") or None,
        email_status=document.email_status,
        sent=document.email_status == "EmailSent" or sent_at is not None,
        sent_at=sent_at,
        private_note=document.private_note,
        payments=tuple(link.txn_id for link in document.linked_txn if link.txn_type == "Payment"),
        voided=is_voided(row, document.private_note),
        deleted=row.deleted_at is not None,
        sync_token=row.sync_token,
        digest=judged_digest(id_of(document.customer_ref), row.total, currency, row.due_date, lines),
        last_updated=row.last_updated,
        last_synced=row.last_synced,
    )


def _instant(written: str | None) -> datetime | None:
    """A delivery time is decoration: one that does not read as a time is as good as none."""
    try:
        found = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found and found.tzinfo else None

"""Takes from the mirror all that a desk needs, in one transaction: the one file that knows which service has what."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeAlias, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domains.accounts import AccountService
from domains.balances import BalanceService
from domains.bills import Bill
from domains.businesses import Business, get_business
from domains.companies import find_company
from domains.connections import ConnectionStatus, find_connection
from domains.freshness import BooksFreshness, Group, get_freshness
from domains.invoices import Invoice
from domains.issues.catalogue import RecordKey, RecordKind
from domains.mirror import Entity
from domains.movements import MovementService
from domains.parties import CustomerService, VendorService
from domains.payables import BillService
from domains.payments import BillPayment, CreditMemo, Payment, PaymentService, VendorCredit
from domains.purchases import Purchase, list_purchases, list_purchases_by_id
from domains.reading import read_marks
from domains.receivables import InvoiceService
from domains.settlements import SettlementService
from domains.sync_history import RunState, SyncRunRow
from domains.terms import TermService
from domains.twins import find_older_twins
from kit.clock import Clock
from kit.db import TenantSession
from kit.turns import in_turns
from orchestrators.results.basis import Link
from orchestrators.shelf import Shelf, SyncState

Apart: TypeAlias = tuple[str, ...] | None
Mark: TypeAlias = tuple[frozenset[tuple[str, UUID]], object, object, str, Apart]
Priced = TypeVar("Priced", Bill, Invoice, Purchase, Payment, CreditMemo, VendorCredit)

HISTORY = timedelta(days=400)
TWINS = timedelta(days=120)
LINKS = {
    ConnectionStatus.CONNECTED: Link.CONNECTED,
    ConnectionStatus.NEEDS_RECONNECT: Link.NEEDS_RECONNECT,
    ConnectionStatus.DISCONNECTED: Link.DISCONNECTED,
}


async def gather(session: TenantSession, clock: Clock, business: Business, apart: Apart) -> Shelf:
    """The books are read once for as long as they stay the same; how fresh they are is asked every time.

    `apart`: the accounts that people chose not to count as cash.
    """
    freshness, sync = await get_freshness(session, clock), await _sync_state(session)
    async with session.turn():
        # Cursors belong to the mark too: a release that writes no marks moves them.
        cursors = tuple(line.last_synced for line in freshness.groups)
        mark = (await read_marks(session), cursors, _days(clock, business), business.currency, apart)
        shelf = session.recall(Shelf, mark)
        if shelf is None:
            shelf = await _kept(session, mark, await _take_down(session, clock, business, freshness, sync))
    line = freshness.of(Group.BALANCES)
    balances = replace(shelf.balances, as_of=line.last_synced, freshness=line.state)
    return replace(shelf, freshness=freshness, sync=sync, balances=balances)


def _days(clock: Clock, business: Business) -> tuple[date, date]:
    """Today where the business is, and in UTC."""
    now = clock.now()
    return now.astimezone(ZoneInfo(business.zone)).date(), now.date()


async def _kept(session: TenantSession, mark: Mark, shelf: Shelf) -> Shelf:
    """Unless the mirror changed while it was read."""
    if await read_marks(session) != mark[0]:
        return shelf
    marked = replace(shelf, mark=mark)
    session.remember(marked, mark, size=marked.size)
    return marked


async def _take_down(
    session: TenantSession, clock: Clock, business: Business, freshness: BooksFreshness, sync: SyncState
) -> Shelf:
    today, _ = _days(clock, business)
    home = await home_currency(session)
    bills, purchases = await _read_payables(session, today - TWINS, home)
    invoices = await _in_a_currency(await InvoiceService(session).list_open(), home)
    chart = await AccountService(session).list_accounts()
    payments, settlements = PaymentService(session), SettlementService(session)
    return Shelf(
        currency=home,
        freshness=freshness,
        sync=sync,
        bills={bill.id: bill for bill in bills if bill.is_open},
        invoices={one.id: one for one in invoices},
        paid_bills=tuple(bill for bill in bills if not bill.is_open),
        purchases=tuple(purchases),
        vendors={one.id: one for one in await VendorService(session).list_vendors()},
        customers={one.id: one for one in await CustomerService(session).list_customers()},
        accounts={one.id: one for one in chart},
        terms={one.id: one for one in await TermService(session).list_terms()},
        payments=tuple(await _in_a_currency(await payments.list_unapplied_payments(), home)),
        credit_memos=tuple(await _in_a_currency(await payments.list_open_credit_memos(), home)),
        vendor_credits=tuple(await _in_a_currency(await payments.list_open_vendor_credits(), home)),
        balances=await BalanceService(session, clock, chart).get_current_balances(),
        movements=tuple(await MovementService(session, clock, chart).list_movements(today - HISTORY)),
        bill_settlements=tuple(await settlements.list_bill_settlements(today - HISTORY)),
        invoice_settlements=tuple(await settlements.list_invoice_settlements(today - HISTORY)),
        mark=None,
    )


async def _read_payables(session: TenantSession, since: date, home: str) -> tuple[list[Bill], list[Purchase]]:
    """The open bills and what they may repeat: all that is recent, and of what is older only what may be a twin."""
    service = BillService(session)
    recent = await service.list_open_or_dated_since(since)
    unpaid = [bill for bill in recent if bill.is_open]
    older = await find_older_twins(session, unpaid, before=since)
    bills = [*recent, *await service.list_settled(older[Entity.BILL])]
    purchases = await list_purchases(session, since=since)
    purchases += await list_purchases_by_id(session, older[Entity.PURCHASE])
    return await _in_a_currency(bills, home), await _in_a_currency(purchases, home)


async def _in_a_currency(records: Iterable[Priced], home: str) -> list[Priced]:
    """Books with one currency need not name it on a document."""
    return await in_turns(lambda one: one if one.currency else replace(one, currency=home), records)


async def _sync_state(session: TenantSession) -> SyncState:
    connection = await find_connection(session)
    newest = select(SyncRunRow.id, SyncRunRow.state).order_by(SyncRunRow.started_at.desc(), SyncRunRow.id).limit(5)
    runs = list(await session.execute(newest))
    ended = next(((run, state) for run, state in runs if state != RunState.RUNNING), None)
    return SyncState(
        link=LINKS[connection.status] if connection else Link.NEVER,
        running=any(state == RunState.RUNNING for _, state in runs),
        failed_run=str(ended[0]) if ended and ended[1] == RunState.FAILED else None,
    )


async def find_bill(session: TenantSession, bill_id: str) -> Bill | None:
    found = await list_bills_by_id(session, [bill_id])
    return found[0] if found else None


async def find_invoice(session: TenantSession, invoice_id: str) -> Invoice | None:
    found = await InvoiceService(session).list_by_ids([invoice_id])
    known = await _in_a_currency(found, await home_currency(session)) if found else []
    return known[0] if known else None


async def find_document(session: TenantSession, key: RecordKey) -> Bill | Invoice | None:
    if key.kind is RecordKind.BILL:
        return await find_bill(session, key.qbo_id)
    return await find_invoice(session, key.qbo_id) if key.kind is RecordKind.INVOICE else None


async def list_bills_by_id(session: TenantSession, ids: Collection[str]) -> list[Bill]:
    """Open or not, deleted ones too."""
    return await _in_a_currency(await BillService(session).list_by_ids(ids), await home_currency(session))


async def list_payments_of(session: TenantSession, bills: Iterable[Bill]) -> dict[str, list[BillPayment]]:
    """The payments that each bill names, without deleted ones."""
    wanted = {bill.id: bill.payments for bill in bills}
    ids = {one for linked in wanted.values() for one in linked}
    found = {one.id: one for one in await PaymentService(session).list_bill_payments(ids) if not one.deleted}
    return {bill_id: [found[one] for one in linked if one in found] for bill_id, linked in wanted.items()}


async def home_currency(session: TenantSession) -> str:
    company = await find_company(session)
    return company.home_currency if company else (await get_business(session)).currency

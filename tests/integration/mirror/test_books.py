"""What services say about the books equals what the books themselves add up to."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.accounts import AccountService, CashRole
from domains.balances import BalanceService
from domains.mirror import Entity
from domains.movements import MovementService
from domains.moving import MovementKind
from domains.parties import CustomerService, VendorService
from domains.payables import BillService
from domains.payments import PaymentService
from domains.reading import RecordNotMirrored
from domains.receivables import InvoiceService
from domains.settlements import SettlementService
from domains.sync_history import Kind
from domains.terms import TermService
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database, TenantSession
from sandbox.books.characters import CHARACTERS, build
from sandbox.books.demo import DEMO
from sandbox.qbo import mutations
from tests.integration.mirror.stage import Stage, staged
from tests.raised import company_of

pytestmark = pytest.mark.unmeasured

REALM = "9130000000000005"


@pytest.fixture
async def synced(stage: Stage, business: UUID) -> Stage:
    await stage.sync(business, Kind.FULL)
    return stage


@pytest.fixture
async def session(synced: Stage, business: UUID) -> AsyncIterator[TenantSession]:
    async with synced.db.tenant_session(business) as opened:
        yield opened


def documents(stage: Stage, business: UUID, entity: Entity) -> list[dict[str, Any]]:
    return [row.doc() for row in stage.company(business).tables[entity].values()]


async def test_open_bills_are_those_with_a_balance(synced: Stage, business: UUID, session: TenantSession) -> None:
    bills = await BillService(session).list_open()
    expected = {doc["Id"]: doc["Balance"] for doc in documents(synced, business, Entity.BILL) if doc["Balance"] != 0}
    assert {bill.id: bill.balance for bill in bills} == expected
    assert bills == sorted(bills, key=lambda bill: (bill.due_date or date.min, len(bill.id), bill.id))


async def test_bills_by_time(synced: Stage, business: UUID, session: TenantSession) -> None:
    service, today = BillService(session), synced.clock.now().date()
    open_bills = await service.list_open()
    assert await service.overdue(today) == [one for one in open_bills if one.due_date and one.due_date < today]
    week = await service.due_in_days(7, today)
    assert {bill.id for bill in week} == {
        bill.id for bill in open_bills if bill.due_date and today <= bill.due_date <= today + timedelta(days=7)
    }


async def test_a_bill_knows_its_vendors_name_of_today(synced: Stage, business: UUID) -> None:
    doc = next(doc for doc in documents(synced, business, Entity.BILL) if doc["Balance"] > 0 and "VendorRef" in doc)
    synced.clock.advance(timedelta(minutes=5))
    rename = {"op": "rename", "entity": "Vendor", "id": doc["VendorRef"]["value"], "name": "Brand-new name"}
    mutations.apply(synced.company(business), rename, synced.clock.now())
    await synced.sync(business)
    async with synced.db.tenant_session(business) as session:
        assert (await BillService(session).get_by_qbo_id(doc["Id"])).vendor_name == "Brand-new name"


async def test_a_note_or_a_payment_leaves_the_digest_and_a_new_due_date_does_not(synced: Stage, business: UUID) -> None:
    doc = next(doc for doc in documents(synced, business, Entity.BILL) if doc["Balance"] > 0 and "VendorRef" in doc)
    digests = [await digest(synced, business, doc["Id"])]
    for change in ({"PrivateNote": "looked at"}, {"DueDate": "2027-02-01"}):
        synced.clock.advance(timedelta(minutes=5))
        edit = {"op": "edit", "entity": "Bill", "id": doc["Id"], "set": change}
        mutations.apply(synced.company(business), edit, synced.clock.now())
        await synced.sync(business)
        digests.append(await digest(synced, business, doc["Id"]))
    assert digests[0] == digests[1] != digests[2]


async def digest(stage: Stage, business: UUID, bill: str) -> str:
    async with stage.db.tenant_session(business) as session:
        return (await BillService(session).get_by_qbo_id(bill)).digest


async def test_what_was_never_mirrored_is_said_so(session: TenantSession) -> None:
    with pytest.raises(RecordNotMirrored):
        await BillService(session).get_by_qbo_id("404404")
    assert await InvoiceService(session).find_by_qbo_id("404404") is None


async def test_aging_adds_up_to_all_open_invoices(synced: Stage, session: TenantSession) -> None:
    service = InvoiceService(session)
    invoices, buckets = await service.list_open(), await service.get_aging(synced.clock.now().date())
    assert sum(bucket.count for bucket in buckets) == len(invoices)
    assert sum(bucket.balance for bucket in buckets) == sum(invoice.home_balance for invoice in invoices)


async def test_parties_and_terms_are_what_quickbooks_lists(
    synced: Stage, business: UUID, session: TenantSession
) -> None:
    vendors, customers = await VendorService(session).list_vendors(), await CustomerService(session).list_customers()
    assert {one.id: one.balance for one in vendors} == {
        doc["Id"]: doc["Balance"] for doc in documents(synced, business, Entity.VENDOR)
    }
    assert {one.id: one.email for one in customers} == {
        doc["Id"]: doc.get("PrimaryEmailAddr", {}).get("Address")
        for doc in documents(synced, business, Entity.CUSTOMER)
    }
    assert len(await TermService(session).list_terms()) == len(documents(synced, business, Entity.TERM))


async def test_what_is_owed_on_a_liability_is_positive(synced: Stage, business: UUID, session: TenantSession) -> None:
    bills = await BillService(session).list_open()
    credits_ = await PaymentService(session).list_open_vendor_credits()
    payable = [one for one in await AccountService(session).list_accounts() if one.type == "Accounts Payable"]
    owed = sum(bill.home_balance for bill in bills) - sum(credit.remaining for credit in credits_)
    assert sum(account.balance for account in payable) == owed > 0


@pytest.mark.parametrize("key", CHARACTERS)
async def test_every_movement_is_counted_once(
    db: Database, keyring: Keyring, clock: FrozenClock, business: UUID, key: str
) -> None:
    """All movements ever on a bank account add up to its balance, whatever kind of company it is."""
    company = company_of(key, seed=3, today=clock.now().date(), realm=REALM)
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, REALM)
        await stage.sync(business, Kind.FULL)
    async with db.tenant_session(business) as session:
        accounts = await AccountService(session).list_accounts()
        movements = await MovementService(session, clock).list_movements(date(2000, 1, 1))
    sums: dict[str, Decimal] = {}
    for one in movements:
        sums[one.bank_account_id] = sums.get(one.bank_account_id, Decimal(0)) + one.account_amount
    banks = {account.id: account.balance for account in accounts if account.cash_role is CashRole.BANK}
    assert {bank: sums.get(bank, Decimal(0)) for bank in banks} == banks
    assert len({one.id for one in movements}) == len(movements)
    own = [one for one in movements if one.kind is MovementKind.OWN_TRANSFER]
    inside = {account.id for account in accounts if account.cash_role in {CashRole.BANK, CashRole.RESTRICTED}}
    assert all(one.counter_account_id in inside for one in own)


async def test_a_past_balance_is_todays_minus_what_moved_since(synced: Stage, session: TenantSession) -> None:
    service, day = BalanceService(session, synced.clock), synced.clock.now().date() - timedelta(days=30)
    now, then = await service.get_current_balances(), await service.get_balances_on(day)
    assert then.rebuilt
    since = await MovementService(session, synced.clock).list_movements(day + timedelta(days=1))
    moved = sum((one.amount for one in since), Decimal(0))
    before, today = then.total(CashRole.BANK), now.total(CashRole.BANK)
    assert before is not None
    assert today is not None
    assert today - before == moved != 0


async def test_a_past_balance_equals_the_books_as_they_stood(
    db: Database, keyring: Keyring, clock: FrozenClock, business: UUID
) -> None:
    today = clock.now().date()
    past = build(DEMO.key, 7, today, until=today - timedelta(days=45), realm=REALM)
    stood = {row.id: row.doc()["CurrentBalance"] for row in past.tables["Account"].values()}
    company = company_of(DEMO.key, today=today, realm=REALM)
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, REALM)
        await stage.sync(business, Kind.FULL)
    async with db.tenant_session(business) as session:
        snapshot = await BalanceService(session, clock).get_balances_on(today - timedelta(days=46))
    banks = {line.account_id: line.balance for line in snapshot.of(CashRole.BANK)}
    assert banks == {bank: stood[bank] for bank in banks}


async def test_settlements_close_with_their_last_payment(synced: Stage, session: TenantSession) -> None:
    since = synced.clock.now().date() - timedelta(days=365)
    bills = await SettlementService(session).list_bill_settlements(since)
    invoices = await SettlementService(session).list_invoice_settlements(since)
    assert bills
    assert invoices
    assert all(one.closed >= one.issued for one in bills)
    assert all(one.amount > 0 for one in invoices)

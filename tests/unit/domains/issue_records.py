"""Records that are in order, to be spoiled one field at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domains.accounts import CashRole
from domains.balances import AccountBalance
from domains.bills import Bill, Line
from domains.invoices import Invoice
from domains.issues.ledger import Ledger
from domains.parties import Vendor
from domains.payments import CreditMemo, Payment, VendorCredit
from domains.purchases import Purchase

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
LINE = Line("1", "60", "Office Supplies", None, None, Decimal(100), None)

BILL = Bill(
    id="1",
    vendor_id="56",
    vendor_name="Northshore Print",
    vendor_active=True,
    doc_number="N-1",
    txn_date=TODAY - timedelta(days=20),
    due_date=TODAY + timedelta(days=10),
    total=Decimal(100),
    balance=Decimal(100),
    currency="USD",
    exchange_rate=None,
    home_total=Decimal(100),
    home_balance=Decimal(100),
    lines=(LINE,),
    term_id="3",
    vendor_term_id="3",
    ap_account_id="33",
    private_note=None,
    payments=(),
    voided=False,
    deleted=False,
    sync_token=0,
    digest="d",
    last_updated=NOW,
    last_synced=NOW,
)
INVOICE = Invoice(
    id="1",
    customer_id="8",
    customer_name="Cool Cars",
    customer_active=True,
    doc_number="1001",
    txn_date=TODAY - timedelta(days=20),
    due_date=TODAY + timedelta(days=10),
    total=Decimal(100),
    balance=Decimal(100),
    currency="USD",
    exchange_rate=None,
    home_total=Decimal(100),
    home_balance=Decimal(100),
    lines=(),
    term_id=None,
    email="ap@cool.example",
    email_status="EmailSent",
    sent=True,
    sent_at=NOW,
    private_note=None,
    payments=(),
    voided=False,
    deleted=False,
    sync_token=0,
    digest="d",
    last_updated=NOW,
    last_synced=NOW,
)
VENDOR = Vendor("56", "Northshore Print", True, "USD", Decimal(100), "3", None, False)
PURCHASE = Purchase(
    "9", "56", "Northshore Print", None, TODAY, Decimal(100), "USD", None, "Check", False, "35", (), False
)
PAYMENT = Payment("7", "8", "Cool Cars", TODAY, Decimal(100), Decimal(0), "USD", None, "35", (), False)
MEMO = CreditMemo("6", "8", "Cool Cars", None, TODAY, Decimal(50), Decimal(0), "USD", None, False)
CREDIT = VendorCredit("5", "56", "Northshore Print", None, TODAY, Decimal(50), Decimal(0), "USD", None, False)
BANK = AccountBalance("35", "Checking", CashRole.BANK, Decimal(1000), "USD", Decimal(1000), TODAY)


def a_bill(**changes: Any) -> Bill:
    return replace(BILL, **changes)


def an_invoice(**changes: Any) -> Invoice:
    return replace(INVOICE, **changes)


def books(**sets: Any) -> Ledger:
    return Ledger(**{"today": TODAY, "currency": "USD", "vendors": {"56": VENDOR}, **sets})


def days(count: int) -> date:
    return TODAY + timedelta(days=count)

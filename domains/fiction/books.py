"""The bakery's books as QuickBooks would tell them: half a year of cash, then what is open and what is wrong."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from domains.mirror import Entity

NAME: Final = "Lantern & Loaf Bakery"
ZONE: Final = "America/New_York"
NOW: Final = datetime(2026, 10, 5, 16, 0, tzinfo=UTC)
TODAY: Final = NOW.date()  # a Monday
WEEKS: Final = 30
OPENING: Final = 21_500

Document = tuple[Entity, dict[str, Any]]

CHECKING, SALES, EQUITY = "1", "10", "11"
INGREDIENTS, PAYROLL, RENT, UTILITIES, INSURANCE, REPAIRS = "20", "21", "22", "23", "24", "25"
ACCOUNTS: Final = {
    SALES: ("Bakery Sales", "Income"),
    EQUITY: ("Owner Investment", "Equity"),
    INGREDIENTS: ("Flour and Dairy", "Cost of Goods Sold"),
    PAYROLL: ("Payroll Expenses", "Expense"),
    RENT: ("Rent or Lease", "Expense"),
    UTILITIES: ("Utilities", "Expense"),
    INSURANCE: ("Insurance", "Expense"),
    REPAIRS: ("Repairs and Maintenance", "Expense"),
}
MILL, DAIRY, LANDLORD, POWER, INSURER, OVENS = "1", "2", "3", "4", "5", "6"
VENDORS: Final = {
    MILL: "Old Stone Mill",
    DAIRY: "Green Pasture Dairy",
    LANDLORD: "Corner House Properties",
    POWER: "City Light & Power",
    INSURER: "Evergreen Mutual",
    OVENS: "Hearth Oven Service",
}
CAFE, INN = "51", "52"
CUSTOMERS: Final = {CAFE: "Harbor View Café", INN: "Maple Street Inn"}


def documents() -> list[Document]:
    """Everything, the checking account last: its balance is what the rest adds up to."""
    told = [*_names(), *_cash(), *_settled(), *_open()]
    return [*told, _account(CHECKING, "Checking", "Bank", sum(_moved(one) for one in told))]


def _names() -> Iterator[Document]:
    yield Entity.COMPANY_INFO, {"Id": "1", "CompanyName": NAME}
    yield Entity.PREFERENCES, {"Id": "1", "CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}}
    yield Entity.TERM, {"Id": "3", "Name": "Net 15", "DueDays": 15, "Type": "STANDARD", "Active": True}
    for key, (name, kind) in ACCOUNTS.items():
        yield _account(key, name, kind, 0)
    for key, name in VENDORS.items():
        yield Entity.VENDOR, {"Id": key, "DisplayName": name, "Active": True, "TermRef": {"value": "3"}}
    for key, name in CUSTOMERS.items():
        yield Entity.CUSTOMER, {"Id": key, "DisplayName": name, "Active": True}


def _cash() -> Iterator[Document]:
    """Money that moves without a bill or an invoice: the counter, wages, rent."""
    yield _deposit("D0", OPENING, _ago(WEEKS))
    for week in range(1, WEEKS):
        yield _sale(f"S{week}", 3_900 + 70 * (week * 37 % 11), _ago(week, 5))
        if week % 2 == 0:
            yield _purchase(f"W{week}", 6_850, _ago(week, 4), PAYROLL)
        if week % 4 == 1 and week > 1:  # this month's rent is still a bill
            yield _purchase(f"R{week}", 2_900, _ago(week), RENT, LANDLORD)


def _settled() -> Iterator[Document]:
    """Bills paid a little late, invoices collected a little later."""
    for week in range(4, WEEKS, 2):
        amount = 860 + 15 * (week * 13 % 7)
        yield _bill(f"{100 + week}", MILL, amount, _ago(week), _ago(week - 2), account=INGREDIENTS, paid_by=f"BP{week}")
        yield _bill_payment(f"BP{week}", f"{100 + week}", MILL, amount, _ago(week - 2, 2))
    for week in range(8, WEEKS, 2):
        amount = 1_450 + 25 * (week * 17 % 9)
        yield _invoice(f"{400 + week}", CAFE, amount, _ago(week), _ago(week - 4), paid_by=f"PM{week}")
        yield _payment(f"PM{week}", f"{400 + week}", CAFE, amount, _ago(week - 5, 3))


def _open() -> Iterator[Document]:
    """What waits for a decision, a call, or a pair of hands."""
    yield _bill("201", MILL, 940, _ago(2), TODAY - timedelta(days=1), account=INGREDIENTS)
    yield _bill("202", DAIRY, 610, _ago(1), TODAY + timedelta(days=3), account=INGREDIENTS, number="D-7731")
    yield _bill("203", DAIRY, 610, _ago(1, 2), TODAY + timedelta(days=5), account=INGREDIENTS, number="D-7731")
    yield _bill("204", LANDLORD, 2_900, _ago(1), TODAY + timedelta(days=2), account=RENT)
    yield _bill("205", INSURER, 1_980, _ago(2), TODAY + timedelta(days=9), account=INSURANCE)
    yield _bill("206", OVENS, 3_150, _ago(1), None, account=REPAIRS)
    yield _bill("207", POWER, 430, _ago(1), TODAY + timedelta(days=12), account=UTILITIES)
    yield _bill("208", OVENS, 4_800, _ago(1), TODAY + timedelta(days=24), account=REPAIRS)
    yield _invoice("301", INN, 4_600, _ago(13), _ago(9))
    yield _invoice("302", INN, 2_750, _ago(9), _ago(5))
    yield _invoice("303", CAFE, 1_525, _ago(6), _ago(2))
    yield _invoice("304", CAFE, 1_600, _ago(2), TODAY + timedelta(days=16), email=False)


def _ago(weeks: int, days: int = 0) -> date:
    """Counted from the Monday of that week."""
    return TODAY - timedelta(weeks=weeks) + timedelta(days=days)


def _account(key: str, name: str, kind: str, balance: int) -> Document:
    told = {"Id": key, "Name": name, "FullyQualifiedName": name, "AccountType": kind, "Active": True}
    subtype = {"AccountSubType": "Checking"} if kind == "Bank" else {}
    return Entity.ACCOUNT, told | subtype | {"CurrentBalance": balance, "CurrencyRef": {"value": "USD"}}


def _transaction(key: str, amount: int, on: date) -> dict[str, Any]:
    return {"Id": key, "TxnDate": on.isoformat(), "TotalAmt": amount, "CurrencyRef": {"value": "USD"}}


def _spent_on(amount: int, account: str) -> list[dict[str, Any]]:
    detail = {"AccountRef": {"value": account}}
    return [
        {
            "Id": "1",
            "Amount": amount,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": detail,
        }
    ]


def _deposit(key: str, amount: int, on: date) -> Document:
    line = {
        "Id": "1",
        "Amount": amount,
        "DetailType": "DepositLineDetail",
        "DepositLineDetail": {"AccountRef": {"value": EQUITY}},
    }
    return Entity.DEPOSIT, _transaction(key, amount, on) | {
        "DepositToAccountRef": {"value": CHECKING},
        "Line": [line],
    }


def _sale(key: str, amount: int, on: date) -> Document:
    return Entity.SALES_RECEIPT, _transaction(key, amount, on) | {
        "DepositToAccountRef": {"value": CHECKING},
        "Line": [],
    }


def _purchase(key: str, amount: int, on: date, account: str, vendor: str | None = None) -> Document:
    told = _transaction(key, amount, on) | {
        "PaymentType": "Check",
        "AccountRef": {"value": CHECKING},
        "Line": _spent_on(amount, account),
    }
    return Entity.PURCHASE, told | ({"EntityRef": {"value": vendor, "type": "Vendor"}} if vendor else {})


def _bill(
    key: str,
    vendor: str,
    amount: int,
    on: date,
    due: date | None,
    *,
    account: str,
    number: str = "",
    paid_by: str = "",
) -> Document:
    return Entity.BILL, _transaction(key, amount, on) | {
        "VendorRef": {"value": vendor},
        "DueDate": due.isoformat() if due else None,
        "DocNumber": number or f"L-{key}",
        "Balance": 0 if paid_by else amount,
        "Line": _spent_on(amount, account),
        "LinkedTxn": [{"TxnId": paid_by, "TxnType": "BillPaymentCheck"}] if paid_by else [],
    }


def _bill_payment(key: str, bill: str, vendor: str, amount: int, on: date) -> Document:
    return Entity.BILL_PAYMENT, _transaction(key, amount, on) | {
        "PayType": "Check",
        "VendorRef": {"value": vendor},
        "CheckPayment": {"BankAccountRef": {"value": CHECKING}},
        "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}],
    }


def _invoice(
    key: str, customer: str, amount: int, on: date, due: date, *, paid_by: str = "", email: bool = True
) -> Document:
    sent = {
        "EmailStatus": "EmailSent",
        "BillEmail": {"Address": "office@example.com"},
        "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": f"{on.isoformat()}T08:00:00-04:00"},
    }
    return Entity.INVOICE, _transaction(key, amount, on) | (sent if email else {"EmailStatus": "NotSet"}) | {
        "CustomerRef": {"value": customer},
        "DueDate": due.isoformat(),
        "DocNumber": f"I{key}",
        "Balance": 0 if paid_by else amount,
        "Line": [],
        "LinkedTxn": [{"TxnId": paid_by, "TxnType": "Payment"}] if paid_by else [],
    }


def _payment(key: str, invoice: str, customer: str, amount: int, on: date) -> Document:
    return Entity.PAYMENT, _transaction(key, amount, on) | {
        "CustomerRef": {"value": customer},
        "DepositToAccountRef": {"value": CHECKING},
        "UnappliedAmt": 0,
        "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}],
    }


INWARD: Final = frozenset({Entity.DEPOSIT, Entity.SALES_RECEIPT, Entity.PAYMENT})
OUTWARD: Final = frozenset({Entity.PURCHASE, Entity.BILL_PAYMENT})


def _moved(document: Document) -> int:
    entity, body = document
    amount = int(body.get("TotalAmt", 0))
    return amount if entity in INWARD else -amount if entity in OUTWARD else 0

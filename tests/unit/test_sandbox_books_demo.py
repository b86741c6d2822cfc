"""The demo company shows every defect the product knows, among books that are mostly ready to decide on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import combinations

import pytest

from sandbox.books import Company, build, live_a_day
from sandbox.books.values import Doc, decimal, read_instant, ref_value
from tests.raised import company_of

pytestmark = pytest.mark.unmeasured

TODAY = date(2026, 11, 21)


@cache
def demo() -> Company:
    return company_of("harbor-pine", seed=1, today=TODAY)


def open_docs(entity: str) -> list[Doc]:
    return [doc for doc in demo().docs(entity) if decimal(doc["Balance"])]


def by_id(entity: str) -> dict[str, Doc]:
    return {doc["Id"]: doc for doc in demo().docs(entity)}


def due(doc: Doc) -> date:
    return date.fromisoformat(doc["DueDate"])


def party(doc: Doc, key: str, entity: str) -> Doc | None:
    return by_id(entity).get(ref_value(doc, key) or "")


def missing_party(entity: str, key: str, people: str) -> list[Doc]:
    return [doc for doc in open_docs(entity) if party(doc, key, people) is None]


def near(first: Doc, second: Doc) -> bool:
    one, other = decimal(first["TotalAmt"]), decimal(second["TotalAmt"])
    days = abs((date.fromisoformat(first["TxnDate"]) - date.fromisoformat(second["TxnDate"])).days)
    return abs(one - other) <= max(one, other) / 100 and days <= 7


def duplicates() -> list[tuple[Doc, Doc]]:
    pairs = combinations([doc for doc in open_docs("Bill") if "VendorRef" in doc], 2)
    return [
        (one, two)
        for one, two in pairs
        if one["VendorRef"] == two["VendorRef"]
        and (one.get("DocNumber", 1) == two.get("DocNumber", 2) or near(one, two))
    ]


def bill_and_purchase_twins() -> list[tuple[Doc, Doc]]:
    return [
        (bill, purchase)
        for bill in open_docs("Bill")
        for purchase in demo().docs("Purchase")
        if (purchase.get("EntityRef") or {}).get("value") == ref_value(bill, "VendorRef") and near(bill, purchase)
    ]


def line_accounts(doc: Doc) -> list[str]:
    return [(line["AccountBasedExpenseLineDetail"].get("AccountRef") or {}).get("name", "") for line in doc["Line"]]


def uncategorised(name: str) -> list[Doc]:
    return [
        doc
        for doc in open_docs("Bill")
        if any(account == name or (name and account.startswith(name)) for account in line_accounts(doc))
    ]


def no_terms(doc: Doc) -> bool:
    vendor = party(doc, "VendorRef", "Vendor")
    return vendor is not None and "TermRef" not in vendor and "SalesTermRef" not in doc


def inactive_party() -> list[Doc]:
    return [doc for doc in open_docs("Bill") if (party(doc, "VendorRef", "Vendor") or {}).get("Active") is False]


def without_contact() -> list[Doc]:
    return [doc for doc in open_docs("Invoice") if "BillEmail" not in doc]


def never_sent() -> list[Doc]:
    return [
        doc
        for doc in open_docs("Invoice")
        if doc["EmailStatus"] != "EmailSent" and "BillEmail" in doc and due(doc) < TODAY
    ]


def unapplied(entity: str, field: str, key: str, other: str) -> list[Doc]:
    owing = {ref_value(doc, key) for doc in open_docs(other)}
    return [doc for doc in demo().docs(entity) if decimal(doc[field]) and ref_value(doc, key) in owing]


def banks(test: Callable[[Doc], bool]) -> list[Doc]:
    return [doc for doc in demo().docs("Account") if doc["AccountType"] == "Bank" and test(doc)]


def quiet_for_a_week(account: Doc) -> bool:
    moved = read_instant(account["MetaData"]["LastUpdatedTime"]).date()
    return (TODAY - moved).days > 7


CASES: dict[str, Callable[[], list[object]]] = {
    "MISSING_VENDOR": lambda: [*missing_party("Bill", "VendorRef", "Vendor")],
    "MISSING_CUSTOMER": lambda: [*missing_party("Invoice", "CustomerRef", "Customer")],
    "BAD_AMOUNT": lambda: [doc for doc in open_docs("Bill") if decimal(doc["TotalAmt"]) < 0],
    "MISSING_DUE_DATE": lambda: [doc for doc in open_docs("Bill") if "DueDate" not in doc],
    "DUE_BEFORE_ISSUE": lambda: [doc for doc in open_docs("Bill") if doc.get("DueDate", "9") < doc["TxnDate"]],
    "LIKELY_DUPLICATE number": lambda: [pair for pair in duplicates() if "DocNumber" in pair[0]],
    "LIKELY_DUPLICATE amount": lambda: [
        pair
        for pair in duplicates()
        if pair[0].get("DocNumber") is None or pair[0]["DocNumber"] != pair[1].get("DocNumber")
    ],
    "LIKELY_DUPLICATE purchase": lambda: [*bill_and_purchase_twins()],
    "UNCATEGORISED": lambda: [*uncategorised("Uncategorized")],
    "UNCATEGORISED accountant": lambda: [*uncategorised("Ask My Accountant")],
    "UNCATEGORISED nothing": lambda: [*uncategorised("")],
    "DUE_DATE_DEFAULTED": lambda: [
        doc
        for doc in open_docs("Bill")
        if doc.get("DueDate") == doc["TxnDate"] and no_terms(doc) and decimal(doc["Balance"]) > 500
    ],
    "STALE_OPEN bill": lambda: [doc for doc in open_docs("Bill") if "DueDate" in doc and (TODAY - due(doc)).days > 180],
    "STALE_OPEN invoice": lambda: [doc for doc in open_docs("Invoice") if (TODAY - due(doc)).days > 180],
    "INACTIVE_PARTY": lambda: [*inactive_party()],
    "NO_CONTACT": lambda: [*without_contact()],
    "NEVER_SENT": lambda: [*never_sent()],
    "UNAPPLIED_PAYMENT": lambda: [*unapplied("Payment", "UnappliedAmt", "CustomerRef", "Invoice")],
    "UNAPPLIED_CREDIT vendor": lambda: [*unapplied("VendorCredit", "Balance", "VendorRef", "Bill")],
    "UNAPPLIED_CREDIT customer": lambda: [*unapplied("CreditMemo", "RemainingCredit", "CustomerRef", "Invoice")],
    "MISSING_TERMS": lambda: [doc for doc in open_docs("Bill") if no_terms(doc)],
    "STALE_BOOKS": lambda: [*banks(quiet_for_a_week)],
    "NEGATIVE_BANK": lambda: [*banks(lambda doc: decimal(doc["CurrentBalance"]) < 0)],
}


@pytest.mark.parametrize("issue", CASES)
def test_the_demo_has_a_case_of_every_defect_and_not_many(issue: str) -> None:
    assert 1 <= len(CASES[issue]()) <= 3


@pytest.mark.parametrize(("first", "last"), [(-400, -1), (0, 0), (1, 7), (8, 30), (31, 400)])
def test_open_bills_fall_due_before_on_and_after_today(first: int, last: int) -> None:
    days = [(due(doc) - TODAY).days for doc in open_docs("Bill") if "DueDate" in doc]
    assert any(first <= day <= last for day in days)


def test_there_is_enough_to_decide_and_most_of_it_is_clean() -> None:
    bills, invoices = open_docs("Bill"), open_docs("Invoice")
    assert 25 <= len(bills) <= 45
    assert 15 <= len(invoices) <= 25
    spoilt = [doc for doc in bills if "VendorRef" not in doc or "DueDate" not in doc or decimal(doc["TotalAmt"]) < 0]
    assert len(spoilt) == 3
    assert sum(decimal(doc["Balance"]) % 1000 == 0 for doc in bills) == 0


def test_names_that_could_do_harm_are_among_the_open_bills() -> None:
    names = {doc["VendorRef"]["name"] for doc in open_docs("Bill") if "VendorRef" in doc}
    assert {"AT&T", "O'Brien & Söhne <Ltd>", "*Approved* <!channel>"} <= names


def test_an_early_payment_discount_is_about_to_lapse() -> None:
    terms = by_id("Term")
    live = [
        doc
        for doc in open_docs("Bill")
        if (term := terms.get(ref_value(doc, "SalesTermRef") or ""))
        and "DiscountDays" in term
        and date.fromisoformat(doc["TxnDate"]) + timedelta(days=term["DiscountDays"]) >= TODAY
    ]
    assert live


def test_cash_gets_tight_within_thirteen_weeks_and_recovers() -> None:
    company = build("harbor-pine", 1, TODAY)
    checking = next(doc["Id"] for doc in company.docs("Account") if doc["Name"] == "Operating Checking")
    path: list[Decimal] = []
    for _ in range(91):
        live_a_day(company)
        path.append(decimal(company.get("Account", checking)["CurrentBalance"]))
    assert min(path) < 5_000 < max(path[path.index(min(path)) :])


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_other_seeds_of_the_demo_keep_the_staged_defects(seed: int) -> None:
    company = build("harbor-pine", seed, TODAY)
    bills = [doc for doc in company.docs("Bill") if doc["Balance"]]
    assert any("VendorRef" not in doc for doc in bills)
    assert any("DueDate" not in doc for doc in bills)

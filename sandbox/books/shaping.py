"""Fills in what QuickBooks fills in: line ids, totals, terms and due dates, reference names, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.books.company import Company
from sandbox.books.entities import REF_TARGETS, display_field
from sandbox.books.faults import BookFault, illegal_number, invalid_reference, missing_parameter
from sandbox.books.postings import chart_of
from sandbox.books.values import ZERO, Doc, amount, cents, currency_ref, decimal, ref, ref_value

SALES_FORMS = frozenset({"Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Estimate"})
VENDOR_FORMS = frozenset({"Bill", "VendorCredit", "PurchaseOrder"})
_ITEMISED = SALES_FORMS | VENDOR_FORMS | {"Purchase", "Deposit"}
_SHOWN_WITHOUT_NAME = frozenset({"SalesTermRef", "TermRef", "PaymentMethodRef", "ParentRef"})
_REQUIRED = {
    "Bill": ("VendorRef", "Line"),
    "BillPayment": ("VendorRef", "PayType", "TotalAmt"),
    "VendorCredit": ("VendorRef", "Line"),
    "Invoice": ("CustomerRef", "Line"),
    "CreditMemo": ("CustomerRef", "Line"),
    "Payment": ("CustomerRef", "TotalAmt"),
    "Purchase": ("AccountRef", "PaymentType", "Line"),
    "Deposit": ("DepositToAccountRef", "Line"),
    "Transfer": ("FromAccountRef", "ToAccountRef", "Amount"),
    "JournalEntry": ("Line",),
    "Account": ("Name",),
    "Term": ("Name",),
    "Item": ("Name",),
}


def require(entity: str, doc: Doc) -> None:
    for name in _REQUIRED.get(entity, ()):
        if doc.get(name) in (None, "", []) or (name.endswith("Ref") and ref_value(doc, name) is None):
            raise missing_parameter(name)


def number(doc: Doc, key: str) -> Decimal:
    """An amount a caller sent, as a string or a number; raises BookFault 2080 when it is neither."""
    try:
        return cents(doc.get(key))
    except ValueError:
        raise illegal_number(key, doc.get(key)) from None


def check_date(key: str, value: object) -> None:
    """Raises BookFault 2010 for what is no ISO day."""
    try:
        date.fromisoformat(str(value))
    except ValueError:
        raise BookFault(
            "2010",
            "Request has invalid or unsupported property",
            f"Property Name:Can not construct Date from {value}",
            element=key,
        ) from None


@dataclass(frozen=True, slots=True)
class References:
    """Checks every reference of a document and writes the current name beside it.

    `trusted`: references the document had before. Recorded companies point at rows nobody recorded, and an edit must
    not trip over what it did not touch.
    """

    company: Company
    table: str
    trusted: frozenset[tuple[str, str]] = frozenset()

    def resolve(self, node: Any) -> None:
        """Raises BookFault 2500 for a reference to nothing."""
        for key, value, target in _references(node, self.table):
            self._resolve(key, value, target)

    def _resolve(self, key: str, value: Doc, target: str) -> None:
        row_id = value.get("value")
        if row_id in (None, ""):
            return
        value["value"] = str(row_id)
        known = self.company.find(target, str(row_id))
        if known is None:
            if (key, str(row_id)) in self.trusted:
                return
            raise invalid_reference(key, str(row_id))
        if key not in _SHOWN_WITHOUT_NAME:
            value["name"] = known[display_field(target)]


def references_of(doc: Doc | None, table: str) -> frozenset[tuple[str, str]]:
    return frozenset((key, str(value.get("value"))) for key, value, _ in _references(doc or {}, table))


def _references(node: Any, table: str) -> Iterator[tuple[str, Doc, str]]:
    """Every reference in a document with the list it points into."""
    if isinstance(node, list):
        for item in node:
            yield from _references(item, table)
    elif isinstance(node, dict):
        for key, value in node.items():
            target = _target(key, value, node, table)
            if target and isinstance(value, dict):
                yield key, value, target
            else:
                yield from _references(value, table)


def _target(key: str, value: Any, holder: Doc, table: str) -> str | None:
    if key == "EntityRef" and isinstance(value, dict):
        return value.get("type") or holder.get("Type")
    return table if key == "ParentRef" else REF_TARGETS.get(key)


def due_date(company: Company, doc: Doc, term_id: str | None) -> str:
    """From the terms when there are any, else the transaction date (as the API does, whatever the preference)."""
    term = company.find("Term", term_id)
    issued = date.fromisoformat(doc["TxnDate"])
    if term is None:
        return issued.isoformat()
    if term.get("Type") == "DATE_DRIVEN":
        return _day_of_month(issued, int(term.get("DayOfMonthDue", 1))).isoformat()
    return (issued + timedelta(days=int(term.get("DueDays", 0)))).isoformat()


def _day_of_month(issued: date, day: int) -> date:
    if issued.day <= day:
        return issued.replace(day=min(day, 28))
    following = issued.replace(day=28) + timedelta(days=4)
    return following.replace(day=min(day, 28))


def shape_currency(company: Company, doc: Doc) -> None:
    code = ref_value(doc, "CurrencyRef") or _party_currency(company, doc) or company.currency
    doc["CurrencyRef"] = currency_ref(code)
    if company.multicurrency:
        doc["ExchangeRate"] = decimal(doc.get("ExchangeRate", 1)) or 1


def _party_currency(company: Company, doc: Doc) -> str | None:
    party = company.find("Vendor", ref_value(doc, "VendorRef")) or company.find(
        "Customer", ref_value(doc, "CustomerRef")
    )
    return ref_value(party, "CurrencyRef") if party else None


def shape_lines(company: Company, entity: str, doc: Doc) -> None:
    lines = [line for line in doc.get("Line", ()) if line.get("DetailType") != "SubTotalLineDetail"]
    for position, line in enumerate(lines, start=1):
        line["Amount"] = amount(number(line, "Amount"))
        if entity in _ITEMISED and not _unnumbered(line):
            line.setdefault("Id", str(position))
            line.setdefault("LineNum", position)
            line.setdefault("CustomExtensions", [])
        elif entity == "JournalEntry":
            line.setdefault("Id", str(position - 1))
        _shape_detail(company, line)
        if entity == "Bill":
            line.setdefault("LinkedTxn", [])
    if entity in SALES_FORMS:
        subtotal = sum((decimal(line["Amount"]) for line in lines if not _is_discount(line)), ZERO)
        position = sum(not _is_discount(line) for line in lines)
        lines.insert(
            position, {"Amount": amount(subtotal), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
        )
    doc["Line"] = lines


def _is_discount(line: Doc) -> bool:
    return line.get("DetailType") == "DiscountLineDetail"


def _unnumbered(line: Doc) -> bool:
    return _is_discount(line) or bool(line.get("LinkedTxn") and "DetailType" not in line)


def _shape_detail(company: Company, line: Doc) -> None:
    kind = line.get("DetailType")
    if kind is None:
        return
    detail = line.setdefault(kind, {})
    if kind in {"AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"}:
        detail.setdefault("BillableStatus", "NotBillable")
        detail.setdefault("TaxCodeRef", ref("NON"))
    elif kind == "SalesItemLineDetail":
        detail.setdefault("TaxCodeRef", ref("NON"))
        item = company.find("Item", ref_value(detail, "ItemRef"))
        if item and ref_value(item, "IncomeAccountRef"):
            detail.setdefault("ItemAccountRef", dict(item["IncomeAccountRef"]))


def lines_total(entity: str, doc: Doc) -> Decimal:
    """What the lines add up to: discounts and cash back taken off, sub-totals not counted twice, tax on top."""
    total = ZERO
    for line in doc.get("Line", ()):
        if line.get("DetailType") == "SubTotalLineDetail":
            continue
        total += decimal(line.get("Amount")) * (-1 if _is_discount(line) else 1)
    if entity in SALES_FORMS:
        total += decimal((doc.get("TxnTaxDetail") or {}).get("TotalTax"))
    if entity == "Deposit":
        total -= decimal((doc.get("CashBack") or {}).get("Amount"))
    return cents(total)


def account_defaults(company: Company, entity: str, doc: Doc) -> None:
    """The accounts QuickBooks chooses when the caller names none."""
    chart, key, account = chart_of(company), "", ""
    if entity in VENDOR_FORMS:
        key, account = "APAccountRef", chart.payable(doc["CurrencyRef"]["value"])
    elif entity == "SalesReceipt" or (entity == "Payment" and decimal(doc.get("TotalAmt"))):
        key, account = "DepositToAccountRef", chart.sub_type("UndepositedFunds")
    if account and key not in doc:
        doc[key] = ref(account)

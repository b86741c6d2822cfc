"""Turns what a caller sent into the document QuickBooks would store, entity by entity."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sandbox.books.company import Company
from sandbox.books.entities import PEOPLE, TRANSACTIONS
from sandbox.books.faults import business_rule, missing_parameter, too_long
from sandbox.books.links import applications, restate_home
from sandbox.books.shaping import (
    SALES_FORMS,
    VENDOR_FORMS,
    References,
    account_defaults,
    check_date,
    due_date,
    lines_total,
    number,
    references_of,
    require,
    shape_currency,
    shape_lines,
)
from sandbox.books.values import ZERO, Doc, amount, currency_ref, decimal, pacific_day, ref, ref_value

_CLASSIFICATIONS = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Expense": "Expense",
    "Other Expense": "Expense",
    "Cost of Goods Sold": "Expense",
}
_DEFAULT_SUB_TYPES = {
    "Bank": "CashOnHand",
    "Credit Card": "CreditCard",
    "Accounts Payable": "AccountsPayable",
    "Accounts Receivable": "AccountsReceivable",
    "Income": "ServiceFeeIncome",
    "Expense": "OtherMiscellaneousServiceCost",
    "Equity": "OpeningBalanceEquity",
}


def shape(company: Company, entity: str, doc: Doc, before: Doc | None, at: datetime) -> Doc:
    """Complete a document in place and return it. Raises BookFault when QuickBooks would refuse it."""
    require(entity, doc)
    if entity in TRANSACTIONS:
        _shape_transaction(company, entity, doc, before, at)
    elif entity in PEOPLE:
        _shape_person(company, entity, doc)
    elif entity == "Account":
        _shape_account(company, doc)
    elif entity == "Item":
        _shape_item(doc)
    elif entity == "Term":
        doc.setdefault("Type", "DATE_DRIVEN" if "DayOfMonthDue" in doc else "STANDARD")
    References(company, entity, references_of(before, entity)).resolve(doc)
    if entity not in {*TRANSACTIONS, "Attachable"}:
        doc.setdefault("Active", True)
    return doc


def _shape_transaction(company: Company, entity: str, doc: Doc, before: Doc | None, at: datetime) -> None:
    doc.setdefault("TxnDate", pacific_day(at).isoformat())
    for key in {"TxnDate", "DueDate"} & doc.keys():
        check_date(key, doc[key])
    if len(str(doc.get("DocNumber", ""))) > 21:
        raise too_long("DocNumber", 21)
    shape_currency(company, doc)
    if entity == "Transfer":
        doc["Amount"] = amount(number(doc, "Amount"))
        return
    shape_lines(company, entity, doc)
    if entity == "JournalEntry":
        _shape_journal_entry(doc)
        return
    if entity in SALES_FORMS:
        _shape_sales_form(company, entity, doc)
    vendor = company.find("Vendor", ref_value(doc, "VendorRef")) or {}
    if entity in VENDOR_FORMS and "BillAddr" in vendor:
        doc.setdefault("VendorAddr", vendor["BillAddr"])
    account_defaults(company, entity, doc)
    _total(entity, doc)
    _open_balance(company, entity, doc, before)
    if entity == "Bill":
        term = ref_value(doc, "SalesTermRef")
        doc.setdefault("DueDate", due_date(company, doc, term))
    if entity == "BillPayment":
        _shape_bill_payment(company, doc)
    if entity == "Purchase":
        _shape_purchase(doc)
    if entity == "Deposit":
        doc.setdefault("TxnTaxDetail", {})


def _total(entity: str, doc: Doc) -> None:
    if entity in {"BillPayment", "Payment"}:
        doc["TotalAmt"] = amount(number(doc, "TotalAmt"))
        return
    total = lines_total(entity, doc)
    if total < 0:
        raise business_rule("Transaction total must be zero or greater")
    doc["TotalAmt"] = amount(total)


def _applied(before: Doc | None, key: str) -> Decimal:
    return decimal(before["TotalAmt"]) - decimal(before[key]) if before and key in before else ZERO


def _open_balance(company: Company, entity: str, doc: Doc, before: Doc | None) -> None:
    if entity in {"Bill", "Invoice", "VendorCredit", "CreditMemo"}:
        balance = decimal(doc["TotalAmt"]) - _applied(before, "Balance")
        if balance < 0:
            raise business_rule("The total can't be less than what is already applied to the transaction")
        doc["Balance"] = amount(balance)
        if company.multicurrency:
            doc["HomeBalance"] = ZERO
            restate_home(doc)
    if entity == "CreditMemo":
        doc["RemainingCredit"] = doc["Balance"]
    if entity == "SalesReceipt":
        doc["Balance"] = 0
    if entity == "Payment":
        _unapplied(doc)


def _unapplied(doc: Doc) -> None:
    used = sum((use.amount * (1 if use.entity == "Invoice" else -1) for use in applications("Payment", doc)), ZERO)
    if used > decimal(doc["TotalAmt"]):
        raise business_rule("The amount applied is greater than the amount of the payment")
    doc["UnappliedAmt"] = amount(decimal(doc["TotalAmt"]) - used)
    doc.setdefault("ProcessPayment", False)


def _shape_bill_payment(company: Company, doc: Doc) -> None:
    kinds = {
        "Check": ("CheckPayment", "BankAccountRef", "Bank"),
        "CreditCard": ("CreditCardPayment", "CCAccountRef", "Credit Card"),
    }
    if doc["PayType"] not in kinds:
        raise missing_parameter("PayType")
    holder, key, wanted = kinds[doc["PayType"]]
    source = company.find("Account", ref_value(doc.get(holder) or {}, key))
    if source is None:
        raise missing_parameter(f"{holder}.{key}")
    if source["AccountType"] != wanted:
        raise business_rule(f"Select a {wanted.lower()} account for this transaction")
    if doc["PayType"] == "Check":
        doc[holder].setdefault("PrintStatus", "NotSet")
    used = sum((use.amount * (1 if use.entity == "Bill" else -1) for use in applications("BillPayment", doc)), ZERO)
    if used > decimal(doc["TotalAmt"]):
        raise business_rule("The amount applied is greater than the amount of the payment")


def _shape_purchase(doc: Doc) -> None:
    kind = doc["PaymentType"]
    if kind == "CreditCard":
        doc.setdefault("Credit", False)
    if kind == "Check":
        doc.setdefault("PrintStatus", "NotSet")
    code = {"Check": "3", "CreditCard": "11" if doc.get("Credit") else "54"}.get(kind, "54")
    doc.setdefault("PurchaseEx", {"any": [name_value("TxnType", code)]})


def name_value(name: str, value: str) -> Doc:
    """The JAXB wrapping QuickBooks leaks around name-value extensions."""
    return {
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": {"Name": name, "Value": value},
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }


def _shape_journal_entry(doc: Doc) -> None:
    sums = {"Debit": ZERO, "Credit": ZERO}
    for line in doc["Line"]:
        side = (line.get("JournalEntryLineDetail") or {}).get("PostingType")
        if side not in sums:
            raise missing_parameter("PostingType")
        sums[side] += decimal(line["Amount"])
    if sums["Debit"] != sums["Credit"]:
        raise business_rule("Debits and credits must be equal")
    doc.setdefault("Adjustment", False)
    doc["TotalAmt"] = 0
    doc.setdefault("TxnTaxDetail", {})


def _shape_sales_form(company: Company, entity: str, doc: Doc) -> None:
    customer = company.find("Customer", ref_value(doc, "CustomerRef")) or {}
    doc.setdefault("CustomField", [])
    doc.setdefault("TxnTaxDetail", {"TotalTax": 0})
    doc.setdefault("FreeFormAddress", True)
    doc.setdefault("ApplyTaxAfterDiscount", False)
    doc.setdefault("PrintStatus", "NeedToPrint")
    doc.setdefault("EmailStatus", "NotSet")
    for key in ("BillAddr", "ShipAddr"):
        if key in customer:
            doc.setdefault(key, customer[key])
    if entity != "Invoice":
        return
    doc.setdefault("LinkedTxn", [])
    for key in ("AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"):
        doc.setdefault(key, False)
    term = ref_value(doc, "SalesTermRef") or ref_value(customer, "SalesTermRef")
    known = company.find("Term", term)
    if known:
        doc.setdefault("SalesTermRef", ref(known["Id"], known["Name"]))
    doc.setdefault("DueDate", due_date(company, doc, term))


def _shape_person(company: Company, entity: str, doc: Doc) -> None:
    parts = [doc.get(key) for key in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")]
    name = doc.get("DisplayName") or " ".join(part for part in parts if part) or doc.get("CompanyName")
    if not name:
        raise missing_parameter("DisplayName")
    if ":" in name:
        raise business_rule("The name supplied has an invalid character (:)")
    doc["DisplayName"] = name
    doc.setdefault("PrintOnCheckName", doc.get("CompanyName") or name)
    doc["CurrencyRef"] = currency_ref(ref_value(doc, "CurrencyRef") or company.currency)
    if entity == "Vendor":
        doc.setdefault("Balance", 0)
        doc.setdefault("Vendor1099", False)
    if entity == "Customer":
        _shape_customer(company, doc)


def _shape_customer(company: Company, doc: Doc) -> None:
    defaults = {
        "Taxable": False,
        "Job": False,
        "BillWithParent": False,
        "Balance": 0,
        "BalanceWithJobs": 0,
        "PreferredDeliveryMethod": "Print",
        "IsProject": False,
        "ClientEntityId": "0",
    }
    for key, value in defaults.items():
        doc.setdefault(key, value)
    parent = company.find("Customer", ref_value(doc, "ParentRef"))
    prefix = f"{parent['FullyQualifiedName']}:" if parent else ""
    doc["FullyQualifiedName"] = f"{prefix}{doc['DisplayName']}"
    if parent:
        doc["Level"] = doc["FullyQualifiedName"].count(":")


def _shape_account(company: Company, doc: Doc) -> None:
    kind = doc.get("AccountType")
    if kind not in _CLASSIFICATIONS:
        raise missing_parameter("AccountType")
    parent = company.find("Account", ref_value(doc, "ParentRef"))
    doc["SubAccount"] = parent is not None
    doc["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{doc['Name']}" if parent else doc["Name"]
    doc.setdefault("AccountSubType", _DEFAULT_SUB_TYPES.get(kind, kind.replace(" ", "")))
    doc["Classification"] = _CLASSIFICATIONS[kind]
    doc.setdefault("CurrentBalance", 0)
    doc.setdefault("CurrentBalanceWithSubAccounts", 0)
    doc["CurrencyRef"] = currency_ref(ref_value(doc, "CurrencyRef") or company.currency)


def _shape_item(doc: Doc) -> None:
    doc["FullyQualifiedName"] = doc["Name"]
    for key, value in {
        "Taxable": False,
        "UnitPrice": 0,
        "Type": "Service",
        "PurchaseCost": 0,
        "TrackQtyOnHand": False,
    }.items():
        doc.setdefault(key, value)

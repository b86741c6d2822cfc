"""Edits to the books as a person in QuickBooks would make them, asked for by tests and hooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sandbox.books import names, writes
from sandbox.books.company import Change, Company, touch
from sandbox.books.postings import chart_of
from sandbox.books.values import Doc, decimal, instant, pacific_day, ref, ref_value

Mutation = dict[str, Any]


def apply(company: Company, mutation: Mutation, at: datetime) -> Doc:
    """Carry out one mutation and return the document it left.

    Raises KeyError for an unknown `op` or a missing field, BookFault when the books refuse.
    """
    return _OPERATIONS[mutation["op"]](company, mutation, at)


def _token(company: Company, entity: str, row_id: str) -> Doc:
    return {"Id": row_id, "SyncToken": company.get(entity, row_id)["SyncToken"]}


def _create(company: Company, mutation: Mutation, at: datetime) -> Doc:
    return writes.create(company, mutation["entity"], mutation["doc"], at, allow_duplicate_number=True)


def _edit(company: Company, mutation: Mutation, at: datetime) -> Doc:
    entity, row_id = mutation["entity"], mutation["id"]
    payload = {**_token(company, entity, row_id), "sparse": True, **mutation["set"]}
    return writes.update(company, entity, payload, at, allow_duplicate_number=True)


def _delete(company: Company, mutation: Mutation, at: datetime) -> Doc:
    return writes.delete(company, mutation["entity"], _token(company, mutation["entity"], mutation["id"]), at)


def _void(company: Company, mutation: Mutation, at: datetime) -> Doc:
    return writes.void(company, mutation["entity"], _token(company, mutation["entity"], mutation["id"]), at)


def _rename(company: Company, mutation: Mutation, at: datetime) -> Doc:
    key = "DisplayName" if mutation["entity"] in {"Vendor", "Customer", "Employee"} else "Name"
    return _edit(company, {**mutation, "set": {key: mutation["name"]}}, at)


def _inactivate(company: Company, mutation: Mutation, at: datetime) -> Doc:
    return names.inactivate(company, mutation["entity"], mutation["id"], at)


def _merge(company: Company, mutation: Mutation, at: datetime) -> Doc:
    known = {item.name for item in fields(names.Traces)}
    traces = names.Traces(**{key: bool(mutation[key]) for key in known & mutation.keys()})
    return names.merge(company, mutation["entity"], mutation["id"], mutation["into"], at, traces=traces)


def _pay_bill(company: Company, mutation: Mutation, at: datetime) -> Doc:
    bill = company.get("Bill", mutation["id"])
    paid = decimal(mutation.get("amount", bill["Balance"]))
    bank = mutation.get("account") or chart_of(company).sub_type("Checking")
    return writes.create(
        company,
        "BillPayment",
        {
            "VendorRef": ref(str(ref_value(bill, "VendorRef"))),
            "PayType": "Check",
            "TotalAmt": paid,
            "CheckPayment": {"BankAccountRef": ref(bank)},
            "CurrencyRef": bill["CurrencyRef"],
            "TxnDate": mutation.get("date", pacific_day(at).isoformat()),
            "Line": [{"Amount": paid, "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]}],
        },
        at,
    )


def _receive_payment(company: Company, mutation: Mutation, at: datetime) -> Doc:
    invoice = company.get("Invoice", mutation["id"])
    paid = decimal(mutation.get("amount", invoice["Balance"]))
    return writes.create(
        company,
        "Payment",
        {
            "CustomerRef": ref(str(ref_value(invoice, "CustomerRef"))),
            "TotalAmt": paid,
            "CurrencyRef": invoice["CurrencyRef"],
            "TxnDate": mutation.get("date", pacific_day(at).isoformat()),
            "Line": [{"Amount": paid, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}],
        },
        at,
    )


def _send(company: Company, mutation: Mutation, at: datetime) -> Doc:
    return writes.send(company, "Invoice", mutation["id"], mutation.get("to"), at)


def _stamp(company: Company, mutation: Mutation, at: datetime) -> Doc:
    """Set LastUpdatedTime, `days` from now: recorded rows have lain in the future."""
    doc = company.get(mutation["entity"], mutation["id"])
    doc["MetaData"]["LastUpdatedTime"] = instant(at + timedelta(days=float(mutation["days"])))
    company.put(mutation["entity"], doc)
    return doc


def _raw(company: Company, mutation: Mutation, at: datetime) -> Doc:
    """Merge fields into a document as no form would allow; balances are not touched. `drop` removes keys."""
    entity = mutation["entity"]
    doc = {**company.get(entity, mutation["id"]), **mutation.get("set", {})}
    for key in mutation.get("drop", ()):
        doc.pop(key, None)
    touch(doc, at, bump=True)
    company.put(entity, doc)
    company.announce(Change(entity, doc["Id"], "Update", at))
    return doc


_OPERATIONS: dict[str, Callable[[Company, Mutation, datetime], Doc]] = {
    "create": _create,
    "edit": _edit,
    "delete": _delete,
    "void": _void,
    "rename": _rename,
    "inactivate": _inactivate,
    "merge": _merge,
    "pay_bill": _pay_bill,
    "receive_payment": _receive_payment,
    "send": _send,
    "stamp": _stamp,
    "raw": _raw,
}

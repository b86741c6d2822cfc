"""Create, update, delete, void and send, with every consequence QuickBooks lets follow from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sandbox.books import balances
from sandbox.books.company import Change, Company, touch
from sandbox.books.entities import NAME_LISTS, TRANSACTIONS, display_field
from sandbox.books.faults import (
    BookFault,
    business_rule,
    closed_period,
    duplicate_number,
    invalid_id,
    missing_parameter,
    object_not_found,
    stale_object,
    unsupported_operation,
)
from sandbox.books.forms import shape
from sandbox.books.links import applications, check_applications, deposit_payments, settle
from sandbox.books.names import DELETED_SUFFIX, follow_name, inactivate, refuse_duplicate
from sandbox.books.postings import postings
from sandbox.books.properties import WRITABLE, refuse_unknown
from sandbox.books.values import Doc, decode, encode, instant, meta, ref_value

# Kept through a full update although the caller left them out.
_READ_ONLY = frozenset(
    {
        "Balance",
        "BalanceWithJobs",
        "CurrentBalance",
        "CurrentBalanceWithSubAccounts",
        "LinkedTxn",
        "Classification",
        "DeliveryInfo",
        "V4IDPseudonym",
        "CurrencyRef",
        "ExchangeRate",
    }
)
# What a caller cannot choose on creation.
_NOT_OURS = (_READ_ONLY - {"CurrencyRef", "ExchangeRate", "DeliveryInfo"}) | {
    "Id",
    "SyncToken",
    "MetaData",
    "UnappliedAmt",
    "status",
    "RemainingCredit",
    "HomeBalance",
    "FullyQualifiedName",
}
_NUMBERED = ("Invoice", "SalesReceipt", "CreditMemo", "Bill", "JournalEntry")
# Their MetaData names the user who last changed them.
_SIGNED = frozenset({"Bill", "Invoice"})
_VOIDABLE = frozenset({"Invoice", "Payment", "BillPayment", "SalesReceipt"})


def create(company: Company, entity: str, payload: Doc, at: datetime, *, allow_duplicate_number: bool = False) -> Doc:
    """Raises BookFault when QuickBooks would refuse."""
    doc, _ = _clean(company, entity, payload)
    for key in _NOT_OURS:
        doc.pop(key, None)
    doc = shape(company, entity, doc, None, at)
    _number(company, entity, doc)
    _refuse(company, entity, doc, None, allow_duplicate_number=allow_duplicate_number)
    check_applications(company, entity, doc)
    doc |= {"domain": "QBO", "sparse": False, "Id": company.next_id(entity), "SyncToken": "0", "MetaData": meta(at)}
    if entity in _SIGNED:
        doc["MetaData"]["LastModifiedByRef"] = {"value": company.user_id}
    company.put(entity, doc)
    _take_effect(company, entity, doc, 1, at)
    company.announce(Change(entity, doc["Id"], "Create", at))
    return company.get(entity, doc["Id"])


def update(company: Company, entity: str, payload: Doc, at: datetime, *, allow_duplicate_number: bool = False) -> Doc:
    """A sparse update keeps what it does not name, a full one blanks it. Raises BookFault when refused."""
    before = _current(company, entity, payload)
    sent, blanked = _clean(company, entity, payload)
    sparse = bool(sent.pop("sparse", False))
    if entity in NAME_LISTS and sent.get("Active") is False:
        return inactivate(company, entity, before["Id"], at)
    kept = before if sparse else {key: before[key] for key in _READ_ONLY & before.keys()}
    fixed = {key: before[key] for key in ("Id", "SyncToken", "MetaData", "domain", "sparse")}
    doc = {**kept, **sent, **fixed, **{key: before[key] for key in _READ_ONLY & before.keys()}}
    for key in blanked - _READ_ONLY:
        doc.pop(key, None)
    _reactivate(before, doc)
    return _replace(company, entity, before, doc, at, allow_duplicate_number=allow_duplicate_number)


def _replace(
    company: Company, entity: str, before: Doc, doc: Doc, at: datetime, *, allow_duplicate_number: bool
) -> Doc:
    old_legs = [replace(leg, amount=-leg.amount, home=-leg.home) for leg in postings(company, entity, before)]
    relinked = list(applications(entity, before)) != list(applications(entity, doc))
    if relinked:
        settle(company, entity, before, -1, at)
    try:
        doc = shape(company, entity, doc, before, at)
        _refuse(company, entity, doc, before, allow_duplicate_number=allow_duplicate_number)
        if relinked:
            check_applications(company, entity, doc)
        if before.get("TotalAmt") != doc.get("TotalAmt"):
            _refuse_deposited(before)
    except BookFault:
        if relinked:
            settle(company, entity, before, 1, at)
        raise
    if entity in NAME_LISTS and encode(doc) == encode(before):
        return before
    touch(doc, at, bump=True)
    company.put(entity, doc)
    balances.apply(company, [*old_legs, *postings(company, entity, doc)], 1, at)
    if relinked:
        settle(company, entity, doc, 1, at)
    _redeposit(company, entity, before, doc)
    _spread_name(company, entity, before, doc)
    company.announce(Change(entity, doc["Id"], "Update", at))
    return company.get(entity, doc["Id"])


def _redeposit(company: Company, entity: str, before: Doc, doc: Doc) -> None:
    if entity == "Deposit":
        deposit_payments(company, before, -1)
        deposit_payments(company, doc, 1)


def delete(company: Company, entity: str, payload: Doc, at: datetime) -> Doc:
    """The stub QuickBooks answers with. Raises BookFault while other transactions are linked to it."""
    doc = _current(company, entity, payload)
    if entity in NAME_LISTS:
        raise unsupported_operation(f"delete of {entity}")
    _refuse_closed(company, doc)
    used = entity == "CreditMemo" and doc["Balance"] != doc["TotalAmt"]
    if used or (doc.get("LinkedTxn") and entity in {"Bill", "Invoice", "VendorCredit", "Payment"}):
        raise business_rule("This transaction is linked to others. Unlink it before you delete it")
    _take_effect(company, entity, doc, -1, at)
    company.drop(entity, doc["Id"], at)
    company.announce(Change(entity, doc["Id"], "Delete", at))
    return {"domain": "QBO", "status": "Deleted", "Id": doc["Id"]}


def void(company: Company, entity: str, payload: Doc, at: datetime) -> Doc:
    """Amounts to zero, links gone, "Voided" before the note. Raises BookFault for what cannot be voided."""
    if entity not in _VOIDABLE:
        raise unsupported_operation(f"void of {entity}")
    doc = _current(company, entity, payload)
    _refuse_closed(company, doc)
    if entity == "Invoice" and doc.get("LinkedTxn"):
        raise business_rule("This transaction is linked to others. Unlink it before you void it")
    _refuse_deposited(doc)
    _take_effect(company, entity, doc, -1, at)
    doc = company.get(entity, doc["Id"])
    _blank(entity, doc)
    touch(doc, at, bump=True)
    company.put(entity, doc)
    company.announce(Change(entity, doc["Id"], "Void", at))
    return doc


def _refuse_deposited(doc: Doc) -> None:
    if any(link["TxnType"] == "Deposit" for link in doc.get("LinkedTxn", ())):
        raise business_rule(
            "The transaction has been deposited. If you want to change or delete it, you must edit "
            "the deposit it appears on and remove it first"
        )


def _blank(entity: str, doc: Doc) -> None:
    for key in {"TotalAmt", "Balance", "HomeBalance", "UnappliedAmt", "RemainingCredit"} & doc.keys():
        doc[key] = 0
    if entity in {"Payment", "BillPayment"}:
        doc["Line"] = []
    for line in doc["Line"]:
        line["Amount"] = 0
        detail = line.get(line.get("DetailType") or "", {})
        if "UnitPrice" in detail:
            detail["UnitPrice"] = 0
    doc["PrivateNote"] = f"Voided - {doc['PrivateNote']}" if doc.get("PrivateNote") else "Voided"
    if entity == "Invoice":
        doc["LinkedTxn"] = []
    else:
        doc.pop("LinkedTxn", None)


def send(company: Company, entity: str, row_id: str, recipient: str | None, at: datetime) -> Doc:
    """E-mail an invoice; every call sends again."""
    doc = company.find(entity, row_id)
    if doc is None:
        raise object_not_found()
    if recipient:
        doc["BillEmail"] = {"Address": recipient}
    if not (doc.get("BillEmail") or {}).get("Address"):
        raise business_rule("Email address is required to send the transaction")
    doc["EmailStatus"] = "EmailSent"
    doc["DeliveryInfo"] = {"DeliveryType": "Email", "DeliveryTime": instant(at)}
    touch(doc, at, bump=True)
    company.put(entity, doc)
    company.announce(Change(entity, row_id, "Emailed", at))
    return doc


def read(company: Company, entity: str, row_id: str) -> Doc:
    """Raises BookFault 2030 for an id that is no number, 610 for one that is not there."""
    if not row_id.isdigit():
        raise invalid_id(row_id)
    doc = company.find(entity, row_id)
    if doc is None:
        raise object_not_found()
    return doc


def _clean(company: Company, entity: str, payload: Doc) -> tuple[Doc, set[str]]:
    """What was sent, without nulls and empty texts, and the names of the properties sent as such: those are blanked."""
    if entity not in WRITABLE:
        raise unsupported_operation(f"write of {entity}")
    refuse_unknown(entity, payload, company.extra_fields)
    sent: Doc = decode(encode(payload))
    kept = {key: _without_blanks(value) for key, value in sent.items() if not _is_blank(value)}
    return kept, sent.keys() - kept.keys()


def _is_blank(value: Any) -> bool:
    return value in (None, "") or (isinstance(value, dict) and "value" in value and value["value"] in (None, ""))


def _without_blanks(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_blanks(value) for key, value in node.items() if not _is_blank(value)}
    return [_without_blanks(item) for item in node] if isinstance(node, list) else node


def _current(company: Company, entity: str, payload: Doc) -> Doc:
    row_id = str(payload.get("Id") or "")
    if not row_id:
        raise missing_parameter("Id")
    doc = read(company, entity, row_id)
    token = payload.get("SyncToken")
    if token is None:
        raise missing_parameter("SyncToken")
    if str(token) != str(doc.get("SyncToken")):
        raise stale_object()
    return doc


def _take_effect(company: Company, entity: str, doc: Doc, sign: int, at: datetime) -> None:
    if entity not in TRANSACTIONS:
        return
    balances.apply(company, postings(company, entity, doc), sign, at)
    settle(company, entity, doc, sign, at)
    if entity == "Deposit":
        deposit_payments(company, doc, sign)


def _refuse(company: Company, entity: str, doc: Doc, before: Doc | None, *, allow_duplicate_number: bool) -> None:
    if entity in TRANSACTIONS:
        _refuse_closed(company, doc)
        if before:
            _refuse_closed(company, before)
        if not allow_duplicate_number and (before is None or before.get("DocNumber") != doc.get("DocNumber")):
            _refuse_number(company, entity, doc)
    elif entity in NAME_LISTS and (before is None or before[display_field(entity)] != doc[display_field(entity)]):
        refuse_duplicate(company, entity, doc)


def _refuse_closed(company: Company, doc: Doc) -> None:
    if company.close_date and str(doc.get("TxnDate", "9999")) <= company.close_date:
        raise closed_period()


def _refuse_number(company: Company, entity: str, doc: Doc) -> None:
    wanted = doc.get("DocNumber")
    if not wanted or entity not in _NUMBERED:
        return
    needle = b'"DocNumber":' + encode(wanted)
    for row in company.tables[entity].values():
        if needle not in row.text or row.id == doc.get("Id"):
            continue
        other = row.doc()
        if entity != "Bill" or ref_value(other, "VendorRef") == ref_value(doc, "VendorRef"):
            raise duplicate_number(str(wanted), entity, row.id)


def _number(company: Company, entity: str, doc: Doc) -> None:
    """Sales forms are numbered by QuickBooks unless the caller brings a number."""
    if entity in {"Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"} and (
        doc.get("DocNumber") in (None, "AUTO_GENERATE")
    ):
        doc["DocNumber"] = company.next_number("sales")
    elif entity == "BillPayment" and "DocNumber" not in doc:
        doc["DocNumber"] = company.next_number("checks")


def _reactivate(before: Doc, doc: Doc) -> None:
    if before.get("Active") is False and doc.get("Active") is True:
        for key in {"Name", "DisplayName", "FullyQualifiedName"} & doc.keys():
            doc[key] = str(doc[key]).removesuffix(DELETED_SUFFIX)


def _spread_name(company: Company, entity: str, before: Doc, doc: Doc) -> None:
    if entity not in NAME_LISTS:
        return
    field = display_field(entity)
    if before.get(field) != doc.get(field):
        company.structure += 1
        follow_name(company, entity, doc["Id"], doc[field])

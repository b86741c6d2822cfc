"""What a payment, credit or deposit does to the documents it is linked to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.books.company import Change, Company, touch
from sandbox.books.faults import business_rule, invalid_reference
from sandbox.books.values import Doc, amount, cents, decimal

# Card payments of a bill show as BillPaymentCheck too.
_SHOWN_AS = {"BillPayment": "BillPaymentCheck", "Payment": "Payment", "Deposit": "Deposit"}
_SETTLES = {"BillPayment": ("Bill", "VendorCredit"), "Payment": ("Invoice", "CreditMemo")}
_OPEN_FIELDS = {
    "Bill": ("Balance",),
    "VendorCredit": ("Balance",),
    "Invoice": ("Balance",),
    "CreditMemo": ("Balance", "RemainingCredit"),
}


@dataclass(frozen=True, slots=True)
class Application:
    """One line of a payment: so much of it goes to that document."""

    entity: str
    id: str
    amount: Decimal


def applications(entity: str, doc: Doc) -> Iterator[Application]:
    for line in doc.get("Line", ()):
        for link in line.get("LinkedTxn", ()):
            if link.get("TxnType") in _SETTLES.get(entity, ()):
                yield Application(link["TxnType"], str(link["TxnId"]), cents(line.get("Amount")))


def check_applications(company: Company, entity: str, doc: Doc) -> None:
    """Raises BookFault when a linked document is missing, another party's, or has less open than is applied."""
    party_key = "VendorRef" if entity == "BillPayment" else "CustomerRef"
    for use in applications(entity, doc):
        target = company.find(use.entity, use.id)
        if target is None:
            raise invalid_reference("LinkedTxn.TxnId", use.id)
        if (target.get(party_key) or {}).get("value") != (doc.get(party_key) or {}).get("value"):
            raise business_rule(f"The linked {use.entity} {use.id} belongs to another name")
        if use.amount <= 0:
            raise business_rule("The amount applied to a transaction must be greater than zero")
        if use.amount > decimal(target.get(_OPEN_FIELDS[use.entity][0])):
            raise business_rule("You can't apply more than the open balance of the transaction")


def settle(company: Company, entity: str, doc: Doc, sign: int, at: datetime) -> None:
    """Apply a payment's lines (`sign` 1) or take them back (-1): balances, LinkedTxn, SyncToken, LastUpdatedTime."""
    for use in applications(entity, doc):
        target = company.find(use.entity, use.id)
        if target is None:
            continue
        for key in _OPEN_FIELDS[use.entity]:
            target[key] = amount(decimal(target.get(key)) - sign * use.amount)
        restate_home(target)
        # Recorded: a used credit memo shows no link, a paid invoice or bill does.
        if use.entity != "CreditMemo":
            _relink(target, {"TxnId": doc["Id"], "TxnType": _SHOWN_AS[entity]}, sign)
        touch(target, at, bump=True)
        company.put(use.entity, target)
        company.announce(Change(use.entity, use.id, "Update", at))


def restate_home(doc: Doc) -> None:
    """Keep HomeBalance in step on documents that carry one."""
    if "HomeBalance" in doc:
        doc["HomeBalance"] = amount(decimal(doc["Balance"]) * (decimal(doc.get("ExchangeRate")) or 1))


def deposit_payments(company: Company, deposit: Doc, sign: int) -> None:
    """A deposit shows on its payments without moving their SyncToken or LastUpdatedTime."""
    for line in deposit.get("Line", ()):
        for link in line.get("LinkedTxn", ()):
            held = company.find(link["TxnType"], str(link["TxnId"]))
            if held is None:
                raise invalid_reference("LinkedTxn.TxnId", str(link["TxnId"]))
            _relink(held, {"TxnId": deposit["Id"], "TxnType": "Deposit"}, sign)
            company.put(link["TxnType"], held)


def _relink(doc: Doc, link: Doc, sign: int) -> None:
    links = [known for known in doc.get("LinkedTxn", ()) if known != link]
    if sign > 0:
        links.insert(0, link)
    if links or "DetailType" in doc or "TxnTaxDetail" in doc:
        doc["LinkedTxn"] = links
    else:
        doc.pop("LinkedTxn", None)

"""Do the books tie out? Every balance recomputed from the documents alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from sandbox.books.balances import PROFIT_AND_LOSS, account_value, party_value
from sandbox.books.company import Company
from sandbox.books.entities import TRANSACTIONS
from sandbox.books.links import applications
from sandbox.books.postings import postings
from sandbox.books.shaping import lines_total
from sandbox.books.values import ZERO, Doc, cents, decimal, ref_value

_Sums = defaultdict[str, Decimal]


def check(company: Company) -> list[str]:
    """One sentence per thing that does not tie out; empty for good books."""
    ledger = _Ledger(company)
    return [
        *ledger.unbalanced,
        *_account_faults(company, ledger),
        *_party_faults(company, ledger),
        *_open_balance_faults(company, ledger),
        *_subledger_faults(company),
        *_total_faults(company),
        *_deposit_faults(company),
    ]


class _Ledger:
    """All postings and applications of a company, summed."""

    def __init__(self, company: Company) -> None:
        self.accounts: _Sums = defaultdict(lambda: ZERO)
        self.parties: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        self.applied: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        self.unbalanced: list[str] = []
        accounts = {doc["Id"]: doc for doc in company.docs("Account")}
        for entity in TRANSACTIONS:
            for doc in company.docs(entity):
                self._add(company, accounts, entity, doc)

    def _add(self, company: Company, accounts: dict[str, Doc], entity: str, doc: Doc) -> None:
        legs = postings(company, entity, doc)
        if sum((leg.home for leg in legs), ZERO):
            self.unbalanced.append(f"{entity} {doc['Id']}: debits and credits differ")
        for leg in legs:
            account = accounts.get(leg.account)
            if account is None:
                self.unbalanced.append(f"{entity} {doc['Id']}: posts to unknown account {leg.account}")
                continue
            self.accounts[leg.account] += account_value(company, account, leg)
            if leg.party and account["AccountType"] in {"Accounts Payable", "Accounts Receivable"}:
                self.parties[leg.party] += party_value(leg)
        for use in applications(entity, doc):
            self.applied[use.entity, use.id] += use.amount


def _account_faults(company: Company, ledger: _Ledger) -> Iterator[str]:
    subtree: _Sums = defaultdict(lambda: ZERO)
    accounts = {doc["Id"]: doc for doc in company.docs("Account")}
    for row_id, doc in accounts.items():
        own = ZERO if doc["Classification"] in PROFIT_AND_LOSS else ledger.accounts[row_id]
        if decimal(doc["CurrentBalance"]) != own:
            yield f"Account {row_id} {doc['Name']}: balance {doc['CurrentBalance']}, postings {own}"
        holder: str | None = row_id
        while holder is not None:
            subtree[holder] += own
            holder = ref_value(accounts[holder], "ParentRef")
    for row_id, doc in accounts.items():
        if decimal(doc["CurrentBalanceWithSubAccounts"]) != subtree[row_id]:
            yield f"Account {row_id} {doc['Name']}: balance with sub-accounts is not the sum of its tree"


def _party_faults(company: Company, ledger: _Ledger) -> Iterator[str]:
    for entity in ("Vendor", "Customer"):
        for doc in company.docs(entity):
            owed = ledger.parties.get((entity, doc["Id"]), ZERO)
            if decimal(doc["Balance"]) != owed:
                yield f"{entity} {doc['Id']} {doc['DisplayName']}: balance {doc['Balance']}, postings {owed}"


def _open_balance_faults(company: Company, ledger: _Ledger) -> Iterator[str]:
    for entity in ("Bill", "VendorCredit", "Invoice", "CreditMemo"):
        for doc in company.docs(entity):
            left = decimal(doc["TotalAmt"]) - ledger.applied.get((entity, doc["Id"]), ZERO)
            if decimal(doc["Balance"]) != left:
                yield f"{entity} {doc['Id']}: balance {doc['Balance']}, total less payments {left}"
            if entity == "CreditMemo" and decimal(doc["RemainingCredit"]) != left:
                yield f"CreditMemo {doc['Id']}: remaining credit differs from its balance"
            payers = sum(link["TxnType"] in {"BillPaymentCheck", "Payment"} for link in doc.get("LinkedTxn", ()))
            if entity != "CreditMemo" and bool(payers) != bool(ledger.applied.get((entity, doc["Id"]), ZERO)):
                yield f"{entity} {doc['Id']}: LinkedTxn and payments disagree"


def _subledger_faults(company: Company) -> Iterator[str]:
    """A/P is what open bills add up to, less unused credits and overpayments; A/R likewise."""
    payable = _open(company, "Bill", "Balance", -1) + _open(company, "VendorCredit", "Balance", 1)
    payable += sum((_overpaid(doc) for doc in company.docs("BillPayment")), ZERO)
    receivable = _open(company, "Invoice", "Balance", 1) + _open(company, "CreditMemo", "Balance", -1)
    receivable += _open(company, "Payment", "UnappliedAmt", -1)
    if company.multicurrency:
        return
    for kind, expected in (("Accounts Payable", payable), ("Accounts Receivable", receivable)):
        accounts = [doc for doc in company.docs("Account") if doc["AccountType"] == kind]
        booked = sum((decimal(doc["CurrentBalance"]) for doc in accounts), ZERO)
        if booked != expected:
            yield f"{kind}: account {booked}, open items {expected}"


def _open(company: Company, entity: str, key: str, sign: int) -> Decimal:
    return sum((sign * decimal(doc.get(key)) for doc in company.docs(entity)), ZERO)


def _overpaid(payment: Doc) -> Decimal:
    used = sum((use.amount * (1 if use.entity == "Bill" else -1) for use in applications("BillPayment", payment)), ZERO)
    return decimal(payment["TotalAmt"]) - used


def _total_faults(company: Company) -> Iterator[str]:
    for entity in ("Bill", "VendorCredit", "Invoice", "CreditMemo", "SalesReceipt", "Purchase", "Deposit"):
        for doc in company.docs(entity):
            if cents(doc.get("TotalAmt")) != lines_total(entity, doc):
                yield f"{entity} {doc['Id']}: total {doc.get('TotalAmt')}, lines {lines_total(entity, doc)}"


def _deposit_faults(company: Company) -> Iterator[str]:
    """A deposited payment knows its deposit, and the deposit it."""
    claimed = {
        (link["TxnType"], str(link["TxnId"])): deposit["Id"]
        for deposit in company.docs("Deposit")
        for line in deposit.get("Line", ())
        for link in line.get("LinkedTxn", ())
    }
    for entity in ("Payment", "SalesReceipt"):
        for doc in company.docs(entity):
            shown = [link["TxnId"] for link in doc.get("LinkedTxn", ()) if link["TxnType"] == "Deposit"]
            held = claimed.get((entity, doc["Id"]))
            if shown != ([held] if held else []):
                yield f"{entity} {doc['Id']}: shows deposits {shown}, is in {held}"

"""Keeps account and party balances equal to the postings, with the timestamps QuickBooks moves for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sandbox.books.company import Company, touch
from sandbox.books.postings import Posting
from sandbox.books.values import ZERO, Doc, amount, cents, decimal, ref_value

PROFIT_AND_LOSS = frozenset({"Revenue", "Expense"})
_PARTY_ACCOUNTS = {"Accounts Payable": "Vendor", "Accounts Receivable": "Customer"}


def apply(company: Company, legs: Iterable[Posting], sign: int, at: datetime) -> None:
    """Book legs (`sign` 1) or take them back (-1).

    Income and expense accounts show no balance on the wire, so only balance sheet accounts and parties move. Their
    LastUpdatedTime moves, their SyncToken does not.
    """
    accounts: dict[str, Decimal] = defaultdict(lambda: ZERO)
    parties: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for leg in legs:
        account = company.find("Account", leg.account)
        if account is None:
            continue
        accounts[leg.account] += sign * account_value(company, account, leg)
        if leg.party and _PARTY_ACCOUNTS.get(account["AccountType"]) == leg.party[0]:
            parties[leg.party] += sign * party_value(leg)
    for account_id, delta in accounts.items():
        _move_account(company, account_id, delta, at)
    for (entity, party_id), delta in parties.items():
        _move_party(company, entity, party_id, delta, at)


def account_value(company: Company, account: Doc, leg: Posting) -> Decimal:
    """What a leg adds to the account's balance, in the account's own currency."""
    own = ref_value(account, "CurrencyRef") or company.currency
    return leg.home if own == company.currency else leg.amount


def party_value(leg: Posting) -> Decimal:
    """A vendor's balance is what we owe, a customer's what they owe us."""
    return -leg.amount if leg.party and leg.party[0] == "Vendor" else leg.amount


def _move_account(company: Company, account_id: str, delta: Decimal, at: datetime) -> None:
    account = company.get("Account", account_id)
    if not delta or account["Classification"] in PROFIT_AND_LOSS:
        return
    _add(account, "CurrentBalance", delta)
    _add(account, "CurrentBalanceWithSubAccounts", delta)
    touch(account, at, bump=False)
    company.put("Account", account)
    _move_ancestors(company, "Account", account, "CurrentBalanceWithSubAccounts", delta)


def _move_party(company: Company, entity: str, party_id: str, delta: Decimal, at: datetime) -> None:
    party = company.find(entity, party_id)
    if party is None or not delta:
        return
    _add(party, "Balance", delta)
    if entity == "Customer":
        _add(party, "BalanceWithJobs", delta)
    touch(party, at, bump=False)
    company.put(entity, party)
    if entity == "Customer":
        _move_ancestors(company, entity, party, "BalanceWithJobs", delta)


def _move_ancestors(company: Company, entity: str, child: Doc, key: str, delta: Decimal) -> None:
    parent = company.find(entity, ref_value(child, "ParentRef"))
    while parent is not None:
        _add(parent, key, delta)
        company.put(entity, parent)
        parent = company.find(entity, ref_value(parent, "ParentRef"))


def _add(doc: Doc, key: str, delta: Decimal) -> None:
    doc[key] = amount(decimal(doc.get(key)) + cents(delta))

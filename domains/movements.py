"""What really moved on the bank accounts: each amount once, on the day it moved, with what it was for.

Rules (docs/adr/0005-movements.md): a bill, invoice or card purchase moves no cash; its payment, deposit or card
settlement does. Received money counts when it reaches a bank account, not while it waits in undeposited funds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import or_, select

from domains.accounts import Account, AccountService, CashRole
from domains.mirror import Entity, PostingRow, RecordRow
from domains.reading import among
from kit.clock import Clock
from kit.db import TenantSession
from kit.turns import in_turns

TRADE = frozenset({"Accounts Payable", "Accounts Receivable"})
LOAN_SUBTYPES = frozenset(
    {
        "LoanPayable",
        "LineOfCredit",
        "NotesPayable",
        "ShareholderNotesPayable",
        "LoansToOfficers",
        "LoansToOthers",
        "LoansToStockholders",
    }
)
INVESTMENT_SUBTYPES = frozenset(
    {
        "Investment_MortgageRealEstateLoans",
        "Investment_TaxExemptSecurities",
        "Investment_USGovernmentObligations",
        "Investment_Other",
    }
)


class MovementKind(StrEnum):
    """Only OPERATING counts towards burn."""

    OPERATING = "operating"
    OWN_TRANSFER = "own_transfer"
    OWNER_DRAW = "owner_draw"
    OWNER_CONTRIBUTION = "owner_contribution"
    LOAN_PRINCIPAL = "loan_principal"
    ONE_OFF = "one_off"


@dataclass(frozen=True, slots=True)
class Movement:
    """Positive is money in. `amount` is in the home currency, `account_amount` in the bank account's own.

    `id` is unique and stable: entity, record and leg. `entity` is BillPayment, Purchase, Payment, Deposit, Transfer,
    JournalEntry, SalesReceipt or RefundReceipt. `bank_account_id` is where it moved, `counter_account_id` what it was
    for. `settles_document` says that it paid a bill or collected an invoice.
    """

    id: str
    date: date
    amount: Decimal
    account_amount: Decimal
    kind: MovementKind
    entity: str
    record_id: str
    party_id: str | None
    party_name: str | None
    bank_account_id: str
    counter_account_id: str | None
    counter_account_name: str | None
    settles_document: bool


class Posting(NamedTuple):
    """A posting's columns, named as those of `PostingRow`: its objects cost three times as much."""

    entity: str
    qbo_id: str
    leg: int
    txn_date: date
    account_id: str
    amount: Decimal
    home_amount: Decimal
    currency: str | None
    counter_id: str | None
    party_id: str | None
    link_entity: str | None
    link_id: str | None
    settles: bool


COLUMNS = tuple(getattr(PostingRow, name) for name in Posting._fields)


@dataclass(frozen=True, slots=True)
class MovementService:
    """Bound to one business by its session. Mirror reads only. `chart`: all accounts, when they were just read."""

    session: TenantSession
    clock: Clock
    chart: Sequence[Account] | None = None

    async def list_movements(self, since: date, until: date | None = None) -> list[Movement]:
        """Movements on bank accounts from `since` to `until`, both included, oldest first; restricted ones left out."""
        chart = self.chart if self.chart is not None else await AccountService(self.session).list_accounts()
        accounts = {account.id: account for account in chart}
        banks = {key for key, account in accounts.items() if account.cash_role is CashRole.BANK}
        rows = await self._postings(banks, since, until)
        names = await self._parties(rows)
        reader = _Reader(accounts, banks, names)
        return [movement for found in await in_turns(reader.read, rows) for movement in found]

    async def _postings(self, banks: set[str], since: date, until: date | None) -> list[Posting]:
        touches = or_(PostingRow.account_id.in_(banks), PostingRow.counter_id.in_(banks))
        statement = select(*COLUMNS).where(PostingRow.txn_date >= since, touches)
        if until is not None:
            statement = statement.where(PostingRow.txn_date <= until)
        order = (PostingRow.txn_date, PostingRow.entity, PostingRow.qbo_id, PostingRow.leg)
        return await in_turns(Posting._make, await self.session.execute(statement.order_by(*order)))

    async def _parties(self, rows: list[Posting]) -> dict[tuple[str, str], tuple[str | None, str | None]]:
        """Who a posting is with, by the record that says so: its own, or the receipt that a deposit took along."""
        keys = {_told_by(row) for row in rows}
        told = RecordRow.entity.in_({entity for entity, _ in keys}), among(RecordRow.qbo_id, {id_ for _, id_ in keys})
        columns = (RecordRow.entity, RecordRow.qbo_id, RecordRow.party_id, RecordRow.name)
        found = (await self.session.execute(select(*columns).where(*told))).all()
        names = await self._names({party_id for _, _, party_id, _ in found if party_id})
        return {
            (entity, qbo_id): (party_id, names.get(party_id or "") or name) for entity, qbo_id, party_id, name in found
        }

    async def _names(self, ids: set[str]) -> dict[str, str | None]:
        """Looked up by key, not joined: of new tables the planner knows nothing, and pairs every row with every row."""
        known = RecordRow.entity.in_((Entity.VENDOR, Entity.CUSTOMER)), among(RecordRow.qbo_id, ids)
        rows = await self.session.execute(select(RecordRow.qbo_id, RecordRow.name).where(*known))
        return dict(rows.all())


def _told_by(row: Posting) -> tuple[str, str]:
    return (row.link_entity, row.link_id) if row.link_entity and row.link_id else (row.entity, row.qbo_id)


@dataclass(frozen=True, slots=True)
class _Reader:
    accounts: dict[str, Account]
    banks: set[str]
    parties: dict[tuple[str, str], tuple[str | None, str | None]]

    def read(self, row: Posting) -> tuple[Movement, ...]:
        """One movement per bank account that the posting touches: two when it went from one to another."""
        made = (self._movement(row, row.account_id, row.counter_id, 1),) if row.account_id in self.banks else ()
        if row.counter_id in self.banks and row.counter_id is not None:
            return (*made, self._movement(row, row.counter_id, row.account_id, -1))
        return made

    def _movement(self, row: Posting, bank_id: str, counter_id: str | None, sign: int) -> Movement:
        bank, counter = self.accounts[bank_id], self.accounts.get(counter_id or "")
        amount = sign * row.home_amount
        party_id, party_name = self.parties.get(_told_by(row), (None, None))
        return Movement(
            id=f"{row.entity}:{row.qbo_id}:{row.leg}{'' if sign > 0 else ':counter'}",
            date=row.txn_date,
            amount=amount,
            account_amount=sign * row.amount if row.currency in {bank.currency, None} else amount,
            kind=kind_of(counter, amount),
            entity=row.entity,
            record_id=row.qbo_id,
            party_id=row.party_id or party_id,
            party_name=party_name,
            bank_account_id=bank_id,
            counter_account_id=counter_id,
            counter_account_name=counter.full_name if counter else None,
            settles_document=row.settles or (counter is not None and counter.type in TRADE),
        )


def kind_of(counter: Account | None, amount: Decimal) -> MovementKind:
    """What moving `amount` (negative is out) against this account says about the business."""
    if counter is None or counter.subtype == "UndepositedFunds":
        return MovementKind.OPERATING
    if counter.cash_role in {CashRole.BANK, CashRole.RESTRICTED}:
        return MovementKind.OWN_TRANSFER
    if counter.cash_role is CashRole.CARD:
        # Paying the card is when its purchases cost cash; drawing cash from it is borrowing.
        return MovementKind.OPERATING if amount < 0 else MovementKind.LOAN_PRINCIPAL
    if counter.type == "Equity":
        return _owners(counter, amount)
    if counter.type == "Long Term Liability" or counter.subtype in LOAN_SUBTYPES:
        return MovementKind.LOAN_PRINCIPAL
    lasting = counter.type in {"Fixed Asset", "Other Asset"} or counter.subtype in INVESTMENT_SUBTYPES
    return MovementKind.ONE_OFF if lasting else MovementKind.OPERATING


def _owners(counter: Account, amount: Decimal) -> MovementKind:
    """Opening balances and retained earnings are how the books were set up, not what an owner did."""
    if counter.subtype in {"OpeningBalanceEquity", "RetainedEarnings"}:
        return MovementKind.ONE_OFF
    return MovementKind.OWNER_DRAW if amount < 0 else MovementKind.OWNER_CONTRIBUTION

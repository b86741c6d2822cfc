"""What really moved on the bank accounts: each amount once, on the day it moved, with what it was for.

Rules (docs/adr/0005-movements.md): a bill, invoice or card purchase moves no cash; its payment, deposit or card
settlement does. Received money counts when it reaches a bank account, not while it waits in undeposited funds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, and_, or_, select

from domains.accounts import Account, AccountService, CashRole
from domains.card_bills import WAITS, CardBill, tell_apart
from domains.mirror import Entity, PostingRow, RecordRow
from domains.moving import Movement, kind_of
from domains.reading import among
from kit.clock import Clock
from kit.db import TenantSession
from kit.turns import in_turns

# Id and name by the record that tells them.
Parties: TypeAlias = dict[tuple[str, str], tuple[str | None, str | None]]
TRADE = frozenset({"Accounts Payable", "Accounts Receivable"})


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
        card_bills = await self._card_bills(accounts, since - WAITS, until)
        touches = or_(PostingRow.account_id.in_(banks), PostingRow.counter_id.in_(banks))
        rows = await self._postings(touches, since - WAITS if card_bills else since, until)
        reader = _Reader(accounts, banks, await self._parties(rows))
        movements = [movement for found in await in_turns(reader.read, rows) for movement in found]
        return [one for one in tell_apart(movements, card_bills) if one.date >= since] if card_bills else movements

    async def _card_bills(self, accounts: dict[str, Account], since: date, until: date | None) -> list[CardBill]:
        cards = {key for key, account in accounts.items() if account.cash_role is CashRole.CARD}
        charged = and_(PostingRow.entity == Entity.BILL_PAYMENT, PostingRow.account_id.in_(cards))
        rows = await self._postings(charged, since, until) if cards else []
        names = await self._parties(rows) if rows else {}
        return [_card_bill(row, accounts.get(row.counter_id or ""), names) for row in rows if row.home_amount < 0]

    async def _postings(self, wanted: ColumnElement[bool], since: date, until: date | None) -> list[Posting]:
        statement = select(*COLUMNS).where(PostingRow.txn_date >= since, wanted)
        if until is not None:
            statement = statement.where(PostingRow.txn_date <= until)
        order = (PostingRow.txn_date, PostingRow.entity, PostingRow.qbo_id, PostingRow.leg)
        return await in_turns(Posting._make, await self.session.execute(statement.order_by(*order)))

    async def _parties(self, rows: list[Posting]) -> Parties:
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


def _card_bill(row: Posting, payable: Account | None, parties: Parties) -> CardBill:
    party_id, name = parties.get((row.entity, row.qbo_id), (None, None))
    return CardBill(row.txn_date, row.qbo_id, row.account_id, -row.home_amount, row.party_id or party_id, name, payable)


@dataclass(frozen=True, slots=True)
class _Reader:
    accounts: dict[str, Account]
    banks: set[str]
    parties: Parties

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

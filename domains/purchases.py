"""Money spent without a bill: checks, cash and cards. A purchase can be the twin of a bill."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement

from domains.bills import Line
from domains.documents import TransactionDoc, decode_transaction
from domains.mirror import Entity, RecordRow
from domains.reading import Names, Stored, accounts_of, among, lines_of, list_rows, load_names
from kit.db import TenantSession
from kit.turns import in_turns


@dataclass(frozen=True, slots=True)
class Purchase:
    """`method` is Cash, Check or CreditCard; `refund` is a credit on a card. `account_id` is the bank or card."""

    id: str
    party_id: str | None
    party_name: str | None
    doc_number: str | None
    date: date | None
    total: Decimal
    currency: str
    exchange_rate: Decimal | None
    method: str | None
    refund: bool
    account_id: str | None
    lines: tuple[Line, ...]
    deleted: bool


async def list_purchases(session: TenantSession, *, since: date) -> list[Purchase]:
    return await _list(session, RecordRow.txn_date >= since)


async def list_purchases_by_id(session: TenantSession, ids: Collection[str]) -> list[Purchase]:
    return await _list(session, among(RecordRow.qbo_id, ids)) if ids else []


async def _list(session: TenantSession, condition: ColumnElement[bool]) -> list[Purchase]:
    rows = await list_rows(session, Entity.PURCHASE, condition, order=(RecordRow.txn_date,))
    documents = await in_turns(lambda row: decode_transaction(row.document), rows)
    names = await load_names(session, rows, accounts_of(documents))
    return await in_turns(lambda pair: _purchase(*pair, names), zip(rows, documents, strict=True))


def _purchase(row: Stored, document: TransactionDoc, names: Names) -> Purchase:
    # A purchase names a vendor, a customer or an employee; employees are not mirrored.
    party = names.vendors.get(row.party_id or "") or names.customers.get(row.party_id or "")
    told = document.entity_ref.name if document.entity_ref else None
    return Purchase(
        row.qbo_id,
        row.party_id,
        party.text if party else told,
        row.doc_number or None,
        row.txn_date,
        row.total or Decimal(0),
        row.currency or "",
        row.exchange_rate,
        row.kind,
        document.credit,
        row.account_id,
        lines_of(document, names),
        row.deleted_at is not None,
    )

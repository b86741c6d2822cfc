"""Reads rows of the mirror and the names that documents refer to, as these are called today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Text, any_, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from domains.bills import Line
from domains.documents import LineDoc, TransactionDoc, every_line, id_of
from domains.mirror import Entity, MarkRow, RecordRow
from kit.db import TenantSession
from kit.turns import in_turns

DELETED_SUFFIX = " (deleted)"


class RecordNotMirrored(LookupError):
    """The mirror has never held this record."""


class Stored(NamedTuple):
    """A record's columns as they were read, named as those of `RecordRow`: its objects cost three times as much."""

    qbo_id: str
    document: str
    sync_token: int
    last_updated: datetime
    last_synced: datetime
    deleted_at: datetime | None
    active: bool
    name: str | None
    party_id: str | None
    account_id: str | None
    term_id: str | None
    parent_id: str | None
    kind: str | None
    subkind: str | None
    doc_number: str | None
    txn_date: date | None
    due_date: date | None
    currency: str | None
    exchange_rate: Decimal | None
    total: Decimal | None
    balance: Decimal | None
    home_balance: Decimal | None


COLUMNS = tuple(getattr(RecordRow, name) for name in Stored._fields)


@dataclass(frozen=True, slots=True)
class Name:
    """What a vendor, customer or account is called for people; "" when it has no name."""

    text: str
    active: bool
    term_id: str | None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Look-ups by id, loaded for one set of documents."""

    vendors: dict[str, Name]
    customers: dict[str, Name]
    accounts: dict[str, Name]


def shown(name: str | None, *, active: bool) -> str:
    """QuickBooks renames what is made inactive; people know it under the name it had."""
    text = (name or "").strip()
    return text if active else text.removesuffix(DELETED_SUFFIX)


def among(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], ids: Iterable[str]
) -> ColumnElement[bool]:
    """`IN` for any number of ids: they travel as one argument, of which a statement takes 32,767."""
    return column == any_(literal(sorted(ids), ARRAY(Text)))


async def read_marks(session: TenantSession) -> frozenset[tuple[str, UUID]]:
    """Equal as long as nothing was stored, buried or confirmed in the mirror. Read it before what it is to mark."""
    rows = await session.execute(select(MarkRow.entity, MarkRow.mark))
    return frozenset((entity, mark) for entity, mark in rows)


async def list_rows(
    session: TenantSession,
    entity: Entity,
    *conditions: ColumnElement[bool],
    order: Sequence[Any] = (),
    deleted: bool = False,
) -> list[Stored]:
    statement = select(*COLUMNS).where(RecordRow.entity == entity, *conditions)
    if not deleted:
        statement = statement.where(RecordRow.deleted_at.is_(None))
    ordered = statement.order_by(*order, func.length(RecordRow.qbo_id), RecordRow.qbo_id)
    return await in_turns(Stored._make, await session.execute(ordered))


async def load_names(session: TenantSession, rows: Iterable[Stored], accounts: Iterable[str]) -> Names:
    wanted = {row.party_id for row in rows if row.party_id} | set(accounts)
    found: dict[str, dict[str, Name]] = {entity: {} for entity in (Entity.VENDOR, Entity.CUSTOMER, Entity.ACCOUNT)}
    columns = (RecordRow.entity, RecordRow.qbo_id, RecordRow.name, RecordRow.active, RecordRow.term_id)
    statement = select(*columns).where(
        RecordRow.entity.in_(found), among(RecordRow.qbo_id, wanted), RecordRow.deleted_at.is_(None)
    )

    def keep(row: Row[str, str, str | None, bool, str | None]) -> None:
        entity, qbo_id, name, active, term_id = row
        found[entity][qbo_id] = Name(shown(name, active=active), active, term_id)

    await in_turns(keep, await session.execute(statement) if wanted else ())
    return Names(found[Entity.VENDOR], found[Entity.CUSTOMER], found[Entity.ACCOUNT])


def accounts_of(documents: Iterable[TransactionDoc]) -> set[str]:
    lines = (line for document in documents for line in every_line(document.line))
    return {account for line in lines if (account := _account(line))}


def lines_of(document: TransactionDoc, names: Names) -> tuple[Line, ...]:
    return tuple(_line(line, names) for line in every_line(document.line))


def _line(line: LineDoc, names: Names) -> Line:
    account, item = _account(line), line.detail.item_ref
    known = names.accounts.get(account) if account else None
    reference = line.detail.account_ref or line.detail.item_account_ref
    told = reference.name if reference else None
    return Line(
        line.id,
        account,
        known.text if known else told,
        id_of(item),
        item.name if item else None,
        line.amount,
        line.description,
    )


def _account(line: LineDoc) -> str | None:
    return id_of(line.detail.account_ref or line.detail.item_account_ref)


def is_voided(row: Stored, note: str | None) -> bool:
    """There is no status field: a voided document has no amounts, and its note begins with the word."""
    return row.total == 0 and (note or "").lstrip().lower().startswith("voided")

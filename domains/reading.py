"""Reads rows of the mirror and the names that documents refer to, as these are called today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from domains.bills import Line
from domains.documents import LineDoc, TransactionDoc, every_line, id_of
from domains.mirror import Entity, RecordRow
from kit.db import TenantSession

DELETED_SUFFIX = " (deleted)"


class RecordNotMirrored(LookupError):
    """The mirror has never held this record."""


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


async def list_rows(
    session: TenantSession,
    entity: Entity,
    *conditions: ColumnElement[bool],
    order: Sequence[Any] = (),
    deleted: bool = False,
) -> list[RecordRow]:
    statement = select(RecordRow).where(RecordRow.entity == entity, *conditions)
    if not deleted:
        statement = statement.where(RecordRow.deleted_at.is_(None))
    ordered = statement.order_by(*order, func.length(RecordRow.qbo_id), RecordRow.qbo_id)
    return list((await session.execute(ordered)).scalars())


async def load_names(session: TenantSession, rows: Iterable[RecordRow], accounts: Iterable[str]) -> Names:
    parties = {row.party_id for row in rows if row.party_id}
    return Names(
        await _names(session, Entity.VENDOR, parties),
        await _names(session, Entity.CUSTOMER, parties),
        await _names(session, Entity.ACCOUNT, set(accounts)),
    )


async def _names(session: TenantSession, entity: Entity, ids: set[str]) -> dict[str, Name]:
    if not ids:
        return {}
    columns = (RecordRow.qbo_id, RecordRow.name, RecordRow.active, RecordRow.term_id)
    statement = select(*columns).where(
        RecordRow.entity == entity, RecordRow.qbo_id.in_(ids), RecordRow.deleted_at.is_(None)
    )
    rows = await session.execute(statement)
    return {qbo_id: Name(shown(name, active=active), active, term_id) for qbo_id, name, active, term_id in rows}


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


def is_voided(row: RecordRow, note: str | None) -> bool:
    """There is no status field: a voided document has no amounts, and its note begins with the word."""
    return row.total == 0 and (note or "").lstrip().lower().startswith("voided")

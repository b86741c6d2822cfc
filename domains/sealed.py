"""Which columns are sealed, to what each value is bound, and how all of them move to a new key."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from domains.businesses import WorkspaceRow
from domains.connections import ConnectionRow
from kit.crypto import Keyring, SealBroken, kid_of
from kit.db import TenantSession

ROWS: dict[str, type[WorkspaceRow] | type[ConnectionRow]] = {
    "workspaces": WorkspaceRow,
    "qbo_connections": ConnectionRow,
}


@dataclass(frozen=True, slots=True)
class SealedColumn:
    table: str
    column: str

    def bound_to(self, business_id: UUID) -> tuple[str, ...]:
        """Both tables have one row per business, so its id stands for the row's."""
        return (self.table, self.column, str(business_id), str(business_id))


SEALED = (
    SealedColumn("workspaces", "bot_token"),
    SealedColumn("workspaces", "refresh_token"),
    SealedColumn("qbo_connections", "access_token"),
    SealedColumn("qbo_connections", "refresh_token"),
    SealedColumn("qbo_connections", "previous_refresh_token"),
)


@dataclass(frozen=True, slots=True)
class SealedValues:
    """Of one business: how many values each key seals, and the columns that no key of ours opens."""

    by_kid: Counter[str]
    broken: tuple[str, ...]


async def inspect(session: TenantSession, keyring: Keyring) -> SealedValues:
    by_kid: Counter[str] = Counter()
    broken = []
    rows = await _rows(session)
    for one in SEALED:
        value = _value(rows, one)
        if value is None:
            continue
        try:
            keyring.open(value, bound_to=one.bound_to(session.business_id))
            by_kid[kid_of(value)] += 1
        except SealBroken:
            broken.append(f"{one.table}.{one.column}")
    return SealedValues(by_kid, tuple(broken))


async def reseal(session: TenantSession, keyring: Keyring) -> int:
    """Seal the business's values with the primary key where another one does; returns how many.

    The rows are locked, so that a refresh of the very same tokens waits and is not undone. Raises `SealBroken`.
    """
    changed = 0
    rows = await _rows(session, lock=True)
    for one in SEALED:
        value = _value(rows, one)
        if value is not None and kid_of(value) != keyring.primary:
            setattr(rows[one.table], one.column, keyring.reseal(value, bound_to=one.bound_to(session.business_id)))
            changed += 1
    await session.flush()
    return changed


async def _rows(session: TenantSession, *, lock: bool = False) -> dict[str, WorkspaceRow | ConnectionRow]:
    found: dict[str, WorkspaceRow | ConnectionRow] = {}
    for table, row in ROWS.items():
        statement: Select[Any] = select(row)
        one = (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()
        found |= {table: one} if one is not None else {}
    return found


def _value(rows: dict[str, WorkspaceRow | ConnectionRow], one: SealedColumn) -> str | None:
    value: str | None = getattr(rows.get(one.table), one.column, None)
    return value

"""Statements in QuickBooks's query language, written in one place: quoting, instants, inactive names."""

from collections.abc import Sequence
from datetime import UTC, datetime

from domains.mirror import Entity
from domains.qbo.entities import LISTS

PAGE = 1000
UPDATED = "MetaData.LastUpdatedTime"


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def at(instant: datetime) -> str:
    """With its offset: naive times are read as the company's own."""
    return quoted(instant.astimezone(UTC).isoformat().replace("+00:00", "Z"))


def count(entity: Entity, *conditions: str) -> str:
    return _joined("SELECT COUNT(*) FROM", entity, _where(entity, conditions))


def page(
    entity: Entity,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    conditions: Sequence[str] = (),
    skip: int = 0,
    limit: int = PAGE,
) -> str:
    """Rows from `since` on (inclusive) and before `until`, oldest change first."""
    bounds = ([f"{UPDATED} >= {at(since)}"] if since else []) + ([f"{UPDATED} < {at(until)}"] if until else [])
    where = _where(entity, (*conditions, *bounds))
    order = f"ORDERBY {UPDATED} ASC STARTPOSITION {skip + 1} MAXRESULTS {limit}"
    return _joined("SELECT * FROM", entity, where, order)


def by_ids(entity: Entity, ids: Sequence[str]) -> str:
    listed = ", ".join(quoted(qbo_id) for qbo_id in ids)
    return _joined("SELECT * FROM", entity, _where(entity, (f"Id IN ({listed})",)), f"MAXRESULTS {len(ids)}")


def single(entity: Entity) -> str:
    """CompanyInfo or Preferences: one record, no conditions."""
    return _joined("SELECT * FROM", entity)


def _where(entity: Entity, conditions: Sequence[str]) -> str:
    every = (*conditions, "Active IN (true, false)") if entity in LISTS else tuple(conditions)
    return f"WHERE {' AND '.join(every)}" if every else ""


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)

"""How far the mirror knows the books: QuickBooks's clock as watermark, never ours."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import array, insert

from domains.freshness import BALANCES
from domains.qbo.entities import MANY
from domains.qbo.mapping import Gone, Row
from domains.sync_history import CursorRow
from kit.db import TenantSession

# A change can become visible a little after the time it carries.
OVERLAP = timedelta(minutes=5)
# The newest change seen is the safest mark, but a quiet company must not fall out of the 30 days QuickBooks remembers.
LONGEST_LAG = timedelta(hours=48)
GAP = timedelta(days=25)


async def find_watermark(session: TenantSession) -> datetime | None:
    """The oldest of all kinds; None when one of them was never read."""
    statement = select(func.min(CursorRow.watermark), func.count(CursorRow.watermark)).where(CursorRow.entity.in_(MANY))
    watermark, known = (await session.execute(statement)).one()
    return watermark if known == len(MANY) else None


def next_watermark(current: datetime | None, answered: datetime, seen: Iterable[Row | Gone]) -> datetime:
    """min(newest change seen, the answer's own time), not older than 48 h before the answer, never going back."""
    times = [row.last_updated if isinstance(row, Row) else row.at for row in seen]
    newest = max((min(at, answered) for at in times if at), default=None)
    marks = [answered - LONGEST_LAG, *([newest] if newest else []), *([current] if current else [])]
    return max(marks)


async def advance(session: TenantSession, watermark: datetime, now: datetime, **marks: datetime) -> None:
    """Every kind was read up to `watermark`; commit it with the rows. `marks` are further columns to set."""
    values = {"watermark": watermark, "last_synced": now, **marks}
    entities = func.unnest(array([*MANY, BALANCES])).column_valued("entity")
    same = [literal(value, CursorRow.watermark.type) for value in values.values()]
    rows = select(literal(session.business_id), entities, *same)
    statement = insert(CursorRow).from_select(["business_id", "entity", *values], rows)
    newer = {**values, "watermark": func.greatest(CursorRow.watermark, statement.excluded.watermark)}
    key = [CursorRow.business_id, CursorRow.entity]
    await session.execute(statement.on_conflict_do_update(index_elements=key, set_=newer))


async def touch(session: TenantSession, entity: str, now: datetime) -> None:
    """One kind was read completely, outside of the watermark's line."""
    statement = insert(CursorRow).values(business_id=session.business_id, entity=entity, last_synced=now)
    key = [CursorRow.business_id, CursorRow.entity]
    await session.execute(statement.on_conflict_do_update(index_elements=key, set_={"last_synced": now}))

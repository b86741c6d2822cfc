"""A business that left takes everything along: all its rows go, and a tombstone without a name stays."""

from uuid import UUID

from sqlalchemy import select, text, update

from domains.businesses import BusinessRow, BusinessStatus
from kit.db import Database, SystemSession, WipeSession

KEPT = "businesses"
TABLES = text("""
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'business_id'
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
ORDER BY NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'), 1
""")  # what refers to other rows goes before them


async def wipe(db: Database, business_id: UUID) -> dict[str, int]:
    """Rows deleted by table. A business that is installed (again) is left alone: nothing is deleted then."""
    async with db.system_session() as session:
        if not await _left(session, business_id):
            return {}
    async with db.wipe_session(business_id) as session:
        deleted = {table: await _empty(session, table) for table in await _tables(session)}
    async with db.system_session() as session:
        gone = {"status": BusinessStatus.WIPED, "name": "removed"}
        await session.execute(update(BusinessRow).where(BusinessRow.business_id == business_id).values(**gone))
    return {table: rows for table, rows in deleted.items() if rows}


async def _left(session: SystemSession, business_id: UUID) -> bool:
    statement = select(BusinessRow.status).where(BusinessRow.business_id == business_id)
    return (await session.execute(statement)).scalar_one_or_none() == BusinessStatus.UNINSTALLED


async def _tables(session: WipeSession) -> list[str]:
    return [name for name in (await session.execute(TABLES)).scalars() if name != KEPT]


async def _empty(session: WipeSession, table: str) -> int:
    """The policy of this role lets it meet one business only; the catalogue names the table, nobody else."""
    statement = text(f'WITH gone AS (DELETE FROM "{table}" RETURNING business_id) SELECT count(*) FROM gone')  # noqa: S608
    return int((await session.execute(statement)).scalar_one())

"""Measures the mirror's writes alone: new rows, the same rows, changed rows, against COPY without documents.

The rows are read beforehand; what is measured is the way from rows in memory to a committed page of a thousand.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from msgspec import Raw, structs
from sqlalchemy import text

from benchmarks.bench_sync import Promise
from domains.mirror import Entity
from domains.qbo.mapping import Head, Row, read_row
from domains.qbo.storage import Origin, store
from domains.sync_history import Kind
from kit.db import Database, new_engine
from kit.embedded import EmbeddedServices, Urls
from migrations.run import migrate
from sandbox.books.bulk import bulk_bills

COUNT, PAGE = 40_000, 1000
FIELDS = tuple(structs.fields(Head)[place].name for place in range(len(structs.fields(Head))))


def read_bills() -> list[Row]:
    company = bulk_bills(COUNT, date(2026, 11, 18))
    rows = (read_row(Entity.BILL, Raw(row.text)) for row in company.tables["Bill"].values())
    return [row for row in rows if isinstance(row, Row)]


def newer(rows: Sequence[Row]) -> list[Row]:
    """The same records after an edit."""
    return [
        structs.replace(row, head=structs.replace(row.head, sync_token=row.sync_token + 1), digest=row.digest[::-1])
        for row in rows
    ]


async def store_all(db: Database, business: UUID, rows: Sequence[Row], as_of: datetime) -> float:
    started = perf_counter()
    for place in range(0, len(rows), PAGE):
        async with db.tenant_session(business) as session:
            await store(session, rows[place : place + PAGE], as_of, Origin(Kind.FULL, "U1", None, as_of))
    return len(rows) / (perf_counter() - started)


async def copy_all(db: Database, rows: Sequence[Row]) -> float:
    """Insert only, into a table with the same key: no log, no documents, no walls."""
    async with db.engine.connect() as connection:
        names = ", ".join(FIELDS)
        await connection.execute(text(f"CREATE TABLE bare AS SELECT {names} FROM records WITH NO DATA"))
        await connection.execute(text("ALTER TABLE bare ADD PRIMARY KEY (entity, qbo_id)"))
        await connection.commit()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        started = perf_counter()
        for place in range(0, len(rows), PAGE):
            records = [structs.astuple(row.head) for row in rows[place : place + PAGE]]
            await driver.copy_records_to_table("bare", records=records, columns=FIELDS)
        return len(rows) / (perf_counter() - started)


async def measure(urls: Urls) -> list[Promise]:
    await migrate(urls.database_owner_url, app_url=urls.database_url)
    rows, business, now = read_bills(), uuid4(), datetime.now(UTC)
    owner = Database(new_engine(urls.database_owner_url))
    copied = await copy_all(owner, rows)
    await owner.close()
    db = Database(new_engine(urls.database_url))
    async with db.system_session() as session:
        statement = text("INSERT INTO businesses (business_id, name) VALUES (:id, 'Bench')")
        await session.execute(statement, {"id": business})
    new = await store_all(db, business, rows, now)
    same = await store_all(db, business, rows, now + timedelta(minutes=1))
    changed = await store_all(db, business, newer(rows), now + timedelta(minutes=2))
    await db.close()
    return [
        Promise("COPY without documents or log", copied, "rows/s", floor=0),
        Promise("new rows, stored and logged", new, "rows/s", floor=20_000),
        Promise("new rows, as a share of COPY", new / copied, "×", floor=0.3),
        Promise("rows that are the same", same, "rows/s", floor=20_000),
        Promise("rows that changed, stored and logged", changed, "rows/s", floor=8_000),
    ]


def main() -> int:
    with tempfile.TemporaryDirectory() as name, EmbeddedServices(Path(name) / "services", durable=False) as urls:
        promises = asyncio.run(measure(urls))
    for promise in promises:
        print(promise)
    return 0 if all(promise.kept for promise in promises) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Measures the desk over a mirror with 5,000 open bills: what is loaded, and what is computed of it for a page.

Processor time of this process is measured, best of several rounds: other work on the machine only ever adds to it.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import Any
from uuid import UUID, uuid4

from msgspec import Raw
from sqlalchemy import event, text
from sqlalchemy.dialects.postgresql import insert

from benchmarks.bench_sync import Promise
from domains.bills import Bill
from domains.businesses import get_business
from domains.connections import ConnectionRow, ConnectionStatus
from domains.freshness import MEMBERS
from domains.issues.survey import survey
from domains.mirror import Entity
from domains.qbo.mapping import Row, read_row
from domains.qbo.storage import Origin, store
from domains.sync_history import CursorRow, Kind
from kit.clock import Clock, SystemClock
from kit.db import Database, TenantSession, new_engine
from kit.embedded import EmbeddedServices, Urls
from kit.garbage import collect_rarely
from kit.memory import Memory
from migrations.run import migrate
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.desk import Desk, ledger_of, load_desk
from orchestrators.figures import counts_of, low_water
from orchestrators.gather import gather
from orchestrators.planning import planned_atlas
from orchestrators.ranking import ranked_records
from orchestrators.reckoning import Choices, reckon
from orchestrators.results.console import Narrow
from orchestrators.tray import HygieneTrayDataOrchestrator
from sandbox.books.bulk import bulk_bills

OPEN, ROUNDS, PAGE = 5_000, 7, 1_000
Ask = Callable[[TenantSession, Clock], Awaitable[object]]


async def filled(db: Database, clock: Clock, bills: int) -> UUID:
    """A business whose books were read just now, more than half of its bills still open."""
    business, now = uuid4(), clock.now()
    async with db.system_session() as session:
        statement = text("INSERT INTO businesses (business_id, name) VALUES (:id, 'Bench')")
        await session.execute(statement, {"id": business})
    company = bulk_bills(round(bills / 0.56), now.date(), open_share=0.56)
    for entity in Entity:
        rows = [read_row(entity, Raw(row.text)) for row in company.tables[entity].values()]
        known = [row for row in rows if isinstance(row, Row)]
        for place in range(0, len(known), PAGE):
            async with db.tenant_session(business) as session:
                await store(session, known[place : place + PAGE], now, Origin(Kind.FULL, "U1", None, now))
    async with db.tenant_session(business) as session:
        await _read(session, clock)
    return business


async def _read(session: TenantSession, clock: Clock) -> None:
    now, own = clock.now(), {"business_id": session.business_id}
    for entity in {one for members in MEMBERS.values() for one in members}:
        await session.execute(insert(CursorRow).values(**own, entity=entity, last_synced=now))
    link = {"realm_id": "bench", "status": ConnectionStatus.CONNECTED, "connected_by": "U1", "connected_at": now}
    await session.execute(insert(ConnectionRow).values(**own, **link))


async def gathered(session: TenantSession, clock: Clock) -> object:
    return await gather(session, clock, await get_business(session), None)


async def console(session: TenantSession, clock: Clock) -> object:
    return await DecisionConsoleDataOrchestrator(session, clock).get_decision_data(None)


async def tray(session: TenantSession, clock: Clock) -> object:
    return await HygieneTrayDataOrchestrator(session, clock).get_hygiene_data(None)


def compute(desk: Desk) -> object:
    """All that stands between what was read and the five cards of a page."""
    choices = Choices(desk.rules, desk.decisions, desk.tiers, desk.known_items, desk.set_asides)
    issues = survey(ledger_of(desk.shelf, desk.rules, desk.health))
    judged = replace(desk, issues=issues, reckoning=reckon(desk.shelf, choices, desk.today))
    atlas = planned_atlas(judged)
    first = ranked_records(atlas, Narrow.BILLS)[:5]
    return counts_of(judged), low_water(judged), [atlas.effects(one) for one in first if isinstance(one, Bill)]


@dataclass(frozen=True, slots=True)
class Cost:
    """`milliseconds` of this process's processor, and how many statements were sent."""

    milliseconds: float
    statements: int


async def cost_of(db: Database, clock: Clock, business: UUID, ask: Ask) -> Cost:
    sent: list[Any] = []

    def count(*facts: Any) -> None:
        sent.append(facts)

    event.listen(db.engine.sync_engine, "before_cursor_execute", count)
    times = []
    for _ in range(ROUNDS):
        sent.clear()
        async with db.tenant_session(business) as session:
            started = process_time()
            await ask(session, clock)
            times.append((process_time() - started) * 1000)
    event.remove(db.engine.sync_engine, "before_cursor_execute", count)
    return Cost(min(times), len(sent))


async def measure(urls: Urls, bills: int) -> list[Promise]:
    await migrate(urls.database_owner_url, app_url=urls.database_url)
    db, clock = Database(new_engine(urls.database_url), memory=Memory(room=0)), SystemClock()
    business = await filled(db, clock, bills)
    load, shown, issues = [await cost_of(db, clock, business, ask) for ask in (gathered, console, tray)]
    async with db.tenant_session(business) as session:
        desk = await load_desk(session, clock)
    await db.close()
    times = [timed(lambda: compute(desk)) for _ in range(ROUNDS)]
    name = f"over {bills:,} open bills"
    return [
        Promise(f"a console {name}, computed", min(times), "ms of processor", ceiling=150),
        Promise(f"the books {name}, loaded", load.milliseconds, "ms of processor", ceiling=300),
        Promise(f"a console {name}, all in all", shown.milliseconds, "ms of processor", ceiling=500),
        Promise(f"a tray {name}, all in all", issues.milliseconds, "ms of processor", ceiling=500),
        Promise("statements for a console", shown.statements, "", ceiling=45),
    ]


def timed(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return (process_time() - started) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench_desk")
    parser.add_argument("--bills", type=int, default=OPEN)
    options = parser.parse_args()
    collect_rarely()
    with tempfile.TemporaryDirectory() as name, EmbeddedServices(Path(name) / "services", durable=False) as urls:
        promises = asyncio.run(measure(urls, options.bills))
    for promise in promises:
        print(promise)
    return 0 if all(promise.kept for promise in promises) else 1


if __name__ == "__main__":
    sys.exit(main())

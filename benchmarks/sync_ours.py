"""Runway as a contender: a first sync into Postgres and an unchanged one after it, in a process of its own."""

import asyncio
import json
import os
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from time import perf_counter, process_time
from uuid import UUID, uuid4

import structlog
import uvloop
from redis.asyncio import Redis
from sqlalchemy import func, select, text

from domains.connections import end_connection
from domains.mirror import RecordRow
from domains.qbo.auth import IntuitApp, IntuitAuth, TokenPair
from domains.qbo.client import Pace
from domains.qbo.connecting import Grant, keep_grant
from domains.qbo.sync import Intuit, SmartSyncService, SyncOrder
from domains.sync_history import Kind, SyncRunRow
from kit.clock import SystemClock
from kit.crypto import Keyring, Secret, generate_key
from kit.db import Database, TenantSession, new_engine
from kit.garbage import collect_rarely
from kit.http import new_client
from kit.limits import Limiter, Rate, new_redis
from migrations.run import migrate


class Unpaced(Limiter):
    """For the run that asks how fast we store: the vendor's own limits would be all that it measures."""

    def __init__(self) -> None:
        super().__init__(Redis(), 1.0)

    async def take(self, _key: str, _rates: tuple[Rate, ...]) -> float:
        return 0

    @asynccontextmanager
    async def slot(self, _key: str, _limit: int) -> AsyncIterator[None]:
        yield


async def contend(facts: dict[str, str]) -> dict[str, float]:
    await migrate(facts["database_owner_url"], app_url=facts["database_url"])
    db, clock = Database(new_engine(facts["database_url"])), SystemClock()
    business = await _business(db)
    http = new_client(allowed_hosts={facts["url"].removeprefix("http://")}, read=60)
    limiter = Limiter(new_redis(facts["redis_url"]), 1.0) if facts["paced"] else Unpaced()
    auth = IntuitAuth(IntuitApp("", Secret(""), "", "", "", ""), http, clock)
    intuit = Intuit(http, facts["url"], auth, Pace(limiter, longest_wait_s=90))
    service = SmartSyncService(db, Keyring.parse(generate_key("bench")), clock, intuit)
    now = clock.now()
    pair = TokenPair(Secret(facts["token"]), Secret("-"), now + timedelta(hours=1), now + timedelta(days=9), None)
    async with db.tenant_session(business) as session:
        await keep_grant(session, service.keeper(business), Grant(facts["realm"], pair, "U1", switch=False), now)
    before = process_time()
    seconds = [await _sync(service, business, kind) for kind in (Kind.FULL, Kind.INCREMENTAL)]
    busy = process_time() - before
    async with db.tenant_session(business) as session:
        rows = (await session.execute(select(func.count()).select_from(RecordRow))).scalar_one()
        runs = (await session.execute(select(SyncRunRow.requests).order_by(SyncRunRow.started_at))).scalars().all()
        await end_connection(session, now)
    await http.aclose()
    await db.close()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    costs = {"requests": runs[0], "again_requests": runs[1], "again_seconds": seconds[1], "rss_mib": rss}
    return {"rows": rows, "seconds": seconds[0], "processor_seconds": busy, **costs}


async def _business(db: Database) -> UUID:
    business = uuid4()
    async with db.system_session() as session:
        statement = text("INSERT INTO businesses (business_id, name) VALUES (:id, 'Bench')")
        await session.execute(statement, {"id": business})
    return business


async def _sync(service: SmartSyncService, business: UUID, kind: Kind) -> float:
    def unit() -> AbstractAsyncContextManager[TenantSession]:
        return service.db.tenant_session(business)

    started = perf_counter()
    await service.run(business, unit, SyncOrder(kind, "U1", f"bench-{kind}"))
    return perf_counter() - started


if __name__ == "__main__":
    collect_rarely()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(contend(json.loads(os.environ["FACTS"])))))

"""Real servers, real worker processes under the real supervisor, and jobs that can be told where to die."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import text

from domains.invariants import list_breaches
from domains.walls import list_holes
from kit.config import child_environment
from kit.crypto import generate_key
from kit.db import Database, new_engine
from kit.embedded import EmbeddedServices, Urls
from kit.outbox import enqueue
from kit.supervisor import Child, Pace, Supervisor, python
from migrations.run import migrate
from tests.conftest import new_business
from tests.faults.jobs import TABLES, WALL, Strike
from tests.waiting import until
from workers.broker import Hinter, new_broker

ROOT = Path(__file__).parents[2]
VENDORS = dict.fromkeys(("QBO_CLIENT_ID", "QBO_CLIENT_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"), "test")
BRISK = Pace(restart=(0.05,), finish=40.0)


@dataclass
class Plant:
    home: Path
    services: EmbeddedServices
    urls: Urls
    db: Database
    business: UUID

    # -- work -----------------------------------------------------------------

    async def order(self, *jobs: Strike, business: UUID | None = None) -> None:
        """Each in a transaction of its own, as a click would write it."""
        for job in jobs:
            async with self.db.tenant_session(business or self.business) as session:
                await enqueue(session, job, key=job.key)

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.db.tenant_session(self.business) as session:
            return list((await session.execute(text(statement), values)).all())

    async def effects(self) -> list[str]:
        return [row.key for row in await self.rows("SELECT key FROM effects ORDER BY at, key")]

    async def runs(self, key: str) -> list[int]:
        """The attempts whose transaction was committed."""
        return [
            row.attempt for row in await self.rows("SELECT attempt FROM runs WHERE key = :key ORDER BY at", key=key)
        ]

    async def attempts(self, key: str) -> int:
        [row] = await self.rows("SELECT attempts FROM outbox WHERE dedupe_key = :key", key=key)
        return int(row.attempts)

    async def is_quiet(self) -> bool:
        """Nothing waits or runs."""
        return not await self.rows("SELECT 1 FROM outbox WHERE done_at IS NULL AND dead_at IS NULL")

    async def quiet(self, patience: float = 30.0) -> None:
        await until(self.is_quiet, patience)

    async def leases_lapse(self, key: str | None = None) -> None:
        """As if so much time had passed for all jobs, or for one: the lease times are the database's own."""
        lapse = (
            "UPDATE outbox SET lease_until = now() - interval '9 s'"
            " WHERE lease_token IS NOT NULL AND dedupe_key = coalesce(:key, dedupe_key)"
        )
        async with self.db.system_session() as session:
            await session.execute(text(lapse), {"key": key})

    async def pauses_end(self, key: str) -> None:
        """As if the time to wait after a failure were over."""
        async with self.db.system_session() as session:
            await session.execute(text("UPDATE outbox SET not_before = now() WHERE dedupe_key = :key"), {"key": key})

    async def shorten(self, prefix: str) -> None:
        """As if these jobs had never been long ones."""
        change = "UPDATE outbox SET payload = payload || '{\"seconds\": 0}' WHERE dedupe_key LIKE :prefix || '-%'"
        async with self.db.system_session() as session:
            await session.execute(text(change), {"prefix": prefix})

    async def is_dead(self, key: str) -> bool:
        return bool(await self.rows("SELECT 1 FROM outbox WHERE dedupe_key = :key AND dead_at IS NOT NULL", key=key))

    async def is_sound(self) -> None:
        """Every invariant holds and every wall stands."""
        async with self.db.tenant_session(self.business) as session:
            breaches = await list_breaches(session)
        async with self.db.system_session() as session:
            holes = await list_holes(session)
        if breaches or holes:
            raise AssertionError(f"{breaches} {holes}")

    # -- processes ------------------------------------------------------------

    @asynccontextmanager
    async def workers(self, *names: str, changed: str = "", **more: str) -> AsyncIterator[Supervisor]:
        """They run under the product's own supervisor; leaving ends them with SIGTERM. `changed`: see worker.py."""
        made = self.urls.environment() | {"RUNWAY_HOME": str(self.home), "RUNWAY_ENV": "local"} | VENDORS | more
        environment = child_environment(made | {"RUNWAY_ENCRYPTION_KEYS": generate_key("test")})
        words = python("-m", "tests.faults.worker", *changed.split())
        children = [Child(name, words, environment, self.home / f"{name}.log") for name in names]
        keeper = Supervisor(children, BRISK)
        running = asyncio.create_task(keeper.run())
        try:
            await until(lambda: all("worker.started" in self.log(name) for name in names))
            yield keeper
        finally:
            keeper.stop()
            await running

    def log(self, name: str) -> str:
        path = self.home / f"{name}.log"
        return path.read_text() if path.exists() else ""


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def thaw(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def strikes(count: int, **facts: Any) -> list[Strike]:
    prefix = uuid4().hex[:6]
    return [Strike(key=f"{prefix}-{number}", **facts) for number in range(count)]


@asynccontextmanager
async def open_plant(home: Path, *, durable: bool = False) -> AsyncIterator[Plant]:
    """With `durable` even a killed Postgres keeps what was committed."""
    async with AsyncExitStack() as stack:
        services = EmbeddedServices(home / "services", durable=durable)
        urls = await stack.enter_async_context(services)
        await migrate(urls.database_owner_url, app_url=urls.database_url)
        await _add_tables(urls.database_owner_url)
        hinter = Hinter(new_broker(urls.redis_url))
        stack.callback(hinter.close)
        db = Database(new_engine(urls.database_url), hint=hinter)
        stack.push_async_callback(db.close)
        yield Plant(home, services, urls, db, await new_business(db))


async def _add_tables(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute(TABLES)
        for table in ("effects", "runs"):
            await connection.execute(WALL.format(table=table))
    finally:
        await connection.close()

"""kill -9 at each step of a sync: the next attempt goes on, and the mirror ends equal to the books."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring, generate_key
from kit.db import Database
from sandbox.books.company import Company
from sandbox.qbo import mutations
from sandbox.qbo.app import create_app
from sandbox.qbo.config import QboSandboxConfig
from sandbox.serving import bind, serving, url_of
from tests.integration.mirror.stage import Stage, differences, mirror, staged, truth
from tests.raised import company_of

REALM = "9130000000000008"
ROOT = Path(__file__).parents[2]


@dataclass
class Runner:
    """Attempts in a process of their own."""

    process: asyncio.subprocess.Process

    async def attempt(self, job_key: str, kind: Kind, kill_at: int) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{job_key} {kind} {kill_at}\n".encode())
        await self.process.stdin.drain()
        return int(await asyncio.wait_for(self.process.stdout.readline(), 60))

    async def until_done(self, job_key: str, kind: Kind) -> int:
        """Kill the first attempt at its first step, the next at its second, and so on. Returns how many were killed."""
        killed = 0
        for kill_at in range(1, 200):
            outcome = await self.attempt(job_key, kind, kill_at)
            if outcome == 0:
                return killed
            killed += outcome == -9
        raise AssertionError("the sync never ended")


@dataclass
class Scene:
    stage: Stage
    runner: Runner
    company: Company


@pytest.fixture
async def scene(
    db: Database, clock: FrozenClock, business: UUID, database_url: str, tmp_path: Path
) -> AsyncIterator[Scene]:
    keys = generate_key("test")
    company = company_of("soloist", today=clock.now().date(), realm=REALM)
    app = create_app(QboSandboxConfig((company,), now=clock.now))
    listener = bind(0)
    async with staged(db, Keyring.parse(keys), clock, (company,)) as stage, serving(app, listener):
        stage.sandbox = app.state.qbo
        await stage.connect(business, REALM)
        facts = {"BUSINESS": str(business), "API": url_of(listener), "AT": clock.now().isoformat()}
        environment = {**os.environ, **facts, "DATABASE": database_url, "KEYS": keys}
        command, pipe = (sys.executable, "-m", "tests.faults.sync_child"), asyncio.subprocess.PIPE
        with (tmp_path / "child.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, stderr=log, cwd=ROOT, env=environment
            )
        yield Scene(stage, Runner(process), company)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def no_half_applied_cursor(db: Database, business: UUID) -> None:
    """What a cursor or slice says was read is in the mirror, and everything in the mirror has its log row."""
    async with db.tenant_session(business) as session:
        unlogged = text(
            "SELECT count(*) FROM records r WHERE NOT EXISTS (SELECT FROM transaction_log t WHERE t.business_id = "
            "r.business_id AND t.entity = r.entity AND t.qbo_id = r.qbo_id AND t.after = r.digest)"
        )
        assert (await session.execute(unlogged)).scalar_one() == 0


async def test_a_first_sync_that_is_killed_at_every_step_ends_equal_to_the_books(
    scene: Scene, db: Database, business: UUID
) -> None:
    killed = await scene.runner.until_done("first", Kind.FULL)
    assert killed >= 20
    await no_half_applied_cursor(db, business)
    assert differences(truth(scene.company), await mirror(db, business)) == []


async def test_changes_that_are_killed_at_every_step_all_land(scene: Scene, db: Database, business: UUID) -> None:
    assert await scene.runner.attempt("first", Kind.FULL, 9999) == 0
    rows = [row.doc() for row in scene.company.tables["Invoice"].values()]
    paid = [doc["Id"] for doc in rows if doc["Balance"] > 0]
    now = scene.stage.clock.now() + timedelta(seconds=1)
    mutations.apply(scene.company, {"op": "receive_payment", "id": paid[0]}, now)
    mutations.apply(scene.company, {"op": "delete", "entity": "Invoice", "id": paid[1]}, now)
    deposit = next(iter(scene.company.tables["Deposit"]))
    mutations.apply(scene.company, {"op": "delete", "entity": "Deposit", "id": deposit}, now)
    killed = await scene.runner.until_done("second", Kind.INCREMENTAL)
    assert killed >= 8
    await no_half_applied_cursor(db, business)
    assert differences(truth(scene.company), await mirror(db, business)) == []

"""A worker killed with -9 at every commit of the weekly digest: never two posts, never silence about a doubt."""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from kit.clock import FrozenClock
from kit.db import Database
from orchestrators.digest_runs import DigestRunRow, RunState
from orchestrators.digest_schedule import plan
from tests.faults.digest_process import Ledger
from tests.integration.desk.company import ADA, Company
from tests.integration.digest.conftest import CHANNEL, MONDAY_AT_NINE, configure
from tests.integration.digest.stage import Stage

ROOT = Path(__file__).parents[2]
NINE = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.fixture
async def due(db: Database, business: UUID, clock: FrozenClock) -> Company:
    company = await Company(db, business, clock).open()
    await configure(company, MONDAY_AT_NINE)
    async with db.tenant_session(business) as session:
        await plan(session, clock)
    clock.advance(NINE - clock.now())
    await company.read()
    async with db.tenant_session(business) as session:
        assert await plan(session, clock) == 1
    return company


async def killed_at(commit: int, company: Company, url: str, ledger: Path) -> bool:
    """Whether the process died of the signal; False when its work had fewer commits."""
    arguments = (url, str(company.business), str(commit), str(ledger), company.clock.now().isoformat())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.digest_process", *arguments, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    return await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL


async def state_of(company: Company) -> RunState:
    async with company.db.tenant_session(company.business) as session:
        return RunState((await session.execute(select(DigestRunRow.state))).scalar_one())


# The one commit whose loss leaves a doubt is that of "it arrived": Slack has the post, and nobody wrote it down.
CLAIM, BUILD, BEGIN, ARRIVED, FINISH = range(2, 7)  # the first commit is that of looking for work


@pytest.mark.parametrize("commit", [CLAIM, BUILD, BEGIN, ARRIVED, FINISH])
async def test_a_kill_at_any_commit_leaves_one_post_or_a_doubt_that_is_told(
    commit: int, due: Company, database_url: str, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    ledger.touch()
    assert await killed_at(commit, due, database_url, ledger)
    stage = Stage(due.db, due.business, due.clock, Ledger(ledger))
    await stage.forget_lease()
    await stage.run()
    sent = ledger.read_text().split()
    assert sent.count(CHANNEL) == 1
    assert await state_of(due) is (RunState.UNKNOWN if commit == ARRIVED else RunState.POSTED)
    assert sent.count(f"D{ADA}") == (1 if commit == ARRIVED else 0)
    assert await stage.dead() == []


async def test_the_kills_are_what_the_test_above_is_about(due: Company, database_url: str, tmp_path: Path) -> None:
    """The same process, not killed, does all of the work."""
    ledger = tmp_path / "ledger"
    assert not await killed_at(10_000, due, database_url, ledger)
    assert ledger.read_text().split().count(CHANNEL) == 1
    assert await state_of(due) is RunState.POSTED

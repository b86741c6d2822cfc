"""kill -9 at each commit of what a person ordered and only a job can carry out: done once, told in the same words."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from bot.actions import read_ref
from bot.replies import Origin
from bot.views.ids import Click
from domains.invariants import list_breaches
from kit.clock import FrozenClock
from kit.db import Database
from kit.outbox import OutboxRow
from tests.integration.bot.hand import elements
from tests.integration.desk.company import TODAY, bill
from tests.integration.digest.clicked import URL, Desk, accept, open_desk, planned

ROOT = Path(__file__).parents[2]
LAPSED = "UPDATE outbox SET lease_until = now() - interval '9 s' WHERE lease_token IS NOT NULL RETURNING 1"


@dataclass
class Runner:
    """Attempts in processes of their own."""

    process: asyncio.subprocess.Process
    ledger: Path

    async def attempt(self, desk: Desk, row: UUID, kill_at: int) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        at = desk.company.clock.now().isoformat()
        self.process.stdin.write(f"{desk.company.business} {row} {at} {kill_at}\n".encode())
        await self.process.stdin.drain()
        return int(await asyncio.wait_for(self.process.stdout.readline(), 60))

    def told(self) -> list[str]:
        """Since it was asked last."""
        lines = self.ledger.read_text().splitlines()
        self.ledger.write_text("")
        return lines


@pytest.fixture(scope="module")
async def runner(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Runner]:
    home = tmp_path_factory.mktemp("orders")
    ledger = home / "ledger"
    ledger.touch()
    environment = {**os.environ, "DATABASE": database_url, "LEDGER": str(ledger)}
    command, pipe = (sys.executable, "-m", "tests.faults.order_child"), asyncio.subprocess.PIPE
    with (home / "child.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=log, cwd=ROOT, env=environment
        )
    yield Runner(process, ledger)
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


@pytest.fixture
async def desk(db: Database, business: UUID, clock: FrozenClock) -> Desk:
    return await open_desk(db, business, clock)


async def rows(desk: Desk, statement: str) -> list[Any]:
    async with desk.company.db.tenant_session(desk.company.business) as session:
        return list((await session.execute(text(statement))).all())


async def carried_out(desk: Desk, runner: Runner, kind: str) -> list[str]:
    """The first attempt is killed at its first commit, the next at its second, and so on; gives what Slack took."""
    desk.company.clock.advance(timedelta(seconds=1))
    async with desk.company.db.tenant_session(desk.company.business) as session:
        row = (await session.execute(select(OutboxRow.id).where(OutboxRow.kind == kind))).scalar_one()
    outcome = -signal.SIGKILL
    kill_at = 0
    while outcome == -signal.SIGKILL:
        kill_at += 1
        outcome = await runner.attempt(desk, row, kill_at)
        await rows(desk, LAPSED)
    assert outcome == 0
    assert kill_at > 4, "claimed, done, drawn, finished"
    assert await rows(desk, f"SELECT 1 FROM outbox WHERE id = '{row}' AND done_at IS NOT NULL")
    return runner.told()


async def audited(desk: Desk, action: str) -> Counter[str]:
    """How often, by what it was done to; before that, every invariant and the chain."""
    async with desk.company.db.tenant_session(desk.company.business) as session:
        assert await list_breaches(session) == []
    found = await rows(desk, f"SELECT object_id FROM audit_log WHERE action = '{action}'")
    return Counter(row.object_id for row in found)


async def test_a_plan_is_approved_once_per_bill(desk: Desk, runner: Runner) -> None:
    plan = await planned(desk)
    refs = [line.record.ref for line in plan.lines]
    await accept(desk, plan, refs)
    told = await carried_out(desk, runner, "AcceptPlan")
    decided = await rows(desk, "SELECT id::text, bill_id FROM decisions WHERE phase = 'approved'")
    assert sorted(f"B-{row.bill_id}" for row in decided) == sorted(refs)
    assert await audited(desk, "decision.approved") == Counter(row.id for row in decided)
    assert set(told) == {f"replied: {len(refs)} bills approved, each to be paid by its planned date."}


async def test_a_pay_list_is_handed_off_once_per_line(desk: Desk, runner: Runner) -> None:
    plan = await planned(desk)
    await accept(desk, plan, [line.record.ref for line in plan.lines])
    await desk.run("AcceptPlan")
    listed = await desk.asks("paylist", origin=Origin.COMMAND)
    button = next(one for one in elements(listed) if one["action_id"] == Click.HAND_OFF)
    await desk.asks(Click.HAND_OFF, ref=read_ref(button["value"]), origin=Origin.EPHEMERAL, response_url=URL)
    told = await carried_out(desk, runner, "HandOff")
    handed = await rows(desk, "SELECT id::text, bill_id FROM decisions WHERE phase = 'handed_off'")
    assert len(handed) == len(plan.lines)
    assert await audited(desk, "decision.handed_off") == Counter(row.id for row in handed)
    [file] = await rows(desk, "SELECT csv FROM handoffs")
    numbers = [line.split(",")[1] for line in file.csv.splitlines()[1:]]
    assert sorted(numbers) == sorted(f"N-{row.bill_id}" for row in handed)
    [one] = set(told)
    assert one.startswith(f"replied: Handed off {len(handed)} bills: ")
    assert len(await rows(desk, "SELECT 1 FROM outbox WHERE kind = 'SendHandoff'")) == 1


async def test_suggested_tiers_are_confirmed_once_per_vendor(desk: Desk, runner: Runner) -> None:
    await desk.company.put(bill("301", 900, TODAY + timedelta(days=9), vendor="57", account_id="62"))
    await desk.asks(Click.TIERS_CONFIRM, origin=Origin.EPHEMERAL, response_url=URL)
    told = await carried_out(desk, runner, "ConfirmTiers")
    assert await audited(desk, "vendor.tier_set") == Counter({"57": 1})
    [one] = set(told)
    assert one.startswith("replied: Confirmed 1 suggestion.")

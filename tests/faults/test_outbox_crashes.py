"""A worker may die, freeze or be told to go at any point of a job: its effect happens once, and nothing is lost."""

import os
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from dramatiq import Message
from sqlalchemy import text
from structlog.testing import capture_logs

from kit.outbox import CRASHES_TO_DIE, LEASE
from kit.supervisor import Supervisor
from tests.faults.jobs import Strike
from tests.faults.plant import Plant, free_port, is_stopped, open_plant, strikes, thaw
from tests.waiting import until
from workers.broker import ACTOR, QUEUE, new_broker

OPS_PORT = free_port()


@pytest.fixture(scope="module")
async def plant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    async with open_plant(tmp_path_factory.mktemp("plant")) as opened:
        yield opened


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


async def another(keeper: Supervisor, name: str, first: int | None) -> int:
    """The pid of the worker that the supervisor started after this one."""
    await until(lambda: keeper.pid(name) not in {None, first})
    return keeper.pid(name) or 0


async def assert_each_once(plant: Plant, *orders: Strike) -> None:
    effects = await plant.effects()
    assert [effects.count(order.key) for order in orders] == [1] * len(orders)
    await plant.is_sound()


async def test_a_worker_that_froze_past_its_lease_wakes_up_fenced(plant: Plant, key: str) -> None:
    async with plant.workers("one", "two") as keeper:
        await plant.order(Strike(key=key, point="claimed", fate="freeze"))
        pids = {name: keeper.pid(name) or 0 for name in ("one", "two")}
        frozen = await until(lambda: next((name for name, pid in pids.items() if is_stopped(pid)), None))
        await plant.leases_lapse()
        await plant.quiet()
        thaw(pids[frozen])
        await until(lambda: "job.overtaken" in plant.log(frozen))
        assert keeper.pid(frozen) == pids[frozen]
    assert await plant.runs(key) == [2]
    await assert_each_once(plant, Strike(key=key))


async def test_nobody_takes_over_from_a_worker_that_froze_while_it_was_writing(plant: Plant, key: str) -> None:
    async with plant.workers("three", "four") as keeper:
        await plant.order(Strike(key=key, point="before_commit", fate="freeze"))
        pids = {name: keeper.pid(name) or 0 for name in ("three", "four")}
        frozen = await until(lambda: next((name for name, pid in pids.items() if is_stopped(pid)), None))
        await plant.order(*strikes(5))
        await until(lambda: plant_has(plant, 5, key))
        assert await plant.attempts(key) == 1
        thaw(pids[frozen])
        await plant.quiet()
    assert await plant.runs(key) == [1]
    await assert_each_once(plant, Strike(key=key))


async def plant_has(plant: Plant, count: int, key: str) -> bool:
    others = "SELECT 1 FROM outbox WHERE done_at IS NULL AND dedupe_key <> :key"
    return not await plant.rows(others, key=key) and count > 0


async def test_a_job_that_kills_its_process_is_given_up_while_the_others_go_on(plant: Plant, key: str) -> None:
    others = strikes(20)
    async with plant.workers("brave", "steady"):
        await plant.order(Strike(key=key, point="claimed", fate="kill", always=True), *others)

        async def died() -> bool:
            await plant.leases_lapse(key)
            return await plant.is_dead(key)

        await until(died, patience=60)
        await plant.leases_lapse()  # of what the killed had claimed beside it
        await plant.quiet()
    await assert_each_once(plant, *others)
    assert key not in await plant.effects()
    # A claim after the fifth crash looks, and buries it; the lapsing above may have cut off one that was about to.
    assert await plant.attempts(key) > CRASHES_TO_DIE


async def test_a_blocked_loop_ends_its_process_with_a_trace_and_the_work_goes_on(plant: Plant, key: str) -> None:
    async with plant.workers("stuck", changed="watchdog=2") as keeper:
        first = keeper.pid("stuck")
        with capture_logs() as said:
            await plant.order(Strike(key=key, point="claimed", fate="block"))
            await another(keeper, "stuck", first)
        assert [line["exit_status"] for line in said if line["event"] == "child.ended"] == [1]
        assert "in meet" in plant.log("stuck")
        await plant.leases_lapse()
        await plant.quiet()
    assert await plant.runs(key) == [2]


async def test_what_does_not_finish_in_time_is_given_back_whole_by_a_worker_told_to_go(plant: Plant) -> None:
    orders = strikes(8, point="after_commit", seconds=600)
    mine = {"prefix": orders[0].key.partition("-")[0]}
    async with plant.workers("parting", changed="finish=0.2"):
        await plant.order(*orders)
        await until(lambda: are_under_way(plant, *orders))
    left = "SELECT attempts, lease_token, dead_at FROM outbox WHERE dedupe_key LIKE :prefix || '-%'"
    assert {tuple(row) for row in await plant.rows(left, **mine)} == {(0, None, None)}
    assert "child.killed" not in plant.log("parting")
    await plant.shorten(mine["prefix"])
    async with plant.workers("heir"):
        await plant.quiet()
    await assert_each_once(plant, *orders)
    assert {await plant.attempts(order.key) for order in orders} == {1}


async def are_under_way(plant: Plant, *orders: Strike) -> bool:
    return {order.key for order in orders} <= set(await plant.effects())


async def test_a_worker_whose_sweeper_met_a_bug_ends_and_is_started_anew(plant: Plant) -> None:
    with capture_logs() as said:
        async with plant.workers("deaf", changed="sweeper=broken"):
            await until(lambda: any(line["event"] == "child.ended" for line in said))
    assert {line["exit_status"] for line in said if line["event"] == "child.ended"} == {1}
    assert "sweeper.failed" in plant.log("deaf")


async def test_hints_that_are_doubled_or_forged_are_harmless(plant: Plant) -> None:
    orders = strikes(5)
    broker = new_broker(plant.urls.redis_url)
    await plant.order(*orders)
    ids = [str(row.id) for row in await plant.rows("SELECT id FROM outbox WHERE done_at IS NULL")]
    for row in [*ids, *ids, *ids, str(uuid4()), "not an id", ""]:
        broker.enqueue(Message(queue_name=QUEUE, actor_name=ACTOR, args=(row,), kwargs={}, options={}))
    async with plant.workers("calm") as keeper:
        first = keeper.pid("calm")
        await plant.quiet()
        assert keeper.pid("calm") == first
    await assert_each_once(plant, *orders)
    assert {len(await plant.runs(order.key)) for order in orders} == {1}


# -- from here on one worker runs for all: tests whose workers must be alone stand above --


@pytest.fixture(scope="module")
async def keeper(plant: Plant) -> AsyncIterator[Supervisor]:
    """Of one worker, for all tests from here on: whoever kills it leaves the next one to the others."""
    async with plant.workers("worker", RUNWAY_OPS_PORT=str(OPS_PORT)) as keeping:
        yield keeping


@pytest.mark.parametrize("point", ["claimed", "before_commit", "after_commit"])
async def test_a_worker_killed_at_any_point_leaves_one_effect(
    plant: Plant, keeper: Supervisor, point: str, key: str
) -> None:
    orders = [Strike(key=key, point=point, fate="kill"), *strikes(10)]
    first = keeper.pid("worker")
    await plant.order(*orders)
    await another(keeper, "worker", first)
    await plant.leases_lapse()
    await plant.quiet()
    await assert_each_once(plant, *orders)
    assert await plant.attempts(key) == 2
    assert await plant.runs(key) == ([1, 2] if point == "after_commit" else [2])


async def test_a_killed_worker_s_job_is_taken_over_by_itself_when_its_lease_ends(
    plant: Plant, keeper: Supervisor, key: str
) -> None:
    first = keeper.pid("worker")
    await plant.order(Strike(key=key, point="claimed", fate="kill"))
    await another(keeper, "worker", first)
    await plant.quiet(patience=LEASE.total_seconds() + 15)
    assert await plant.runs(key) == [2]


async def test_a_worker_told_to_go_finishes_what_runs_takes_nothing_new_and_ends_well(
    plant: Plant, keeper: Supervisor
) -> None:
    orders = strikes(8, point="claimed", seconds=0.5)
    first = keeper.pid("worker") or 0
    await plant.order(*orders)
    await until(lambda: plant.rows("SELECT 1 FROM outbox WHERE lease_token IS NOT NULL"))
    with capture_logs() as said:
        os.kill(first, signal.SIGTERM)
        await another(keeper, "worker", first)
    [ended] = [line for line in said if line["event"] == "child.ended"]
    assert ended["exit_status"] == 0
    assert not await plant.rows("SELECT 1 FROM outbox WHERE lease_token IS NOT NULL AND lease_until < now()")
    await plant.quiet()
    await assert_each_once(plant, *orders)
    assert {await plant.attempts(order.key) for order in orders} == {1}


@pytest.mark.usefixtures("keeper")
async def test_a_bug_is_tried_again_and_then_given_up(plant: Plant, key: str) -> None:
    said = len(plant.log("worker"))
    await plant.order(Strike(key=key, point="before_commit", fate="raise", always=True))

    async def died() -> bool:
        await plant.pauses_end(key)
        return await plant.is_dead(key)

    await until(died)
    [row] = await plant.rows("SELECT last_error, attempts FROM outbox WHERE dedupe_key = :key", key=key)
    assert (row.last_error, row.attempts) == ("RuntimeError", CRASHES_TO_DIE)
    assert await plant.runs(key) == []
    assert "a bug of ours" in plant.log("worker")[said:]
    await plant.is_sound()


@pytest.mark.usefixtures("keeper")
async def test_what_became_of_jobs_is_counted_where_operators_look(plant: Plant, key: str) -> None:
    before = await counted()
    await plant.order(*strikes(3), Strike(key=key, point="claimed", fate="raise"))
    await until(lambda: plant.rows("SELECT 1 FROM outbox WHERE dedupe_key = :key AND attempts = 1", key=key))
    await until(lambda: failed_since(before))
    await plant.pauses_end(key)
    await plant.quiet()
    since = await counted() - before
    assert since == Counter(done=4, failed=1)


async def failed_since(before: Counter[str]) -> bool:
    return (await counted() - before)["failed"] == 1


async def counted() -> Counter[str]:
    """What the worker says became of its jobs."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{OPS_PORT}", trust_env=False) as client:
        assert (await client.get("/livez")).status_code == 200
        said = (await client.get("/metrics")).text
    lines = re.findall(r'^runway_jobs_total\{kind="Strike",outcome="(\w+)"\} (\S+)$', said, re.MULTILINE)
    return Counter({outcome: int(float(times)) for outcome, times in lines})


@pytest.mark.usefixtures("keeper")
async def test_work_of_a_newer_version_waits_for_it(plant: Plant, key: str) -> None:
    async with plant.db.tenant_session(plant.business) as session:
        row = (
            "INSERT INTO outbox (business_id, id, lane, kind, payload, dedupe_key)"
            " VALUES (:business, gen_random_uuid(), 0, 'FromTheFuture', '{}', :key)"
        )
        await session.execute(text(row), {"business": plant.business, "key": key})
    parked = "SELECT attempts, dead_at FROM outbox WHERE dedupe_key = :key AND last_error LIKE 'unknown%'"
    [found] = await until(lambda: plant.rows(parked, key=key))
    assert (found.attempts, found.dead_at) == (0, None)
    async with plant.db.system_session() as session:
        await session.execute(text("DELETE FROM outbox WHERE dedupe_key = :key"), {"key": key})

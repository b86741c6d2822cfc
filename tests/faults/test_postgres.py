"""Postgres may restart, crash or drop connections: who was in the middle rolls back, and all come back on their own."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy.exc import SQLAlchemyError

from kit.errors import Busy
from tests.faults.jobs import Strike
from tests.faults.plant import Plant, open_plant, strikes
from tests.waiting import until


@pytest.fixture(scope="module")
async def plant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    async with open_plant(tmp_path_factory.mktemp("plant"), durable=True) as opened:
        yield opened


async def insist(plant: Plant, orders: list[Strike]) -> None:
    """As a person clicks again after "nothing was done"."""

    async def once(order: Strike) -> bool:
        try:
            await plant.order(order)
        except (OSError, SQLAlchemyError, Busy):
            return False
        return True

    for order in orders:
        await until(lambda order=order: once(order))  # type: ignore[misc]


async def settled(plant: Plant) -> None:
    """Quiet, as soon as somebody can be asked."""

    async def is_quiet() -> bool:
        try:
            return await plant.is_quiet()
        except (OSError, SQLAlchemyError, Busy):
            return False

    await until(is_quiet)


async def assert_each_once(plant: Plant, orders: list[Strike]) -> None:
    effects = await plant.effects()
    assert [effects.count(order.key) for order in orders] == [1] * len(orders)
    await plant.is_sound()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["restart", "crash"])
async def test_workers_outlive_the_database(plant: Plant, how: signal.Signals) -> None:
    orders = strikes(60, point="before_commit", seconds=0.02)
    postgres = plant.services._servers[0]
    async with plant.workers(f"one-{how.name}", f"two-{how.name}") as keeper:
        first = [keeper.pid(f"{name}-{how.name}") for name in ("one", "two")]
        ordering = asyncio.create_task(insist(plant, orders))
        await until(lambda: plant.rows("SELECT 1 FROM effects"))
        os.kill(postgres.pid, how)
        await until(lambda: plant.services.find_ended() == "postgres")
        assert await asyncio.to_thread(plant.services.restart_ended) == ["postgres"]
        await ordering
        await plant.leases_lapse()  # of those who could not say that they were done
        await settled(plant)
        assert [keeper.pid(f"{name}-{how.name}") for name in ("one", "two")] == first
    await assert_each_once(plant, orders)


@asynccontextmanager
async def cutting(plant: Plant) -> AsyncIterator[list[int]]:
    """Meanwhile every connection of ours is ended again and again; gives how many so far."""
    ours = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'runway'"
    superuser = await asyncpg.connect(plant.urls.database_owner_url.replace("runway_owner@", "postgres@"))
    cut = [0]

    async def cut_all() -> None:
        while True:
            cut[0] += await superuser.fetchval(ours)
            await asyncio.sleep(0.1)

    task = asyncio.create_task(cut_all())
    try:
        yield cut
    finally:
        task.cancel()
        await asyncio.wait({task})
        await superuser.close()


async def test_connections_that_are_cut_at_any_moment_leave_all_or_nothing(plant: Plant) -> None:
    orders = strikes(60, point="before_commit", seconds=0.02)
    async with plant.workers("cut"):
        async with cutting(plant) as cut:
            await insist(plant, orders)
        assert cut[0] > 10
        await plant.leases_lapse()
        await settled(plant)
    await assert_each_once(plant, orders)

"""The operations port says whether to send work here, and says why not; it never guesses."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from kit.clock import ShiftedClock, SystemClock
from kit.config import Environment, Settings, load_settings
from kit.crypto import generate_key
from kit.db import Database, new_engine
from kit.errors import Misconfigured
from kit.ops import serve_ops, troubles
from kit.runtime import Runtime, clock_of, open_runtime
from kit.serving import serving
from tests.cluster import Cluster


@pytest.fixture
def settings(database_url: str, cluster: Cluster) -> Settings:
    services = {"DATABASE_URL": database_url, "REDIS_URL": cluster.redis_url}
    return load_settings(services | {"RUNWAY_ENCRYPTION_KEYS": generate_key("test")})


@pytest.fixture
async def runtime(settings: Settings, db: Database) -> AsyncIterator[Runtime]:
    async with db.system_session() as session:
        await session.execute(text("DELETE FROM outbox"))
    async with open_runtime(settings, pool_size=1) as opened:
        yield opened


async def late(db: Database, business: UUID, *, dead: bool = False) -> None:
    row = (
        "INSERT INTO outbox (business_id, id, lane, kind, payload, dedupe_key, not_before, dead_at)"
        " VALUES (:business, gen_random_uuid(), 1, 'Chime', '{}', :key, now() - interval '5 min',"
        " CASE WHEN :dead THEN now() END)"
    )
    async with db.tenant_session(business) as session:
        await session.execute(text(row), {"business": business, "key": str(dead), "dead": dead})


async def test_a_process_that_can_work_has_no_troubles(runtime: Runtime) -> None:
    assert await troubles(runtime) == []


async def test_work_that_waits_too_long_is_a_trouble_and_a_number(
    runtime: Runtime, db: Database, business: UUID
) -> None:
    await late(db, business)
    await late(db, business, dead=True)
    [trouble] = await troubles(runtime)
    assert trouble.startswith("the oldest due job has waited 30")
    assert runtime.metrics.registry.get_sample_value("runway_outbox_oldest_seconds") == pytest.approx(300, abs=30)
    assert runtime.metrics.registry.get_sample_value("runway_outbox_dead") == 1


async def test_a_database_that_is_away_is_a_trouble(runtime: Runtime) -> None:
    away = Database(new_engine("postgresql:///nothing?host=/nowhere"))
    assert await troubles(replace(runtime, db=away)) == ["the database does not answer"]


async def test_a_redis_that_is_away_is_none(settings: Settings) -> None:
    lonely = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"})
    async with open_runtime(lonely) as opened:
        assert await troubles(opened) == []


async def answers(port: int | None) -> dict[str, int]:
    async with httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{port}") as client:
        return {path: (await client.get(path)).status_code for path in ("/livez", "/readyz", "/metrics")}


async def test_health_is_served_where_a_port_is_set(settings: Settings) -> None:
    async with (
        open_runtime(settings.model_copy(update={"ops_port": 0})) as runtime,
        serve_ops(runtime, alive=lambda: False) as port,
    ):
        assert await answers(port) == {"/livez": 503, "/readyz": 200, "/metrics": 200}


async def test_nothing_is_served_where_none_is_set(runtime: Runtime) -> None:
    async with serve_ops(runtime, alive=lambda: True) as port:
        assert port is None


async def test_a_default_port_that_is_taken_gives_way_on_a_local_machine(runtime: Runtime) -> None:
    async with serving(None, 0) as taken, serve_ops(runtime, alive=lambda: True, default=taken) as port:
        assert port is not None
        assert port > taken
        assert (await answers(port))["/livez"] == 200


async def test_in_production_the_default_port_is_the_port(runtime: Runtime) -> None:
    strict = replace(runtime, settings=runtime.settings.model_copy(update={"env": Environment.PRODUCTION}))
    async with serving(None, 0) as taken:
        with pytest.raises(Misconfigured, match="in use"):
            async with serve_ops(strict, alive=lambda: True, default=taken):
                pass


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("database_url", "DATABASE_URL and REDIS_URL must be set"),
        ("redis_url", "DATABASE_URL and REDIS_URL must be set"),
        ("encryption_keys", "RUNWAY_ENCRYPTION_KEYS must be set"),
    ],
)
async def test_a_process_without_what_it_needs_does_not_start(settings: Settings, missing: str, sentence: str) -> None:
    with pytest.raises(Misconfigured, match=sentence):
        async with open_runtime(settings.model_copy(update={missing: None})):
            pass


def test_time_is_real_unless_a_demo_says_otherwise(settings: Settings) -> None:
    assert isinstance(clock_of(settings), SystemClock)
    assert isinstance(clock_of(settings.model_copy(update={"now": "2026-11-27"})), ShiftedClock)

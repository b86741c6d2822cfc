"""What `runway doctor` would find is found every hour, said in the log and counted; nothing is mended by itself."""

import uuid
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.tools import Tools, open_tools
from kit.config import load_settings
from kit.crypto import generate_key
from kit.runtime import open_runtime
from tests.cluster import Cluster
from tests.conftest import new_business
from workers.health import forget_old, look_for_breaches


@pytest.fixture
async def tools(database_url: str, cluster: Cluster) -> AsyncIterator[Tools]:
    named = {
        "DATABASE_URL": database_url,
        "REDIS_URL": cluster.redis_url,
        "QBO_CLIENT_ID": "x",
        "QBO_CLIENT_SECRET": "x",
    }
    settings = load_settings(named | {"RUNWAY_ENCRYPTION_KEYS": generate_key("test")})
    async with open_runtime(settings) as runtime, open_tools(runtime) as opened:
        yield opened


async def test_a_breach_is_said_with_its_business_and_counted(tools: Tools) -> None:
    business = await new_business(tools.db)
    row = uuid.uuid4()
    planted = (
        "INSERT INTO outbox (business_id, id, lane, kind, payload, dedupe_key, done_at, dead_at)"
        " VALUES (:business, :row, 0, 'Chime', '{}', 'k', now(), now())"
    )
    async with tools.db.tenant_session(business) as session:
        await session.execute(text(planted), {"business": business, "row": row})
    with capture_logs() as said:
        await look_for_breaches(tools)
    async with tools.db.system_session() as session:
        await session.execute(text("DELETE FROM outbox WHERE id = :row"), {"row": row})
    [line] = [one for one in said if one.get("business_id") == str(business)]
    assert (line["event"], line["invariant"], line["rows"]) == ("invariant.broken", "outbox.settled", (str(row),))
    assert (tools.runtime.metrics.registry.get_sample_value("runway_invariants_broken") or 0) >= 1


async def test_a_wall_that_is_down_is_said(tools: Tools) -> None:
    async with tools.db.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE people NO FORCE ROW LEVEL SECURITY"))
    try:
        with capture_logs() as said:
            await look_for_breaches(tools)
    finally:
        async with tools.db.engine.begin() as connection:
            await connection.execute(text("ALTER TABLE people FORCE ROW LEVEL SECURITY"))
    assert [(one["wall"], one["where"]) for one in said if one["event"] == "wall.down"] == [
        ("walls.policies", ("people",))
    ]


async def test_what_nobody_repeats_or_asks_for_any_more_is_forgotten(tools: Tools) -> None:
    business = await new_business(tools.db)
    planted = (
        (
            "INSERT INTO inbox (business_id, source, external_key, received_at)"
            " VALUES (:business, 'slack', 'old', now() - interval '8 days'), (:business, 'slack', 'new', now())"
        ),
        (
            "INSERT INTO outbox (business_id, id, lane, kind, payload, dedupe_key, done_at)"
            " VALUES (:business, gen_random_uuid(), 0, 'Chime', '{}', 'old', now() - interval '91 days'),"
            " (:business, gen_random_uuid(), 0, 'Chime', '{}', 'decision:1:approved:', now() - interval '91 days')"
        ),
    )
    async with tools.db.tenant_session(business) as session:
        for statement in planted:
            await session.execute(text(statement), {"business": business})
    await forget_old(tools)
    async with tools.db.tenant_session(business) as session:
        left = await session.execute(text("SELECT external_key FROM inbox UNION ALL SELECT dedupe_key FROM outbox"))
        assert set(left.scalars()) == {"new", "decision:1:approved:"}

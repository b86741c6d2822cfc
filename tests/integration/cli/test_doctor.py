"""Doctor finds what is broken, says so in a sentence, and is silent about what is well."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from cli.doctor import doctor
from domains import audit, walls
from kit.clock import FrozenClock
from kit.config import Settings, load_settings
from kit.embedded import EmbeddedServices
from kit.limits import new_redis
from kit.runtime import Runtime
from tests.cluster import Cluster
from tests.integration.cli.conftest import NEW, OLD, found, with_keys


async def examined(
    settings: Settings, capsys: pytest.CaptureFixture[str], **changes: str
) -> tuple[bool, dict[str, dict[str, Any]]]:
    """Whether all is well, and the findings by subject."""
    capsys.readouterr()
    well = await doctor(settings.model_copy(update=changes), as_json=True)
    return well, {finding["subject"]: finding for finding in json.loads(capsys.readouterr().out)}


@pytest.fixture
async def owner(installation: Settings) -> AsyncIterator[Any]:
    """The login that migrates: whoever breaks something holds it. What it did is undone."""
    connection = await asyncpg.connect(installation.database_owner_url)
    yield connection
    await connection.close()


async def test_a_sound_installation_is_well_in_every_point(
    installation: Settings, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    await found(runtime)
    well, findings = await examined(installation, capsys)
    assert well, findings
    assert list(findings) == ["configuration", "redis", "database", "schema", "walls", "outbox", "keys", "invariants"]
    assert all(finding["fine"] for finding in findings.values())


async def test_a_person_reads_one_line_per_point(installation: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await doctor(installation, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert all(line.startswith("✓ ") for line in lines)


async def test_missing_secrets_are_named_with_what_will_not_work(
    installation: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = installation.model_copy(update={"slack_signing_secret": None, "qbo_client_id": None})
    assert not await doctor(bare, as_json=False)
    said = capsys.readouterr().out
    assert "✗ configuration: SLACK_SIGNING_SECRET is not set" in said
    assert "QBO_CLIENT_ID is not set: nobody can connect QuickBooks" in said


async def test_half_a_configuration_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    well, findings = await examined(load_settings({"DATABASE_URL": "postgresql:///x"}), capsys)
    assert not well
    assert "set both DATABASE_URL and REDIS_URL" in findings["configuration"]["sentence"]


async def test_a_database_that_is_away_is_named_and_nothing_else_is_guessed(
    installation: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    away = "postgresql://runway_app@/runway?host=/nowhere"
    well, findings = await examined(installation, capsys, database_url=away)
    assert not well
    assert "does not answer" in findings["database"]["sentence"]
    assert "keys" not in findings


async def test_a_redis_that_is_away_is_named(installation: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    well, findings = await examined(installation, capsys, redis_url="redis://127.0.0.1:1")
    assert not well
    assert "does not answer" in findings["redis"]["sentence"]
    assert findings["invariants"]["fine"]


async def test_a_redis_that_evicts_is_told_what_to_do(
    installation: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with EmbeddedServices(tmp_path, durable=False) as urls, new_redis(urls.redis_url, timeout=5) as redis:
        await redis.config_set("maxmemory-policy", "allkeys-lru")
        well, findings = await examined(installation, capsys, redis_url=urls.redis_url)
    assert not well
    assert "set it to noeviction" in findings["redis"]["sentence"]


async def test_a_superuser_is_no_login_for_an_application(
    installation: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert installation.database_url
    well, findings = await examined(
        installation, capsys, database_url=installation.database_url.replace("runway_app@", "postgres@")
    )
    assert not well
    assert "postgres is a superuser" in findings["database"]["sentence"]


@pytest.fixture
def empty_database(cluster: Cluster) -> Iterator[str]:
    name = f"runway_empty_{uuid4().hex[:8]}"
    yield cluster.create(name)
    cluster.drop(name)


async def test_an_empty_database_asks_for_the_migrations(
    empty_database: str, installation: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    well, findings = await examined(installation, capsys, database_url=empty_database)
    assert not well
    assert "runway migrate" in list(findings.values())[-1]["sentence"]


async def test_an_older_schema_is_named_with_the_one_that_is_wanted(
    installation: Settings, owner: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    head = await owner.fetchval("SELECT version_num FROM alembic_version")
    await owner.execute("UPDATE alembic_version SET version_num = '0001_floor'")
    try:
        well, findings = await examined(installation, capsys)
    finally:
        await owner.execute("UPDATE alembic_version SET version_num = $1", head)
    assert not well
    assert findings["schema"]["sentence"] == f"at 0001_floor, not {head}: `runway migrate`"


PLANTED = """
CREATE TABLE pets (id int PRIMARY KEY);
CREATE TABLE planted (business_id uuid, pet int REFERENCES pets);
ALTER TABLE planted ENABLE ROW LEVEL SECURITY;
ALTER TABLE planted FORCE ROW LEVEL SECURITY;
"""
GIVEN_AWAY = """
GRANT CREATE ON SCHEMA public TO runway_tenant;
ALTER TABLE install_states OWNER TO runway_tenant;
"""
TAKEN_BACK = """
ALTER TABLE install_states OWNER TO runway_owner;
REVOKE CREATE ON SCHEMA public FROM runway_tenant;
"""
GENEROUS = "CREATE POLICY generous ON people TO runway_tenant USING (true)"
PEEK = "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM people'"
HOLES = {
    "walls.policies": ("ALTER TABLE people NO FORCE ROW LEVEL SECURITY", "ALTER TABLE people FORCE ROW LEVEL SECURITY"),
    "walls.tenant_policies": (GENEROUS, "DROP POLICY generous ON people"),
    "walls.unique_keys": ("CREATE UNIQUE INDEX uq_gossip ON people (name)", "DROP INDEX uq_gossip"),
    "walls.foreign_keys": (PLANTED, "DROP TABLE planted; DROP TABLE pets"),
    "walls.views": ("CREATE VIEW everybody AS SELECT * FROM people", "DROP VIEW everybody"),
    "walls.functions": (PEEK, "DROP FUNCTION peek()"),
    "walls.roles": (GIVEN_AWAY, TAKEN_BACK),
    "walls.history": ("GRANT UPDATE ON audit_log TO runway_tenant", "REVOKE UPDATE ON audit_log FROM runway_tenant"),
}


@pytest.mark.parametrize("wall", HOLES)
async def test_a_hole_in_a_wall_is_named(
    wall: str, installation: Settings, runtime: Runtime, owner: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, mended = HOLES[wall]
    await owner.execute(broken)
    try:
        async with runtime.db.system_session() as session:
            assert [hole.name for hole in await walls.list_holes(session)] == [wall]
        well, findings = await examined(installation, capsys)
    finally:
        await owner.execute(mended)
    assert not well
    assert "not so that" in findings["walls"]["sentence"]


def test_every_wall_was_seen_to_be_missed() -> None:
    assert {wall.name for wall in walls.WALLS} == HOLES.keys()


async def test_a_history_without_its_trigger_is_named(runtime: Runtime, owner: Any) -> None:
    await owner.execute("ALTER TABLE handoffs DISABLE TRIGGER append_only")
    try:
        async with runtime.db.system_session() as session:
            [hole] = await walls.list_holes(session)
    finally:
        await owner.execute("ALTER TABLE handoffs ENABLE TRIGGER append_only")
    assert hole.where == ("handoffs: no trigger",)


async def test_work_that_nobody_does_and_work_that_was_given_up_are_named(
    installation: Settings, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant = await found(runtime)
    async with runtime.db.tenant_session(tenant.id) as session:
        await session.execute(
            text(
                "INSERT INTO outbox (business_id, id, lane, kind, payload, dedupe_key, not_before, dead_at) VALUES"
                " (:business, gen_random_uuid(), 1, 'Chime', '{}', 'late', now() - interval '10 min', NULL),"
                " (:business, gen_random_uuid(), 1, 'Chime', '{}', 'dead', now(), now())"
            ),
            {"business": tenant.id},
        )
    well, findings = await examined(installation, capsys)
    async with runtime.db.system_session() as session:
        await session.execute(text("DELETE FROM outbox"))
    assert not well
    assert "has waited 6" in findings["outbox"]["sentence"]
    assert "1 given up" in findings["outbox"]["sentence"]


async def test_tokens_that_no_key_opens_are_named_by_column_and_business(
    installation: Settings, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    await found(runtime)
    well, findings = await examined(with_keys(installation, NEW), capsys)
    assert not well
    assert findings["keys"]["sentence"].startswith("none of them opens workspaces.bot_token of ")


async def test_an_old_key_that_is_still_used_is_mentioned_and_no_trouble(
    installation: Settings, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    await found(runtime)
    well, findings = await examined(with_keys(installation, NEW, OLD), capsys)
    assert well, findings
    assert "old still in use: `runway keys rotate`" in findings["keys"]["sentence"]


async def test_a_breach_in_the_rows_of_one_business_is_named(
    installation: Settings, runtime: Runtime, clock: FrozenClock, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant = await found(runtime)
    async with runtime.db.tenant_session(tenant.id) as session:
        await session.execute(text("UPDATE workspaces SET bot_token = 'xoxb-in-clear'"))
        entry = audit.Entry(actor="U1", action="x", object_type="y", object_id="z")
        await audit.record(session, entry, clock=clock)
    well, findings = await examined(installation, capsys)
    async with runtime.db.tenant_session(tenant.id) as session:
        await session.execute(text("UPDATE workspaces SET bot_token = NULL"))
    assert not well
    assert f"secrets.sealed of {tenant.id}" in findings["invariants"]["sentence"]
    assert "xoxb" not in json.dumps(findings)

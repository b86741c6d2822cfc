"""A database from before a role existed starts after the upgrade as if it had been made today."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import asyncpg
import pytest
from sqlalchemy import text

from domains.people import remember_person
from domains.walls import list_holes
from domains.wiping import wipe
from kit.db import Database, new_engine
from migrations.run import migrate
from tests.cluster import Cluster
from tests.conftest import new_business

# What the wall looked like before anybody could be deleted.
BEFORE_THE_WIPER = """
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT tablename FROM pg_policies WHERE policyname = 'wiper' LOOP
    EXECUTE format('DROP POLICY wiper ON %I', t);
    EXECUTE format('REVOKE ALL ON %I FROM runway_wiper', t);
  END LOOP;
END $$
"""


@pytest.fixture
def owner(cluster: Cluster) -> Iterator[str]:
    name = f"runway_old_{uuid.uuid4().hex[:8]}"
    yield cluster.create(name)
    cluster.drop(name)


@pytest.fixture
async def old(owner: str) -> str:
    await migrate(owner)
    connection = await asyncpg.connect(owner)
    await connection.execute(BEFORE_THE_WIPER)
    await connection.close()
    return owner


async def test_a_database_from_before_the_wiper_is_completed_by_migrating(old: str) -> None:
    for _ in range(2):  # and once more changes nothing
        await migrate(old)
    db = Database(new_engine(old))
    try:
        async with db.system_session() as session:
            assert await list_holes(session) == []
        business = await new_business(db)
        async with db.tenant_session(business) as session:
            await remember_person(session, "U1", name="x", zone="UTC", refused_as=None, seen_at=datetime.now(UTC))
        async with db.system_session() as session:
            await session.execute(text("UPDATE businesses SET status = 'uninstalled'"))
        assert (await wipe(db, business))["people"] == 1
    finally:
        await db.close()

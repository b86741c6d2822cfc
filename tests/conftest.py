"""What every test may ask for: a migrated database of its own worker, two businesses, a clock that stands still."""

import asyncio
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from kit.clock import FrozenClock
from kit.crypto import Keyring, generate_key
from kit.db import Database, new_engine
from migrations import run
from tests.cluster import Cluster
from tests.measuring import start_children_unmeasured

SHARED = Path(__file__).parents[2] / "shared"
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A folder of its own for each run: pytest closes the shared one to the users that our servers run as."""
    start_children_unmeasured()
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="runway-tests-")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Laws take long and would come last: one worker would sit idle until the other is through with them."""
    items.sort(key=lambda item: item.path.name != "test_laws.py")


@pytest.fixture(autouse=True)
def measured(request: pytest.FixtureRequest) -> Iterator[None]:
    """Laws run the same lines thousands of times: to watch each of them triples their time and finds no new line."""
    watcher = sys.gettrace()
    if request.node.get_closest_marker("unmeasured"):
        sys.settrace(None)
    yield
    sys.settrace(watcher)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


@pytest.fixture(scope="session")
def database_url(cluster: Cluster) -> Iterator[str]:
    """One database per worker, built by the migrations."""
    name = f"runway_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{uuid.uuid4().hex[:8]}"
    owner = cluster.create(name)
    asyncio.run(run.migrate(owner))
    yield owner
    cluster.drop(name)


@pytest.fixture(scope="session")
async def db(database_url: str) -> AsyncIterator[Database]:
    """Real commits, so each test works in businesses of its own instead of a savepoint."""
    database = Database(new_engine(database_url))
    yield database
    await database.close()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.parse(generate_key("test"))


async def new_business(db: Database, name: str = "Harbor & Pine Studio") -> UUID:
    business_id = uuid.uuid4()
    async with db.system_session() as session:
        await session.execute(
            text("INSERT INTO businesses (business_id, name, zone) VALUES (:id, :name, 'America/Los_Angeles')"),
            {"id": business_id, "name": name},
        )
    return business_id


@pytest.fixture
async def business(db: Database) -> UUID:
    return await new_business(db)


@pytest.fixture
async def other_business(db: Database) -> UUID:
    """A second tenant: give it rows with the same QuickBooks ids and see that nobody meets them."""
    return await new_business(db, "Northshore Print & Supply")

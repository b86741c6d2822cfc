"""An installation of its own: operators' commands look at everything there is."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from domains.connections import ConnectionRow
from domains.sealed import SEALED
from kit.config import Settings, load_settings
from kit.crypto import Keyring, generate_key
from kit.db import TenantSession
from kit.runtime import Runtime, open_runtime
from migrations import run
from tests.cluster import Cluster
from tests.conftest import new_business
from tests.installs import new_team, workspace_row

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OLD, NEW = generate_key("old"), generate_key("new")


@pytest.fixture(scope="module")
def installation(cluster: Cluster) -> Iterator[Settings]:
    name = f"runway_cli_{uuid.uuid4().hex[:8]}"
    owner = cluster.create(name)
    app = owner.replace("runway_owner@", "runway_app@")
    asyncio.run(run.migrate(owner, app_url=app))
    vendors = ("SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "QBO_CLIENT_ID", "QBO_CLIENT_SECRET")
    secrets = dict.fromkeys((*vendors, "QBO_WEBHOOK_VERIFIER_TOKEN"), "x")
    services = {"DATABASE_URL": app, "DATABASE_OWNER_URL": owner, "REDIS_URL": cluster.redis_url}
    yield load_settings(services | secrets | {"RUNWAY_ENCRYPTION_KEYS": OLD})
    cluster.drop(name)


@pytest.fixture(scope="module")
async def runtime(installation: Settings) -> AsyncIterator[Runtime]:
    async with open_runtime(installation) as opened:
        yield opened


def with_keys(installation: Settings, *keys: str) -> Settings:
    """The same installation after its operator changed the keys."""
    return installation.model_copy(update={"encryption_keys": SecretStr(",".join(keys))})


@dataclass(frozen=True)
class Tenant:
    """A business with Slack installed and QuickBooks connected."""

    id: UUID
    team: str
    realm: str


async def found(runtime: Runtime, name: str = "Harbor & Pine Studio") -> Tenant:
    tenant = Tenant(await new_business(runtime.db, name), new_team(), str(uuid4().int)[:16])
    async with runtime.db.tenant_session(tenant.id) as session:
        session.add(workspace_row(team_id=tenant.team, team_name="Harbor & Pine", installed_at=AT))
        session.add(
            ConnectionRow(realm_id=tenant.realm, status="connected", connected_by="U1", connected_at=AT, generation=1)
        )
        await session.flush()
        await seal(session, runtime.keyring)
    return tenant


async def seal(session: TenantSession, keyring: Keyring) -> None:
    """Give every sealed column a value of its own."""
    from domains.sealed import _rows

    rows = await _rows(session)
    for one in SEALED:
        secret = f"secret-{one.table}-{one.column}"
        setattr(rows[one.table], one.column, keyring.seal(secret, bound_to=one.bound_to(session.business_id)))
    await session.flush()

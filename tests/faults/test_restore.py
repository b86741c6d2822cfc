"""The drill of docs/operations.md: a backup, a new machine, the keys from elsewhere, and everything holds again."""

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from cli.doctor import doctor
from domains.audit import Entry, record, verify_chain
from domains.sealed import inspect
from kit.config import Settings, load_settings
from kit.crypto import generate_key
from kit.embedded import EmbeddedServices, Urls
from kit.runtime import Runtime, open_runtime
from kit.servers import postgres_bin
from migrations.run import migrate
from migrations.tenancy import SYSTEM, TENANT, WIPER
from tests.faults.plant import VENDORS
from tests.integration.cli.conftest import Tenant, found

KEYS = generate_key("kept-elsewhere")
SECRETS = VENDORS | {"SLACK_SIGNING_SECRET": "x", "QBO_WEBHOOK_VERIFIER_TOKEN": "x", "RUNWAY_ENCRYPTION_KEYS": KEYS}


def settings(urls: Urls) -> Settings:
    return load_settings(urls.environment() | SECRETS)


def postgres(urls: Urls, login: str, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One of Postgres's own programs, as this login."""
    where = ("-h", unquote(urls.database_url.partition("host=")[2]), "-U", login, "-d", "runway")
    return subprocess.run([str(postgres_bin() / program), *where, *words], capture_output=True, text=True, check=False)


async def lived(runtime: Runtime) -> Tenant:
    tenant = await found(runtime)
    async with runtime.db.tenant_session(tenant.id) as session:
        for number in range(3):
            entry = Entry(actor="U1", action="x", object_type="bill", object_id=str(number))
            await record(session, entry, clock=runtime.clock)
    return tenant


async def test_a_backup_comes_back_with_its_walls_its_history_and_its_tokens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dump = str(tmp_path / "runway.dump")
    async with EmbeddedServices(tmp_path / "old", durable=False) as old:
        await migrate(old.database_owner_url, app_url=old.database_url)
        async with open_runtime(settings(old)) as runtime:
            tenant = await lived(runtime)
        refused = postgres(old, "runway_owner", "pg_dump", "-Fc", "-f", dump)
        assert "row-level security" in refused.stderr  # a backup that would silently lack every tenant's rows
        done = postgres(old, "postgres", "pg_dump", "-Fc", "-f", dump)
        assert done.returncode == 0, done.stderr
    async with EmbeddedServices(tmp_path / "new", durable=False) as new:
        for role in (TENANT, SYSTEM, WIPER):
            assert postgres(new, "runway_owner", "psql", "-c", f"CREATE ROLE {role}").returncode == 0
        done = postgres(new, "runway_owner", "pg_restore", "--no-owner", "--exit-on-error", dump)
        assert done.returncode == 0, done.stderr
        await migrate(new.database_owner_url, app_url=new.database_url)
        await holds(settings(new), tenant, capsys)


async def holds(restored: Settings, tenant: Tenant, capsys: pytest.CaptureFixture[Any]) -> None:
    capsys.readouterr()
    assert await doctor(restored, as_json=False), capsys.readouterr().out
    async with open_runtime(restored) as runtime, runtime.db.tenant_session(tenant.id) as session:
        assert await verify_chain(session) is None
        assert (await inspect(session, runtime.keyring)).by_kid == {"kept-elsewhere": 5}

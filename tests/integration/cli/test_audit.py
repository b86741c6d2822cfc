"""A reviewer gets the whole history and can check it without us; a changed one is named."""

import json
from hashlib import sha256
from typing import Any

import asyncpg
import pytest

from cli.audit import export, verify
from domains.audit import Entry, record
from kit.config import Settings
from kit.errors import Misconfigured, Refused
from kit.runtime import Runtime
from tests.integration.cli.conftest import Tenant, found


@pytest.fixture
async def tenant(runtime: Runtime) -> Tenant:
    tenant = await found(runtime)
    async with runtime.db.tenant_session(tenant.id) as session:
        for number in (1, 2, 3):
            entry = Entry(actor="U1", action="x", object_type="bill", object_id=str(number), after={"name": "Zoë ✓"})
            await record(session, entry, clock=runtime.clock)
    return tenant


async def exported(runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    await export(runtime, str(tenant.id))
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def tampered(installation: Settings, tenant: Tenant, statement: str) -> None:
    assert installation.database_owner_url
    connection = await asyncpg.connect(installation.database_owner_url)
    try:
        await connection.execute(f"""
            ALTER TABLE audit_log DISABLE TRIGGER append_only, NO FORCE ROW LEVEL SECURITY;
            {statement} AND business_id = '{tenant.id}';
            ALTER TABLE audit_log ENABLE TRIGGER append_only, FORCE ROW LEVEL SECURITY
        """)
    finally:
        await connection.close()


async def test_a_reviewer_can_check_the_chain_from_the_export_alone(
    runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = await exported(runtime, tenant, capsys)
    assert [line["seq"] for line in lines] == [1, 2, 3]
    prev = "00" * 32
    for line in lines:
        assert line["prev"] == prev
        prev = sha256(bytes.fromhex(prev) + line["body"].encode()).hexdigest()
        assert line["hash"] == prev
    assert lines[0]["object"] == ["bill", "1"]


async def test_an_intact_history_says_how_long_it_is_and_where_it_ends(
    runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    head = (await exported(runtime, tenant, capsys))[-1]["hash"]
    assert await verify(runtime, str(tenant.id), head[:12])
    said = capsys.readouterr().out
    assert "3 entries, intact" in said
    assert head[:16] in said


async def test_a_changed_entry_is_named_also_when_all_are_verified(
    installation: Settings, runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = await found(runtime)
    await tampered(installation, tenant, "UPDATE audit_log SET actor = 'U2' WHERE seq = 2")
    assert not await verify(runtime, None, None)
    said = capsys.readouterr().out
    assert f"{tenant.id}: entry 2 does not fit" in said
    assert f"{sound.id}: nothing was recorded yet" in said


async def test_a_cut_off_end_shows_against_the_hash_of_a_digest(
    installation: Settings, runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    head = (await exported(runtime, tenant, capsys))[-1]["hash"]
    await tampered(installation, tenant, "DELETE FROM audit_log WHERE seq = 3")
    assert await verify(runtime, str(tenant.id), None)
    assert not await verify(runtime, str(tenant.id), head[:12])
    assert "was cut off" in capsys.readouterr().out


@pytest.mark.parametrize("anchor", ["", "abc", "xyz-xyz-xyz", "ABCDEF12"])
async def test_what_is_no_hash_is_no_anchor(anchor: str, runtime: Runtime, tenant: Tenant) -> None:
    with pytest.raises(Misconfigured, match="is not an anchor"):
        await verify(runtime, str(tenant.id), anchor)


async def test_an_anchor_needs_its_business(runtime: Runtime) -> None:
    with pytest.raises(Misconfigured, match="name it"):
        await verify(runtime, None, "abcdef12")


async def test_nobodys_history_is_not_exported(runtime: Runtime) -> None:
    with pytest.raises(Refused, match="runway businesses"):
        await export(runtime, "nobody")

"""A new key takes over every token, wherever it is interrupted, and an old one goes only when nothing needs it."""

import pytest

from cli.keys import rotate
from domains.sealed import inspect, reseal
from kit.config import Settings
from kit.crypto import Keyring, SealBroken
from kit.runtime import Runtime, open_runtime
from tests.integration.cli.conftest import NEW, OLD, Tenant, found, with_keys


@pytest.fixture
async def tenants(runtime: Runtime) -> list[Tenant]:
    return [await found(runtime) for _ in range(3)]


async def kids(runtime: Runtime, tenant: Tenant, keyring: Keyring) -> dict[str, int]:
    async with runtime.db.tenant_session(tenant.id) as session:
        return dict((await inspect(session, keyring)).by_kid)


async def test_every_token_is_sealed_anew_and_still_says_the_same(
    installation: Settings, runtime: Runtime, tenants: list[Tenant], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_runtime(with_keys(installation, NEW, OLD)) as rotating:
        assert await rotate(rotating)
    said = capsys.readouterr().out
    assert "15 tokens were sealed anew with new." in said
    assert "The key old may be removed." in said
    for tenant in tenants:
        assert await kids(runtime, tenant, Keyring.parse(NEW)) == {"new": 5}


async def test_an_interrupted_rotation_goes_on_and_a_second_one_finds_nothing(
    installation: Settings, runtime: Runtime, tenants: list[Tenant], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_runtime(with_keys(installation, NEW, OLD)) as rotating:
        async with rotating.db.tenant_session(tenants[0].id) as session:
            assert await reseal(session, rotating.keyring) == 5
        assert await rotate(rotating)
        assert "10 tokens were sealed anew" in capsys.readouterr().out
        assert await rotate(rotating)
    assert "0 tokens were sealed anew" in capsys.readouterr().out


async def test_a_key_that_is_still_needed_is_kept(
    installation: Settings, tenants: list[Tenant], capsys: pytest.CaptureFixture[str]
) -> None:
    """The first rotation went to `new`; whoever rotates back to `old` must keep it until that is through."""
    async with open_runtime(with_keys(installation, OLD, NEW)) as rotating:
        async with rotating.db.tenant_session(tenants[0].id) as session:
            await reseal(session, Keyring.parse(f"{NEW},{OLD}"))
            before = await inspect(session, rotating.keyring)
        assert dict(before.by_kid) == {"new": 5}
        assert await rotate(rotating)
    assert "The key new may be removed." in capsys.readouterr().out


async def test_a_token_that_no_key_opens_is_reported_and_stops_nobody_else(
    installation: Settings, runtime: Runtime, tenants: list[Tenant], capsys: pytest.CaptureFixture[str]
) -> None:
    lost = Keyring.parse(f"{NEW.replace('new:', 'lost:')},{OLD}")
    async with runtime.db.tenant_session(tenants[0].id) as session:
        await reseal(session, lost)
    async with open_runtime(with_keys(installation, NEW, OLD)) as rotating:
        assert not await rotate(rotating)
        with pytest.raises(SealBroken):
            async with rotating.db.tenant_session(tenants[0].id) as session:
                await reseal(session, rotating.keyring)
    said = capsys.readouterr().out
    assert f"A token of {tenants[0].id} opens with none of the keys" in said
    assert "The key old is still needed" in said
    assert await kids(runtime, tenants[1], Keyring.parse(NEW)) == {"new": 5}
    async with runtime.db.tenant_session(tenants[0].id) as session:
        await reseal(session, Keyring.parse(f"{OLD},{NEW.replace('new:', 'lost:')}"))

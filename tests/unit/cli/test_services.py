"""A command finds the services it is meant for: named, kept by a supervisor, or none, and says what is missing."""

import json
import stat
from pathlib import Path

import pytest

from cli.services import announced, find_configured, local_keys, open_installation
from kit.config import Environment, Settings, load_settings
from kit.errors import Misconfigured

NAMED = {"DATABASE_URL": "postgresql:///d", "REDIS_URL": "unix:///r"}


def settings(home: Path, **more: str) -> Settings:
    return load_settings({"RUNWAY_HOME": str(home)} | more)


async def opened(settings: Settings) -> Settings:
    async with open_installation(settings) as runtime:
        return runtime.settings


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_an_owner_of_its_own_is_optional(tmp_path: Path) -> None:
    found = find_configured(settings(tmp_path, **NAMED))
    assert found is not None
    assert found.database_owner_url == found.database_url == "postgresql:///d"


@pytest.mark.parametrize("name", NAMED)
def test_one_service_without_the_other_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="set both"):
        find_configured(settings(tmp_path, **{name: NAMED[name]}))


def test_keys_are_made_once_and_for_nobody_else_to_read(tmp_path: Path) -> None:
    first = local_keys(settings(tmp_path / "new"))
    assert local_keys(settings(tmp_path / "new")) == first
    assert stat.S_IMODE((tmp_path / "new" / "encryption-keys").stat().st_mode) == 0o600


def test_named_keys_are_used_and_none_are_made(tmp_path: Path) -> None:
    assert local_keys(settings(tmp_path, RUNWAY_ENCRYPTION_KEYS="k:x")) == {}
    assert not (tmp_path / "encryption-keys").exists()


def test_what_a_supervisor_announces_is_private_and_gone_with_it(tmp_path: Path) -> None:
    path = tmp_path / "home" / "services.json"
    with announced(settings(tmp_path / "home"), NAMED):
        assert json.loads(path.read_text()) == NAMED
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_named_services_are_not_written_down_a_second_time(tmp_path: Path) -> None:
    with announced(settings(tmp_path, **NAMED), NAMED):
        assert names(tmp_path) == []


async def test_named_services_come_first_with_the_keys_beside_the_data(tmp_path: Path) -> None:
    keys = local_keys(settings(tmp_path))["RUNWAY_ENCRYPTION_KEYS"]
    found = await opened(settings(tmp_path, **NAMED))
    assert found.database_url == "postgresql:///d"
    assert found.encryption_keys is not None
    assert found.encryption_keys.get_secret_value() == keys


async def test_a_command_that_only_looks_makes_no_keys(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="RUNWAY_ENCRYPTION_KEYS must be set"):
        await opened(settings(tmp_path, **NAMED))
    assert names(tmp_path) == []


async def test_an_empty_home_gets_a_sentence_and_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="there is no installation in"):
        await opened(settings(tmp_path))
    assert names(tmp_path) == []


async def test_production_runs_on_named_services_only(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="must be set"):
        await opened(settings(tmp_path).model_copy(update={"env": Environment.PRODUCTION}))

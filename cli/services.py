"""Where an installation's Postgres, Redis and keys are: configured, kept by a supervisor, or started for a command."""

import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from pydantic import SecretStr

from cli.output import note
from kit.config import Environment, Settings, load_settings
from kit.crypto import generate_key
from kit.embedded import EmbeddedServices, Urls, is_in_use
from kit.errors import Misconfigured
from kit.runtime import Runtime, open_runtime


async def bring_services(settings: Settings, stack: AsyncExitStack) -> Urls:
    """The configured services, or real ones of our own where nothing is configured and this is not production."""
    if configured := find_configured(settings):
        return configured
    if settings.env is Environment.PRODUCTION:
        raise Misconfigured("DATABASE_URL and REDIS_URL must be set: production does not run on embedded services")
    services = EmbeddedServices(settings.home)
    urls = await stack.enter_async_context(services)
    await stack.enter_async_context(services.kept())
    return urls


def find_configured(settings: Settings) -> Urls | None:
    """Raises `Misconfigured` when only one of the two is named."""
    if settings.database_url and settings.redis_url:
        return Urls(settings.database_url, settings.database_owner_url or settings.database_url, settings.redis_url)
    if settings.database_url or settings.redis_url:
        raise Misconfigured("set both DATABASE_URL and REDIS_URL, or neither to run on embedded services")
    return None


def local_keys(settings: Settings) -> dict[str, str]:
    """Keys of a local installation are made once and kept beside its data."""
    if settings.encryption_keys is not None:
        return {}
    path = settings.home / "encryption-keys"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        _write_private(path, generate_key("local"))
    return {"RUNWAY_ENCRYPTION_KEYS": path.read_text().strip()}


@contextmanager
def announced(settings: Settings, wiring: Mapping[str, str]) -> Iterator[None]:
    """While a supervisor keeps embedded services, commands beside it find what its processes were given."""
    if find_configured(settings):
        yield
        return
    path = _announcement(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_private(path, json.dumps(dict(wiring), indent=1))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@asynccontextmanager
async def open_installation(settings: Settings) -> AsyncIterator[Runtime]:
    """What a command of an operator works with; says on stderr which services were not named by the environment."""
    async with AsyncExitStack() as stack:
        found = await _find_installation(settings, stack)
        yield await stack.enter_async_context(open_runtime(found, pool_size=4))


async def _find_installation(settings: Settings, stack: AsyncExitStack) -> Settings:
    if find_configured(settings):
        return _with_kept_keys(settings)
    if settings.env is Environment.PRODUCTION:
        raise Misconfigured("DATABASE_URL and REDIS_URL must be set")
    if is_in_use(settings.home):
        return load_settings(_announced(settings))
    if not (settings.home / "postgres").exists():
        raise Misconfigured(
            f"there is no installation in {settings.home}: set DATABASE_URL and REDIS_URL, or start `runway up` once"
        )
    note(f"Nothing runs on {settings.home}: its Postgres and Redis were started for this command.")
    urls = await stack.enter_async_context(EmbeddedServices(settings.home))
    return load_settings(urls.environment() | local_keys(settings))


def _with_kept_keys(settings: Settings) -> Settings:
    """The keys that `runway up` made, where none are named; a command that only looks makes none."""
    if settings.encryption_keys is not None or not (settings.home / "encryption-keys").exists():
        return settings
    return settings.model_copy(update={"encryption_keys": SecretStr(*local_keys(settings).values())})


def _announced(settings: Settings) -> dict[str, str]:
    try:
        wiring: dict[str, str] = json.loads(_announcement(settings).read_text())
    except FileNotFoundError:
        raise Misconfigured(f"{settings.home} is in use, but its supervisor is only starting: try again") from None
    note(f"Using the services that run on {settings.home}.")
    return wiring


def _announcement(settings: Settings) -> Path:
    return settings.home / "services.json"


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)

"""Runs the migrations from code: the command line, the demo and the tests all come through here."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from urllib.parse import urlsplit

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from kit.db import new_engine
from kit.models import Base
from migrations.tenancy import KEEP_HISTORY, SYSTEM, TENANT, WIPER, WITHOUT_WIPER, roles, wiping


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """The newest revision; two heads raise."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


async def migrate(owner_url: str, *, app_url: str | None = None, revision: str = "head") -> None:
    """Bring the schema up to `revision` and let the login of `app_url` take the two roles."""
    await _run(owner_url, _make_roles)
    await _run(owner_url, lambda connection: command.upgrade(config(connection), revision))
    await _run(owner_url, _complete_walls)
    login = urlsplit(app_url).username if app_url else None
    await _grant(owner_url, None if login == urlsplit(owner_url).username else login)


async def rollback(owner_url: str, revision: str) -> None:
    """Take the schema down to `revision` ("base" for nothing left)."""
    await _run(owner_url, lambda connection: command.downgrade(config(connection), revision))


async def _run(owner_url: str, step: Callable[[Connection], None]) -> None:
    engine = new_engine(owner_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(step)
            await connection.commit()
    finally:
        await engine.dispose()


def _make_roles(connection: Connection) -> None:
    """They belong to the cluster: a restored or moved database comes without them."""
    for statement in roles():
        connection.execute(text(statement))


def _complete_walls(connection: Connection) -> None:
    """What was walled before the wiper existed lets it in, too."""
    unwiped = list(connection.scalars(text(WITHOUT_WIPER)))
    for table in unwiped:
        for statement in wiping(table):
            connection.execute(text(statement))
    if unwiped:
        connection.execute(text(KEEP_HISTORY))


async def _grant(owner_url: str, login: str | None) -> None:
    """Everybody may ask which revision this is (`runway doctor` does); the login may take the two roles."""
    engine = new_engine(owner_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"GRANT SELECT ON alembic_version TO {SYSTEM}"))
            if login:
                quoted = await connection.scalar(text("SELECT quote_ident(:login)"), {"login": login})
                await connection.execute(text(f"GRANT {TENANT}, {SYSTEM}, {WIPER} TO {quoted}"))
    finally:
        await engine.dispose()


def differences(connection: Connection) -> list[object]:
    """What the models and the migrated schema disagree about; empty when they agree."""
    know_all_tables()
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata))


def know_all_tables() -> None:
    """A table that no import reached would look like one to drop."""
    for package in ("kit", "domains", "orchestrators"):
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            import_module(module.name)

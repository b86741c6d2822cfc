"""Postgres and Redis of the test runs, shared by all workers of all runs and thrown together for speed, not safety.

A keeper process holds them. Whoever uses them holds a shared lock on one file; the keeper waits for the exclusive one,
gets it when the last user has left (or was killed), and ends.
"""

import asyncio
import fcntl
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import asyncpg

from kit.embedded import OWNER, EmbeddedServices
from kit.log import configure_logging
from kit.servers import SUPERUSER, locked

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".runway" / "tests"
SERVICES = HOME / "services"
USERS = HOME / "users.lock"
URLS = HOME / "urls.json"


class Cluster:
    """Starts with the first worker that asks and stops after the last one that leaves."""

    def __enter__(self) -> Self:
        HOME.mkdir(parents=True, exist_ok=True)
        self._leaving = ExitStack()
        users = self._leaving.enter_context(USERS.open("a"))
        with (HOME / "gate.lock").open("a") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)  # waits for a keeper that is about to end
            if not _is_kept():
                _start_keeper()
        self._urls: dict[str, str] = json.loads(URLS.read_text())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._leaving.close()

    @property
    def redis_url(self) -> str:
        return self._urls["REDIS_URL"]

    def create(self, name: str) -> str:
        """A new empty database; returns its owner's URL. The owner is nobody special, as in production."""
        self._sql(f"CREATE DATABASE {name} OWNER {OWNER}")
        return self._urls["DATABASE_OWNER_URL"].replace("/runway?", f"/{name}?")

    def drop(self, name: str) -> None:
        self._sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _sql(self, statement: str) -> None:
        asyncio.run(_execute(self._urls["DATABASE_OWNER_URL"].replace(f"//{OWNER}@", f"//{SUPERUSER}@"), statement))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _is_kept() -> bool:
    lock = SERVICES / "embedded.lock"
    if not lock.exists():
        return False
    with lock.open("a") as file:
        return not locked(file)


def _start_keeper() -> None:
    with (HOME / "keeper.log").open("w") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.cluster"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert keeper.stdout is not None
    with keeper.stdout as said:
        if said.readline() != "ready\n":
            raise RuntimeError(f"the test servers did not start: {(HOME / 'keeper.log').read_text()}")
    keeper.returncode = 0  # it outlives us on purpose


def keep(users: IO[str]) -> None:
    with EmbeddedServices(SERVICES, durable=False) as urls:
        URLS.write_text(json.dumps(urls.environment()))
        sys.stdout.write("ready\n")
        sys.stdout.close()
        fcntl.flock(users, fcntl.LOCK_EX)


if __name__ == "__main__":
    configure_logging("warning", "json", "test servers")
    with USERS.open("a") as file:
        keep(file)

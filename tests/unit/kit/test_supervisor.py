"""Children are kept running, ended in order, and never outlive whoever keeps them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from structlog.testing import capture_logs

from kit.supervisor import Child, Pace, Supervisor, python
from tests.waiting import until

ROOT = Path(__file__).parents[3]
SLEEP = ("sleep", "600")
PATHS = {"PATH": os.defpath}
BRISK = Pace(restart=(0.01,))


def child(name: str, *command: str, log: Path | None = None, essential: bool = False) -> Child:
    return Child(name, command or SLEEP, PATHS, log, essential)


@asynccontextmanager
async def running(*children: Child, pace: Pace = BRISK) -> AsyncIterator[Supervisor]:
    keeper = Supervisor(children, pace)
    task = asyncio.create_task(keeper.run())
    try:
        yield keeper
    finally:
        keeper.stop()
        await task


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_child_that_dies_is_started_again() -> None:
    async with running(child("one")) as keeper:
        first = await until(lambda: keeper.pid("one"))
        os.kill(first or 0, signal.SIGKILL)
        assert await until(lambda: keeper.pid("one") not in {None, first})
        assert keeper.pid("never") is None


async def test_the_others_go_on_while_one_is_started_again() -> None:
    async with running(child("steady"), child("shaky", "false")) as keeper:
        with capture_logs() as said:
            await until(lambda: sum(line["event"] == "child.ended" for line in said) >= 3)
        assert is_alive(keeper.pid("steady") or 0)


async def test_everything_ends_with_an_essential_child() -> None:
    keeper = Supervisor([child("other"), child("vital", "true", essential=True)])
    await asyncio.wait_for(keeper.run(), 30)
    assert not is_alive(keeper.pid("other") or 0)


async def test_children_end_in_the_reverse_of_the_order_they_were_given(tmp_path: Path) -> None:
    script = "import signal,sys,time; signal.signal(15, lambda *_: (print(sys.argv[1], flush=True), sys.exit()))"
    script += "; print('up', flush=True); time.sleep(600)"
    log = tmp_path / "log"
    children = [Child(name, python("-c", script, name), PATHS, log) for name in ("first", "second", "third")]
    async with running(*children):
        await until(lambda: log.exists() and log.read_text().count("up") == 3)
    assert log.read_text().split()[3:] == ["third", "second", "first"]


async def test_a_child_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    deaf = child("deaf", "sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done", log=log)
    async with running(deaf, pace=Pace(finish=0.1)) as keeper:
        await until(lambda: log.exists() and "up" in log.read_text())
        pid = keeper.pid("deaf") or 0
    assert not is_alive(pid)


async def test_a_child_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    async with running(child("quiet", log=folder / "quiet.log")) as keeper:
        with capture_logs() as said:
            await until(lambda: any(line["event"] == "child.not_started" for line in said))
        folder.mkdir()
        assert await until(lambda: keeper.pid("quiet"))


async def test_a_long_life_forgives_the_crashes_before_it() -> None:
    async with running(child("shaky", "false"), pace=Pace(restart=(0.01, 600.0), steady=-1.0)):
        with capture_logs() as said:
            assert await until(lambda: len(said) >= 3)


KILLED = """
import asyncio, os, sys
from kit.supervisor import Child, Supervisor
keeper = Supervisor([Child(name, ("sleep", "600"), {"PATH": os.defpath}) for name in "ab"])
async def main():
    task = asyncio.create_task(keeper.run())
    while not (keeper.pid("a") and keeper.pid("b")):
        await asyncio.sleep(0.01)
    print(keeper.pid("a"), keeper.pid("b"), flush=True)
    await task
asyncio.run(main())
"""


async def test_a_killed_supervisor_takes_its_children_with_it() -> None:
    words = (sys.executable, "-c", KILLED)
    process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    pids = [int(word) for word in (await process.stdout.readline()).split()]
    assert len(pids) == 2
    assert all(map(is_alive, pids))
    process.kill()
    await process.wait()
    await until(lambda: not any(map(is_alive, pids)))


async def test_a_guard_that_was_killed_costs_only_its_protection() -> None:
    async with running(child("one")) as keeper:
        await until(lambda: keeper.pid("one"))
        os.kill(keeper._guard.pid, signal.SIGKILL)
        await asyncio.to_thread(keeper._guard._process.wait)
        first = keeper.pid("one") or 0
        os.kill(first, signal.SIGKILL)
        assert await until(lambda: keeper.pid("one") != first)


def test_python_means_this_very_interpreter() -> None:
    assert python("-m", "runway")[0] == sys.executable


async def test_nobody_waits_for_a_restart_that_is_no_longer_wanted() -> None:
    with capture_logs() as said:
        async with running(child("shaky", "false"), pace=Pace(restart=(600.0,))):
            await until(lambda: said)
    assert [line["event"] for line in said] == ["child.ended"]

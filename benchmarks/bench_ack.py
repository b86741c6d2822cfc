"""Measures how soon Slack is answered: fifty signed requests a second that write, on a well and on a sick installation.

A real bot process with its worker and scheduler beside it and the stand-ins behind; requests are signed as Slack does.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlencode

import httpx

from tests.e2e.world import World, open_world
from tests.faults.slow import slowed

PER_SECOND = 50
SECONDS = 12.0
SLOWED_BY_S = 0.5

Request: TypeAlias = tuple[str, bytes]

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Answered:
    seconds: float
    status: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds from request to acknowledgement. A limit of None is told and not promised.

    `retried`: answered with 503, upon which Slack delivers again.
    """

    name: str
    requests: int
    retried: int
    p50: float
    p99: float
    worst: float
    p99_limit: float | None
    worst_limit: float | None

    @property
    def kept(self) -> bool:
        return self.p99 <= (self.p99_limit or self.p99) and self.worst <= (self.worst_limit or self.worst)


@dataclass(frozen=True, slots=True)
class Sender:
    """Slack, as far as the bot can tell."""

    world: World
    team: str
    user: str
    channel: str

    def event(self) -> Request:
        event = {"type": "user_change", "user": {"id": self.user, "team_id": self.team}}
        body = {
            "type": "event_callback",
            "event_id": f"Ev{next(_numbers):010d}",
            "event_time": int(time.time()),
            "team_id": self.team,
            "api_app_id": "A0",
            "authorizations": [{"team_id": self.team, "user_id": self.user, "is_bot": True}],
            "event": event,
        }
        return "application/json", json.dumps(body).encode()

    def command(self, words: str) -> Request:
        form = {
            "command": "/runway",
            "text": words,
            "team_id": self.team,
            "user_id": self.user,
            "channel_id": self.channel,
            "api_app_id": "A0",
            "trigger_id": f"{next(_numbers)}.1.x",
            "response_url": f"{self.world.slack_url}/nowhere",
        }
        return "application/x-www-form-urlencoded", urlencode(form).encode()

    async def send(self, client: httpx.AsyncClient, kind: str, body: bytes) -> Answered:
        secret = self.world.environment["SLACK_SIGNING_SECRET"].encode()
        stamp = str(int(time.time()))
        seal = hmac.new(secret, b":".join((b"v0", stamp.encode(), body)), hashlib.sha256).hexdigest()
        headers = {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={seal}"}
        began = time.perf_counter()
        answer = await client.post(f"{self.world.bot_url}/slack/events", content=body, headers=headers)
        return Answered(time.perf_counter() - began, answer.status_code)


async def storm(requests: Iterable[Request], client: httpx.AsyncClient, sender: Sender, pace: float) -> list[Answered]:
    """At this pace a second, whether the bot keeps up or not: waiting in line counts."""
    sent, began = [], time.perf_counter()
    for number, request in enumerate(requests):
        await asyncio.sleep(max(0.0, began + number / pace - time.perf_counter()))
        sent.append(asyncio.create_task(sender.send(client, *request)))
    return await asyncio.gather(*sent)


def measured(name: str, answers: list[Answered], *, worst: float | None = None, p99: float | None = None) -> Measured:
    times = sorted(answer.seconds * 1000 for answer in answers)
    refused = sum(answer.status >= 500 for answer in answers)
    middle, late = (round(times[int(len(times) * share)], 1) for share in (0.5, 0.99))
    return Measured(name, len(times), refused, middle, late, round(times[-1], 1), p99, worst)


class Bench:
    """One installation, measured in one condition after the other."""

    def __init__(self, world: World, sender: Sender, client: httpx.AsyncClient, bills: list[str]) -> None:
        self._world = world
        self._sender = sender
        self._client = client
        self._bills = bills

    async def events(self, name: str, *, pace: float = PER_SECOND, p99: float | None, worst: float | None) -> Measured:
        requests = (self._sender.event() for _ in range(int(SECONDS * pace)))
        return measured(name, await storm(requests, self._client, self._sender, pace), p99=p99, worst=worst)

    async def decisions(self, name: str, *, pace: float, worst: float) -> Measured:
        requests = (self._sender.command(f"approve {ref}") for ref in self._bills)
        return measured(name, await storm(requests, self._client, self._sender, pace), worst=worst)

    async def all(self) -> AsyncIterator[Measured]:
        yield await self.events("events, healthy", p99=150, worst=2500)
        yield await self.decisions("decisions, one a second", pace=1, worst=2500)
        async with self._hung_redis():
            yield await self.events("events, Redis hangs", p99=200, worst=2500)
        async with self._slow_database():
            yield await self.events("events, database +500 ms", pace=5, p99=None, worst=2500)
            yield await self.decisions("decisions, database +500 ms", pace=1, worst=2500)

    @asynccontextmanager
    async def _hung_redis(self) -> AsyncIterator[None]:
        pid = int((self._world.home / "services" / "redis.pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @asynccontextmanager
    async def _slow_database(self) -> AsyncIterator[None]:
        """The bot alone meets it: what it writes is done by workers as quick as ever."""
        fast = self._world.environment["DATABASE_URL"]
        async with slowed(fast, self._world.home, SLOWED_BY_S) as slow:
            await self._world.kill("bot", signal.SIGTERM)
            self._world.environment["DATABASE_URL"] = slow.url
            await self._world.start("bot", "serve")
            await self._world.bot_answers()
            await storm((self._sender.event() for _ in range(10)), self._client, self._sender, 1)  # connections, caches
            yield


async def run(home: Path) -> list[Measured]:
    limits = httpx.Limits(max_connections=500, max_keepalive_connections=100)
    async with (
        open_world(home, "--join", "finance") as world,
        httpx.AsyncClient(timeout=30, trust_env=False, limits=limits) as client,
    ):
        sender, bills = await settle(world)
        found = []
        async for one in Bench(world, sender, client, bills).all():
            print(json.dumps(asdict(one) | {"kept": one.kept}), flush=True)
            found.append(one)
        return found


async def settle(world: World) -> tuple[Sender, list[str]]:
    """Installed, connected and synced; gives who asks and which bills can be decided on."""
    await world.install("maya")
    maya = world.person("maya")
    await world.connect(maya)
    await maya.sees("The books are up to date", "app")
    session = await world.slack("GET", "/session", {"as": "maya"})
    channel = next(one["id"] for one in session["channels"] if one["name"] == "finance")
    bills: list[str] = []
    for page in range(1, 4):
        shown = json.dumps(await maya.types(f"console bills {page}"))
        bills += [ref for ref in dict.fromkeys(re.findall(r"B-\d+", shown)) if ref not in bills]
    return Sender(world, session["team"]["id"], session["me"]["id"], channel), bills


def main() -> int:
    """0 when every promise is kept."""
    with tempfile.TemporaryDirectory() as name:
        found = asyncio.run(run(Path(name)))
    return 0 if all(one.kept for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())

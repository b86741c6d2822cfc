"""A whole installation for a test: real Postgres, Redis, bot, worker and scheduler processes; stand-ins at the wire.

Tests act as people do, through the stand-ins' own endpoints, and read what a person sees.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from kit.config import child_environment
from kit.crypto import generate_key
from kit.embedded import EmbeddedServices
from migrations.run import migrate

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
Json = dict[str, Any]


class NotSeen(AssertionError):
    """What a person waited for did not appear; the text says what was there instead."""


def text_of(node: Any) -> str:
    """Every word of a message or view that a person could read, buttons included."""
    if isinstance(node, dict):
        own = [str(node[key]) for key in ("text", "title", "value_text") if isinstance(node.get(key), str)]
        return " ".join([*own, *(text_of(value) for value in node.values())])
    return " ".join(text_of(item) for item in node) if isinstance(node, list) else ""


def elements(node: Any) -> list[Json]:
    """Every interactive element, with the block it stands in."""
    found: list[Json] = []
    if isinstance(node, dict):
        if "action_id" in node:
            found.append(node)
        for value in node.values():
            found += elements(value)
    if isinstance(node, list):
        for item in node:
            found += elements(item)
    return found


def find_button(message: Json, label: str) -> Json:
    """The first element whose words begin with `label`. Raises `NotSeen` naming the ones there are."""
    buttons = [one for one in elements(message["blocks"]) if "text" in one]
    for button in buttons:
        if str(button["text"]["text"]).startswith(label):
            return button
    raise NotSeen(f"no button begins with {label!r}; there are {[one['text']['text'] for one in buttons]}")


@dataclass
class Person:
    """Somebody in the Slack stand-in, by handle."""

    world: "World"
    handle: str
    team: str = ""

    def _who(self, **more: Any) -> Json:
        return {"as": self.handle, **({"team": self.team} if self.team else {}), **more}

    async def types(self, words: str, channel: str = "finance") -> Json:
        """`/runway …`; returns the first new private message that is not a placeholder."""
        before = {one["ts"] for one in await self.messages(channel)}
        delivery = await self.world.slack(
            "POST", "/commands", self._who(channel=channel, text=f"/runway {words}".strip())
        )
        assert delivery.get("status") == 200, delivery

        def new(messages: list[Json]) -> Json | None:
            fresh = [one for one in messages if one["ts"] not in before and one["ephemeral"]]
            settled = [one for one in fresh if "Working on it" not in one["text"]]
            return settled[-1] if settled else None

        seen: Json = await self.sees(new, channel)
        return seen

    async def clicks(self, message: Json, label: str, channel: str = "finance", **more: Any) -> Json:
        button = find_button(message, label)
        body = self._who(
            channel=channel, ts=message["ts"], action_id=button["action_id"], value=button.get("value"), **more
        )
        return await self.world.slack("POST", "/clicks", body)

    async def presses(self, view: Json, label: str) -> Json:
        """A button of App Home or of a modal."""
        button = find_button(view, label)
        body = self._who(view=view["id"], action_id=button["action_id"], value=button.get("value"))
        return await self.world.slack("POST", "/clicks", body)

    async def modal(self) -> Json:
        """The modal on top, once there is one that is not loading."""

        async def look() -> Json | None:
            views = (await self.world.slack("GET", "/modals", self._who()))["views"]
            return views[-1] if views else None

        seen: Json = await until(look)
        return seen

    async def submits(self, view: Json, **values: Any) -> Json:
        return await self.world.slack("POST", "/submissions", self._who(view=view["id"], values=values))

    async def home(self) -> Json:
        """Open App Home and wait until it is drawn."""
        await self.world.slack("POST", "/home", self._who(tab="home", wait=True))

        async def look() -> Json | None:
            view: Json | None = (await self.world.slack("GET", "/home", self._who()))["view"]
            return view

        seen: Json = await until(look)
        return seen

    async def app_messages(self) -> list[Json]:
        """The conversation with the app."""
        return await self.messages("app")

    async def messages(self, channel: str = "finance", after: str = "") -> list[Json]:
        """Oldest first; `after`: only those that came after that `ts`."""
        answer = await self.world.slack("GET", "/messages", self._who(channel=channel, after=after))
        found: list[Json] = answer["messages"]
        return found

    async def dm(self) -> str:
        """The channel of this person's conversation with the app."""
        session = await self.world.slack("GET", "/session", self._who())
        return str(session["app"]["dm"])

    async def sees(self, what: Callable[[list[Json]], Json | None] | str, channel: str = "finance") -> Json:
        """Wait until the channel shows it: a function of the messages, or words that one of them contains."""

        def find(messages: list[Json]) -> Json | None:
            if isinstance(what, str):
                return next((one for one in reversed(messages) if what in text_of(one)), None)
            return what(messages)

        async def look() -> Json | None:
            return find(await self.messages(channel))

        try:
            seen: Json = await until(look)
        except TimeoutError:
            there = [text_of(one)[:300] for one in await self.messages(channel)]
            raise NotSeen(f"{what!r} was not seen in {channel}; there are {there}") from None
        return seen


async def until(look: Callable[[], Awaitable[Any]], patience: float = PATIENCE_S) -> Any:
    """The first truthy answer. Raises `TimeoutError`."""
    async with asyncio.timeout(patience):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.05)


@dataclass
class World:
    home: Path
    slack_url: str
    qbo_url: str
    bot_url: str
    environment: dict[str, str]
    client: httpx.AsyncClient
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    def person(self, handle: str, team: str = "") -> Person:
        return Person(self, handle, team)

    async def slack(self, method: str, path: str, body: Json | None = None) -> Json:
        return await self._ask(f"{self.slack_url}/_sandbox{path}", method, body)

    async def qbo(self, method: str, path: str, body: Json | None = None) -> Json:
        return await self._ask(f"{self.qbo_url}/_sandbox{path}", method, body)

    async def _ask(self, url: str, method: str, body: Json | None) -> Json:
        sent = {"params": body} if method == "GET" else {"json": body or {}}
        answer = await self.client.request(method, url, **sent)
        assert answer.status_code < 400, (url, body, answer.text)
        found: Json = answer.json()
        return found

    # -- processes ------------------------------------------------------------

    async def start(self, name: str, command: str) -> None:
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "runway", command, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    async def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        process = self.processes.pop(name)
        if process.returncode is None:
            process.send_signal(how)
        await process.wait()

    async def bot_answers(self) -> None:
        async def look() -> bool:
            assert self.processes["bot"].returncode is None, self.log("bot")[-3000:]
            try:
                return (await self.client.get(f"{self.bot_url}/slack/install")).status_code == 302
            except httpx.TransportError:
                return False

        await until(look)

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text()

    # -- the first steps of every story ---------------------------------------

    async def install(self, handle: str = "maya", team: str = "") -> None:
        body = {"as": handle, "decision": "allow"} | ({"team": team} if team else {})
        answer = await self.slack("POST", "/install-flow", body)
        assert answer["ok"], answer

    async def connect(self, person: Person, *, decision: str = "connect", realm: str | None = None) -> httpx.Response:
        """Press Connect as the person and answer Intuit's question; returns the page they end on."""
        reply = await person.types("connect")
        url = find_button(reply, "Connect")["url"]
        asked = await self.client.get(url)
        assert asked.status_code in {302, 303, 307}, asked.text
        consent = asked.headers["location"]
        form = dict(parse_qsl(urlsplit(consent).query)) | {"decision": decision}
        if decision == "connect":
            form["realm"] = realm or await self.realm()
        decided = await self.client.post(consent.partition("?")[0], data=form)
        assert decided.status_code in {302, 303, 307}, decided.text
        return await self.client.get(decided.headers["location"])

    async def realm(self, number: int = 0) -> str:
        state = await self.qbo("GET", "/state")
        return str(state["companies"][number]["realm"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def start_sandbox(world_home: Path, bot_url: str, environment: dict[str, str], *words: str) -> tuple[Any, Json]:
    """The stand-ins as a process of their own; returns it and the addresses it listens on."""
    ready = world_home / "sandbox.json"
    options = ("--slack-port", "0", "--qbo-port", "0", "--app-url", bot_url, "--ready-file", str(ready))
    with (world_home / "sandbox.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox", *options, *words, cwd=ROOT, env=environment, stdout=log, stderr=log
        )

    async def look() -> bool:
        assert process.returncode is None, (world_home / "sandbox.log").read_text()
        return ready.exists()

    await until(look)
    addresses: Json = json.loads(ready.read_text())
    return process, addresses


@asynccontextmanager
async def open_world(home: Path, *sandbox_words: str, more: dict[str, str] | None = None) -> AsyncIterator[World]:
    """Everything running, nothing installed yet. Ends every process it started."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(EmbeddedServices(home / "services", durable=False))
        await migrate(urls.database_owner_url, app_url=urls.database_url)
        bot_url = f"http://127.0.0.1:{free_port()}"
        made = _secrets() | urls.environment() | {"RUNWAY_HOME": str(home), "RUNWAY_LOG_FORMAT": "json"} | (more or {})
        environment = child_environment(made)
        sandbox, addresses = await start_sandbox(home, bot_url, environment, *sandbox_words)
        stack.push_async_callback(_end, sandbox)
        environment |= _wiring(bot_url, addresses)
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=30, trust_env=False))
        world = World(home, addresses["slack"], addresses["qbo"], bot_url, environment, client)
        stack.push_async_callback(_end_all, world)
        for name, command in (("worker", "work"), ("scheduler", "schedule"), ("bot", "serve")):
            await world.start(name, command)
        await world.bot_answers()
        yield world


def _secrets() -> dict[str, str]:
    names = ("SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "QBO_CLIENT_ID", "QBO_CLIENT_SECRET")
    made = {name: f"test-{name.lower().replace('_', '-')}" for name in (*names, "QBO_WEBHOOK_VERIFIER_TOKEN")}
    return made | {"RUNWAY_ENCRYPTION_KEYS": generate_key("test"), "RUNWAY_ENV": "local"}


def _wiring(bot_url: str, addresses: Json) -> dict[str, str]:
    slack, qbo = addresses["slack"], addresses["qbo"]
    return {
        "RUNWAY_PUBLIC_URL": bot_url,
        "RUNWAY_PORT": bot_url.rpartition(":")[2],
        "SLACK_API_URL": f"{slack}/api/",
        "SLACK_AUTHORIZE_URL": f"{slack}/oauth/v2/authorize",
        "SLACK_RESPONSE_URL_HOSTS": slack.removeprefix("http://"),
        "QBO_API_URL": qbo,
        "QBO_AUTHORIZE_URL": f"{qbo}/connect/oauth2",
        "QBO_TOKEN_URL": f"{qbo}/oauth2/v1/tokens/bearer",
        "QBO_REVOKE_URL": f"{qbo}/v2/oauth2/tokens/revoke",
        "QBO_ENVIRONMENT": "sandbox",
    }


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 15)
    except TimeoutError:
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()


async def _end_all(world: World) -> None:
    await asyncio.gather(*(_end(process) for process in world.processes.values()))


def elapsed(since: float) -> float:
    return time.monotonic() - since

"""The processes of an installation, each alone or all under one supervisor."""

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from bot.app import SlackApp
from bot.http import public_app
from bot.tools import open_tools
from kit.config import Environment, Settings, child_environment
from kit.crypto import generate_key
from kit.embedded import EmbeddedServices, Urls
from kit.errors import Misconfigured
from kit.ops import serve_ops
from kit.runtime import open_runtime
from kit.serving import serving
from kit.supervisor import Child, Supervisor, python
from migrations.run import migrate
from workers.broker import Hinter, new_broker
from workers.process import Watchdog, until_told

log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """`runway serve`: the bot, until told to stop."""
    hinter = Hinter(new_broker(settings.redis_url)) if settings.redis_url else None
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(open_runtime(settings, hint=hinter, pool_size=20))
        tools = await stack.enter_async_context(open_tools(runtime))
        slack = SlackApp(tools)
        watchdog = Watchdog(asyncio.get_running_loop())
        stack.callback(watchdog.stop)
        await stack.enter_async_context(serve_ops(runtime, alive=watchdog.alive))
        port = await stack.enter_async_context(serving(public_app(tools, slack), settings.port))
        if settings.slack_app_token:
            handler = AsyncSocketModeHandler(slack.bolt, settings.slack_app_token.get_secret_value())
            await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves this one bare
            stack.push_async_callback(handler.close_async)
        log.info("bot.started", port=port)
        await until_told()
    if hinter:
        hinter.close()


async def up(settings: Settings) -> None:
    """`runway up`: migrate, then bot, worker and scheduler under one supervisor; own services where none are set."""
    async with AsyncExitStack() as stack:
        urls = await bring_services(settings, stack)
        await migrate(urls.database_owner_url, app_url=urls.database_url)
        environment = child_environment(urls.environment() | local_keys(settings))
        supervisor = Supervisor(children(settings, environment))
        await watch(supervisor)


async def bring_services(settings: Settings, stack: AsyncExitStack) -> Urls:
    """The configured services, or real ones of our own where nothing is configured and this is not production."""
    if settings.database_url and settings.redis_url:
        return Urls(settings.database_url, settings.database_owner_url or settings.database_url, settings.redis_url)
    if settings.env is Environment.PRODUCTION:
        raise Misconfigured("DATABASE_URL and REDIS_URL must be set: production does not run on embedded services")
    if settings.database_url or settings.redis_url:
        raise Misconfigured("set both DATABASE_URL and REDIS_URL, or neither to run on embedded services")
    return await stack.enter_async_context(EmbeddedServices(settings.home))


def local_keys(settings: Settings) -> dict[str, str]:
    """Keys of a local installation are made once and kept beside its data."""
    if settings.encryption_keys is not None:
        return {}
    path = settings.home / "encryption-keys"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(generate_key("local"))
    return {"RUNWAY_ENCRYPTION_KEYS": path.read_text().strip()}


def children(settings: Settings, environment: dict[str, str], logs: Path | None = None) -> list[Child]:
    """Worker and scheduler first: what the bot accepts already has someone to do it. Ops ports follow the bot's."""

    def child(name: str, command: str, ops_offset: int) -> Child:
        own = {} if settings.ops_port is None else {"RUNWAY_OPS_PORT": str(settings.ops_port + ops_offset)}
        return Child(name, python("-m", "runway", command), environment | own, logs / f"{name}.log" if logs else None)

    workers = [
        child("worker" if number == 0 else f"worker-{number + 1}", "work", 2 + number)
        for number in range(settings.worker_processes)
    ]
    return [*workers, child("scheduler", "schedule", 1), child("bot", "serve", 0)]


async def watch(supervisor: Supervisor) -> None:
    """Run the supervisor until a signal."""
    running = asyncio.create_task(supervisor.run())
    told = asyncio.create_task(until_told())
    await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
    supervisor.stop()
    await running
    told.cancel()


def free_port(wanted: int) -> int:
    """The wanted port, or the next free one."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise Misconfigured(f"no free port from {wanted} to {wanted + 99}")

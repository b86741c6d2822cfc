"""The processes of an installation, each alone or all under one supervisor."""

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from bot.app import SlackApp
from bot.http import public_app
from bot.messenger import app_client
from bot.tools import open_tools
from cli.services import announced, bring_services, local_keys
from kit.config import Settings, child_environment
from kit.errors import Misconfigured
from kit.metrics import Measured
from kit.ops import serve_ops
from kit.runtime import open_runtime
from kit.serving import serving
from kit.supervisor import Child, Supervisor, python
from migrations.run import migrate
from workers.broker import Hinter, new_broker
from workers.process import Watchdog, until_told

OPS_PORT = 8001

log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """`runway serve`: the bot, until told to stop."""
    hinter = Hinter(new_broker(settings.redis_url)) if settings.redis_url else None
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(open_runtime(settings, hint=hinter, pool_size=20))
        tools = await stack.enter_async_context(open_tools(runtime))
        slack = SlackApp(tools)
        watchdog = Watchdog(asyncio.get_running_loop(), runtime.metrics)
        stack.callback(watchdog.stop)
        ops_port = await stack.enter_async_context(serve_ops(runtime, alive=watchdog.alive, default=OPS_PORT))
        app = Measured(public_app(tools, slack), runtime.metrics)
        port = await stack.enter_async_context(serving(app, settings.port))
        if settings.slack_app_token:
            token = settings.slack_app_token.get_secret_value()
            handler = AsyncSocketModeHandler(slack.bolt, token, web_client=app_client(settings))
            await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves this one bare
            stack.push_async_callback(handler.close_async)
            log.info("socket.connected")
        log.info("bot.started", port=port, ops_port=ops_port)
        await until_told()
    if hinter:
        hinter.close()


async def up(settings: Settings) -> None:
    """`runway up`: migrate, then bot, worker and scheduler under one supervisor; own services where none are set."""
    async with AsyncExitStack() as stack:
        urls = await bring_services(settings, stack)
        await migrate(urls.database_owner_url, app_url=urls.database_url)
        wiring = urls.environment() | local_keys(settings)
        stack.enter_context(announced(settings, wiring))
        await watch(Supervisor(children(settings, child_environment(wiring))))


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

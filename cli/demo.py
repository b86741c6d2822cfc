"""`runway demo`: a whole installation on one machine, with stand-ins for Slack and QuickBooks to live a week in."""

import asyncio
import json
import secrets
import time
import webbrowser
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from cli.manifest import manifest
from cli.processes import children, free_port, watch
from cli.services import announced, bring_services, local_keys
from kit.config import Environment, Settings, child_environment
from kit.errors import Misconfigured
from kit.http import ConnectionFailed, fetch, new_client
from kit.supervisor import Child, Supervisor, python
from migrations.run import migrate

SECRETS = (
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "QBO_CLIENT_ID",
    "QBO_CLIENT_SECRET",
    "QBO_WEBHOOK_VERIFIER_TOKEN",
)
PATIENCE_S = 60

console = Console()


@dataclass(frozen=True, slots=True)
class Addresses:
    bot: str
    slack: str
    qbo: str


async def demo(settings: Settings, *, headless: bool, company: str, sandbox_port: int) -> None:
    """Start everything, say where it is, run until Ctrl-C. A second run goes on with the data of the first."""
    if settings.env is Environment.PRODUCTION:
        raise Misconfigured("RUNWAY_ENV is production: the demo brings stand-ins and would serve nobody's real books")
    began = time.monotonic()
    home = settings.home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        addresses = _addresses(settings, sandbox_port)
        urls = await bring_services(settings, stack)
        await migrate(urls.database_owner_url, app_url=urls.database_url)
        wiring = urls.environment() | local_keys(settings) | _wiring(home, addresses)
        stack.enter_context(announced(settings, wiring))
        supervisor = Supervisor(_cast(settings, home, addresses, child_environment(wiring), company))
        running = asyncio.create_task(watch(supervisor))
        ready = asyncio.create_task(_until_ready(addresses))
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if ready.done() and not running.done():
                ready.result()
                _say(addresses, home, time.monotonic() - began, headless=headless)
        except Misconfigured:
            supervisor.stop()  # what never came up must not stay behind half alive
            raise
        finally:
            ready.cancel()
            await running
    console.print(
        "Stopped. Your data is kept; [bold]make demo[/bold] goes on from here, [bold]make demo-reset[/bold] forgets it."
    )


def _addresses(settings: Settings, sandbox_port: int) -> Addresses:
    """The wanted ports, or the next free ones."""
    bot = free_port(settings.port)
    slack = free_port(max(sandbox_port, bot + 1) if sandbox_port <= bot < sandbox_port + 2 else sandbox_port)
    qbo = free_port(slack + 1)
    return Addresses(*(f"http://127.0.0.1:{port}" for port in (bot, slack, qbo)))


def _wiring(home: Path, addresses: Addresses) -> dict[str, str]:
    """What an operator would copy from Slack's and Intuit's settings pages."""
    authority = addresses.slack.removeprefix("http://")
    return _secrets(home) | {
        "RUNWAY_HOME": str(home),
        "RUNWAY_PUBLIC_URL": addresses.bot,
        "RUNWAY_PORT": addresses.bot.rpartition(":")[2],
        "SLACK_API_URL": f"{addresses.slack}/api/",
        "SLACK_AUTHORIZE_URL": f"{addresses.slack}/oauth/v2/authorize",
        "SLACK_RESPONSE_URL_HOSTS": authority,
        "QBO_API_URL": addresses.qbo,
        "QBO_AUTHORIZE_URL": f"{addresses.qbo}/connect/oauth2",
        "QBO_TOKEN_URL": f"{addresses.qbo}/oauth2/v1/tokens/bearer",
        "QBO_REVOKE_URL": f"{addresses.qbo}/v2/oauth2/tokens/revoke",
        "QBO_ENVIRONMENT": "sandbox",
    }


def _secrets(home: Path) -> dict[str, str]:
    """Made once, so that the stand-ins and the bot still know each other after a restart."""
    path = home / "demo-secrets.json"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(json.dumps({name: secrets.token_hex(16) for name in SECRETS}))
    made: dict[str, str] = json.loads(path.read_text())
    return made


def _cast(
    settings: Settings, home: Path, addresses: Addresses, environment: dict[str, str], company: str
) -> list[Child]:
    logs = home / "logs"
    logs.mkdir(exist_ok=True)
    manifest_file = home / "slack-manifest.json"
    manifest_file.write_text(json.dumps(manifest(addresses.bot, socket_mode=False)))
    words = (
        "--slack-port", addresses.slack.rpartition(":")[2],
        "--qbo-port", addresses.qbo.rpartition(":")[2],
        "--app-url", addresses.bot,
        "--company", company,
        "--manifest", str(manifest_file),
        "--join", "finance",
        "--state", str(home / "sandbox"),
    )  # fmt: skip
    sandbox = Child("sandbox", python("-m", "sandbox", *words), environment, logs / "sandbox.log")
    return [sandbox, *children(settings, environment, logs)]


async def _until_ready(addresses: Addresses) -> None:
    """Both pages answer. Raises `Misconfigured` when they do not within a minute."""
    pages = (addresses.slack, f"{addresses.bot}/slack/install")
    async with new_client(allowed_hosts={httpx.URL(page).netloc.decode() for page in pages}, read=2) as client:
        for page in pages:
            await _until_answered(client, page)


async def _until_answered(client: httpx.AsyncClient, url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if (await fetch(client, "GET", url, total=2)).status < 500:
                return
        except ConnectionFailed:
            await asyncio.sleep(0.1)
    raise Misconfigured(f"{url} did not answer within {PATIENCE_S} s; see the logs under RUNWAY_HOME")


def _say(addresses: Addresses, home: Path, seconds: float, *, headless: bool) -> None:
    console.print(
        f"\n[bold]Runway is up[/bold] ({seconds:.1f} s). Open the Slack-like page and live a company’s week:\n"
    )
    console.print(f"    [bold cyan]{addresses.slack}[/bold cyan]\n", soft_wrap=True)
    console.print("First press [bold]Add to Slack[/bold], then type [bold]/runway connect[/bold]. Ctrl-C stops it all.")
    console.print(
        f"bot {addresses.bot} · QuickBooks stand-in {addresses.qbo} · logs {home / 'logs'}", style="dim", soft_wrap=True
    )
    if not headless:
        webbrowser.open(addresses.slack)

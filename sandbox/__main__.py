"""Runs both stand-ins in one process: `python -m sandbox --app-url http://127.0.0.1:8000`."""

import argparse
import asyncio
import json
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

from sandbox.books import Company, build
from sandbox.keeping import QboKeeper
from sandbox.qbo import QboSandboxConfig
from sandbox.qbo import create_app as create_qbo
from sandbox.recorded import load
from sandbox.serving import bind, serving, url_of
from sandbox.slack import AppSettings, SlackSandboxConfig, read_manifest
from sandbox.slack import create_app as create_slack

# What `--company demo` serves: a company for each seeded workspace.
DEMO = ("harbor-pine", "dental")


def main() -> int:
    asyncio.run(run(_parse(sys.argv[1:])))
    return 0


async def run(options: argparse.Namespace) -> None:
    """Serves until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    slack_socket, qbo_socket = bind(options.slack_port), bind(options.qbo_port)
    urls = {"slack": url_of(slack_socket), "qbo": url_of(qbo_socket), "app": options.app_url}
    slack = create_slack(slack_config(options, urls["slack"]))
    keeper = QboKeeper(options.state / "qbo.json" if options.state else None, date.today())  # noqa: DTZ011
    qbo = create_qbo(qbo_config(options, keeper.today))
    keeper.restore(qbo.state.qbo)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(slack, slack_socket))
        await stack.enter_async_context(serving(qbo, qbo_socket))
        await stack.enter_async_context(keeper.saving(qbo.state.qbo))
        _tell(options, urls)
        await stop.wait()
        slack.state.sandbox.live.close()


def slack_config(options: argparse.Namespace, public_url: str) -> SlackSandboxConfig:
    app = AppSettings(
        client_id=options.client_id,
        client_secret=options.client_secret,
        signing_secret=options.signing_secret,
        app_token=options.app_token,
        app_url=options.app_url,
        socket_mode=options.socket_mode,
    )
    if options.manifest:
        app = read_manifest(app, json.loads(options.manifest.read_text()))
        app = replace(app, socket_mode=options.socket_mode or app.socket_mode)
    return SlackSandboxConfig(
        app=app,
        public_url=public_url,
        state_file=options.state / "slack.json" if options.state else None,
        rate_limits=options.rate_limits,
        auto_join=tuple(options.join),
    )


def qbo_config(options: argparse.Namespace, today: date) -> QboSandboxConfig:
    app_url = options.app_url.rstrip("/")
    return QboSandboxConfig(
        companies=tuple(one for name in options.company or ["demo"] for one in load_companies(name, today)),
        client_id=options.qbo_client_id,
        client_secret=options.qbo_client_secret,
        redirect_uris=(options.qbo_redirect or f"{app_url}/qbo/callback",),
        verifier_token=options.qbo_verifier,
        webhook_url=options.qbo_webhook or f"{app_url}/qbo/webhooks",
        rate_limits=options.rate_limits,
    )


def load_companies(name: str, today: date) -> list[Company]:
    """`demo`, `recorded:PATH`, or the key of one company of sandbox.books."""
    if name.startswith("recorded:"):
        return [load(name)]
    return [build(key, 0, today) for key in (DEMO if name == "demo" else (name,))]


def _tell(options: argparse.Namespace, urls: dict[str, str]) -> None:
    if options.ready_file:
        options.ready_file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = options.ready_file.with_suffix(".tmp")
        unfinished.write_text(json.dumps({**urls, "pid": os.getpid()}))
        unfinished.replace(options.ready_file)
    sys.stdout.write(f"Slack page  {urls['slack']}\nQuickBooks  {urls['qbo']}\nfor app     {urls['app']}\n")
    sys.stdout.flush()


def _parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description="Stand-ins for Slack and QuickBooks Online.")
    add = parser.add_argument
    add("--slack-port", "--port", type=int, default=8100, help="0 picks a free one; taken ones move up")
    add("--qbo-port", type=int, default=8101)
    add("--app-url", default=_env("RUNWAY_PUBLIC_URL", "http://127.0.0.1:8000"), help="where the app listens")
    add("--company", action="append", help="demo, recorded:PATH, or a company of sandbox.books; may be repeated")
    add("--state", type=Path, help="folder in which both worlds are kept")
    add("--manifest", type=Path, help="Slack app manifest (JSON)")
    add("--ready-file", type=Path, help="written once both listen: {slack, qbo, app, pid}")
    add("--rate-limits", action="store_true", help="enforce both vendors' limits")
    add("--socket-mode", action="store_true", help="deliver over the app's WebSocket")
    add("--join", action="append", default=[], help="channel that the app joins when installed")
    settings = AppSettings()
    add("--client-id", default=_env("SLACK_CLIENT_ID", settings.client_id))
    add("--client-secret", default=_env("SLACK_CLIENT_SECRET", settings.client_secret))
    add("--signing-secret", default=_env("SLACK_SIGNING_SECRET", settings.signing_secret))
    add("--app-token", default=_env("SLACK_APP_TOKEN", settings.app_token))
    qbo = QboSandboxConfig()
    add("--qbo-client-id", default=_env("QBO_CLIENT_ID", qbo.client_id))
    add("--qbo-client-secret", default=_env("QBO_CLIENT_SECRET", qbo.client_secret))
    add("--qbo-verifier", default=_env("QBO_WEBHOOK_VERIFIER_TOKEN", qbo.verifier_token).split(",")[0])
    add("--qbo-redirect", help="default: APP_URL/qbo/callback")
    add("--qbo-webhook", help="default: APP_URL/qbo/webhooks")
    return parser.parse_args(words)


def _env(name: str, default: str) -> str:
    return os.environ.get(name) or default


if __name__ == "__main__":
    sys.exit(main())

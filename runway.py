"""The command line: each command a few lines over a composition root."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
import uvloop

from kit.config import Settings, load_settings
from kit.errors import Misconfigured

app = typer.Typer(
    help="Runway: cash clarity for small businesses, in Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its frames could print a token
)

Headless = Annotated[bool, typer.Option(help="Do not open a browser.")]
Company = Annotated[str, typer.Option(help="demo, or recorded:PATH for recorded QuickBooks answers.")]
SandboxPort = Annotated[int, typer.Option(envvar="RUNWAY_SANDBOX_PORT", help="Port of the Slack-like page.")]


def _start(service: str, *, level: str | None = None) -> Settings:
    """Settings and logging of a process; wrong settings end it with a sentence."""
    from kit.log import configure_logging

    settings = load_settings()
    fmt = settings.log_format or ("console" if sys.stderr.isatty() else "json")
    configure_logging(level or settings.log_level, "console" if fmt == "console" else "json", service)
    return settings


def _run(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


@app.command()
def demo(*, headless: Headless = False, company: Company = "demo", sandbox_port: SandboxPort = 8100) -> None:
    """Everything on this machine, with stand-ins for Slack and QuickBooks."""
    from cli.demo import demo as run

    _run(run(_start("demo", level="warning"), headless=headless, company=company, sandbox_port=sandbox_port))


@app.command()
def up() -> None:
    """Bot, worker and scheduler under one supervisor."""
    from cli.processes import up as run

    _run(run(_start("up")))


@app.command()
def serve() -> None:
    """The bot: Slack, OAuth and webhooks."""
    from cli.processes import serve as run

    _run(run(_start("bot")))


@app.command()
def work() -> None:
    """A worker; run as many as you like, on as many machines."""
    from workers.main import work as run

    run(_start("worker"))


@app.command()
def schedule() -> None:
    """The ticker; any number may run."""
    from workers.scheduler import schedule as run

    _run(run(_start("scheduler")))


@app.command()
def migrate(revision: Annotated[str, typer.Argument(help="Up to this revision.")] = "head") -> None:
    """Bring the database schema up to date."""
    from migrations.run import migrate as run

    settings = _start("migrate")
    if not settings.database_url:
        raise Misconfigured("DATABASE_URL must be set")
    owner = settings.database_owner_url or settings.database_url
    _run(run(owner, app_url=settings.database_url, revision=revision))
    typer.echo(f"The schema is at {revision}.")


@app.command()
def manifest() -> None:
    """The Slack app manifest for RUNWAY_PUBLIC_URL."""
    from cli.manifest import manifest as made

    settings = load_settings()
    typer.echo(json.dumps(made(settings.public_url, socket_mode=settings.slack_app_token is not None), indent=2))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def sandbox(context: typer.Context) -> None:
    """The stand-ins for Slack and QuickBooks alone; `--help` lists their options."""
    import runpy

    sys.argv = ["sandbox", *context.args]
    runpy.run_module("sandbox", run_name="__main__")


def main() -> None:
    try:
        app()
    except Misconfigured as error:
        typer.secho(str(error), err=True, fg="red")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()

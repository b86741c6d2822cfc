"""The command line: each command a few lines over a composition root."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, Never, TypeVar

import typer
import uvloop

from kit.config import Settings, load_settings
from kit.errors import Busy, Misconfigured, Refused
from kit.garbage import collect_rarely
from kit.runtime import Runtime, wiring_of

T = TypeVar("T")

app = typer.Typer(
    help="Runway: cash clarity for small businesses, in Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its frames could print a token
)

audit = typer.Typer(help="The history of who did what.", no_args_is_help=True)
keys = typer.Typer(help="The keys that seal tokens.", no_args_is_help=True)
outbox = typer.Typer(help="Work that waits, runs or was given up.", no_args_is_help=True)
app.add_typer(audit, name="audit")
app.add_typer(keys, name="keys")
app.add_typer(outbox, name="outbox")

Business = Annotated[str, typer.Argument(help="Its id or its beginning, its Slack team, or its QuickBooks realm.")]
AsJson = Annotated[bool, typer.Option("--json", help="For a program to read.")]
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


def _start_wired(service: str) -> Settings:
    """Of a process that brings no services: what it lacks is said before anything is loaded or tried."""
    wiring_of(settings := _start(service))
    return settings


def _run(main: Coroutine[Any, Any, T]) -> T:
    collect_rarely()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def _ask(command: Callable[[Runtime], Awaitable[bool | None]]) -> None:
    """Run an operator's command on the installation; False ends with status 1."""
    from cli.services import open_installation

    settings = _start("cli", level="error")

    async def main() -> bool | None:
        async with open_installation(settings) as runtime:
            return await command(runtime)

    if _run(main()) is False:
        raise typer.Exit(1)


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
    settings = _start_wired("bot")
    from cli.processes import serve as run

    _run(run(settings))


@app.command()
def work() -> None:
    """A worker; run as many as you like, on as many machines."""
    settings = _start_wired("worker")
    from workers.main import work as run

    collect_rarely()
    run(settings)


@app.command()
def schedule() -> None:
    """The ticker; any number may run."""
    settings = _start_wired("scheduler")
    from workers.scheduler import schedule as run

    _run(run(settings))


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
def doctor(*, as_json: AsJson = False) -> None:
    """Whether everything holds, in sentences; ends with status 1 where something does not."""
    from cli.doctor import doctor as run

    if not _run(run(_start("doctor", level="error"), as_json=as_json)):
        raise typer.Exit(1)


@app.command()
def businesses(*, as_json: AsJson = False) -> None:
    """Whose books are here, how fresh they are and what they cost."""
    from cli.businesses import businesses as run

    _ask(lambda runtime: run(runtime, as_json=as_json))


@app.command()
def sync(
    business: Business, *, full: Annotated[bool, typer.Option(help="Read everything again, not only changes.")] = False
) -> None:
    """Bring the mirror of a business's books up to date, and watch."""
    from cli.sync import sync as run

    _ask(lambda runtime: run(runtime, business, full=full))


@app.command()
def digest(
    business: Business,
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Show it here; post and keep nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Post a business's digest now, or preview it."""
    from cli import digest as run

    if as_json and not preview:
        raise Misconfigured("--json shows the figures of a preview: say --preview too")
    _ask(lambda runtime: run.preview(runtime, business, as_json=as_json) if preview else run.post(runtime, business))


@audit.command()
def verify(
    business: Annotated[str | None, typer.Argument(help="One business; all of them when it is left out.")] = None,
    *,
    anchor: Annotated[str | None, typer.Option(help="A hash that a digest printed: shows a cut-off end too.")] = None,
) -> None:
    """Whether nothing in the history was edited, removed or reordered."""
    from cli.audit import verify as run

    _ask(lambda runtime: run(runtime, business, anchor))


@audit.command()
def export(business: Business) -> None:
    """The whole history of a business, one JSON object per line."""
    from cli.audit import export as run

    _ask(lambda runtime: run(runtime, business))


@keys.command()
def rotate() -> None:
    """Seal every token with the first key of RUNWAY_ENCRYPTION_KEYS; interrupted, simply run it again."""
    from cli.keys import rotate as run

    _ask(run)


@outbox.command("list")
def list_outbox(
    *,
    dead: Annotated[bool, typer.Option("--dead", help="What was given up, instead of what waits and runs.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many, the oldest first.", min=1)] = 100,
    as_json: AsJson = False,
) -> None:
    """What waits and runs, or what was given up."""
    from cli.outbox import show as run

    _ask(lambda runtime: run(runtime, dead=dead, limit=limit, as_json=as_json))


@outbox.command()
def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids as `outbox list --dead` shows them.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Everything that was given up.")] = False,
) -> None:
    """Try again what was given up."""
    from cli.outbox import retry as run

    _ask(lambda runtime: run(runtime, ids or [], every=every))


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
    """Wrong input or settings end with 2, trouble with 1; both with a sentence."""
    from redis.exceptions import RedisError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        app()
    except (Misconfigured, Refused) as error:
        _end(str(error), 2)
    except (OSError, SQLAlchemyError, RedisError, Busy) as error:
        _end(f"A service of this installation does not answer ({type(error).__name__}): `runway doctor` says more.", 1)


def _end(sentence: str, status: int) -> Never:
    typer.secho(sentence, err=True, fg="red")
    raise SystemExit(status) from None


if __name__ == "__main__":
    main()

"""What operators read: tables and moving progress on a terminal, plain lines and JSON everywhere else."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

console = Console(highlight=False)
aside = Console(stderr=True, highlight=False)


def say(sentence: str, style: str = "") -> None:
    """One line on stdout. Names from outside are text, never markup."""
    console.print(Text(sentence, style=style), soft_wrap=True)


def note(sentence: str) -> None:
    """For the person and not for the pipe."""
    aside.print(Text(sentence, style="dim"), soft_wrap=True)


def print_line(text: str) -> None:
    """Exactly this, for a program to read."""
    typer.echo(text)


def say_json(value: object) -> None:
    """Dataclasses, instants, ids and amounts included."""
    print_line(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def say_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not console.is_terminal:
        for row in (columns, *rows):
            print_line("\t".join(row))
        return
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


Tell = Callable[[str, float | None], None]


@contextmanager
def progress() -> Iterator[Tell]:
    """Tell what is under way and which share of it is done: a bar on a terminal, elsewhere a line per new sentence."""
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            yield _moving(bar, bar.add_task("", total=None))
    else:
        yield _line_by_line()


def _moving(bar: Progress, task: TaskID) -> Tell:
    def tell(sentence: str, share: float | None) -> None:
        bar.update(task, description=escape(sentence), completed=share or 0, total=None if share is None else 1)

    return tell


def _line_by_line() -> Tell:
    said = ""

    def tell(sentence: str, _share: float | None) -> None:
        nonlocal said
        if sentence != said:
            said = sentence
            say(sentence)

    return tell

"""Operators read tables and a moving line; programs read plain lines and JSON; names from outside style nothing."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from rich.console import Console

from cli import output


@dataclass(frozen=True)
class Everything:
    id: UUID
    at: datetime
    day: date
    amount: Decimal


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What would be on the screen."""
    screen = StringIO()
    monkeypatch.setattr(output, "console", Console(file=screen, force_terminal=True, width=100, highlight=False))
    return screen


def test_json_says_every_kind_of_value_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    value = Everything(UUID(int=1), datetime(2026, 11, 20, 9, tzinfo=UTC), date(2026, 11, 20), Decimal("0.10"))
    output.say_json([value])
    assert json.loads(capsys.readouterr().out) == [
        {"id": str(UUID(int=1)), "at": "2026-11-20T09:00:00Z", "day": "2026-11-20", "amount": "0.10"}
    ]


def test_a_name_with_markup_in_it_is_only_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("[bold red]Paid[/] & [link=http://evil]x")
    output.note("[dim]y")
    said = capsys.readouterr()
    assert (said.out.strip(), said.err.strip()) == ("[bold red]Paid[/] & [link=http://evil]x", "[dim]y")


def test_a_long_line_is_not_broken_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("x" * 500)
    output.say_table(("a", "b"), [("y" * 200, "z" * 200)])
    assert [len(line) for line in capsys.readouterr().out.splitlines()] == [500, 3, 401]


def test_a_terminal_gets_a_table(terminal: StringIO) -> None:
    output.say_table(("name", "rows"), [("[red]Harbor", "12")])
    assert "[red]Harbor" in terminal.getvalue()
    assert "\t" not in terminal.getvalue()


def test_progress_without_a_terminal_is_a_line_per_news(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress() as tell:
        for sentence, share in (("reading bills", 0.1), ("reading bills", 0.2), ("reading invoices", None)):
            tell(sentence, share)
    assert capsys.readouterr().out.splitlines() == ["reading bills", "reading invoices"]


def test_progress_on_a_terminal_moves_and_leaves_nothing(terminal: StringIO) -> None:
    with output.progress() as tell:
        tell("reading [bold]bills", 0.5)
        tell("reading invoices", None)
    assert not terminal.getvalue().rstrip().endswith("invoices")

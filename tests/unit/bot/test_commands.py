"""What people type, and what they meant."""

import pytest

from bot.commands import NAMES, read_command
from bot.experiences import routes


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("", "", ()),
        ("   ", "", ()),
        ("tray", "tray", ()),
        ("  TRAY  2 ", "tray", ("2",)),
        ("`console` bills", "console", ("bills",)),
        ("approve B-412", "approve", ("B-412",)),
        ("/runway", "", ()),
        ("/runway sync full", "sync", ("full",)),
        ("audit &lt;b&gt; &amp;amp;", "audit", ("<b>", "&amp;")),
    ],
)
def test_a_command_is_its_first_word(text: str, name: str | None, words: tuple[str, ...]) -> None:
    typed = read_command(text)
    assert (typed.name, typed.words) == (name, words)


@pytest.mark.parametrize(
    ("typo", "meant"), [("trya", "tray"), ("consol", "console"), ("aprove", "approve"), ("synk", "sync")]
)
def test_a_typo_gets_the_nearest_command(typo: str, meant: str) -> None:
    assert read_command(typo).nearest == meant


def test_a_word_like_no_command_gets_no_guess() -> None:
    assert read_command("xylophone").nearest is None


def test_every_command_of_the_help_is_answered_by_somebody() -> None:
    commands, _, _ = routes.collect()
    assert set(commands) == NAMES

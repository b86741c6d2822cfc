"""Foreign words read as before and do nothing: no ping, no format, no forged line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views.checks import problems
from bot.views.escape import (
    Mrkdwn,
    channel,
    clean,
    escape,
    link,
    mrkdwn,
    name,
    person,
    plain,
    plain_name,
    safe_url,
    shorten,
    spoken,
)
from tests.unit.views.opinions import INVISIBLE, PING


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("A&B <Fine> Foods", "A&amp;B &lt;Fine&gt; Foods"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"),
        ("*Bold* _it_ ~no~ `code`", "∗Bold∗ ˍitˍ ∼no∼ ʼcodeʼ"),
        ("one\n\nApproved by Maya", "one Approved by Maya"),
        ("a\u202eb\u200bc\x00d", "abcd"),
        ("ring :bell: Ltd: West", "ring ꞉bell: Ltd: West"),
        ("@channel please", "＠channel please"),
        ("> not a quote", "› not a quote"),
        ("Söhne & O’Neil 株式会社 🙂", "Söhne &amp; O’Neil 株式会社 🙂"),
    ],
)
def test_a_name_reads_as_before_and_does_nothing(given_: str, shown: str) -> None:
    assert escape(given_) == shown


@given(st.text(max_size=400))
def test_no_text_survives_as_markup(text: str) -> None:
    sentence = mrkdwn("Bill from *{}* is due.", text)
    block = {"type": "section", "text": {"type": "mrkdwn", "text": sentence}}
    assert problems("message", {"text": sentence, "blocks": [block]}) == []
    assert not INVISIBLE.search(sentence)
    assert not PING.search(sentence)
    assert "\n" not in sentence


@given(st.text(max_size=400))
def test_plain_text_holds_no_bracket_and_keeps_its_length(text: str) -> None:
    shown = plain(text, 40)
    assert len(shown) <= 40
    assert not set("<>\n\r") & set(shown)
    assert not PING.search(shown)


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_what_is_escaped_once_is_not_escaped_again() -> None:
    assert mrkdwn("{}", name("A&B")) == "A&amp;B"
    assert mrkdwn("{}", "A&B") == "A&amp;B"


@pytest.mark.parametrize("nothing", [None, "", " \n ", "\u200b\u202e", "\u3164"])
def test_a_name_without_a_visible_letter_is_called_so(nothing: str | None) -> None:
    assert name(nothing) == "(no name)"
    assert plain_name(nothing) == "(no name)"


def test_a_long_name_is_cut_before_it_is_escaped() -> None:
    assert name("&" * 500) == "&amp;" * 59 + "…"


def test_marks_piled_on_a_letter_do_not_climb_into_the_line_above() -> None:
    assert len(clean("Z" + "\u0335\u0321\u0330\u0337" * 20)) <= 4


def test_only_real_ids_become_mentions() -> None:
    assert person("U012ABC") == "<@U012ABC>"
    assert person("<!channel>") == "&lt;!channel&gt;"
    assert channel("C012ABC") == "<#C012ABC>"
    assert channel("C1|x>") == "C1|x&gt;"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://evil.example/", "https://", "ftp://a.example", "//a.example", "https://[bad"]
)
def test_only_https_and_loopback_addresses_become_links(url: str) -> None:
    assert safe_url(url) == ""
    assert link(url, "Open") == "Open"


def test_an_address_cannot_end_its_own_link() -> None:
    assert link("https://a.example/x>|y<z", "Op|en <b>") == "<https://a.example/x%3E%7Cy%3Cz|Op¦en &lt;b&gt;>"
    assert link("http://127.0.0.1:8000/q?a=1", "go") == "<http://127.0.0.1:8000/q?a=1|go>"


def test_a_refusal_keeps_its_mention_and_nothing_else() -> None:
    assert spoken("No <b> & <!here>. <@U012ABC> can.") == "No &lt;b&gt; &amp; &lt;!here&gt;. <@U012ABC> can."


@pytest.mark.parametrize("limit", range(1, 60))
def test_a_text_is_never_cut_inside_an_entity_or_a_link(limit: int) -> None:
    text = Mrkdwn("A &amp; B <https://a.example/x|open> &lt;tail&gt; and more words")
    cut = shorten(text, limit)
    assert len(cut) <= limit
    assert cut.count("<") == cut.count(">")
    assert cut.count("&") == cut.count(";")

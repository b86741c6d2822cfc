"""The validator finds each thing that Slack would refuse: every case here was valid before one change."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.views.blocks import Message, Modal, actions, button, header, section
from bot.views.charts import Series, chart, table
from bot.views.checks import InvalidView, check, problems
from bot.views.escape import Mrkdwn
from bot.views.inputs import choice, field, option, text_field
from kit.money import Money
from tests.unit.views.samples.base import usd

WORDS = Mrkdwn("Cash covers 45 days.")
Payload = dict[str, Any]


def message() -> Payload:
    values: list[Money] = [usd("1"), usd("2")]
    drawn = chart("Cash", ["Mon", "Tue"], [Series("Cash", values)])
    rows = table(("When", "Cash"), [("Mon", "$1.00")])
    return Message(WORDS, (header("Cash"), section(WORDS), actions(button("Open", "a.b")), drawn, rows)).payload()


def modal() -> Payload:
    asked = field("day", "Day", choice([option("1", "Monday")]))
    return Modal("form", "Settings", (asked, field("why", "Why?", text_field())), submit="Save").payload()


def _in_first(at: int, change: dict[str, Any]) -> Callable[[Payload], object]:
    return lambda payload: payload["blocks"].__setitem__(at, payload["blocks"][at] | change)


def _text(text: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"text": {"type": kind, "text": text}}


def _button(**change: object) -> Callable[[Payload], object]:
    return lambda payload: payload["blocks"][2]["elements"].__setitem__(0, payload["blocks"][2]["elements"][0] | change)


def _chart(**change: object) -> Callable[[Payload], object]:
    return lambda payload: payload["blocks"][3].update(chart=payload["blocks"][3]["chart"] | change)


BROKEN_MESSAGES: dict[str, tuple[Callable[[Payload], object], str]] = {
    "no text": (lambda payload: payload.update(text=" "), "says nothing on a phone"),
    "long text": (lambda payload: payload.update(text="x" * 4001), "text has 4001 characters"),
    "ping in text": (lambda payload: payload.update(text="<!channel> hello there"), "angle bracket"),
    "51 blocks": (lambda payload: payload.update(blocks=payload["blocks"][1:2] * 51), "51 blocks"),
    "no block": (lambda payload: payload.update(blocks=[]), "0 blocks"),
    "long section": (_in_first(1, _text("x" * 3001)), "3001 characters"),
    "empty section": (_in_first(1, _text(" ")), "empty"),
    "ping in a section": (_in_first(1, _text("hi <!here>")), "angle bracket"),
    "bare ampersand": (_in_first(1, _text("A&B")), "ampersand"),
    "link without an end": (_in_first(1, _text("<https://a.example|x")), "angle bracket"),
    "mrkdwn header": (_in_first(0, _text("Cash")), "must be plain_text"),
    "long header": (_in_first(0, _text("x" * 151, "plain_text")), "151 characters"),
    "input on a message": (lambda payload: payload["blocks"].append(modal()["blocks"][0]), "not allowed"),
    "unknown block": (_in_first(1, {"type": "hologram"}), "hologram"),
    "26 buttons": (
        lambda payload: payload["blocks"][2].update(elements=[button("x", f"a{at}") for at in range(26)]),
        "26 items",
    ),
    "long button": (_button(text={"type": "plain_text", "text": "x" * 76}), "76 characters"),
    "long value": (_button(value="x" * 2001), "2001 characters"),
    "blue button": (_button(style="blue"), "style"),
    "odd address": (_button(url="javascript:1"), "not an address"),
    "button without id": (_button(action_id=""), "action_id"),
    "two buttons of one id": (
        lambda payload: payload["blocks"][2].update(elements=[button("a", "same"), button("b", "same")]),
        "occurs 2 times",
    ),
    "two blocks of one id": (
        lambda payload: [block.update(block_id="same") for block in payload["blocks"][:2]],
        "occurs 2 times",
    ),
    "seven series": (_chart(series=[{"name": str(at), "data": []} for at in range(7)]), "series"),
    "pie": (_chart(type="pie"), "pie"),
    "two charts of a kind too many": (
        lambda payload: payload["blocks"].extend([payload["blocks"][3]] * 2),
        "3 charts",
    ),
    "point missing": (_chart(series=[{"name": "Cash", "data": [{"label": "Mon", "value": 1}]}]), "one point"),
    "text for a point": (
        _chart(series=[{"name": "C", "data": [{"label": day, "value": "1"} for day in ("Mon", "Tue")]}]),
        "not a number",
    ),
    "twin categories": (_chart(axis_config={"categories": ["Mon", "Mon"]}), "categories"),
    "two tables": (lambda payload: payload["blocks"].append(payload["blocks"][4]), "2 tables"),
    "101 rows": (lambda payload: payload["blocks"][4].update(rows=payload["blocks"][4]["rows"][:1] * 101), "rows"),
    "ragged rows": (lambda payload: payload["blocks"][4]["rows"][0].pop(), "same"),
    "empty cell": (lambda payload: payload["blocks"][4]["rows"][0][0].update(text=""), "cell is empty"),
    "large table": (
        lambda payload: payload["blocks"][4]["rows"][0][0].update(text="x" * 10_001),
        "more than 10000 characters",
    ),
}

BROKEN_MODALS: dict[str, tuple[Callable[[Payload], object], str]] = {
    "no submit": (lambda payload: payload.pop("submit"), "needs a submit"),
    "long title": (lambda payload: payload.update(title={"type": "plain_text", "text": "x" * 25}), "25 characters"),
    "no callback": (lambda payload: payload.update(callback_id=""), "callback_id"),
    "long metadata": (lambda payload: payload.update(private_metadata="x" * 3001), "private_metadata"),
    "chart in a modal": (lambda payload: payload["blocks"].append(message()["blocks"][3]), "not allowed"),
    "long option": (
        lambda payload: payload["blocks"][0]["element"].update(options=[option("1", "x") | {"value": "x" * 151}]),
        "151 characters",
    ),
    "no option": (lambda payload: payload["blocks"][0]["element"].update(options=[]), "0 items"),
    "input without a name": (lambda payload: payload["blocks"][0].pop("block_id"), "block_id"),
    "250 kB": (
        lambda payload: payload.update(blocks=[section(Mrkdwn("x" * 2900)) for _ in range(100)]),
        "bytes",
    ),
}


def test_the_starting_points_are_valid() -> None:
    assert problems("message", message()) == []
    assert problems("modal", modal()) == []


@pytest.mark.parametrize("case", BROKEN_MESSAGES)
def test_a_broken_message_is_found(case: str) -> None:
    payload, (damage, said) = message(), BROKEN_MESSAGES[case]
    damage(payload)
    with pytest.raises(InvalidView, match=said):
        check("message", payload)


@pytest.mark.parametrize("case", BROKEN_MODALS)
def test_a_broken_modal_is_found(case: str) -> None:
    payload, (damage, said) = modal(), BROKEN_MODALS[case]
    damage(payload)
    with pytest.raises(InvalidView, match=said):
        check("modal", payload)

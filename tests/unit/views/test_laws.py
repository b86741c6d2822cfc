"""Laws that hold for every view, with ordinary names and with 5,000 hostile ones."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.views.blocks import Message
from bot.views.checks import problems
from bot.views.degrade import without_new_blocks
from tests.unit.views.gallery import VIEWS, surface_of
from tests.unit.views.hostile import hostile_names
from tests.unit.views.opinions import foul_words, limit_problems, markups, nodes, schema_problems, shown
from tests.unit.views.samples.base import benign

pytestmark = pytest.mark.unmeasured

every_view = pytest.mark.parametrize("view", VIEWS)


class Counting:
    """Hands out names and knows how many were taken."""

    def __init__(self) -> None:
        self.taken = 0
        self._names = list(hostile_names())

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.taken += 1
        return self._names[(self.taken - 1) % len(self._names)]

    @property
    def exhausted(self) -> bool:
        return self.taken >= len(self._names)


@every_view
def test_every_view_keeps_slack_s_limits(view: str) -> None:
    drawn = VIEWS[view](benign())
    assert problems(surface_of(drawn), drawn.payload()) == []


@every_view
def test_slack_s_own_types_and_another_library_agree(view: str) -> None:
    drawn = VIEWS[view](benign())
    surface, payload = surface_of(drawn), drawn.payload()
    assert list(schema_problems(surface, payload)) == []
    assert list(limit_problems(surface, payload)) == []


@every_view
def test_no_hostile_name_pings_forges_or_breaks_a_limit(view: str) -> None:
    names = Counting()
    calm = _shape(VIEWS[view](benign()).payload())
    while not names.exhausted:
        before = names.taken
        drawn = VIEWS[view](names)
        payload = drawn.payload()
        assert problems(surface_of(drawn), payload) == []
        assert list(foul_words(payload)) == []
        assert _shape(payload) == calm
        if names.taken == before:
            break


def _shape(payload: dict[str, Any]) -> int:
    """How many lines are shown: a name that adds one has forged it, one that takes one away has hidden something."""
    return sum(text.count("\n") + 1 for text in markups({"blocks": payload["blocks"]}))


@every_view
def test_the_text_of_a_message_stands_alone(view: str) -> None:
    drawn = VIEWS[view](benign())
    if not isinstance(drawn, Message):
        return
    assert len(drawn.text) > 20
    assert drawn.text.strip()[-1] in ".!?`"


@every_view
def test_no_message_claims_that_money_was_moved(view: str) -> None:
    words = " ".join(shown(VIEWS[view](benign()).payload())).replace("Seen paid", "").replace("to be paid", "")
    assert "Scheduled" not in words
    assert "Paid" not in words


@every_view
def test_buttons_of_one_name_are_told_apart_by_a_screen_reader(view: str) -> None:
    labels = [
        (node["text"]["text"], node.get("accessibility_label"), node.get("value"))
        for node in nodes(VIEWS[view](benign()).payload())
        if node.get("type") == "button"
    ]
    spoken = [(text, label) for text, label, _ in labels]
    assert len(set(spoken)) == len(spoken)


@every_view
def test_older_clients_are_told_the_same_without_charts_and_tables(view: str) -> None:
    drawn = VIEWS[view](benign())
    older = without_new_blocks(drawn.payload())
    assert problems(surface_of(drawn), older) == []
    assert not {block["type"] for block in older["blocks"]} & {"data_visualization", "table"}

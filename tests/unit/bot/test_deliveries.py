"""Each answer reaches its person by the way that Slack leaves open, and by the next one when that is closed."""

from typing import Any
from uuid import uuid4

import pytest

from bot.deliveries import Click, Form, Typing, hand_over
from bot.messenger import Messenger
from bot.replies import Note, Open
from bot.views.blocks import Message, Modal, section
from bot.views.degrade import fit
from bot.views.escape import Mrkdwn
from bot.views.limits import Surface
from kit.errors import Busy
from kit.http import ConnectionFailed, HostNotAllowed
from tests.unit.bot.test_response_urls import CHART

BUSINESS = uuid4()
TOLD = Message(Mrkdwn("Approved."), (section(Mrkdwn("Approved.")),))
CHARTED = Message(Mrkdwn("The forecast."), (CHART,))
FORM = Modal("console.hold", "Hold", (section(Mrkdwn("Hold it?")),), submit="Hold")
WAY_BACK = '{"way_back": "http://hook", "metadata": "x"}'


class Slack(Messenger):
    """Takes what it is given, except through a response_url that is used up or does not answer."""

    def __init__(self, *, taken: bool = True, broken: bool = False, foreign: bool = False) -> None:
        self._foreign = foreign
        self.calls: list[tuple[str, str]] = []
        self.responses: list[Message] = []
        self._taken, self._broken = taken, broken

    def fitted(self, surface: Surface, shown: Any) -> dict[str, Any]:
        return fit(surface, shown.payload()).payload

    async def respond(self, url: str, message: Message, *, replace: bool) -> bool:
        if self._foreign:
            raise HostNotAllowed("http://hook is not an allowed host")
        if self._broken:
            raise ConnectionFailed("no answer", may_have_arrived=True)
        self.responses.append(message)
        return self._taken

    async def open_view(self, business: object, trigger_id: str, modal: Modal) -> str:
        self.calls.append(("open", trigger_id))
        return "V9"

    async def push_view(self, business: object, trigger_id: str, modal: Modal) -> str:
        self.calls.append(("push", trigger_id))
        return "V9"

    async def update_view(self, business: object, view_id: str, modal: Modal) -> None:
        self.calls.append(("update", view_id))
        if self._broken:
            raise Busy("views.update: ratelimited", retry_after=1)


class Ack:
    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []

    async def __call__(self, **answer: Any) -> None:
        self.given.append(answer)


def typed(slack: Slack, ack: Ack) -> Typing:
    return Typing(slack, ack, {"trigger_id": "1", "response_url": "http://hook", "text": "forecast"}, ())


def clicked_in(slack: Slack, **view: Any) -> Click:
    body = {"trigger_id": "1", "actions": [{"action_id": "console.hold"}], "view": {"type": "modal", **view}}
    return Click(slack, Ack(), body)


def sent(slack: Slack, ack: Ack, **view: Any) -> Form:
    return Form(slack, ack, {"view": {"callback_id": "console.hold", "private_metadata": WAY_BACK, **view}})


async def test_a_chart_goes_where_slack_can_say_that_it_does_not_know_charts() -> None:
    slack, ack = Slack(), Ack()
    await hand_over(typed(slack, ack), BUSINESS, CHARTED)
    assert slack.responses == [CHARTED]
    assert ack.given == [{}]


@pytest.mark.parametrize("slack", [Slack(taken=False), Slack(broken=True), Slack(foreign=True)])
async def test_a_chart_that_cannot_go_there_is_acknowledged_in_blocks_that_every_workspace_knows(slack: Slack) -> None:
    ack = Ack()
    await hand_over(typed(slack, ack), BUSINESS, CHARTED)
    assert [block["type"] for block in ack.given[-1]["blocks"]] == ["rich_text"]
    assert ack.given[-1]["text"] == "The forecast."


async def test_plain_words_are_the_acknowledgement_itself() -> None:
    slack, ack = Slack(), Ack()
    await hand_over(typed(slack, ack), BUSINESS, Note(TOLD))
    assert ack.given[0]["text"] == "Approved."
    assert not slack.responses


@pytest.mark.parametrize(
    ("view", "way"),
    [
        ({"id": "V1", "previous_view_id": None, "root_view_id": "V1"}, ("push", "1")),
        ({"id": "V2", "previous_view_id": "V1", "root_view_id": "V1"}, ("push", "1")),
        ({"id": "V3", "previous_view_id": "V2", "root_view_id": "V1"}, ("update", "V3")),
    ],
)
async def test_a_form_asked_for_in_a_modal_lies_on_top_of_it_up_to_slacks_three(
    view: dict[str, Any], way: tuple[str, str]
) -> None:
    slack = Slack()
    await hand_over(clicked_in(slack, **view), BUSINESS, Open(FORM))
    assert slack.calls == [way]


async def test_a_form_that_came_from_a_private_card_answers_there() -> None:
    slack, ack = Slack(), Ack()
    await hand_over(sent(slack, ack), BUSINESS, TOLD)
    assert slack.responses == [TOLD]
    assert ack.given == [{}]


@pytest.mark.parametrize("slack", [Slack(taken=False), Slack(broken=True)])
async def test_after_its_half_hour_a_private_card_is_answered_in_the_form(slack: Slack) -> None:
    ack = Ack()
    await hand_over(sent(slack, ack), BUSINESS, TOLD)
    assert ack.given[0]["response_action"] == "update"
    assert "Approved." in str(ack.given[0]["view"])


@pytest.mark.parametrize("below", ["V0", None])
async def test_closing_what_a_form_came_to_shows_no_older_list(below: str | None) -> None:
    slack, ack = Slack(), Ack()
    await hand_over(sent(slack, ack, private_metadata="", previous_view_id=below), BUSINESS, TOLD)
    assert ack.given[0]["view"].get("clear_on_close", False) is (below is not None)


async def test_where_no_way_is_left_slack_is_told_that_the_click_failed() -> None:
    with pytest.raises(Busy):
        await hand_over(clicked_in(Slack(broken=True), id="V1"), BUSINESS, TOLD)

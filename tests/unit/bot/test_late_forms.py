"""A form whose reading takes longer than Slack waits opens empty and is filled in: nobody types a command twice."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.deliveries import Click, Typing, hand_over
from bot.messenger import Messenger
from bot.replies import Answer, Note, Open
from bot.views.blocks import Message, Modal
from bot.views.escape import Mrkdwn
from kit.errors import FaultDetail, VendorFault

FORM = Modal("console.hold", "Hold", (), submit="Hold")
BUSINESS = uuid4()


class Slack(Messenger):
    """Remembers which view shows what."""

    def __init__(self) -> None:
        self.views: dict[str, Modal] = {}
        self.pushed: list[str] = []

    async def open_view(self, business: UUID, trigger_id: str, modal: Modal) -> str:
        self.views[f"V{trigger_id}"] = modal
        return f"V{trigger_id}"

    async def push_view(self, business: UUID, trigger_id: str, modal: Modal) -> str:
        self.pushed.append(trigger_id)
        return await self.open_view(business, trigger_id, modal)

    async def update_view(self, business: UUID, view_id: str, modal: Modal) -> None:
        assert view_id in self.views
        self.views[view_id] = modal


async def ack(**_: Any) -> None:
    return None


def typed(slack: Slack) -> Typing:
    return Typing(slack, ack, {"trigger_id": "1", "response_url": "http://nowhere", "text": "hold B-1"}, ("B-1",))


def clicked(slack: Slack, **more: Any) -> Click:
    return Click(slack, ack, {"trigger_id": "1", "actions": [{"action_id": "console.hold"}], **more})


@pytest.mark.parametrize("make", [typed, clicked])
@pytest.mark.parametrize("answer", [Open(FORM), Note(Message(Mrkdwn("It was decided meanwhile.")))])
async def test_what_comes_late_fills_the_form_that_was_opened_empty(make: Any, answer: Answer) -> None:
    slack = Slack()
    delivery = make(slack)
    await delivery.open_empty(BUSINESS)
    assert "One moment" in str(slack.views["V1"].payload())
    await delivery.deliver_late(BUSINESS, answer)
    shown = slack.views["V1"]
    assert shown.callback_id == ("console.hold" if isinstance(answer, Open) else "notice")
    assert "One moment" not in str(shown.payload())


async def test_in_a_modal_the_empty_form_lies_on_top_of_it() -> None:
    slack = Slack()
    delivery = clicked(slack, view={"id": "V0", "type": "modal"})
    await delivery.open_empty(BUSINESS)
    assert slack.pushed == ["1"]


async def test_a_form_keeps_the_way_back_to_the_private_card_it_came_from() -> None:
    slack = Slack()
    delivery = clicked(slack, container={"is_ephemeral": True}, response_url="http://hook")
    await delivery.open_empty(BUSINESS)
    await asyncio.gather(delivery.deliver_late(BUSINESS, Open(FORM)))
    assert "http://hook" in slack.views["V1"].metadata


class Refusing(Slack):
    """Its triggers are all too old."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    async def open_view(self, business: UUID, trigger_id: str, modal: Modal) -> str:
        raise VendorFault("views.open was refused", FaultDetail("slack", "expired_trigger_id"))

    async def respond(self, url: str, message: Message, *, replace: bool) -> bool:
        self.said.append(str(message.text))
        return True


async def test_a_form_that_slack_does_not_open_is_a_sentence_and_no_error() -> None:
    slack, acked = Refusing(), list[Any]()

    async def note(**answer: Any) -> None:
        acked.append(answer)

    await hand_over(Typing(slack, note, {"trigger_id": "1", "text": "hold B-1"}, ("B-1",)), BUSINESS, Open(FORM))
    assert "Nothing was changed; please try again." in acked[0]["text"]
    await hand_over(clicked(slack, response_url="http://hook"), BUSINESS, Open(FORM))
    assert slack.said == ["Slack did not open the form. Nothing was changed; please try again."]


async def test_late_and_without_a_form_a_command_says_to_type_it_again() -> None:
    slack = Refusing()
    await typed(slack).deliver_late(BUSINESS, Open(FORM))
    assert "Please type the command again." in slack.said[0]


async def test_late_and_without_a_form_a_click_is_told_too() -> None:
    slack = Refusing()
    await hand_over(clicked(slack, response_url="http://hook"), BUSINESS, Open(FORM), late=True)
    assert slack.said == ["Slack did not open the form. Nothing was changed; please try again."]

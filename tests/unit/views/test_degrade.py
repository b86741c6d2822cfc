"""When the best version cannot be sent, the same facts are: never nothing, never something invalid."""

import pytest

from bot.views.blocks import Message, Modal, section
from bot.views.checks import problems
from bot.views.degrade import fit, without_new_blocks
from bot.views.escape import Mrkdwn
from bot.views.forecast import draw_forecast
from tests.unit.views.opinions import shown
from tests.unit.views.samples.ahead import forecast
from tests.unit.views.samples.base import SCENE, benign
from tests.unit.views.test_checks import BROKEN_MESSAGES, BROKEN_MODALS, message, modal


def test_what_is_valid_is_sent_as_it_is() -> None:
    payload = message()
    fitted = fit("message", payload)
    assert fitted.payload is payload
    assert fitted.problems == ()


@pytest.mark.parametrize("case", BROKEN_MESSAGES)
def test_every_broken_message_is_sent_in_a_valid_form(case: str) -> None:
    payload = message()
    BROKEN_MESSAGES[case][0](payload)
    fitted = fit("message", payload)
    assert fitted.problems
    assert problems("message", fitted.payload) == []


@pytest.mark.parametrize("case", BROKEN_MODALS)
def test_every_broken_modal_is_shown_in_a_valid_form(case: str) -> None:
    payload = modal()
    BROKEN_MODALS[case][0](payload)
    fitted = fit("modal", payload)
    assert problems("modal", fitted.payload) == []


def test_without_charts_every_figure_is_still_told() -> None:
    payload = draw_forecast(forecast(benign()), SCENE).payload()
    older = without_new_blocks(payload)
    told = "\n".join(shown(older))
    assert "Cash, next 13 weeks" in told
    assert "45,000" in told
    assert "$36,000.00 to $44,000.00" in told
    assert not {block["type"] for block in older["blocks"]} & {"data_visualization", "table"}


def test_columns_stand_under_each_other_without_a_table() -> None:
    [block] = without_new_blocks({"text": "x", "blocks": [message()["blocks"][4]]})["blocks"]
    [inside] = block["elements"][0]["elements"]
    assert inside["text"] == "When   Cash\nMon   $1.00"


def test_too_many_blocks_become_fewer_and_say_so() -> None:
    many = Message(Mrkdwn("Sixty lines."), tuple(section(Mrkdwn(f"Line {at}")) for at in range(60)))
    fitted = fit("message", many.payload())
    assert len(fitted.payload["blocks"]) == 50
    assert "There is more than fits here." in fitted.payload["blocks"][-1]["text"]["text"]


def test_one_broken_block_does_not_take_the_others_with_it() -> None:
    payload = message()
    payload["blocks"][1] = section(Mrkdwn("hi <!here>"))
    told = "\n".join(shown(fit("message", payload).payload))
    assert "Cash" in told
    assert "<!here>" not in told
    assert "Part of this could not be shown." in told


def test_a_modal_that_cannot_be_shown_says_so_and_stays_closable() -> None:
    broken = Modal("form", "Settings", (), submit="Save").payload()
    fitted = fit("modal", broken)
    assert "could not be shown" in fitted.payload["blocks"][0]["text"]["text"]
    assert fitted.payload["callback_id"] == "form"

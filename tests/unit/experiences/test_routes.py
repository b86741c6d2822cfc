"""What is drawn can be answered, and what can be answered is drawn."""

from bot.commands import NAMES
from bot.experiences import routes
from bot.views.blocks import Modal
from bot.views.ids import Click, Form
from tests.unit.views.gallery import VIEWS
from tests.unit.views.opinions import nodes
from tests.unit.views.samples.base import benign


def _drawn() -> set[str]:
    """The ids of everything that can be clicked; what stands behind the colon tells two of a kind apart."""
    found = (
        node for view in VIEWS.values() for node in nodes(view(benign()).payload()["blocks"]) if "action_id" in node
    )
    clickable = (node for node in found if node["action_id"] != "value" and "url" not in node)
    return {str(node["action_id"]).partition(":")[0] for node in clickable}


def test_every_button_and_menu_has_a_listener() -> None:
    _, actions, _ = routes.collect()
    assert _drawn() <= actions.keys()


def test_every_listener_has_a_button_or_menu() -> None:
    _, actions, _ = routes.collect()
    assert actions.keys() <= _drawn()
    assert actions.keys() | {Click.CONNECT_LINK} == set(Click)


def test_every_form_is_answered_and_every_answer_has_its_form() -> None:
    _, _, forms = routes.collect()
    drawn = {str(view.callback_id) for draw in VIEWS.values() if isinstance(view := draw(benign()), Modal)}
    assert drawn == set(forms) == set(Form)


def test_every_command_of_the_help_is_answered() -> None:
    commands, _, _ = routes.collect()
    assert commands.keys() == NAMES

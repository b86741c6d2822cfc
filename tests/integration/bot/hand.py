"""A person's hands, without Slack in between: types a command, presses what is drawn, fills and sends a form."""

from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import Redis

from bot.actions import read_ref
from bot.commands import read_command
from bot.experiences import routes
from bot.messenger import Messenger
from bot.replies import Answer, FormValue, Listener, Note, Open, Origin, Turn
from bot.tools import Tools
from bot.views.blocks import Home, Message, Modal
from domains.books import Books
from domains.people import Caller, list_roles
from kit.config import Settings
from kit.crypto import Keyring, generate_key
from kit.metrics import Metrics
from kit.runtime import Runtime
from tests.integration.desk.company import Company

View = Message | Modal | Home


@dataclass(frozen=True, slots=True)
class Hand:
    company: Company
    person: str

    async def types(self, words: str) -> Answer:
        typed = read_command(words)
        assert typed.name is not None, typed
        commands, _, _ = routes.collect()
        return await self._asks(commands[typed.name], Origin.COMMAND, words=typed.words)

    async def presses(self, view: View, beginning: str, origin: Origin = Origin.EPHEMERAL, nth: int = 0) -> Answer:
        """The nth button whose words begin so."""
        fits = [one for one in elements(view) if one.get("text", {}).get("text", "").startswith(beginning)]
        value = fits[nth].get("value")
        return await self._asks(self._action(fits[nth]["action_id"]), origin, ref=read_ref(value))

    async def picks(self, view: View, action: str, option: str, nth: int = 0) -> Answer:
        """An option of the nth menu of an action; what it speaks of stands behind the colon of its id."""
        menu = [one for one in elements(view) if one["action_id"].partition(":")[0] == action][nth]
        ref = read_ref(menu["action_id"].partition(":")[2])
        return await self._asks(self._action(menu["action_id"]), Origin.EPHEMERAL, ref=ref, chosen=option)

    async def sends(self, modal: Modal, **values: FormValue) -> Answer:
        """The form as it stood, with these values in place of what was there."""
        _, _, forms = routes.collect()
        form = initial(modal) | values
        return await self._asks(forms[modal.callback_id], Origin.MODAL, form=form, metadata=modal.metadata)

    def _action(self, action_id: str) -> Listener:
        _, actions, _ = routes.collect()
        return actions[action_id.partition(":")[0]]

    async def _asks(self, listener: Listener, origin: Origin, **facts: Any) -> Answer:
        async with self.company.db.tenant_session(self.company.business) as session:
            caller = Caller(self.person, await list_roles(session, self.person))
        turn = Turn(tools_of(self.company), self.company.business, caller, origin, str(origin), **facts)
        return await listener(turn)


def tools_of(company: Company) -> Tools:
    """Neither Slack nor QuickBooks is there: a listener that reached for one would fail."""
    nobody = cast(Redis, None)
    keyring = Keyring.parse(generate_key("test"))
    runtime = Runtime(Settings(), company.db, nobody, company.clock, keyring, Metrics())
    return Tools(runtime, cast(Messenger, None), cast(Books, None))


def elements(view: View) -> list[dict[str, Any]]:
    """Everything that can be pressed or picked, in the order in which it is drawn."""
    found: list[dict[str, Any]] = []
    for block in view.payload()["blocks"]:
        found += [block["accessory"]] if "accessory" in block else []
        found += [one for one in block.get("elements", ()) if "action_id" in one]
    return found


def initial(modal: Modal) -> dict[str, FormValue]:
    """What the form holds before anybody touches it."""
    return {
        block["block_id"]: _held(block["element"]) for block in modal.payload()["blocks"] if block["type"] == "input"
    }


def _held(element: dict[str, Any]) -> FormValue:
    if "initial_options" in element or element["type"] == "checkboxes":
        return tuple(option["value"] for option in element.get("initial_options", ()))
    if "initial_option" in element:
        return str(element["initial_option"]["value"])
    known = ("initial_value", "initial_date", "initial_user", "initial_conversation")
    return next((str(element[key]) for key in known if key in element), None)


def message_of(answer: Answer) -> Message:
    assert isinstance(answer, Message), answer
    return answer


def modal_of(answer: Answer) -> Modal:
    assert isinstance(answer, Open), answer
    return answer.modal


def note_of(answer: Answer) -> str:
    assert isinstance(answer, Note), answer
    return str(answer.message.text)

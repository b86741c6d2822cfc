"""How an answer reaches the person: each kind of request has its own way, and a last one when Slack stopped waiting."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, assert_never
from uuid import UUID

import structlog

from bot.actions import read_ref
from bot.messenger import Messenger
from bot.payloads import chosen, origin_of, read_form, ref_of_block, unpack, with_return
from bot.replies import Answer, Done, FieldErrors, Note, Open, Origin, Push, Update
from bot.views import errors
from bot.views.blocks import Message, Modal
from bot.views.degrade import has_new_blocks, in_modal, without_new_blocks
from kit.errors import Busy, VendorFault
from kit.http import HostNotAllowed

Ack = Callable[..., Awaitable[Any]]
Json = Mapping[str, Any]

log = structlog.get_logger(__name__)


class Delivery(Protocol):
    origin: Origin
    may_finish_late: bool
    asked: str  # what the person wanted, in our own ids: for the log and the audit

    def facts(self) -> dict[str, Any]:
        """What the listener's `Turn` takes from the payload."""

    async def deliver(self, business: UUID, answer: Answer) -> None:
        """Within Slack's patience; acknowledges."""

    async def deliver_late(self, business: UUID, answer: Answer) -> None:
        """After the acknowledgement went out."""

    async def deliver_instead(self, message: Message) -> bool:
        """Slack did not take the answer: tell the person by another way. False when there is none."""

    async def acknowledge(self) -> None:
        """The answer is still on its way, and Slack waits no longer."""


async def hand_over(delivery: Delivery, business: UUID, answer: Answer, *, late: bool = False) -> None:
    """Deliver; where Slack takes neither the answer nor another way to say so, its fault is the caller's."""
    try:
        await (delivery.deliver_late if late else delivery.deliver)(business, answer)
    except (Busy, VendorFault) as fault:
        log.warning("answer.not_taken", fault=type(fault).__name__, reason=str(fault))
        sentence = errors.form_not_opened() if isinstance(answer, Open | Push) else errors.not_shown()
        if not await delivery.deliver_instead(sentence):
            raise


class Typing:
    """A slash command: the answer is the body of the acknowledgement, or an edit of it."""

    origin = Origin.COMMAND
    may_finish_late = True

    def __init__(self, messenger: Messenger, ack: Ack, body: Json, words: tuple[str, ...]) -> None:
        self._messenger = messenger
        self._ack = ack
        self._body = body
        self._words = words
        self._held: str | None = None
        self._acknowledged = False
        self.asked = " ".join(("/runway", *str(body.get("text") or "").split()[:2]))[:100]

    def facts(self) -> dict[str, Any]:
        return {
            "words": self._words,
            "channel": self._body.get("channel_id"),
            "source": "command",
            "response_url": self._body.get("response_url"),
        }

    async def deliver(self, business: UUID, answer: Answer) -> None:
        match answer:
            case Message() | Note():
                await self._say(_message(answer))
            case Open(modal):
                await self._messenger.open_view(business, str(self._body["trigger_id"]), modal)
                await self.acknowledge()
            case Push() | Update() | FieldErrors() | Done():
                await self.acknowledge()
            case _:
                assert_never(answer)

    async def _say(self, message: Message) -> None:
        """A block that a workspace does not know yet spoils an acknowledgement unheard; a response_url says so."""
        payload = self._messenger.fitted("message", message)
        if has_new_blocks(payload):
            if await _went(self._messenger, self._body.get("response_url"), message, replace=False):
                return await self.acknowledge()
            payload = without_new_blocks(payload)
        self._acknowledged = True
        await self._ack(response_type="ephemeral", **payload)
        return None

    async def deliver_instead(self, message: Message) -> bool:
        if self._acknowledged:
            return await _went(self._messenger, self._body.get("response_url"), message, replace=False)
        await self._ack(response_type="ephemeral", **message.payload())
        return True

    async def acknowledge(self) -> None:
        self._acknowledged = True
        await self._ack()

    async def open_empty(self, business: UUID) -> None:
        self._held = await self._messenger.open_view(business, str(self._body["trigger_id"]), _notice(errors.filling()))

    async def deliver_late(self, business: UUID, answer: Answer) -> None:
        if self._held is not None:
            return await _fill(self._messenger, business, self._held, answer)
        if isinstance(answer, Open):  # what may change something opens no empty form, and a trigger lives three seconds
            answer = errors.form_too_late()
        if isinstance(answer, Message | Note):
            await _went(self._messenger, self._body.get("response_url"), _message(answer), replace=True)
        return None


class Click:
    """A button, menu or picker, on a message, in Home or in a modal."""

    may_finish_late = False

    def __init__(self, messenger: Messenger, ack: Ack, body: Json) -> None:
        self._messenger = messenger
        self._ack = ack
        self._body = body
        self._held: str | None = None
        self.origin = origin_of(body)
        self.asked = str(body["actions"][0].get("action_id", ""))[:100]

    def facts(self) -> dict[str, Any]:
        action, container = self._body["actions"][0], self._body.get("container") or {}
        channel, ts = container.get("channel_id"), container.get("message_ts")
        view = self._body.get("view") or {}
        value = chosen(action)
        return {
            "ref": read_ref(action.get("value") or ref_of_block(action)),
            "chosen": value if isinstance(value, str) else None,
            "form": read_form(self._body.get("state") or view.get("state") or {}),
            "metadata": unpack(str(view.get("private_metadata") or ""))[0],
            "channel": channel,
            "message_ts": ts,
            "view_id": view.get("id"),
            "source": f"{channel}:{ts}" if ts else str(self.origin),
            "response_url": self._body.get("response_url"),
        }

    async def open_empty(self, business: UUID) -> None:
        self._held = await self._show(business, _notice(errors.filling()))

    async def deliver(self, business: UUID, answer: Answer) -> None:
        await self._ack()
        await self.deliver_late(business, answer)

    async def deliver_late(self, business: UUID, answer: Answer) -> None:
        if self._held is not None:
            found = Open(self._remembering(answer.modal)) if isinstance(answer, Open | Push) else answer
            return await _fill(self._messenger, business, self._held, found)
        return await self._deliver(business, answer)

    async def _deliver(self, business: UUID, answer: Answer) -> None:
        match answer:
            case Message() | Note():
                await self._tell(business, answer)
            case Open(modal) | Push(modal):
                await self._show(business, self._remembering(modal))
            case Update(modal):
                view = self._body["view"]
                await self._messenger.update_view(business, str(view["id"]), self._remembering(modal))
            case FieldErrors() | Done():
                return
            case _:
                assert_never(answer)

    async def _tell(self, business: UUID, answer: Message | Note) -> None:
        """Beside what is there; a listener's own `Message` takes the place of an ephemeral message it came from."""
        url = self._body.get("response_url")
        if url:
            replace = isinstance(answer, Message) and self.origin is Origin.EPHEMERAL
            await self._messenger.respond(str(url), _message(answer), replace=replace)
        elif self.origin is Origin.MODAL and isinstance(answer, Message):
            # A card in a modal is redrawn where it stands: Slack's stack of modals ends at three.
            await self._messenger.update_view(business, str(self._body["view"]["id"]), _notice(answer))
        else:
            await self._show(business, _notice(answer))

    async def _show(self, business: UUID, modal: Modal) -> str:
        """A modal of its own, or on top of the one it was asked from; Slack stacks three, so the third gives way."""
        if self.origin is not Origin.MODAL:
            return await self._messenger.open_view(business, self._trigger, modal)
        view = self._body["view"]
        if view.get("previous_view_id") in {None, "", view.get("root_view_id")}:
            return await self._messenger.push_view(business, self._trigger, modal)
        await self._messenger.update_view(business, str(view["id"]), modal)
        return str(view["id"])

    async def deliver_instead(self, message: Message) -> bool:
        return await _went(self._messenger, self._body.get("response_url"), message, replace=False)

    async def acknowledge(self) -> None:
        await self._ack()

    def _remembering(self, modal: Modal) -> Modal:
        """A form opened from an ephemeral card carries the way back to it."""
        url = self._body.get("response_url") if self.origin is Origin.EPHEMERAL else None
        return with_return(modal, str(url)) if url else modal

    @property
    def _trigger(self) -> str:
        return str(self._body["trigger_id"])


class Form:
    """A submitted modal: field errors keep it open, a message takes its place or goes back where it was opened."""

    origin = Origin.MODAL
    may_finish_late = False

    def __init__(self, messenger: Messenger, ack: Ack, body: Json) -> None:
        self._messenger = messenger
        self._ack = ack
        self._body = body
        self.asked = str(body["view"].get("callback_id", ""))[:100]
        self._metadata, self._way_back = unpack(str(body["view"].get("private_metadata") or ""))

    def facts(self) -> dict[str, Any]:
        view = self._body["view"]
        return {
            "form": read_form(view.get("state") or {}),
            "metadata": self._metadata,
            "view_id": view.get("id"),
            "source": f"modal:{view.get('callback_id', '')}",
            "response_url": self._way_back,
        }

    async def deliver(self, _business: UUID, answer: Answer) -> None:
        match answer:
            case FieldErrors(errors):
                await self._ack(response_action="errors", errors=dict(errors))
            case Update(modal):
                await self._ack(response_action="update", view=self._messenger.fitted("modal", modal))
            case Push(modal) | Open(modal):
                await self._ack(response_action="push", view=self._messenger.fitted("modal", modal))
            case Message() if await _went(self._messenger, self._way_back, answer, replace=True):
                await self._ack()
            case Message() | Note():
                await self._ack(response_action="update", view=self._result(answer))
            case Done():
                await self._ack()
            case _:
                assert_never(answer)

    async def deliver_late(self, _business: UUID, answer: Answer) -> None:
        if isinstance(answer, Message | Note):
            await _went(self._messenger, self._way_back, _message(answer), replace=isinstance(answer, Message))

    def _result(self, answer: Message | Note) -> dict[str, Any]:
        """In the form's place. Closing it closes what lies below as well: that was drawn before."""
        payload = self._messenger.fitted("modal", _notice(answer))
        return payload | ({"clear_on_close": True} if self._body["view"].get("previous_view_id") else {})

    async def deliver_instead(self, message: Message) -> bool:
        await self._ack(response_action="update", view=_notice(Note(message)).payload())
        return True

    async def acknowledge(self) -> None:
        await self._ack()


async def _went(messenger: Messenger, url: str | None, message: Message, *, replace: bool) -> bool:
    """Whether it reached the person through a response_url, which may be missing, used up or too old."""
    if not url:
        return False
    try:
        return await messenger.respond(url, message, replace=replace)
    except (Busy, HostNotAllowed) as error:
        log.warning("response_url.unanswered", error=type(error).__name__, reason=str(error))
        return False


async def _fill(messenger: Messenger, business: UUID, view_id: str, answer: Answer) -> None:
    """What comes late, in the form that was opened empty for it."""
    match answer:
        case Open(modal) | Push(modal) | Update(modal):
            await messenger.update_view(business, view_id, modal)
        case Message() | Note():
            await messenger.update_view(business, view_id, _notice(answer))
        case FieldErrors() | Done():
            return
        case _:
            assert_never(answer)


def _message(answer: Message | Note) -> Message:
    return answer.message if isinstance(answer, Note) else answer


def _notice(answer: Message | Note) -> Modal:
    return in_modal(_message(answer))

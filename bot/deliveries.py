"""How an answer reaches the person: each kind of request has its own way, and a last one when Slack stopped waiting."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, assert_never
from uuid import UUID

import structlog

from bot.actions import read_ref
from bot.messenger import Messenger
from bot.replies import Answer, Done, FieldErrors, FormValue, Note, Open, Origin, Push, Update
from bot.views import errors
from bot.views.blocks import Message, Modal
from bot.views.degrade import in_modal
from kit.errors import Busy, VendorFault

Ack = Callable[..., Awaitable[Any]]
Json = Mapping[str, Any]
Show = Callable[[UUID, str, Modal], Awaitable[str]]

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
                await self._ack(response_type="ephemeral", **_message(answer).payload())
            case Open(modal):
                refusal = await _try_to_open(self._messenger.open_view, business, str(self._body["trigger_id"]), modal)
                await (self._ack(response_type="ephemeral", **refusal.payload()) if refusal else self._ack())
            case Push() | Update() | FieldErrors() | Done():
                await self._ack()
            case _:
                assert_never(answer)

    async def open_empty(self, business: UUID) -> None:
        self._held = await self._messenger.open_view(business, str(self._body["trigger_id"]), _notice(errors.filling()))

    async def deliver_late(self, business: UUID, answer: Answer) -> None:
        if self._held is not None:
            return await _fill(self._messenger, business, self._held, answer)
        if isinstance(answer, Open):  # what may change something opens no empty form, and a trigger lives three seconds
            answer = errors.form_too_late()
        if isinstance(answer, Message | Note):
            await self._messenger.respond(str(self._body["response_url"]), _message(answer), replace=True)
        return None


class Click:
    """A button, menu or picker, on a message, in Home or in a modal."""

    may_finish_late = False

    def __init__(self, messenger: Messenger, ack: Ack, body: Json) -> None:
        self._messenger = messenger
        self._ack = ack
        self._body = body
        self._held: str | None = None
        self.origin = _origin(body)
        self.asked = str(body["actions"][0].get("action_id", ""))[:100]

    def facts(self) -> dict[str, Any]:
        action, container = self._body["actions"][0], self._body.get("container") or {}
        channel, ts = container.get("channel_id"), container.get("message_ts")
        view = self._body.get("view") or {}
        value = _chosen(action)
        return {
            "ref": read_ref(action.get("value") or _ref_of_block(action)),
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
        show = self._messenger.push_view if self.origin is Origin.MODAL else self._messenger.open_view
        self._held = await show(business, self._trigger, _notice(errors.filling()))

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
            case Open(modal):
                await self._open(self._messenger.open_view, business, modal)
            case Push(modal):
                await self._open(self._messenger.push_view, business, modal)
            case Update(modal):
                view = self._body["view"]
                await self._messenger.update_view(business, str(view["id"]), self._remembering(modal))
            case FieldErrors() | Done():
                return
            case _:
                assert_never(answer)

    async def _open(self, show: Show, business: UUID, modal: Modal) -> None:
        refusal = await _try_to_open(show, business, self._trigger, self._remembering(modal))
        url = self._body.get("response_url")
        if refusal is not None and url:  # in a modal and in Home only a form could have said it
            await self._messenger.respond(str(url), refusal, replace=False)

    async def _tell(self, business: UUID, answer: Message | Note) -> None:
        """Beside what is there; a listener's own `Message` takes the place of an ephemeral message it came from."""
        url = self._body.get("response_url")
        if url:
            replace = isinstance(answer, Message) and self.origin is Origin.EPHEMERAL
            await self._messenger.respond(str(url), _message(answer), replace=replace)
        elif self.origin is Origin.MODAL and isinstance(answer, Message):
            # A card in a modal is redrawn where it stands: Slack's stack of modals ends at three.
            await self._messenger.update_view(business, str(self._body["view"]["id"]), _notice(answer))
        elif self.origin is Origin.MODAL:
            await self._messenger.push_view(business, self._trigger, _notice(answer))
        else:
            await self._messenger.open_view(business, self._trigger, _notice(answer))

    def _remembering(self, modal: Modal) -> Modal:
        """A form opened from an ephemeral card carries the way back to it."""
        url = self._body.get("response_url") if self.origin is Origin.EPHEMERAL else None
        return _with_return(modal, str(url)) if url else modal

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

    async def deliver(self, business: UUID, answer: Answer) -> None:
        match answer:
            case FieldErrors(errors):
                await self._ack(response_action="errors", errors=dict(errors))
            case Update(modal):
                await self._ack(response_action="update", view=modal.payload())
            case Push(modal) | Open(modal):
                await self._ack(response_action="push", view=modal.payload())
            case Message() if self._way_back:
                await self._ack()
                await self.deliver_late(business, answer)
            case Message() | Note():
                await self._ack(response_action="update", view=_notice(answer).payload())
            case Done():
                await self._ack()
            case _:
                assert_never(answer)

    async def deliver_late(self, _business: UUID, answer: Answer) -> None:
        if isinstance(answer, Message | Note) and self._way_back:
            await self._messenger.respond(self._way_back, _message(answer), replace=isinstance(answer, Message))


async def _try_to_open(show: Show, business: UUID, trigger_id: str, modal: Modal) -> Message | None:
    """What to say when Slack does not open a form: its trigger was too old, or Slack too busy."""
    try:
        await show(business, trigger_id, modal)
    except (Busy, VendorFault) as fault:
        log.warning("form.not_opened", form=modal.callback_id, fault=type(fault).__name__)
        return errors.form_not_opened()
    return None


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


def _origin(body: Json) -> Origin:
    container, view = body.get("container") or {}, body.get("view") or {}
    if view.get("type") == "home":
        return Origin.HOME
    if view:
        return Origin.MODAL
    return Origin.EPHEMERAL if container.get("is_ephemeral") else Origin.MESSAGE


WAY_BACK = "way_back"


def _with_return(modal: Modal, url: str) -> Modal:
    wrapped = json.dumps({WAY_BACK: url, "metadata": modal.metadata})
    return Modal(modal.callback_id, modal.title, modal.blocks, modal.submit, modal.close, wrapped)


def unpack(metadata: str) -> tuple[str, str | None]:
    """A modal's own metadata, and the response_url that the edge put around it."""
    if not metadata.startswith(f'{{"{WAY_BACK}"'):
        return metadata, None
    wrapped = json.loads(metadata)
    return str(wrapped["metadata"]), str(wrapped[WAY_BACK])


def read_form(state: Json) -> dict[str, FormValue]:
    """The value of each input by its block id, whatever element it is; None where it was left empty."""
    return {
        block_id: _chosen(element)
        for block_id, elements in (state.get("values") or {}).items()
        for element in elements.values()
    }


def _chosen(element: Json) -> FormValue:
    for many in ("selected_users", "selected_conversations", "selected_channels"):
        if many in element:
            return tuple(str(item) for item in element[many] or ())
    if "selected_options" in element:
        return tuple(str(option["value"]) for option in element["selected_options"] or ())
    if element.get("selected_option"):
        return str(element["selected_option"]["value"])
    for one in (
        "selected_user",
        "selected_conversation",
        "selected_channel",
        "selected_date",
        "selected_time",
        "value",
    ):
        if element.get(one):
            return str(element[one])
    return None


def _ref_of_block(action: Json) -> str | None:
    """Menus and pickers carry what they speak of behind the colon of their action id."""
    return str(action.get("action_id", "")).partition(":")[2] or None

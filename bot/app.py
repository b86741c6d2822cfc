"""The Slack app: one listener per kind of request, a dictionary behind each, and one place where errors are answered.

Bolt walks its listeners one by one, so there are four of them and not forty. What a person decided is committed before
Slack is answered; a read that takes longer than Slack waits is acknowledged first and edited in later.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from re import compile as pattern
from secrets import token_hex
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from structlog.contextvars import bound_contextvars

from bot.commands import read_command
from bot.deliveries import Click, Delivery, Form, Typing, hand_over
from bot.experiences import events, routes
from bot.messenger.errors import AppRemoved
from bot.middleware import Doorkeeper, Envelope, NotInstalled, read_envelope
from bot.replies import Answer, Done, FormOpener, Listener, Note, Turn
from bot.tools import Tools
from bot.views import errors
from bot.views.blocks import Message
from domains import audit
from kit.errors import Busy, Misconfigured, NotAllowed, Refused, VendorFault

# Slack gives up after 3 s. A read may go on behind a placeholder; a change is undone, and the person told so.
ANSWER_BY_S = 1.8
# Left for the person's own request when it took long to learn whose workspace it is.
LAST_WORD_S = 0.3
# Left for Slack's own API, which opens forms and takes answers.
HAND_OVER_S = 0.8
# A crowd at one company's desk is served in turn: side by side all of them would be too late, and all for nothing.
ABREAST = 3
# Slack repeats an unanswered event at once; its next repeats are told apart in the database.
REPEATED_WITHIN_S = 30.0

T = TypeVar("T")
Ack = Callable[..., Awaitable[Any]]
Sleep = Callable[[float], Awaitable[None]]
log = structlog.get_logger(__name__)


class SlackApp:
    """Owns the Bolt app and the answers that are still under way when Slack was acknowledged."""

    def __init__(self, tools: Tools, *, sleep: Sleep = asyncio.sleep) -> None:
        self._tools = tools
        self._sleep = sleep
        self._commands, self._actions, self._forms = routes.collect()
        self._late: set[asyncio.Future[Any]] = set()
        self._events: dict[str, asyncio.Future[None]] = {}
        self._queues: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()
        self.door = Doorkeeper(tools)
        self.bolt = self._build()

    def _build(self) -> AsyncApp:
        secret = self._tools.settings.slack_signing_secret
        if secret is None or not secret.get_secret_value():
            raise Misconfigured("SLACK_SIGNING_SECRET must be set: without it no request can be trusted")
        app = AsyncApp(
            signing_secret=secret.get_secret_value(),
            authorize=_authorize,
            process_before_response=True,
            attaching_conversation_kwargs_enabled=False,
            attaching_function_token_enabled=False,
        )
        app.command("/runway")(self._on_command)
        app.action(pattern(".*"))(self._on_action)
        app.view(pattern(".*"))(self._on_form)
        app.event(pattern(".*"))(self._on_event)
        app.error(_unanswered)
        return app

    async def _on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        typed = read_command(str(body.get("text") or ""))
        delivery = Typing(self._tools.messenger, ack, body, typed.words)
        listener = self._commands.get(typed.name) if typed.name is not None else None
        await self._serve(delivery, body, listener or _unknown(typed.words, typed.nearest))

    async def _on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        action = body["actions"][0]
        if action.get("url"):  # the link opens in the browser; Slack only tells us
            return await _acknowledged(ack)
        listener = self._actions.get(str(action.get("action_id", "")).partition(":")[0])
        return await self._serve(Click(self._tools.messenger, ack, body), body, listener or _gone)

    async def _on_form(self, ack: Ack, body: dict[str, Any]) -> None:
        if body.get("type") != "view_submission":
            return await _acknowledged(ack)
        listener = self._forms.get(str(body["view"].get("callback_id", "")))
        return await self._serve(Form(self._tools.messenger, ack, body), body, listener or _gone)

    async def _on_event(self, ack: Ack, body: dict[str, Any]) -> None:
        """Persist, then ack: an exception here is a 503, and Slack comes again."""
        await self._in_time(self._taking(body))
        await ack()

    def _taking(self, body: Mapping[str, Any]) -> asyncio.Future[None]:
        """One writing per event: Slack's repeat of one that was late waits for the same, or finds it done."""
        key = str(body.get("event_id"))
        known = self._events.get(key)
        if known is None or known.cancelled() or (known.done() and known.exception() is not None):
            known = self._events[key] = asyncio.ensure_future(events.take(self._tools, self.door, body))
            asyncio.get_running_loop().call_later(REPEATED_WITHIN_S, self._events.pop, key, None)
        return known

    # -- serving one request --------------------------------------------------

    async def _serve(self, delivery: Delivery, body: Mapping[str, Any], listener: Listener) -> None:
        envelope, began = read_envelope(body), time.monotonic()
        try:
            business = await self._in_time(self.door.business_of(envelope))
        except NotInstalled as refusal:
            return await self._hand_over(delivery, UUID(int=0), Note(errors.refused(str(refusal))))
        left = max(LAST_WORD_S, ANSWER_BY_S - (time.monotonic() - began))
        with bound_contextvars(business_id=str(business), slack_user=envelope.user_id, request_kind=delivery.origin):
            saving = asyncio.Event()
            task = asyncio.ensure_future(self._answer(delivery, business, envelope, listener, saving))
            if await self._ends(task, left):
                return await self._hand_over(delivery, business, task.result())
            if isinstance(listener, FormOpener) and isinstance(delivery, Typing | Click):
                return await self._open_late(delivery, business, task)
            if delivery.may_finish_late:
                return await self._go_on(delivery, business, task, errors.working())
            return await self._stop(delivery, business, task, saving)

    async def _in_time(self, work: Awaitable[T]) -> T:
        """Raises `TimeoutError`. The work itself goes on, so that a repeat of the request finds it done."""
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=ANSWER_BY_S)
        if done:
            return task.result()
        self._keep(task)
        raise TimeoutError

    def _came_late(self, task: asyncio.Future[Any]) -> None:
        self._late.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.warning("request.lost", error=type(error).__name__)

    async def _ends(self, task: asyncio.Future[Answer], seconds: float) -> bool:
        pause = asyncio.ensure_future(self._sleep(seconds))
        either: set[asyncio.Future[Any]] = {task, pause}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        pause.cancel()
        return task.done()

    async def _stop(
        self, delivery: Delivery, business: UUID, task: asyncio.Future[Answer], saving: asyncio.Event
    ) -> None:
        """What has not begun to be saved is stopped, and did nothing. A COMMIT on its way cannot be called back."""
        if not saving.is_set():
            task.cancel()
        if await self._ends(task, LAST_WORD_S) and not task.cancelled():
            return await self._hand_over(delivery, business, task.result())
        log.warning("request.too_slow", saving=saving.is_set())
        if saving.is_set():
            return await self._go_on(delivery, business, task, Note(errors.being_saved()))
        self._keep(task)
        return await self._hand_over(delivery, business, Note(errors.too_slow()))

    async def _go_on(
        self, delivery: Delivery, business: UUID, task: asyncio.Future[Answer], meanwhile: Message | Note
    ) -> None:
        """Slack is answered with `meanwhile`, and the person as soon as there is something to say."""
        await self._hand_over(delivery, business, meanwhile)
        self._keep(asyncio.ensure_future(self._deliver_late(delivery, business, task)))

    def _keep(self, task: asyncio.Future[Any]) -> None:
        self._late.add(task)
        task.add_done_callback(self._came_late)

    async def _hand_over(self, delivery: Delivery, business: UUID, answer: Answer) -> None:
        """Slack's API may be slower than Slack's patience: then the acknowledgement goes first, and the answer on."""
        task = asyncio.ensure_future(hand_over(delivery, business, answer))
        done, _ = await asyncio.wait({task}, timeout=HAND_OVER_S)
        if done:
            return task.result()
        self._keep(task)
        return await delivery.acknowledge()

    async def _deliver_late(self, delivery: Delivery, business: UUID, task: asyncio.Future[Answer]) -> None:
        await hand_over(delivery, business, await task, late=True)

    async def _open_late(self, delivery: Typing | Click, business: UUID, task: asyncio.Future[Answer]) -> None:
        """Nothing is changed by opening a form: it is not stopped, it opens empty and is filled in."""
        await delivery.deliver(business, Done())
        self._keep(asyncio.ensure_future(self._fill_late(delivery, business, task)))

    async def _fill_late(self, delivery: Typing | Click, business: UUID, task: asyncio.Future[Answer]) -> None:
        try:
            await delivery.open_empty(business)
        except (Busy, VendorFault) as fault:  # its trigger is too old by now: what comes late is told without a form
            log.warning("form.not_opened", fault=type(fault).__name__)
        await hand_over(delivery, business, await task, late=True)

    async def _answer(
        self, delivery: Delivery, business: UUID, envelope: Envelope, listener: Listener, saving: asyncio.Event
    ) -> Answer:
        """What the listener says, or what is said in its place. Here every error becomes a sentence."""
        try:
            caller = await self.door.caller(business, envelope)
            facts = {**delivery.facts(), "saving": saving}
            turn = Turn(tools=self._tools, business_id=business, caller=caller, origin=delivery.origin, **facts)
            async with self._queues.setdefault(business, asyncio.Semaphore(ABREAST)):
                return await listener(turn)
        except NotAllowed as refusal:
            await self._record(business, envelope, delivery)
            return Note(errors.refused(str(refusal)))
        except Refused as refusal:
            log.info("request.refused", refusal=type(refusal).__name__)
            return Note(errors.refused(str(refusal)))
        except Busy as busy:  # the database says of a COMMIT it refused that nothing was kept
            log.warning("request.busy", reason=str(busy))
            return Note(errors.busy())
        except AppRemoved as fault:
            log.warning("request.locked_out", code=fault.detail.code)
            return Note(errors.locked_out(f"{self._tools.settings.public_url.rstrip('/')}/slack/install"))
        except Exception:  # the edge of a request: the person gets a reference, the log gets the rest
            reference = token_hex(3)
            log.exception("request.failed", reference=reference)
            return Note(errors.in_doubt(reference) if saving.is_set() else errors.failed(reference))

    async def _record(self, business: UUID, envelope: Envelope, delivery: Delivery) -> None:
        """Who reached for what they may not do is on record, in a transaction of its own: the refused one is gone."""
        log.warning("request.not_allowed", asked=delivery.asked)
        self._tools.runtime.metrics.refusals.labels("not_allowed").inc()
        entry = audit.Entry(
            actor=envelope.user_id[:40],
            action="request.refused",
            object_type=delivery.origin,
            object_id=delivery.asked,
        )
        async with self._tools.db.tenant_session(business) as session:
            await audit.record(session, entry, clock=self._tools.clock)

    async def close(self) -> None:
        """Let answers under way reach their person."""
        if self._late:
            await asyncio.wait(self._late, timeout=10)


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Bolt asks who we are; the doorkeeper asks who they are, with the body in hand."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


async def _unanswered(error: Exception) -> BoltResponse:
    """Nobody is told anything wrong: Slack delivers events again, and shows people that their click did not work."""
    log.error("request.unanswered", error=type(error).__name__, exc_info=error)
    return BoltResponse(status=503)


async def _acknowledged(ack: Ack) -> None:
    await ack()


async def _gone(_turn: Turn) -> Answer:
    raise Refused("This button is from an older message and no longer works. Type `/runway` for a fresh one.")


def _unknown(words: tuple[str, ...], nearest: str | None) -> Listener:
    async def answer(_turn: Turn) -> Answer:
        meant = " ".join([nearest, *words[1:]])[:40] if nearest else None
        return errors.unknown_command(" ".join(words)[:40], meant)

    return answer

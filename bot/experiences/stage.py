"""What every listener needs before it can speak: the scene, the reference that was clicked, the form that was sent."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import wraps

from bot.actions import Ref, read_ref
from bot.middleware import meet
from bot.replies import REPLY_LIVES, Answer, FieldErrors, Listener, Origin, Turn, reply_seal
from bot.views.places import DURABLE, Place
from bot.views.scene import Scene
from domains.businesses import get_business
from domains.people import find_person
from kit.db import TenantSession
from kit.errors import Outdated
from orchestrators.jobs import WaitingReply
from orchestrators.refusals import BadField

MENTION = re.compile(r"<@[A-Z0-9]+>")


async def see(turn: Turn, session: TenantSession) -> Scene:
    business = await get_business(session)
    return Scene(now=turn.clock.now(), zone=business.zone, books=turn.tools.settings.qbo_app)


def get_ref(turn: Turn) -> Ref:
    """What was clicked, or what the form was opened for. Raises `Outdated` for a button of another age."""
    ref = turn.ref or read_ref(turn.metadata)
    if ref is None:
        raise Outdated("This button is from an older message and no longer works. Type `/runway` for a fresh one.")
    return ref


async def acquaint(turn: Turn, slack_user: str) -> None:
    """Whoever is chosen in a form may never have spoken to us."""
    async with turn.unit() as session:
        known = await find_person(session, slack_user)
    if known is None:
        await meet(turn.tools, turn.business_id, slack_user)


def is_durable(turn: Turn, place: Place) -> bool:
    """The card is redrawn by a job wherever it stands; the click needs no answer of its own."""
    return turn.origin is Origin.MESSAGE or place.kind == DURABLE


def waiting_reply(turn: Turn, place: str) -> WaitingReply | None:
    """The private reply that this answer will be, for a job to replace; what stands in messages is redrawn anyway."""
    url, view_id = turn.response_url, turn.view_id if turn.origin is Origin.MODAL else None
    if turn.origin is Origin.MESSAGE or (url is None and view_id is None):
        return None
    until, who = turn.clock.now() + REPLY_LIVES, turn.caller.slack_user
    seal = reply_seal(turn.business_id, who)
    sealed = turn.tools.keyring.seal(url, bound_to=seal) if url is not None else None
    return WaitingReply(slack_user=who, place=place, until=until, sealed_url=sealed, view_id=view_id)


def page_of(turn: Turn) -> int:
    """The page a pager's button leads to, or that was typed; the first one otherwise."""
    said = turn.ref.key if turn.ref else next((word for word in turn.words if word.isdecimal()), "1")
    return max(1, int(said)) if said.isdecimal() else 1


def fielded(listener: Listener) -> Listener:
    """A refusal that names a field is shown under that field; the modal stays open."""

    @wraps(listener)
    async def answer(turn: Turn) -> Answer:
        try:
            return await listener(turn)
        except BadField as refusal:
            # Slack shows these sentences as they are: a mention would be an id.
            return FieldErrors({refusal.field: MENTION.sub("That person", str(refusal))})

    return answer


def get_text(turn: Turn, field: str) -> str:
    """Raises `BadField` when it was left empty."""
    if text := find_text(turn, field):
        return text
    raise BadField(field, "Please fill this in.")


def find_text(turn: Turn, field: str) -> str | None:
    value = turn.form.get(field)
    return value.strip() or None if isinstance(value, str) else None


def get_day(turn: Turn, field: str) -> date:
    """Raises `BadField` for anything that is no date."""
    try:
        return date.fromisoformat(get_text(turn, field))
    except ValueError:
        raise BadField(field, "Please choose a date.") from None


def find_day(turn: Turn, field: str) -> date | None:
    return get_day(turn, field) if find_text(turn, field) else None


def get_number(turn: Turn, field: str) -> Decimal:
    """As people write amounts: "$12,500.00" is 12500. Raises `BadField`."""
    text = get_text(turn, field).replace(",", "").replace("$", "").replace(" ", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadField(field, "Please write a number, such as 2500 or 2500.00.") from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        raise BadField(field, "Please write a number, such as 2500 or 2500.00.")
    return number


def list_ticked(form: Mapping[str, object], prefix: str) -> frozenset[str]:
    """All values ticked in the fields whose names begin so."""
    ticked = (value for field, value in form.items() if field.startswith(prefix) and isinstance(value, tuple))
    return frozenset(str(item) for group in ticked for item in group)

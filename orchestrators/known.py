"""Known items and money set aside: what people know that the books do not."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from domains.businesses import get_business
from domains.known_items import (
    KnownItem,
    NewItem,
    Repeat,
    SetAside,
    add_known_item,
    list_known_items,
    list_set_asides,
    release,
    remove_known_item,
    set_aside,
)
from domains.people import Act, Caller, require
from kit.clock import local_today
from kit.errors import Refused
from kit.money import Money
from orchestrators.base import BaseDataOrchestrator
from orchestrators.effects import HOME, redraw
from orchestrators.gather import home_currency
from orchestrators.refusals import BadField
from orchestrators.results.settings import KnownItemsView, SettingsAct

FURTHEST = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class KnownItemsOrchestrator(BaseDataOrchestrator):
    """Who may propose bills may say what is coming."""

    async def get_known_items(self, caller: Caller) -> KnownItemsView:
        await self.verify()
        await require(self.session, caller, Act.SEE, "see the known items")
        return KnownItemsView(
            items=tuple(await list_known_items(self.session, from_day=await self._today())),
            set_aside=tuple(await list_set_asides(self.session)),
            currency=await home_currency(self.session),
            acts=(SettingsAct.EDIT,) if caller.may(Act.PROPOSE) else (),
        )

    async def add_known_item(
        self,
        caller: Caller,
        label: str,
        on: date,
        amount: Decimal,
        *,
        source: str,
        repeat: Repeat | None = None,
        until: date | None = None,
    ) -> KnownItem:
        """`amount` is positive for money in, negative for money out, in the home currency."""
        await self._require(caller)
        name = _label(label)
        if not amount or abs(amount) >= Decimal(10) ** 12:
            raise BadField("amount", "Write an amount, such as 1,250 or -1,250.")
        today = await self._today()
        if not today <= on <= today + FURTHEST:
            raise BadField("on", "Choose a day from today to three years ahead.")
        if until is not None and (repeat is None or until < on):
            raise BadField("until", "A last day needs a repetition, and cannot be before the first.")
        new = NewItem(name, on, Money(amount, await home_currency(self.session)), repeat, until)
        item = await add_known_item(self.session, new, by=caller.slack_user, source=source, clock=self.clock)
        await redraw(self.session, [HOME], cause=str(item.id))
        return item

    async def remove_known_item(self, caller: Caller, item_id: str, *, source: str) -> KnownItem:
        await self._require(caller)
        return await remove_known_item(
            self.session, _uuid(item_id), by=caller.slack_user, source=source, clock=self.clock
        )

    async def set_aside(self, caller: Caller, label: str, amount: Decimal, *, source: str) -> SetAside:
        """Money in the bank that is spoken for, such as taxes to come."""
        await self._require(caller)
        name = _label(label)
        if not 0 < amount < Decimal(10) ** 12:
            raise BadField("amount", "Write an amount above 0, such as 1,250.")
        kept = Money(amount, await home_currency(self.session))
        aside = await set_aside(self.session, name, kept, by=caller.slack_user, source=source, clock=self.clock)
        await redraw(self.session, [HOME], cause=str(aside.id))
        return aside

    async def release(self, caller: Caller, aside_id: str, *, source: str) -> SetAside:
        await self._require(caller)
        return await release(self.session, _uuid(aside_id), by=caller.slack_user, source=source, clock=self.clock)

    async def _require(self, caller: Caller) -> None:
        await self.verify()
        await require(self.session, caller, Act.PROPOSE, "change the known items")

    async def _today(self) -> date:
        return local_today(self.clock, ZoneInfo((await get_business(self.session)).zone))


def _label(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise BadField("label", "Say in a few words what it is.")
    return name[:200]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused("There is no such item.") from error

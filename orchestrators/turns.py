"""Whose turn it is: the bills that wait for one approver, as the one message of their day shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domains.decisions import Phase
from domains.people import Act, Caller, list_roles
from orchestrators.authority import load_electorate
from orchestrators.base import BaseDataOrchestrator
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.results.console import BillCard, CardState, ConsoleResult, Narrow
from orchestrators.results.notices import YourTurnResult

SHOWN = 5
NEAR = 20
KEPT = 8


@dataclass(frozen=True, slots=True)
class Turn:
    """The references to show. `waiting` are those that nobody decided yet: without one there is nothing to say."""

    keys: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnOrchestrator(BaseDataOrchestrator):
    async def list_approvers(self) -> tuple[str, ...]:
        """Owners and the advisors whose delegation holds today."""
        desk = await self.load()
        electorate = await load_electorate(self.session, desk.rules, desk.today)
        return (*electorate.owners, *electorate.delegates)

    async def get_turn(self, slack_user: str, earlier: Sequence[str]) -> Turn:
        """What is new goes behind what the message of the day shows already."""
        page = await self._console().get_decision_data(None, narrow=Narrow.BILLS, per_page=SHOWN)
        confirm = [card.record.ref for card in page.waiting if _asks(card.state, slack_user)]
        decide = [card.record.ref for card in page.cards]
        waiting = () if page.read_only else tuple(dict.fromkeys((*confirm, *decide)))
        kept = [key for key in earlier if key not in waiting]
        keys = tuple(dict.fromkeys((*earlier, *waiting)))
        spare = max(0, len(keys) - KEPT)
        dropped = set(kept[:spare])
        return Turn(tuple(key for key in keys if key not in dropped)[:KEPT], waiting)

    async def get_result(
        self, slack_user: str, day: date, keys: Iterable[str], *, reminder: bool, snoozed_until: date | None
    ) -> YourTurnResult:
        desk, caller = await self.load(), await self._find_caller(slack_user)
        page = await self._console().get_decision_data(caller, narrow=Narrow.BILLS, per_page=NEAR)
        wanted = keys if caller else ()
        cards = [card for key in wanted if (card := await self._find(key, page, caller)) is not None]
        confirm = tuple(card for card in cards if _asks(card.state, slack_user))
        return YourTurnResult(
            day=day,
            person=slack_user,
            confirm=confirm,
            decide=tuple(card for card in cards if card not in confirm),
            total=page.counts.bills_ready,
            health=desk.health,
            reminder=reminder,
            snoozed_until=snoozed_until,
            may_approve=slack_user in await self.list_approvers(),
            read_only=page.read_only,
        )

    async def _find_caller(self, slack_user: str) -> Caller | None:
        """A message to one person offers what that person may do; None for who may not even look any more."""
        caller = Caller(slack_user, await list_roles(self.session, slack_user))
        return caller if caller.may(Act.SEE) else None

    async def _find(self, key: str, page: ConsoleResult, caller: Caller | None) -> BillCard | None:
        """Most are near the top of the queue or wait for a second yes; what was decided since is asked for singly.

        None for what the books do not know: those of another company took their place.
        """
        listed = (card for card in (*page.waiting, *page.cards) if isinstance(card, BillCard))
        near = {card.record.ref: card for card in listed}
        card = near.get(key) or await self._console().find_card(caller, key)
        return card if isinstance(card, BillCard) else None

    def _console(self) -> DecisionConsoleDataOrchestrator:
        return DecisionConsoleDataOrchestrator(self.session, self.clock, self.desk)


def _asks(state: CardState, slack_user: str) -> bool:
    return state.phase is Phase.PROPOSED and slack_user in state.waiting_for

"""A bill taken in hand for a decision: its row locked, read again, and held against what the person saw."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from domains.audit import lock_chain
from domains.bills import Bill
from domains.deciding import Step, lock_bill, lock_live, move
from domains.decisions import Decision, Phase, find_latest
from domains.freshness import DOCUMENTS, Freshness, Group
from domains.issues.catalogue import RecordKind
from domains.issues.ledger import home_open
from domains.people import Caller
from kit.clock import Clock
from kit.db import TenantSession
from kit.errors import Refused
from orchestrators.atlas import Atlas
from orchestrators.authority import Rules, load_rules
from orchestrators.card_states import read_only, standing_of
from orchestrators.cards import bill_card
from orchestrators.desk import Desk, load_desk
from orchestrators.effects import redraw
from orchestrators.gather import find_bill
from orchestrators.planning import planned_atlas
from orchestrators.references import find_key, ref_of
from orchestrators.results.basis import Change, Link
from orchestrators.results.console import BillCard, DecisionOutcome, OutcomeKind, ReadOnly, Standing
from orchestrators.seen import Seen

WHY_READ_ONLY = {
    ReadOnly.STALE_BOOKS: "The books are more than 24 hours old. Sync first: nothing can be decided on them.",
    ReadOnly.NEVER_SYNCED: "The books were not read yet. Nothing can be decided before the first sync is done.",
    ReadOnly.NOT_CONNECTED: "QuickBooks is not connected. Nothing can be decided until it is.",
    ReadOnly.LOCKED_OUT: (
        "QuickBooks no longer lets Runway in, and the books are more than 24 hours old. Nothing can be decided until an"
        " admin connects it again: `/runway connect`."
    ),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """`live` is the bill's live decision, its row locked too."""

    atlas: Atlas
    bill: Bill
    live: Decision | None
    rules: Rules

    @property
    def desk(self) -> Desk:
        return self.atlas.desk


def bill_id_of(key: str) -> str:
    """Raises `Refused` for what is not a bill's reference."""
    found = find_key(key)
    if found is None or found.kind is not RecordKind.BILL:
        raise Refused(f"{key[:40]} is not a bill that Runway knows. Bills are written like B-145.")
    return found.qbo_id


@dataclass(frozen=True, slots=True)
class Turn:
    """One act of one person on one claimed bill. `version` None: typed, no card was seen."""

    session: TenantSession
    clock: Clock
    claim: Claim
    caller: Caller
    version: str | None
    source: str

    @property
    def step(self) -> Step:
        """In the caller's own right: proposing, holding, taking back."""
        return Step(by=self.caller.slack_user, source=self.source)

    @property
    def lent_step(self) -> Step:
        """Approving and rejecting within a lent limit is done for the owner who lent it, unless that owner speaks."""
        delegation = self.claim.rules.electorate.delegates.get(self.caller.slack_user)
        amount = home_open(self.claim.bill, self.claim.desk.currency)
        said = {voice.by for voice in self.claim.live.voices} if self.claim.live else set()
        if delegation is None or amount is None or amount > delegation.limit or delegation.granted_by in said:
            return self.step
        return replace(self.step, on_behalf_of=delegation.granted_by)


def day_shown(turn: Turn) -> date:
    """The pay date on the card that was clicked; what is typed gets the one that a card would show now."""
    shown = Seen.decode(turn.version).pay_on if turn.version is not None else None
    return shown or planned_atlas(turn.claim.desk).pay_on(turn.claim.bill)


async def claim_bill(session: TenantSession, clock: Clock, desk: Desk, caller: Caller, key: str) -> Claim:
    """Raises `Refused` for a bill that the mirror has never seen."""
    bill_id = bill_id_of(key)
    await lock_chain(session)
    await lock_bill(session, bill_id)
    bill = await find_bill(session, bill_id)
    if bill is None:
        raise Refused(f"There is no bill {key} in the books.")
    known = desk.shelf.bills.get(bill_id)
    if known is None or (known.sync_token, known.balance, known.digest) != (bill.sync_token, bill.balance, bill.digest):
        desk = await load_desk(session, clock)
    live = await lock_live(session, bill_id)
    if live is not None and live.is_over(desk.today):
        step = Step(by="runway", source="clock")
        await move(session, live, Phase.EXPIRED, step, clock=clock, reason="The hold ended.")
        live = None
    seen = replace(desk, decisions=_with(desk, bill_id, live))
    return Claim(Atlas.of(seen), bill, live, await load_rules(session, seen, caller))


def _with(desk: Desk, bill_id: str, live: Decision | None) -> dict[str, Decision]:
    others = {key: one for key, one in desk.decisions.items() if key != bill_id}
    return others if live is None else {**others, bill_id: live}


async def draw(session: TenantSession, claim: Claim, caller: Caller | None, decision: Decision | None) -> BillCard:
    """The card from the state row as it stands now."""
    desk = claim.desk
    current = decision if decision is not None and decision.is_live else None
    seen = replace(desk, decisions=_with(desk, claim.bill.id, current))
    latest = decision or await find_latest(session, claim.bill.id)
    # A decided card shows its own pay date; only one that can be decided needs the planner's.
    atlas = planned_atlas(seen) if current is None else Atlas.of(seen)
    return bill_card(atlas, claim.bill, latest, caller, claim.rules.electorate)


async def answer(
    turn: Turn, kind: OutcomeKind, *, decision: Decision | None = None, changes: tuple[Change, ...] = ()
) -> DecisionOutcome:
    card = await draw(turn.session, turn.claim, turn.caller, decision or turn.claim.live)
    if kind is OutcomeKind.OUTDATED:  # every other copy of that card is as old
        await redraw(turn.session, [card.record.ref], cause=f"outdated:{turn.clock.now().isoformat()}")
    return DecisionOutcome(kind, card, changes)


def taken_by_another(claim: Claim, *, open_to: Collection[Phase]) -> bool:
    """A live decision that this act cannot go on from."""
    return claim.live is not None and claim.live.phase not in open_to


def refuse_undecidable(claim: Claim) -> None:
    """Raises `Refused`: books too old to decide on, or a bill that is not open or not trustworthy."""
    why = read_only(claim.desk)
    if why is not None:
        raise Refused(WHY_READ_ONLY[why])
    if claim.live is not None:
        return
    reference = ref_of(RecordKind.BILL, claim.bill.id).ref
    standing = standing_of(claim.desk, claim.bill)
    if standing is Standing.BLOCKED:
        raise Refused(f"{reference} has something to mend first: see `/runway tray`. Nothing was decided.")
    if standing is Standing.CLOSED:
        raise Refused(f"{reference} is not open in QuickBooks any more. Nothing was decided.")


def changes_since(turn: Turn) -> tuple[Change, ...]:
    """What differs from the card that was clicked, or that it is too old; a typed command saw none."""
    if turn.version is None:
        return ()
    seen, today = Seen.decode(turn.version), turn.claim.desk.today
    aged = (Change("drawn", seen.drawn, today),) if seen.expired(today) else ()
    return seen.changes_to(Seen.of(turn.claim.bill)) or aged


def must_be_read_again(claim: Claim) -> bool:
    """The bill beyond its soft limit, or balances beyond their hard one: an approval reads both first.

    Raises `Refused` when QuickBooks cannot be asked.
    """
    desk = claim.desk
    bill_old = desk.health.now - claim.bill.last_synced > DOCUMENTS.soft
    bills_old = desk.shelf.freshness.of(Group.BILLS).state is not Freshness.FRESH and bill_old
    cash_old = desk.shelf.freshness.of(Group.BALANCES).state in (Freshness.STALE, Freshness.NEVER)
    if not (bills_old or cash_old):
        return False
    if desk.health.link is not Link.CONNECTED:
        raise Refused("QuickBooks must be connected again before this can be approved. Nothing was decided.")
    return True

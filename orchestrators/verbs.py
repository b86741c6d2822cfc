"""The verbs besides *approve*: proposing, holding, rejecting, and taking back what was not handed off yet."""

from datetime import date, timedelta

from domains.deciding import NewDecision, Step, move, open_decision
from domains.decisions import AWAITING_PAYMENT, Decision, Phase, find_live
from domains.issues.ledger import home_open
from domains.people import Act, any_of, require
from kit.errors import NotAllowed, Refused
from orchestrators.authority import require_approver
from orchestrators.card_states import may_undo
from orchestrators.claims import Turn, answer, changes_since, day_shown, refuse_undecidable, taken_by_another
from orchestrators.effects import announce
from orchestrators.refusals import BadField
from orchestrators.results.console import DecisionOutcome, OutcomeKind

LONGEST_HOLD = timedelta(days=180)


async def propose(turn: Turn, *, pay_on: date | None) -> DecisionOutcome:
    """Somebody who may not approve puts the bill before those who may."""
    await require(turn.session, turn.caller, Act.PROPOSE, "propose bills")
    day = pay_on or day_shown(turn)
    return await _decide(turn, Phase.PROPOSED, open_to=frozenset(), pay_on=max(day, turn.claim.desk.today))


async def hold(turn: Turn, *, until: date, reason: str | None) -> DecisionOutcome:
    await require(turn.session, turn.caller, Act.PROPOSE, "hold bills")
    today = turn.claim.desk.today
    if not today < until <= today + LONGEST_HOLD:
        raise BadField("until", "Choose a day from tomorrow to 180 days ahead.")
    why = (reason or "").strip()[:500] or None
    return await _decide(turn, Phase.HELD, open_to=frozenset({Phase.PROPOSED}), held_until=until, reason=why)


async def reject(turn: Turn, *, reason: str) -> DecisionOutcome:
    electorate = turn.claim.rules.electorate
    await require_approver(turn.session, turn.caller, electorate, "reject bills")
    amount = home_open(turn.claim.bill, turn.claim.desk.currency)
    if not electorate.covers(turn.caller.slack_user, amount):
        owners = any_of(electorate.owners) or "An owner"
        raise NotAllowed(f"This bill is above your limit. {owners} can reject it.")
    why = reason.strip()[:500]
    if not why:
        raise BadField("reason", "Say in a few words why. It stands in the history.")
    return await _decide(turn, Phase.REJECTED, open_to=frozenset({Phase.PROPOSED}), reason=why)


async def take_back(turn: Turn, *, reason: str | None) -> DecisionOutcome:
    """Undo or cancel: until hand-off, by whoever decided or an owner. The bill can then be decided again."""
    await require(turn.session, turn.caller, Act.PROPOSE, "take back a decision")
    live = turn.claim.live
    if live is None:
        return await answer(turn, OutcomeKind.ALREADY)
    if live.phase in AWAITING_PAYMENT:
        raise Refused("It was handed off for payment already: tell whoever pays. Nothing was changed.")
    if not may_undo(live, turn.caller):
        raise NotAllowed(f"Only <@{live.decided_by or live.created_by}> or an owner can take this back.")
    why = (reason or "").strip()[:500] or None
    facts: dict[str, object] = {"reason": why} if why else {}
    moved = await move(turn.session, live, Phase.CANCELLED, turn.step, clock=turn.clock, **facts)
    return await _told(turn, moved)


async def _decide(
    turn: Turn,
    phase: Phase,
    *,
    open_to: frozenset[Phase],
    pay_on: date | None = None,
    held_until: date | None = None,
    reason: str | None = None,
) -> DecisionOutcome:
    claim = turn.claim
    if taken_by_another(claim, open_to=open_to):
        return await answer(turn, OutcomeKind.ALREADY)
    changes = changes_since(turn)
    if changes:
        return await answer(turn, OutcomeKind.OUTDATED, changes=changes)
    refuse_undecidable(claim)
    step = turn.lent_step if phase is Phase.REJECTED else turn.step
    decision = await _write(turn, step, phase, pay_on=pay_on, held_until=held_until, reason=reason)
    if decision is None:
        winner = await find_live(turn.session, claim.bill.id)
        return await answer(turn, OutcomeKind.ALREADY, decision=winner)
    return await _told(turn, decision)


async def _write(
    turn: Turn, step: Step, phase: Phase, *, pay_on: date | None, held_until: date | None, reason: str | None
) -> Decision | None:
    claim, live = turn.claim, turn.claim.live
    if live is not None:
        facts: dict[str, object] = {"held_until": held_until, "reason": reason}
        return await move(turn.session, live, phase, step, clock=turn.clock, **facts)
    new = NewDecision(
        phase=phase,
        bill=claim.bill,
        home_amount=home_open(claim.bill, claim.desk.currency),
        policy_version=claim.rules.version,
        pay_on=pay_on,
        held_until=held_until,
        reason=reason,
    )
    return await open_decision(turn.session, new, step, clock=turn.clock)


async def _told(turn: Turn, decision: Decision) -> DecisionOutcome:
    await announce(turn.session, decision)
    return await answer(turn, OutcomeKind.DECIDED, decision=decision)

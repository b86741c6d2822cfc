"""Saying yes to a bill: checked under the bill's lock, written with its audit row and what follows, or not at all."""

from dataclasses import dataclass
from datetime import date

from domains.deciding import NewDecision, add_voice, amend, move, open_decision
from domains.decisions import Decision, Phase, Voice, find_live, get_decision
from domains.issues.ledger import home_open
from domains.people import Act, any_of, require
from domains.policy import Writeback
from kit.errors import NotAllowed
from kit.money import format_money
from kit.outbox import enqueue
from orchestrators.authority import Question, is_split, judge_voices, list_todays_voices, require_approver
from orchestrators.claims import (
    Turn,
    answer,
    changes_since,
    day_shown,
    must_be_read_again,
    refuse_undecidable,
    taken_by_another,
)
from orchestrators.effects import announce
from orchestrators.jobs import ApproveAfterRead, WaitingReply, WriteBack
from orchestrators.planning import planned_atlas
from orchestrators.results.basis import Change
from orchestrators.results.console import DecisionOutcome, Effect, OutcomeKind
from orchestrators.seen import Seen


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for beyond the yes. `just_read`: QuickBooks was asked for the bill for this very approval.

    `reply` waits for the answer, should QuickBooks have to be asked first.
    """

    pay_on: date | None
    reason: str | None
    just_read: bool
    reply: WaitingReply | None = None

    @property
    def why(self) -> str | None:
        return (self.reason or "").strip()[:500] or None


@dataclass(frozen=True, slots=True)
class Terms:
    """What an approval stands on: the day, whether it breaches the floor, and the low balance it was told."""

    pay_on: date
    breach: bool
    effect: Effect | None


async def approve(turn: Turn, wish: Wish) -> DecisionOutcome:
    """In this order: right, first come, same bill, open and fresh, same answer, reason; then it is written."""
    await require_approver(turn.session, turn.caller, turn.claim.rules.electorate, "approve bills")
    if taken_by_another(turn.claim, open_to={Phase.PROPOSED}) or _has_spoken(turn):
        return await answer(turn, OutcomeKind.ALREADY)
    if changes := changes_since(turn):
        return await answer(turn, OutcomeKind.OUTDATED, changes=changes)
    _refuse_echo(turn)
    refuse_undecidable(turn.claim)
    if not wish.just_read and must_be_read_again(turn.claim):
        await _read_first(turn, wish)
        return await answer(turn, OutcomeKind.CHECKING)
    terms = _terms(turn, wish)
    if changes := _answer_changed(turn, wish, terms):
        return await answer(turn, OutcomeKind.OUTDATED, changes=changes)
    if await _lacks_reason(turn, wish, terms):
        return await answer(turn, OutcomeKind.NEEDS_REASON)
    return await _say_yes(turn, wish, terms)


def _has_spoken(turn: Turn) -> bool:
    live = turn.claim.live
    return live is not None and any(voice.by == turn.caller.slack_user for voice in live.voices)


def _refuse_echo(turn: Turn) -> None:
    """Raises `NotAllowed` for a delegate whose owner has said yes already: that would be one person speaking twice."""
    claim, who = turn.claim, turn.caller.slack_user
    said = claim.live.voices if claim.live else ()
    electorate, amount = claim.rules.electorate, home_open(claim.bill, claim.desk.currency)
    if not said or electorate.may_add(who, said, amount):
        return
    able = [one for one in (*electorate.owners, *electorate.delegates) if electorate.brings(one, said, amount)]
    names = any_of(able) or "Another owner"
    raise NotAllowed(
        f"You approve for <@{electorate.delegates[who].granted_by}>, whose yes or whose other delegate’s yes is there"
        f" already: the second yes must be somebody else’s. {names} can give it. Nothing was changed."
    )


async def _read_first(turn: Turn, wish: Wish) -> None:
    job = ApproveAfterRead(
        bill_id=turn.claim.bill.id,
        version=turn.version or "",
        slack_user=turn.caller.slack_user,
        source=turn.source,
        pay_on=wish.pay_on,
        reason=wish.why,
        reply=wish.reply,
    )
    minute = turn.clock.now().replace(second=0, microsecond=0).isoformat()
    await enqueue(turn.session, job, key=f"approve:{turn.claim.bill.id}:{turn.caller.slack_user}:{minute}")


def _terms(turn: Turn, wish: Wish) -> Terms:
    claim = turn.claim
    pay_on = wish.pay_on or claim.desk.proposed_day(claim.bill.id) or day_shown(turn)
    effect = claim.atlas.effect_on(claim.bill, max(pay_on, claim.desk.today))
    breach = effect.breach if isinstance(effect, Effect) else effect is not None
    return Terms(pay_on, breach, effect if isinstance(effect, Effect) else None)


def _answer_changed(turn: Turn, wish: Wish, terms: Terms) -> tuple[Change, ...]:
    """The answer on the card is the answer no more: its day has passed, or the guardrail says otherwise now."""
    claim = turn.claim
    if terms.pay_on < claim.desk.today:
        return (Change("pay_on", terms.pay_on, planned_atlas(claim.desk).pay_on(claim.bill)),)
    if turn.version is None or wish.pay_on is not None:
        return ()
    seen = Seen.decode(turn.version)
    same_day = seen.pay_on == terms.pay_on
    return (Change("breach", seen.breach, terms.breach),) if same_day and seen.breach != terms.breach else ()


async def _lacks_reason(turn: Turn, wish: Wish, terms: Terms) -> bool:
    """Raises `NotAllowed` for whoever may not go below the floor. An owner's reason given before still holds."""
    live = turn.claim.live
    if not terms.breach or (live is not None and live.breach and live.reason):
        return False
    try:
        await require(turn.session, turn.caller, Act.OVERRIDE)
    except NotAllowed as refusal:
        raise NotAllowed(f"{_stakes(terms)} {_way_on(turn) or refusal}") from refusal
    return wish.why is None


def _way_on(turn: Turn) -> str | None:
    """Where every owner said yes before it was so, none of them is offered to give a reason."""
    said = {one.by for one in turn.claim.live.voices} if turn.claim.live else set()
    owners = turn.claim.rules.electorate.owners
    if not owners or not said.issuperset(owners):
        return None
    names = any_of(owners)
    return f"That takes an owner’s reason: {names} can withdraw the proposal and approve it anew. Nothing was changed."


def _stakes(terms: Terms) -> str:
    if terms.effect is None:
        return "What this does to the cash ahead is not known."
    return f"Paying this would take the cash down to {format_money(terms.effect.low_water)}, below the floor."


async def _say_yes(turn: Turn, wish: Wish, terms: Terms) -> DecisionOutcome:
    enough = await _is_enough(turn)
    decision = await _write(turn, _new(turn, wish, terms, enough=enough))
    if decision is None:
        return await answer(turn, OutcomeKind.ALREADY, decision=await find_live(turn.session, turn.claim.bill.id))
    delegation = turn.claim.rules.electorate.delegates.get(turn.caller.slack_user)
    limit = delegation.limit if delegation else None
    await add_voice(turn.session, decision, turn.lent_step, limit=limit, clock=turn.clock)
    await announce(turn.session, decision, voice=turn.caller.slack_user)
    if enough and turn.claim.desk.rules.bill_writeback is Writeback.NOTE:
        await enqueue(turn.session, WriteBack(decision_id=decision.id), key=f"decision:{decision.id}:note")
    kind = OutcomeKind.DECIDED if enough else OutcomeKind.WAITING
    return await answer(turn, kind, decision=await get_decision(turn.session, decision.id))


async def _is_enough(turn: Turn) -> bool:
    """Whether this yes, with those said before, approves the bill."""
    claim, who = turn.claim, turn.caller.slack_user
    amount = home_open(claim.bill, claim.desk.currency)
    earlier = await list_todays_voices(turn.session, claim.desk, who)
    split = is_split(who, claim.bill, amount, earlier, claim.rules)
    said = claim.live.voices if claim.live else ()
    voices = (*said, Voice(who, turn.clock.now(), None, None))
    return judge_voices(voices, Question(amount, who if split else None), claim.rules).enough


def _new(turn: Turn, wish: Wish, terms: Terms, *, enough: bool) -> NewDecision:
    return NewDecision(
        phase=Phase.APPROVED if enough else Phase.PROPOSED,
        bill=turn.claim.bill,
        home_amount=home_open(turn.claim.bill, turn.claim.desk.currency),
        policy_version=turn.claim.rules.version,
        pay_on=terms.pay_on,
        reason=wish.why,
        breach=terms.breach,
        low_water=terms.effect.low_water.amount if terms.effect else None,
    )


async def _write(turn: Turn, new: NewDecision) -> Decision | None:
    """None when somebody else's decision stands already."""
    live = turn.claim.live
    if live is None:
        return await open_decision(turn.session, new, turn.lent_step, clock=turn.clock)
    facts: dict[str, object] = {"pay_on": new.pay_on, "breach": new.breach, "low_water": new.low_water}
    facts |= {"reason": new.reason or live.reason, "policy_version": new.policy_version}
    if new.phase is Phase.APPROVED:
        return await move(turn.session, live, Phase.APPROVED, turn.lent_step, clock=turn.clock, **facts)
    return await amend(turn.session, live, turn.lent_step, "decision.seconded", clock=turn.clock, **facts)

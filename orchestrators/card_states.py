"""What a card may say and offer: decided by the state row and by who looks at it, never by the click."""

from domains.bills import Bill
from domains.decisions import BEFORE_HAND_OFF, Decision, Phase
from domains.issues.catalogue import IssueCode, RecordKind
from domains.issues.ledger import home_open
from domains.item_states import ItemStatus
from domains.people import Act, Caller, Role
from orchestrators.authority import Electorate, Question, Rules, judge_voices
from orchestrators.desk import Desk
from orchestrators.results.basis import Link
from orchestrators.results.console import CardAct, CardState, ReadOnly, Standing, Voice

WITHDRAWALS = frozenset({CardAct.UNDO, CardAct.CANCEL})


def standing_of(desk: Desk, bill: Bill) -> Standing:
    return Standing(desk.place(bill)) if bill.id in desk.shelf.bills else Standing.CLOSED


def read_only(desk: Desk) -> ReadOnly | None:
    """Beyond the hard limit nothing may be decided, and without a link nothing can be checked."""
    if desk.health.link in (Link.NEVER, Link.DISCONNECTED):
        return ReadOnly.NOT_CONNECTED
    if desk.health.as_of is None:
        return ReadOnly.NEVER_SYNCED
    if not desk.shelf.freshness.read_only:
        return None
    return ReadOnly.LOCKED_OUT if desk.health.link is Link.NEEDS_RECONNECT else ReadOnly.STALE_BOOKS


def card_state(desk: Desk, bill: Bill, decision: Decision | None, electorate: Electorate) -> CardState:
    """`decision` is the bill's live one, or else its latest."""
    standing, blocked = standing_of(desk, bill), _blocked_by(desk, bill)
    if decision is None or (decision.is_live and decision.is_over(desk.today)):
        return CardState(standing=standing, blocked_by=blocked)
    rules = Rules(electorate, desk.rules.second_approver_over, desk.policy.version)
    verdict = judge_voices(decision.voices, Question(home_open(bill, desk.currency)), rules)
    proposed = decision.phase is Phase.PROPOSED
    return CardState(
        standing=standing,
        phase=decision.phase,
        decision_id=str(decision.id),
        reference=decision.reference,
        by=(decision.decided_by or decision.created_by) if decision.is_live else decision.changed_by,
        at=(decision.decided_at or decision.created_at) if decision.is_live else decision.changed_at,
        voices=voices_of(decision),
        pay_on=decision.pay_on,
        held_until=decision.held_until,
        reason=decision.reason,
        waiting_for=verdict.waiting_for if proposed else (),
        needs=verdict.needs if proposed else None,
        seen_paid_on=decision.seen_on,
        seen_amount=decision.seen_amount,
        blocked_by=blocked,
    )


def voices_of(decision: Decision) -> tuple[Voice, ...]:
    """An owner who speaks is represented by nobody: a delegate's yes beside theirs is the delegate's own."""
    spoke = {one.by for one in decision.voices}
    return tuple(
        Voice(one.by, one.at, None if one.on_behalf_of in spoke else one.on_behalf_of) for one in decision.voices
    )


def _blocked_by(desk: Desk, bill: Bill) -> tuple[IssueCode, ...]:
    if bill.id not in desk.blocked_bills:
        return ()
    mine = (one for one in desk.issues if one.blocks and one.key.qbo_id == bill.id and one.key.kind is RecordKind.BILL)
    return tuple(one.code for one in mine if desk.status(one) is not ItemStatus.DISMISSED)


def bill_acts(
    desk: Desk, bill: Bill, decision: Decision | None, caller: Caller | None, electorate: Electorate, *, breach: bool
) -> tuple[CardAct, ...]:
    """In the order of the buttons. `caller` None: a copy that many see, whose clicks are checked one by one."""
    if decision is not None and decision.is_live and not decision.is_over(desk.today):
        offered = _decided_acts(desk, bill, decision, caller, electorate)
    elif standing_of(desk, bill) in (Standing.READY, Standing.BEYOND):
        offered = _open_acts(desk, bill, caller, electorate, breach=breach)
    else:
        offered = ()
    return tuple(act for act in offered if act in WITHDRAWALS) if read_only(desk) else offered


def _open_acts(
    desk: Desk, bill: Bill, caller: Caller | None, electorate: Electorate, *, breach: bool
) -> tuple[CardAct, ...]:
    if caller is None:
        approve = CardAct.APPROVE_ANYWAY if breach else CardAct.APPROVE
        return approve, CardAct.PROPOSE, CardAct.HOLD, CardAct.REJECT
    acts: list[CardAct] = []
    approver = caller.may(Act.APPROVE) and electorate.may_approve(caller.slack_user)
    if approver and breach and caller.may(Act.OVERRIDE):
        acts.append(CardAct.APPROVE_ANYWAY)
    if approver and not breach:
        acts.append(CardAct.APPROVE)
    if caller.may(Act.PROPOSE):
        acts += [CardAct.HOLD] if Role.OWNER in caller.roles else [CardAct.PROPOSE, CardAct.HOLD]
    if approver and electorate.covers(caller.slack_user, home_open(bill, desk.currency)):
        acts.append(CardAct.REJECT)
    return tuple(acts)


def _decided_acts(
    desk: Desk, bill: Bill, decision: Decision, caller: Caller | None, electorate: Electorate
) -> tuple[CardAct, ...]:
    if decision.phase not in BEFORE_HAND_OFF:
        return ()
    if decision.phase is not Phase.PROPOSED:
        return (CardAct.UNDO,) if may_undo(decision, caller) else ()
    if caller is None:
        return CardAct.CONFIRM, CardAct.HOLD, CardAct.REJECT, CardAct.CANCEL
    acts: list[CardAct] = []
    amount = home_open(bill, desk.currency)
    approver = caller.may(Act.APPROVE) and electorate.may_approve(caller.slack_user)
    if approver and electorate.may_add(caller.slack_user, decision.voices, amount):
        acts.append(CardAct.CONFIRM)
    if caller.may(Act.PROPOSE):
        acts.append(CardAct.HOLD)
    if approver and electorate.covers(caller.slack_user, amount):
        acts.append(CardAct.REJECT)
    if may_undo(decision, caller):
        acts.append(CardAct.CANCEL)
    return tuple(acts)


def may_undo(decision: Decision, caller: Caller | None) -> bool:
    """Whoever decided or proposed it, and any owner."""
    if caller is None or Role.OWNER in caller.roles:
        return True
    concerned = {decision.created_by, decision.decided_by, *(voice.by for voice in decision.voices)}
    return caller.slack_user in concerned and caller.may(Act.PROPOSE)

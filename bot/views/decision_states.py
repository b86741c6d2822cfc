"""What was decided about a bill, in one sentence, told from the state row. Never "paid": Runway moves no money."""

from collections.abc import Iterable
from typing import assert_never

from bot.views.escape import Mrkdwn, joined, mrkdwn, sentence
from bot.views.issues import short
from bot.views.phrases import money, people, who
from bot.views.scene import Scene
from domains.decisions import Phase
from orchestrators.results.console import CardState, Standing, Voice

AGAIN = Mrkdwn("It waits for a decision again.")


def decided(state: CardState, scene: Scene) -> Mrkdwn | None:
    """None for a bill that nobody has decided yet. One whose decision ended waits again, and says both."""
    if state.phase is None:
        return _standing(state)
    words = _phase(state, state.phase, scene)
    return sentence(words, AGAIN) if state.standing is Standing.READY else words


def _standing(state: CardState) -> Mrkdwn | None:
    words: Mrkdwn | None = None
    match state.standing:
        case Standing.READY | Standing.DECIDED:
            pass
        case Standing.BLOCKED:
            reasons = ", ".join(short(code) for code in state.blocked_by) or "an issue in the tray"
            words = mrkdwn("Cannot be decided yet: {}. See `/runway tray`.", Mrkdwn(reasons))
        case Standing.BEYOND:
            words = Mrkdwn("Due more than 30 days from now: it can wait.")
        case Standing.CLOSED:
            words = Mrkdwn("No longer open in QuickBooks: nothing to decide.")
        case _:
            assert_never(state.standing)
    return words


def _phase(state: CardState, phase: Phase, scene: Scene) -> Mrkdwn:
    match phase:
        case Phase.PROPOSED:
            words = _proposed(state, scene)
        case Phase.APPROVED:
            words = mrkdwn("{}{}.", _approved(state), _by_date(state, scene))
        case Phase.HANDED_OFF:
            words = mrkdwn("{}, handed off{}.", _approved(state), _by_date(state, scene))
        case Phase.STALE:
            words = mrkdwn("{}{}. Not seen in QuickBooks so far.", _approved(state), _by_date(state, scene))
        case Phase.HELD | Phase.REJECTED | Phase.CANCELLED:
            words = _declined(state, phase, scene)
        case Phase.VERIFIED | Phase.MISMATCH | Phase.EXPIRED:
            words = _seen(state, phase, scene)
        case _:
            assert_never(phase)
    return words


def _proposed(state: CardState, scene: Scene) -> Mrkdwn:
    voices = heard(state.voices)
    so_far = mrkdwn(" Yes from {} so far.", voices) if voices else Mrkdwn("")
    late = state.pay_on is not None and state.pay_on < scene.today  # the yes it waited for did not come in time
    day = mrkdwn(", was to be paid by {}", scene.day(state.pay_on)) if state.pay_on and late else _by_date(state, scene)
    return mrkdwn("Proposed by {}{}.{}{}", who(state.by or ""), day, so_far, _waiting(state))


def _waiting(state: CardState) -> Mrkdwn:
    """As in "Waiting for @maya: a second approver."."""
    if not state.waiting_for and not state.needs:
        return Mrkdwn("")
    if not state.waiting_for:
        asked = mrkdwn("{}", (state.needs or "").rstrip("."))
        return mrkdwn(" Waiting for {}, and nobody here can be one: `/runway roles`.", asked)
    asked = mrkdwn(": {}", state.needs.rstrip(".")) if state.needs else Mrkdwn("")
    return mrkdwn(" Waiting for {}{}.", people(state.waiting_for, "or"), asked)


def _approved(state: CardState) -> Mrkdwn:
    reason = mrkdwn(" (reason: {})", state.reason) if state.reason else Mrkdwn("")
    return mrkdwn("Approved by {}{}", heard(state.voices) or who(state.by or ""), reason)


def heard(voices: Iterable[Voice]) -> Mrkdwn:
    """Who said yes, and for whom: both names are kept."""
    return joined(" and ", [_voice(voice) for voice in voices])


def _voice(voice: Voice) -> Mrkdwn:
    return mrkdwn("{} for {}", who(voice.by), who(voice.on_behalf_of)) if voice.on_behalf_of else who(voice.by)


def _by_date(state: CardState, scene: Scene) -> Mrkdwn:
    return mrkdwn(", to be paid by {}", scene.day(state.pay_on)) if state.pay_on else Mrkdwn("")


def _of(state: CardState) -> Mrkdwn:
    """Whose it was: what ended it was Runway's reading of the books, and decided nothing."""
    whose = heard(state.voices) or (who(state.by) if state.by else Mrkdwn(""))
    return mrkdwn(" of {}", whose) if whose and whose != who("") else Mrkdwn("")


def _declined(state: CardState, phase: Phase, scene: Scene) -> Mrkdwn:
    verb = {Phase.HELD: "Held", Phase.REJECTED: "Rejected"}.get(phase, "Cancelled")
    until = mrkdwn(" until {}", scene.day(state.held_until)) if state.held_until and phase is Phase.HELD else Mrkdwn("")
    when = mrkdwn(" {}", scene.moment(state.at)) if state.at else Mrkdwn("")
    reason = mrkdwn(": {}", state.reason) if state.reason else Mrkdwn(".")
    return mrkdwn("{} by {}{}{}", verb, who(state.by or ""), until or when, reason)


def _seen(state: CardState, phase: Phase, scene: Scene) -> Mrkdwn:
    on = mrkdwn(" on {}", scene.day(state.seen_paid_on)) if state.seen_paid_on else Mrkdwn("")
    if phase is Phase.VERIFIED:
        return mrkdwn("{}. Seen paid in QuickBooks{}.", _approved(state), on)
    reason = mrkdwn("{}", state.reason) if state.reason else None
    if phase is Phase.EXPIRED and state.held_until and state.held_until <= scene.today:
        return mrkdwn("The hold ended on {}.", scene.day(state.held_until))
    if phase is Phase.EXPIRED:
        return sentence(mrkdwn("The decision{} no longer holds.", _of(state)), reason)
    if state.seen_amount is None or not on:  # deleted, voided, or closed without a payment: the reason says which
        return sentence(mrkdwn("QuickBooks does not match what {} approved.", heard(state.voices) or "was"), reason)
    return sentence(mrkdwn("QuickBooks does not match: it shows {} paid{}.", money(state.seen_amount), on), reason)

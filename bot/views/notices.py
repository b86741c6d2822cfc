"""What Runway says unasked: alerts of a day, whose turn it is, what became of a decision. One message each, edited."""

from collections.abc import Callable
from datetime import date
from typing import Final

from bot.actions import Ref
from bot.views.bill_card import TIERS, bill_card, bill_line, draw_bill
from bot.views.blocks import DIVIDER, Block, Message, actions, bullet, button, context, section, sections
from bot.views.console import read_only
from bot.views.escape import Mrkdwn, lines, mrkdwn, name, sentence
from bot.views.ids import Click
from bot.views.issues import short
from bot.views.phrases import counted, health, money, record, who
from bot.views.scene import Scene
from domains.item_states import ItemKey
from orchestrators.digest_runs import SkipReason
from orchestrators.references import ref_of
from orchestrators.results.notices import AlertKind, AlertLine, AlertsResult, DecisionNoticeResult, YourTurnResult

ALERTS_SHOWN = 20
# What somebody else did: good to know, nothing to do.
TOLD: Final = frozenset(
    {
        *(AlertKind.POLICY_CHANGED, AlertKind.ROLE_CHANGED, AlertKind.LIMIT_CHANGED, AlertKind.TIER_CHANGED),
        AlertKind.DECIDED,
    }
)
CARDS_SHOWN = 8


def draw_alerts(result: AlertsResult, scene: Scene) -> Message:
    live = [line for line in result.lines if not line.over]
    head = _alerts_head(live)
    each = [_alert(line, scene) for line in result.lines[:ALERTS_SHOWN]]
    more = len(result.lines) - ALERTS_SHOWN
    rest = Mrkdwn(f"and {more} more.") if more > 0 else None
    quiet = _quiet(result.snoozed_until, scene)
    shown = sections([*map(bullet, each), *([rest] if rest else [])])
    blocks = (section(mrkdwn("*{}*", head)), *shown, *_alert_buttons(result, live))
    return Message(lines(head, *each, rest, quiet), (*blocks, context(lines(quiet, health(result.health, scene)))))


def _alerts_head(live: list[AlertLine]) -> Mrkdwn:
    if not live:
        return Mrkdwn("All of these alerts are over.")
    asking = sum(line.kind not in TOLD for line in live)
    if not asking:
        return mrkdwn("{} today.", counted(len(live), "thing to know", "things to know"))
    return mrkdwn("{} today.", counted(asking, "thing needs you", "things need you"))


def _quiet(until: date | None, scene: Scene) -> Mrkdwn | None:
    return mrkdwn("You asked for quiet until {}.", scene.day(until)) if until else None


def _alert(line: AlertLine, scene: Scene) -> Mrkdwn:
    words = _ALERTS[line.kind](line, scene)
    return mrkdwn("~{}~ Over.", words) if line.over else words


def _day(line: AlertLine, scene: Scene) -> Mrkdwn:
    return scene.day(line.on) if line.on else Mrkdwn("an unknown day")


def _amount(line: AlertLine, before: str = " ") -> Mrkdwn:
    return mrkdwn("{}{}", Mrkdwn(before), money(line.amount)) if line.amount else Mrkdwn("")


def _breach(line: AlertLine, scene: Scene) -> Mrkdwn:
    lowest = mrkdwn("; the low point is {}", money(line.amount)) if line.amount else Mrkdwn("")
    return mrkdwn("Cash is projected to fall below your floor on {}{}. `/runway forecast`", _day(line, scene), lowest)


def _trough(line: AlertLine, scene: Scene) -> Mrkdwn:
    what = mrkdwn("{}{}", name(line.party), _amount(line))
    return mrkdwn(
        "A payment that must be made, {}, falls on {}, when cash is projected below your floor.",
        what,
        _day(line, scene),
    )


def _stuck(line: AlertLine, _scene: Scene) -> Mrkdwn:
    waits = mrkdwn("{} waits for a yes that nobody here can give.", _bill(line))
    return sentence(waits, Mrkdwn("`/runway roles` lets somebody approve; `/runway console` withdraws it."))


def _overdue(line: AlertLine, scene: Scene) -> Mrkdwn:
    return mrkdwn("{} waits for approval and has been due since {}. `/runway console`", _bill(line), _day(line, scene))


def _mismatch(line: AlertLine, _scene: Scene) -> Mrkdwn:
    differs = mrkdwn("{}: QuickBooks does not match what was approved.", _bill(line))
    return sentence(differs, mrkdwn("{}", line.detail or ""), Mrkdwn("Ask whoever pays."))


def _expired(line: AlertLine, _scene: Scene) -> Mrkdwn:
    why = line.detail or "The bill changed in QuickBooks."
    return mrkdwn("{}: the decision no longer stands. {}", _bill(line), why)


def _not_seen(line: AlertLine, scene: Scene) -> Mrkdwn:
    return mrkdwn(
        "{} was to be paid by {}; no payment is seen in QuickBooks. Ask whoever pays.", _bill(line), _day(line, scene)
    )


def _bill(line: AlertLine) -> Mrkdwn:
    return mrkdwn("{} {}{}", name(line.party), line.ref or "", _amount(line))


def _failed(line: AlertLine, _scene: Scene) -> Mrkdwn:
    return mrkdwn(
        "Three syncs in a row failed: {} The figures are not moving. `/runway sync status`", line.detail or ""
    )


def _skipped(line: AlertLine, _scene: Scene) -> Mrkdwn:
    why = _SKIPPED.get(line.detail or "", "it could not be built. `/runway digest now` tries again.")
    return mrkdwn("This week’s digest was not posted: {}", Mrkdwn(why))


_SKIPPED: Final[dict[str, str]] = {
    SkipReason.NEVER_SYNCED: "the books have not been read yet. Once they are, `/runway digest now` posts it.",
    SkipReason.MISSED: "it is more than a day late. `/runway digest now` posts it.",
    SkipReason.RESCHEDULED: "its day was changed meanwhile. `/runway digest now` posts it.",
    SkipReason.NO_DESTINATION: "there is nobody to send it to. `/runway settings` has its channel.",
    SkipReason.DESTINATION_BROKEN: "its channel is closed to me. `/runway settings` has another.",
    SkipReason.APP_REMOVED: "Runway was removed from Slack meanwhile.",
    SkipReason.REFUSED_BY_SLACK: "Slack did not take it. `/runway digest now` tries again.",
}


def _policy(line: AlertLine, _scene: Scene) -> Mrkdwn:
    return mrkdwn("{} changed the rules: {} `/runway settings`", who(line.party or ""), line.detail or "")


def _roles(line: AlertLine, _scene: Scene) -> Mrkdwn:
    return mrkdwn("{} changed your roles: you are {} now. `/runway help`", who(line.party or ""), line.detail or "")


def _limit(line: AlertLine, scene: Scene) -> Mrkdwn:
    if line.amount is None:
        return mrkdwn("{} ended your approval limit: you can propose bills from now on.", who(line.party or ""))
    given = mrkdwn("{} lets you approve bills{} each", who(line.party or ""), _amount(line, " up to "))
    return mrkdwn("{}, until {}. `/runway console`", given, _day(line, scene))


def _tier(line: AlertLine, _scene: Scene) -> Mrkdwn:
    tiers = {str(tier): f"“{words}”" for tier, words in TIERS.items()}
    tier = Mrkdwn(tiers.get(line.detail or "", "what its accounts suggest"))
    changed = mrkdwn("{} changed the tier that you had given to {}", who(line.ref or ""), name(line.party))
    return mrkdwn("{}: it is {} now. `/runway vendors`", changed, tier)


def _assigned(line: AlertLine, _scene: Scene) -> Mrkdwn:
    item = ItemKey.parse(line.ref or "")
    named = record(ref_of(item.record.kind, item.record.qbo_id))
    return mrkdwn("{}: {}. It was assigned to you. `/runway tray`", named, Mrkdwn(short(item.code)))


def _decided(line: AlertLine, _scene: Scene) -> Mrkdwn:
    return mrkdwn("{} was decided. `/runway console`", _bill(line))


def _said(words: str) -> Callable[[AlertLine, Scene], Mrkdwn]:
    return lambda _line, _scene: Mrkdwn(words)


_ALERTS: Final[dict[AlertKind, Callable[[AlertLine, Scene], Mrkdwn]]] = {
    AlertKind.RECONNECT: _said("QuickBooks no longer lets Runway in. Nothing newer can be read: `/runway connect`."),
    AlertKind.NO_OWNER: _said(
        "Nobody is an owner here, so no bill can be approved. Make somebody one: `/runway roles`."
    ),
    AlertKind.SYNC_FAILED: _failed,
    AlertKind.SYNC_STALLED: _said(
        "QuickBooks has not answered for hours. Runway tries again by itself; until then the figures are not moving."
        " `/runway sync status`"
    ),
    AlertKind.FLOOR_BREACH: _breach,
    AlertKind.TROUGH: _trough,
    AlertKind.STUCK: _stuck,
    AlertKind.OVERDUE: _overdue,
    AlertKind.MISMATCH: _mismatch,
    AlertKind.EXPIRED: _expired,
    AlertKind.NOT_SEEN: _not_seen,
    AlertKind.DIGEST_UNKNOWN: _said(
        "I was interrupted while posting this week’s digest and can’t tell whether it is there. Please look; if it is"
        " missing, post it now."
    ),
    AlertKind.DIGEST_BROKEN: _said("The digest channel is closed to me. Choose another one: `/runway settings`."),
    AlertKind.DIGEST_SKIPPED: _skipped,
    AlertKind.POLICY_CHANGED: _policy,
    AlertKind.ROLE_CHANGED: _roles,
    AlertKind.LIMIT_CHANGED: _limit,
    AlertKind.TIER_CHANGED: _tier,
    AlertKind.ASSIGNED: _assigned,
    AlertKind.DECIDED: _decided,
}


def _alert_buttons(result: AlertsResult, live: list[AlertLine]) -> tuple[Block, ...]:
    kinds = {line.kind for line in live}
    unknown = next((line.ref for line in live if line.kind is AlertKind.DIGEST_UNKNOWN and line.ref), None)
    offered = (
        button("Reconnect QuickBooks", Click.CONNECT, style="primary") if AlertKind.RECONNECT in kinds else None,
        button("Post it now", Click.DIGEST_AGAIN, Ref("digest", unknown)) if unknown else None,
        button("Choose a channel…", Click.DIGEST_SETTINGS) if AlertKind.DIGEST_BROKEN in kinds else None,
        button("See forecast", Click.FORECAST) if kinds & {AlertKind.FLOOR_BREACH, AlertKind.TROUGH} else None,
        _snooze() if live and result.snoozed_until is None else None,
    )
    return (actions(*offered),) if any(offered) else ()


def _snooze() -> Block:
    return button("Quiet until tomorrow", Click.QUIET)


def draw_your_turn(result: YourTurnResult, scene: Scene) -> Message:
    """One message per approver and day; a bill that was decided since stays in it and says so.

    What a later message shows is said there, and this one offers no way on of its own.
    """
    waiting = [card for card in (*result.confirm, *result.decide) if card.acts]
    head = _turn_head(result, len(waiting), scene)
    shown = (*result.confirm, *result.decide)[:CARDS_SHOWN]
    text = lines(head, *(bill_line(card, scene) for card in shown))
    blocks: list[Block] = [section(head if result.read_only else mrkdwn("*{}*", head))]
    for card in shown:
        blocks += [DIVIDER, *bill_card(card, scene)]
    if result.continued_on:
        return Message(text, tuple(blocks))
    if not result.may_approve:
        return Message(text, (*blocks, context(health(result.health, scene))))
    quiet = _quiet(result.snoozed_until, scene)
    offered = actions(_console_button(result.total), None if result.snoozed_until else _snooze())
    return Message(text, (*blocks, DIVIDER, offered, context(lines(quiet, health(result.health, scene)))))


def _turn_head(result: YourTurnResult, waiting: int, scene: Scene) -> Mrkdwn:
    if result.continued_on:
        rest = Mrkdwn(" These stay here:") if result.confirm or result.decide else Mrkdwn("")
        return mrkdwn("It goes on in my message of {}, further down.{}", scene.day(result.continued_on), rest)
    if not result.may_approve:
        return mrkdwn("You can’t approve bills any more.{}", Mrkdwn(" You can propose these:" if waiting else ""))
    if result.read_only:
        return sentence(Mrkdwn("Nothing can be decided now."), read_only(result.read_only))
    if not waiting:
        return Mrkdwn("Nothing waits for you any more. These were decided:")
    second = mrkdwn(" {} as the second approver.", counted(len(result.confirm), "bill")) if result.confirm else ""
    start = "Still waiting for you:" if result.reminder else "It is your turn:"
    return mrkdwn("{} {} to decide.{}", start, counted(max(result.total, waiting), "bill"), second)


def _console_button(total: int) -> Block:
    return button(f"Open console ({total})", Click.CONSOLE, Ref("console", "1", "bills"))


def draw_decision_notice(result: DecisionNoticeResult, scene: Scene) -> Message:
    return draw_bill(result.card, scene, sentence(Mrkdwn("News of a bill that you proposed or approved.")))


def draw_left_behind(ref: str) -> Message:
    """Of a bill that the books do not know: those of another company took their place."""
    words = mrkdwn("{} was in the books of a company that is not connected here any more: nothing to decide.", ref)
    return Message(words, (section(words),))

"""Approved and not yet handed to whoever pays; and what the hand-off came to."""

from collections.abc import Sequence

from bot.actions import Ref
from bot.views.blocks import (
    DIVIDER,
    Block,
    Message,
    actions,
    bullet,
    bullets,
    button,
    confirm,
    context,
    section,
    sections,
)
from bot.views.connect import offer_connect
from bot.views.decision_states import heard
from bot.views.escape import Mrkdwn, joined, lines, mrkdwn, name, plain_name, sentence
from bot.views.ids import Click
from bot.views.phrases import counted, health, money, record
from bot.views.scene import Scene
from kit.money import Money, format_money
from orchestrators.results.basis import Condition
from orchestrators.results.paylist import HandOffResult, PaylistAct, PaylistLine, PaylistResult

WITH_BUTTONS = 15
NAMED = 10


def draw_paylist(result: PaylistResult, scene: Scene, *, said: Mrkdwn | None = None, connect: bool = False) -> Message:
    """`connect`: whoever looks may link QuickBooks."""
    each = [_line(line, scene) for line in result.lines]
    text = lines(said, _summary(result), *each, *_waiting(result, scene), health(result.health, scene))
    blocks = [section(said)] if said else []
    blocks.append(section(mrkdwn("*{}*", _summary(result))))
    blocks += [_row(line, scene) for line in result.lines[:WITH_BUTTONS]]
    blocks += sections([bullet(words) for words in each[WITH_BUTTONS:]])
    blocks += _hand_off(result)
    if waiting := _waiting(result, scene):
        blocks += [DIVIDER, *sections(waiting)]
    offered = offer_connect(result.health.link) if connect else ()
    return Message(text, (*blocks, context(health(result.health, scene)), *offered))


def _summary(result: PaylistResult) -> Mrkdwn:
    if not result.lines:
        return Mrkdwn("The pay list is empty: no approved bill waits for hand-off.")
    total = mrkdwn("{} to hand off, {}", counted(len(result.lines), "approved bill"), totals(result.totals))
    home = result.home_total
    if len(result.totals) < 2 or isinstance(home, Condition):
        return mrkdwn("{}.", total)
    return mrkdwn("{} (about {} in all).", total, money(home))


def totals(amounts: Sequence[Money]) -> Mrkdwn:
    return joined(" and ", [money(amount) for amount in amounts])


def _line(line: PaylistLine, scene: Scene) -> Mrkdwn:
    approved = mrkdwn("Approved by {}, to be paid by {}.", heard(line.voices), scene.day(line.pay_on))
    left = mrkdwn("Stayed in the list: {}", line.error) if line.error else None
    return sentence(_subject(line), approved, left)


def _subject(line: PaylistLine) -> Mrkdwn:
    return mrkdwn("{}, {}, {}.", name(line.vendor), record(line.record, line.doc_number), money(line.balance))


def _row(line: PaylistLine, scene: Scene) -> Block:
    undo = None
    if PaylistAct.UNDO in line.acts:
        label = f"Undo: {plain_name(line.vendor, 30)} {line.record.ref}"
        undo = button("Undo", Click.TAKE_BACK, Ref("paylist", line.record.ref), label=label)
    approved = mrkdwn("Approved by {}, to be paid by {}.", heard(line.voices), scene.day(line.pay_on))
    left = mrkdwn("*Stayed in the list:* {}", line.error) if line.error else None
    head = mrkdwn("*{}* · {} · {}", name(line.vendor), record(line.record, line.doc_number), money(line.balance))
    return section(lines(head, approved, left), accessory=undo)


def _hand_off(result: PaylistResult) -> list[Block]:
    if PaylistAct.HAND_OFF not in result.acts or not result.lines:
        return []
    words = f"Hand off {counted(len(result.lines), 'bill')}"
    asked = confirm(_title(result), _asked(result.lines), "Hand off")
    ref = Ref("paylist", result.version)
    return [actions(button(words, Click.HAND_OFF, ref, style="primary", confirm=asked))]


def _title(result: PaylistResult) -> str:
    bills = counted(len(result.lines), "bill")
    return f"Hand off {bills}, {' and '.join(map(format_money, result.totals))}?"[:100]


def _asked(every: Sequence[PaylistLine]) -> str:
    """Names vendors and amounts, as many as a dialog holds."""
    named = [f"{plain_name(line.vendor, 30)} {format_money(line.balance)}" for line in every[:4]]
    more = f" and {len(every) - 4} more" if len(every) > 4 else ""
    return f"{', '.join(named)}{more}. You get a CSV for whoever pays. Afterwards it cannot be undone."


def _waiting(result: PaylistResult, scene: Scene) -> list[Mrkdwn]:
    if not result.handed_off:
        return []
    count = counted(len(result.handed_off), "bill")
    head = mrkdwn("Handed off and not seen paid in QuickBooks so far: {}.", count)
    shown = [
        mrkdwn("{}, to be paid by {}.", _named(line), scene.day(line.pay_on)) for line in result.handed_off[:NAMED]
    ]
    return [head, *map(bullet, shown)]


def _named(line: PaylistLine) -> Mrkdwn:
    return mrkdwn("{} {} {}", name(line.vendor), line.record.ref, money(line.balance))


def hand_off_ordered_said(number: int) -> Mrkdwn:
    if not number:
        return Mrkdwn("The pay list is empty: nothing was handed off.")
    return mrkdwn("The pay list is being handed off: {}. What comes of it will stand here.", counted(number, "bill"))


def hand_off_said(result: HandOffResult) -> Mrkdwn:
    """What went and what stayed; each that stayed says why."""
    if not result.done:
        head = Mrkdwn("Nothing was handed off.")
    else:
        named = joined(", ", [_named(line) for line in result.done[:NAMED]])
        more = f" and {len(result.done) - NAMED} more" if len(result.done) > NAMED else ""
        head = mrkdwn("Handed off {}: {}{}.", counted(len(result.done), "bill"), named, Mrkdwn(more))
    file = Mrkdwn("The CSV for whoever pays comes to you in a direct message.") if result.csv else None
    stayed = [
        mrkdwn("{} stayed: {}", _named(line), line.error or "it could not be handed off.") for line in result.failed
    ]
    return lines(sentence(head, file), bullets(stayed[:NAMED]) if stayed else None)

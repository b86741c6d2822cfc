"""The answer to "are we okay": one verdict, four figures, what waits, how old it is."""

from datetime import date
from decimal import Decimal
from typing import assert_never

from bot.actions import Ref
from bot.views.blocks import Block, Message, actions, button, context, fields, section
from bot.views.escape import Mrkdwn, lines, mrkdwn, sentence
from bot.views.ids import Click
from bot.views.phrases import counted, days, health, money, unknown
from bot.views.scene import Scene
from calculators.runway import Status
from kit.money import Money
from orchestrators.results.basis import Condition, Link
from orchestrators.results.headline import CashLine, DeskCounts, HeadlineResult, LowWater, RunwayLine

STATUS = {
    Status.CRITICAL: "Critical",
    Status.WARNING: "Watch closely",
    Status.HEALTHY: "Healthy",
    Status.STRONG: "Strong",
    Status.UNKNOWN: "Not known yet",
}


def draw_headline(result: HeadlineResult, scene: Scene, *, connect: bool = True) -> Message:
    buttons = headline_buttons(result, connect=connect)
    return Message(headline_text(result, scene), (*headline_blocks(result, scene), buttons))


def headline_text(result: HeadlineResult, scene: Scene) -> Mrkdwn:
    """Everything the blocks say, for who hears it instead of seeing it."""
    return sentence(
        verdict(result, scene), _figures(result), queue(result.counts), health(result.health, scene, said=True)
    )


def headline_blocks(result: HeadlineResult, scene: Scene) -> tuple[Block, ...]:
    blocks = [section(mrkdwn("*{}*", verdict(result, scene)))]
    if isinstance(result.cash, CashLine):
        blocks.append(fields(_pairs(result, result.cash, scene)))
    blocks.append(section(queue(result.counts)))
    composed = composition(result.cash) if isinstance(result.cash, CashLine) else None
    return (*blocks, context(lines(composed, quality(result.data_quality), health(result.health, scene, said=True))))


def verdict(result: HeadlineResult, scene: Scene) -> Mrkdwn:
    """One sentence: the status in words, and the one fact it rests on."""
    if isinstance(result.cash, Condition):
        return unknown(result.cash)
    if result.status is Status.UNKNOWN:
        return sentence(Mrkdwn("Runway is not known yet."), _why_unknown(result))
    because = mrkdwn("{}: {}", _standing(result), _because(result, scene))
    return sentence(because, at_usual_pace(result))


def _standing(result: HeadlineResult) -> str:
    """The status looks at today's cash; nobody is called healthy in the sentence that says when cash runs out.

    Nor is a shop that lives on daily sales called critical without saying that these are what is missing.
    """
    critical = result.status is Status.CRITICAL
    if _rests_on_sales(result):
        return on_sales(result.status)
    breached = isinstance(result.low_water, LowWater) and result.low_water.first_below_floor is not None
    return STATUS[Status.WARNING] if breached and not critical else STATUS[result.status]


def on_sales(status: Status) -> str:
    return "Critical without new sales" if status is Status.CRITICAL else "Depends on new sales"


def until_sold(status: Status) -> Mrkdwn:
    """What it asks for, where new sales must come soon."""
    urgent = status is Status.CRITICAL
    return Mrkdwn(": until those sales are in the bank, pay only what cannot wait" if urgent else "")


def _rests_on_sales(result: HeadlineResult) -> bool:
    """Short with what is in the books, and not at the usual pace."""
    low, expected = result.low_water, result.expected_low
    breached = isinstance(low, LowWater) and low.first_below_floor is not None
    return breached and expected is not None and not falls_short(low, expected)


def _why_unknown(result: HeadlineResult) -> Mrkdwn | None:
    missing = next((part for part in (result.runway, result.low_water) if isinstance(part, Condition)), None)
    return unknown(missing) if missing else None


def _because(result: HeadlineResult, scene: Scene) -> Mrkdwn:
    low = result.low_water
    if isinstance(low, LowWater) and (breach := crossing(low, scene)):
        return breach
    if short := spent_before(result.cash):
        return mrkdwn("{}.", short)
    return mrkdwn("{}{}.", _covered(result.runway), _above(low))


def spent_before(cash: CashLine | Condition) -> Mrkdwn | None:
    """Where nothing is available any more no days are counted: why that is says more."""
    if isinstance(cash, Condition) or cash.available.amount > 0:
        return None
    if cash.cash_book.amount <= 0:
        return Mrkdwn("there is no cash in the bank")
    return Mrkdwn("all cash in the bank is approved or set aside already")


def _above(low: LowWater | Condition) -> Mrkdwn:
    if isinstance(low, Condition) or not low.floor:
        return Mrkdwn("")
    return mrkdwn(", and it stays above your floor of {}", money(low.floor))


def crossing(low: LowWater, scene: Scene) -> Mrkdwn | None:
    """Below zero is said before below the floor; None when neither happens in 13 weeks. Says which view it is."""
    if low.first_below_zero:
        return mrkdwn(
            "with what is in the books {}, and is lowest on {} at {}.",
            running_out(low.first_below_zero, scene),
            scene.day(low.on),
            money(low.balance),
        )
    if low.first_below_floor:
        return mrkdwn(
            "with what is in the books cash falls below your floor of {} on {}.",
            money(low.floor),
            scene.day(low.first_below_floor),
        )
    return None


def running_out(on: date, scene: Scene) -> Mrkdwn:
    """Of the first day below zero: what is there already does not lie ahead."""
    return Mrkdwn("cash is below zero today") if on <= scene.today else mrkdwn("cash runs out on {}", scene.day(on))


def at_usual_pace(result: HeadlineResult) -> Mrkdwn | None:
    """The other view, where the two disagree: what usually comes on top carries the business, or wears it down."""
    low, expected = result.low_water, result.expected_low
    if isinstance(low, Condition) or expected is None:
        return None
    if falls_short(low, expected):
        return mrkdwn("At the usual pace of sales and bills it falls {}.", down_to(expected))
    if not _rests_on_sales(result):
        return None
    stays = mrkdwn("At the usual pace of sales and bills it stays at {} or more", money(expected))
    return mrkdwn("{}{}.", stays, until_sold(result.status))


def falls_short(low: LowWater | Condition, expected: Money | None) -> bool:
    """Below the floor, or below zero where the floor is lower still."""
    floor = Decimal(0) if isinstance(low, Condition) else low.floor.amount
    return expected is not None and expected.amount < max(floor, Decimal(0))


def down_to(expected: Money) -> Mrkdwn:
    """Where cash ends that falls short; what is above zero falls short of the floor."""
    return mrkdwn("to {}{}", money(expected), ", below the floor" if expected.amount >= 0 else "")


def _covered(runway: RunwayLine | Condition) -> Mrkdwn:
    if isinstance(runway, Condition):
        return Mrkdwn("what is in the books covers the next 13 weeks")
    if runway.without_receipts is None:
        return Mrkdwn("nothing was spent lately, so cash does not run down")
    return mrkdwn("cash covers {} even if nobody pays you", days(runway.without_receipts))


def _figures(result: HeadlineResult) -> Mrkdwn | None:
    if isinstance(result.cash, Condition):
        return None
    available = mrkdwn("Available cash {}.", money(result.cash.available))
    if isinstance(result.runway, Condition):
        return available
    runway = mrkdwn("Runway {} without receipts, {} at trend.", *_runways(result.runway))
    return sentence(available, runway)


def _pairs(result: HeadlineResult, cash: CashLine, scene: Scene) -> list[tuple[str, Mrkdwn]]:
    low = result.low_water
    lowest = unknown(low) if isinstance(low, Condition) else mrkdwn("{} on {}", money(low.balance), scene.day(low.on))
    if isinstance(result.runway, Condition):
        runway = [("Runway", Mrkdwn("not known yet"))]
    else:
        without, trend = _runways(result.runway)
        runway = [("Runway without receipts", without), ("Runway at trend", trend)]
    return [("Available cash", money(cash.available)), *runway, ("Low point in 13 weeks", lowest)]


def _runways(runway: RunwayLine) -> tuple[Mrkdwn, Mrkdwn]:
    return _days_or(runway.without_receipts, "no spending"), _days_or(runway.at_trend, "cash-positive")


def _days_or(number: Decimal | None, otherwise: str) -> Mrkdwn:
    return Mrkdwn(otherwise) if number is None else days(number)


def queue(counts: DeskCounts) -> Mrkdwn:
    """What waits, as one sentence that is also true when nothing does."""
    if not counts.tray and not counts.console and not counts.paylist:
        return Mrkdwn("Nothing waits for a decision.")
    verb = "blocks" if counts.tray_blocking == 1 else "block"
    blocking = f" ({counts.tray_blocking} {verb} a decision)" if counts.tray_blocking else ""
    listed = Mrkdwn(f"{counts.paylist:,} on the pay list." if counts.paylist else "The pay list is empty.")
    tray = mrkdwn("{} in the tray{}.", counted(counts.tray, "issue"), Mrkdwn(blocking))
    return sentence(tray if counts.tray else Mrkdwn("The tray is empty."), to_do(counts), listed)


def to_do(counts: DeskCounts) -> Mrkdwn:
    """Bills are decided, invoices are chased: the same two words wherever both are counted."""
    bills, invoices = counted(counts.bills_ready, "bill"), counted(counts.invoices_ready, "invoice")
    return mrkdwn("{} to decide and {} to chase.", bills, invoices)


def composition(cash: CashLine) -> Mrkdwn:
    """How available cash comes about, and the pots that are not in it."""
    parts = [mrkdwn("Available = {} in the bank", money(cash.cash_book))]
    parts += [mrkdwn("− {} set aside", money(cash.set_aside))] if cash.set_aside else []
    parts += [mrkdwn("− {} approved, not yet seen paid", money(cash.approved))] if cash.approved else []
    apart = {"undeposited funds": cash.undeposited, "cards": cash.cards, "restricted": cash.restricted}
    beside = [mrkdwn("{} {}", words, money(amount)) for words, amount in apart.items() if amount]
    outside = mrkdwn("Not counted: {}.", Mrkdwn(", ".join(beside))) if beside else None
    return sentence(mrkdwn("{}.", Mrkdwn(" ".join(parts))), outside)


def quality(score: int | None) -> Mrkdwn | None:
    return None if score is None else Mrkdwn(f"Data quality {score} of 100.")


def headline_buttons(result: HeadlineResult, *, connect: bool = True) -> Block:
    """`connect`: whoever looks may connect QuickBooks, and is not asked to elsewhere."""
    match result.health.link:
        case Link.NEVER | Link.DISCONNECTED | Link.NEEDS_RECONNECT:
            first = [button("Connect QuickBooks", Click.CONNECT, style="primary")] if connect else []
        case Link.CONNECTED:
            first = []
        case _:
            assert_never(result.health.link)
    counts = result.counts
    return actions(
        *first,
        button(f"Open tray ({counts.tray})", Click.TRAY, Ref("tray", "1")),
        button(f"Open console ({counts.console})", Click.CONSOLE, Ref("console", "1", "all")),
        button("See forecast", Click.FORECAST),
    )

"""The next 13 weeks: a sentence, a chart, a table, what it rests on, and the rows behind every figure."""

from decimal import Decimal

from bot.views.blocks import Block, Message, bullet, context, section, sections
from bot.views.charts import Series, chart, table
from bot.views.escape import Mrkdwn, joined, lines, mrkdwn, name, sentence
from bot.views.ids import Click
from bot.views.inputs import menu, option
from bot.views.phrases import TWO_YEARS, as_of, counted, days, health, money, record, unknown
from bot.views.scene import Scene
from bot.views.tray import pager
from kit.money import Money, format_money
from orchestrators.results.basis import Condition
from orchestrators.results.forecast import Assumption, Figure, ForecastResult, Mark, Outlook, WhyResult, WhyRow
from orchestrators.results.headline import LowWater

NAMES = {
    Figure.CASH_BOOK: "Cash in the bank",
    Figure.AVAILABLE: "Available cash",
    Figure.GROSS_BURN: "Spending per day",
    Figure.CASH_IN: "Receipts per day",
    Figure.NET_BURN: "Net burn per day",
    Figure.RUNWAY_WITHOUT_RECEIPTS: "Runway without receipts",
    Figure.RUNWAY_AT_TREND: "Runway at trend",
    Figure.LOW_WATER: "Low point",
    Figure.END_OF_WEEK: "End of this week",
    Figure.IN_2_WEEKS: "In 2 weeks",
    Figure.IN_4_WEEKS: "In 4 weeks",
    Figure.IN_8_WEEKS: "In 8 weeks",
    Figure.IN_13_WEEKS: "In 13 weeks",
    Figure.OPEN_BILLS: "Open bills",
    Figure.OPEN_INVOICES: "Open invoices",
    Figure.DATA_QUALITY: "Data quality",
}
_DAYS = frozenset({Figure.RUNWAY_WITHOUT_RECEIPTS, Figure.RUNWAY_AT_TREND})
_WEEK = 7
_COLUMNS = ("When", "In", "Out", "In the books", "Expected", "Low to high (80 %)")
_TERMS = Mrkdwn(
    "In the books: bills, invoices, known items and what recurs. Expected: with what usually comes on top, at the pace"
    " of the last 91 days. Low to high: eight times in ten it should come out between the two."
)


def draw_forecast(result: ForecastResult, scene: Scene) -> Message:
    outlook = result.outlook
    if isinstance(outlook, Condition):
        said = sentence(Mrkdwn("There is no forecast yet."), unknown(outlook))
        return Message(sentence(said, health(result.health, scene, said=True)), (section(said), *_foot(result, scene)))
    said = outlook_sentence(outlook, scene)
    text = lines(said, _marks(outlook), *_assumptions(outlook), health(result.health, scene))
    picture = (section(mrkdwn("*{}*", said)), outlook_chart(outlook, scene), _table(outlook, scene))
    return Message(text, (*picture, *sections(_assumptions(outlook)), *_foot(result, scene)))


def outlook_sentence(outlook: Outlook, scene: Scene) -> Mrkdwn:
    """What the chart shows, for who does not see it: the low point of both views, and where both end."""
    low, end = outlook.low_water, outlook.points[-1]
    least = min(outlook.points, key=lambda point: point.expected.amount)
    booked = mrkdwn(
        "In the next 13 weeks cash is lowest on {} at {} with what is in the books{}.",
        scene.day(low.on),
        money(low.balance),
        _crossed(low, scene),
    )
    expected = mrkdwn("At the usual pace it is lowest on {} at {}.", scene.day(least.on), money(least.expected))
    if (least.on, least.expected) == (low.on, low.balance):
        expected = Mrkdwn("At the usual pace too.")
    ahead = mrkdwn(
        "It ends on {} at {} in the books, {} expected.", scene.day(end.on), money(end.committed), money(end.expected)
    )
    return sentence(booked, expected, None if low.on == least.on == end.on else ahead)


def _crossed(low: LowWater, scene: Scene) -> Mrkdwn:
    if low.first_below_zero:
        return mrkdwn(", first below zero on {}", scene.day(low.first_below_zero))
    if low.first_below_floor:
        return mrkdwn(", first below your floor of {} on {}", money(low.floor), scene.day(low.first_below_floor))
    return Mrkdwn("")


def outlook_chart(outlook: Outlook, scene: Scene) -> Block:
    """One point a week: what is in the books, what is expected and its band, and the floor where there is one."""
    points = outlook.points[::_WEEK]
    series = [
        Series("In the books", [point.committed for point in points]),
        Series("Expected", [point.expected for point in points]),
        Series("Low (80 %)", [point.low for point in points]),
        Series("High (80 %)", [point.high for point in points]),
    ]
    if outlook.low_water.floor:
        series.append(Series("Floor", [outlook.low_water.floor for _ in points]))
    labels = [scene.day(point.on).partition(" ")[2] for point in points]
    return chart("Cash, next 13 weeks", labels, series, y_label=outlook.low_water.balance.currency)


def _marks(outlook: Outlook) -> Mrkdwn:
    each = [
        mrkdwn("{} {} in the books, {} expected.", NAMES[mark.figure], money(mark.committed), money(mark.expected))
        for mark in outlook.marks
    ]
    return sentence(*each)


def _table(outlook: Outlook, scene: Scene) -> Block:
    rows = [_row(mark, scene) for mark in outlook.marks]
    return table(_COLUMNS, rows, amounts=frozenset({1, 2, 3, 4}))


def _row(mark: Mark, scene: Scene) -> tuple[str, ...]:
    band = f"{format_money(mark.low)} to {format_money(mark.high)}"
    amounts = (format_money(amount) for amount in (mark.flow_in, mark.flow_out, mark.committed, mark.expected))
    return f"{NAMES[mark.figure]}, {scene.day(mark.on)}", *amounts, band


def _assumptions(outlook: Outlook) -> list[Mrkdwn]:
    if not outlook.assumptions:
        return [Mrkdwn("It rests on no assumption: nothing is open and nothing recurs.")]
    return [Mrkdwn("*What it rests on most:*"), *(bullet(_assumption(item)) for item in outlook.assumptions)]


def _assumption(item: Assumption) -> Mrkdwn:
    shown = ", ".join(item.evidence[:3])
    evidence = mrkdwn(" ({})", shown) if shown else Mrkdwn("")
    return mrkdwn("{}: {}{}", item.text.rstrip("."), money(item.amount), evidence)


def _foot(result: ForecastResult, scene: Scene) -> tuple[Block, ...]:
    shown = context(
        lines(None if isinstance(result.outlook, Condition) else _TERMS, health(result.health, scene, said=True))
    )
    if not result.figures:
        return (shown,)
    options = [option(figure, NAMES[figure]) for figure in result.figures]
    asked = section(
        Mrkdwn("*Why?* Open any figure into the rows it is made of."),
        accessory=menu(Click.WHY, options, "Choose a figure"),
    )
    return (asked, shown)


def draw_why(result: WhyResult, scene: Scene) -> Message:
    head = mrkdwn("*{}: {}*", NAMES[result.figure], _total(result))
    rows = [_why_row(row, scene) for row in result.rows]
    shown = rows or [Mrkdwn("No rows.")]
    synced = as_of(result.synced_at, scene)
    foot = lines(mrkdwn("{}", result.rule), sentence(mrkdwn("As of {}.", scene.day(result.as_of)), synced))
    pages = pager(result.page, Click.WHY_PAGE, "why", "rows", result.figure)
    blocks = (section(head), *sections(shown), *([pages] if pages else []), context(foot))
    plain_head = mrkdwn("{}: {}.", NAMES[result.figure], _total(result))
    return Message(lines(plain_head, *shown, foot), blocks)


def _total(result: WhyResult) -> Mrkdwn:
    if result.unknown:
        return unknown(result.unknown)
    total, number = result.total, result.number
    if total is not None and number is None:
        return money(total)
    if total is not None and number is not None:
        return _counted(result.figure, number, total)
    if number is None:
        return Mrkdwn("cash-positive") if result.figure in _DAYS else Mrkdwn("not known")
    if result.figure in _DAYS:  # to the day, also where a message says years
        return days(number) if number <= TWO_YEARS else counted(int(number), "day")
    return Mrkdwn(f"{number.quantize(Decimal(1))} of 100")


def _counted(figure: Figure, number: Decimal, total: Money) -> Mrkdwn:
    """A figure that was computed from the total of its rows."""
    if figure is Figure.DATA_QUALITY:
        return mrkdwn("{} of 100; {} open without an issue", str(number.quantize(Decimal(1))), money(total))
    return mrkdwn("{}; {} in all", money(Money(number, total.currency)), money(total))


def _why_row(row: WhyRow, scene: Scene) -> Mrkdwn:
    parts = [scene.day(row.on)] if row.on else []
    parts.append(name(row.label, 100))
    parts += [scene.open(row.record, row.record.ref) or record(row.record)] if row.record else []
    amount = mrkdwn(": {}", money(row.amount)) if row.amount is not None else Mrkdwn("")
    return mrkdwn("{}{}", joined(" · ", parts), amount)

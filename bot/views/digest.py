"""The weekly digest: verdict first, then the picture, what moved, who must act, and how old the data is."""

from collections import Counter
from collections.abc import Sequence

from bot.actions import Ref
from bot.views import digest_words as words
from bot.views.blocks import (
    Block,
    Message,
    actions,
    bullet,
    button,
    confirm,
    context,
    fields,
    header,
    section,
    sections,
)
from bot.views.charts import Series, chart
from bot.views.digest_words import verdict
from bot.views.escape import Mrkdwn, lines, mrkdwn, name, plain_name, sentence
from bot.views.forecast import outlook_chart, outlook_sentence
from bot.views.ids import Click
from bot.views.limits import HEADER_TEXT
from bot.views.phrases import counted, days, health, money, who
from bot.views.scene import Scene
from calculators.insights import InsightKind
from kit.money import Money
from orchestrators.results.basis import Condition
from orchestrators.results.digest import DigestAct, DigestResult, GradeLine, Revision, TrendPoint, Trigger
from orchestrators.results.forecast import Outlook
from orchestrators.results.headline import CashLine

LISTED = 3  # of each kind: what is read in fifteen seconds; the rest is one click away
MADE = 5
KINDS = 5  # of problems beside the listed ones
DOUBTFUL = 60  # below this score the data quality is said before the figures
_TITLES = {
    Trigger.WEEKLY: "Weekly digest",
    Trigger.TEST_DRIVE: "Test drive of the weekly digest",
    Trigger.ONBOARDING: "A first look",
}


def draw_digest(result: DigestResult, scene: Scene, *, may_post: bool = False) -> Message:
    """Where `amounts` is false no amount is written, neither in the blocks nor in the text.

    `may_post`: whoever sees this preview may post it.
    """
    said = verdict(result, scene)
    heading, foot = _heading(result, scene), _foot(result, scene)
    if result.quiet:
        still = sentence(said, Mrkdwn("Nothing new since last week."))
        return Message(sentence(still, heading), (section(still), context(lines(heading, foot)), *_buttons(result)))
    parts = _parts(result, scene)
    text = lines(said, heading, _figures(result), *_spoken(parts), foot)
    blocks = (_top(said), context(heading), *_picture(result, scene))
    posting = (actions(_post_now()),) if may_post and result.preview else ()
    named = [block for title, rows in parts for block in sections([mrkdwn("*{}*", Mrkdwn(title)), *rows])]
    return Message(text, (*blocks, *named, *_history(result, scene), context(foot), *_buttons(result), *posting))


def _top(said: Mrkdwn) -> Block:
    """A verdict is never cut short: what is too long for a header stands bold below it."""
    return header(plain_name(said, HEADER_TEXT)) if len(said) <= HEADER_TEXT else section(mrkdwn("*{}*", said))


def _heading(result: DigestResult, scene: Scene) -> Mrkdwn:
    """What this is, and everything that is unusual about it."""
    week = mrkdwn(
        "{} for {}, week of {}.", _TITLES[result.trigger], name(result.business_name), scene.day(result.period.monday)
    )
    late = None
    if result.late and result.due:
        late = mrkdwn("Posted late: it was due {}, when Runway was not running.", scene.moment(result.due))
    stale = Mrkdwn("*The books are older than 24 hours; the figures are from then.*") if result.stale else None
    quality = f"*Data quality is only {result.data_quality} of 100: these figures may be far off until it is better.*"
    doubt = Mrkdwn(quality) if _is_doubtful(result) else None
    alone = result.preview and result.trigger is not Trigger.TEST_DRIVE  # a test drive says it first
    preview = Mrkdwn("Preview: only you see this, nothing was posted.") if alone else None
    hidden = None if result.amounts else Mrkdwn("Amounts are not shown here; who may see them types `/runway`.")
    return sentence(stale, doubt, week, _revised(result.revision, scene), late, preview, hidden)


def _is_doubtful(result: DigestResult) -> bool:
    return result.data_quality is not None and result.data_quality < DOUBTFUL


def _revised(revision: Revision | None, scene: Scene) -> Mrkdwn | None:
    if revision is None:
        return None
    when, first = scene.moment(revision.at), scene.moment(revision.first_posted)
    return mrkdwn("*Updated {} by {}*; first posted {}.", when, who(revision.by), first)


def _figures(result: DigestResult) -> Mrkdwn:
    return sentence(*(mrkdwn("{}: {}.", label, value.rstrip(".")) for label, value in _pairs(result)))


def _spoken(parts: Sequence[tuple[str, list[Mrkdwn]]]) -> list[Mrkdwn]:
    """The parts for who hears them: each with its title."""
    return [line for title, rows in parts for line in (Mrkdwn(f"{title}:"), *rows)]


def _pairs(result: DigestResult) -> list[tuple[str, Mrkdwn]]:
    pairs: list[tuple[str, Mrkdwn]] = []
    if isinstance(result.cash, CashLine) and result.amounts:
        pairs.append(("Available cash", money(result.cash.available)))
    if isinstance(result.runway, Condition):
        return [*pairs, ("Runway", Mrkdwn("not known yet"))]
    without, trend = result.runway.without_receipts, result.runway.at_trend
    pairs.append(("Runway without receipts", Mrkdwn("no spending") if without is None else days(without)))
    return [*pairs, ("Runway at trend", Mrkdwn("cash-positive") if trend is None else days(trend))]


def _picture(result: DigestResult, scene: Scene) -> list[Block]:
    shown = [fields(pairs)] if (pairs := _pairs(result)) else []
    if result.amounts and isinstance(result.outlook, Outlook):
        shown += [outlook_chart(result.outlook, scene), context(outlook_sentence(result.outlook, scene))]
    return shown


def _parts(result: DigestResult, scene: Scene) -> list[tuple[str, list[Mrkdwn]]]:
    """What moved, who must act, what was done: each part only when there is something to say."""
    amounts = result.amounts
    bills = [words.bill_to_decide(card, scene, amounts=amounts) for card in result.decisions]
    made = [words.decision_made(line, scene, amounts=amounts) for line in result.decided]
    beside = (line for line in result.insights if line.kind != InsightKind.RUNWAY_MOVED)  # told by the first part
    insights = [words.insight(line, amounts=amounts) for line in beside]
    parts = [
        ("What moved", [words.moved(result.variance, amounts=amounts)]),
        (f"{counted(result.decisions_total, 'bill')} to decide", _list(bills, result.decisions_total)),
        (f"{counted(result.chase_total, 'invoice')} to chase, late or due within a week", _chase(result)),
        (f"{counted(result.issues_total, 'issue')} to fix", _issues(result)),
        ("Worth knowing", [*map(bullet, insights)]),
        ("Decided since the last digest", _list(made, len(made), most=MADE)),
    ]
    return [(title, rows) for title, rows in parts if rows]


def _list(shown: Sequence[Mrkdwn], total: int, most: int = LISTED) -> list[Mrkdwn]:
    more = total - min(len(shown), most)
    rest = [Mrkdwn(f"and {more:,} more.")] if shown and more > 0 else []
    return [*map(bullet, shown[:most]), *rest]


def _chase(result: DigestResult) -> list[Mrkdwn]:
    callers = {chase.who for chase in result.chase}
    one = callers.pop() if len(callers) == 1 else None
    calls = [words.invoice_to_chase(chase, amounts=result.amounts, named=one is None) for chase in result.chase]
    return [*([mrkdwn("{} should call:", who(one))] if one else []), *_list(calls, result.chase_total)]


def _issues(result: DigestResult) -> list[Mrkdwn]:
    """The worst in full, the others counted by problem: complete without being long."""
    first = [words.record_to_fix(item, amounts=result.amounts) for item in result.issues[:LISTED]]
    kinds = list(Counter(item.code for item in result.issues[LISTED:]).items())[:KINDS]
    more = result.issues_total - len(first) - sum(number for _, number in kinds)
    if kinds:
        return [*map(bullet, first), words.problems(kinds, more)]
    return [*map(bullet, first), *([Mrkdwn(f"and {more:,} more.")] if first and more > 0 else [])]


def _history(result: DigestResult, scene: Scene) -> list[Block]:
    """How the past weeks were told then; amounts only, so it is left out where none may be shown."""
    told = [(point, point.available) for point in result.trend if point.available is not None]
    if len(told) < 2 or not result.amounts:
        return []
    return [_trend_chart(told, scene), context(_trend_sentence(told, scene))]


def _trend_chart(told: Sequence[tuple[TrendPoint, Money]], scene: Scene) -> Block:
    recent = told[-20:]
    labels = [scene.day(point.on).partition(" ")[2] for point, _ in recent]
    series = [Series("Available cash", [available for _, available in recent])]
    return chart("Available cash, week by week", labels, series, kind="bar", y_label=recent[0][1].currency)


def _trend_sentence(told: Sequence[tuple[TrendPoint, Money]], scene: Scene) -> Mrkdwn:
    (first, then), (_, now) = told[0], told[-1]
    return mrkdwn("Available cash was {} on {} and is {} now.", money(then), scene.day(first.on), money(now))


def _foot(result: DigestResult, scene: Scene) -> Mrkdwn:
    said = result.data_quality is None or _is_doubtful(result)
    quality = "" if said else f"Data quality {result.data_quality} of 100."
    head = mrkdwn("Audit log up to `{}`.", result.audit_head[:12]) if result.audit_head else None
    return sentence(health(result.health, scene, said=True), Mrkdwn(quality), _grade(result.grade), head)


def _grade(grade: GradeLine | None) -> Mrkdwn | None:
    """How far past forecasts can be trusted, said every week."""
    if grade is None or not grade.graded:
        return None
    held = f"Past forecasts: {grade.held} of {grade.graded} came out between their low and their high"
    if grade.error_4_weeks is None:
        return Mrkdwn(f"{held}.")
    return Mrkdwn(f"{held}; four weeks ahead they were {grade.error_4_weeks * 100:.0f} % off on average.")


def _post_now() -> Block:
    asked = confirm("Post the digest now?", "Everybody in the digest’s channel will see it.", "Post it")
    return button("Post it now", Click.DIGEST_NOW, confirm=asked)


def _buttons(result: DigestResult) -> tuple[Block, ...]:
    offered = {
        DigestAct.CONSOLE: button(
            f"Open console ({result.counts.console})", Click.CONSOLE, Ref("console", "1", "all"), style="primary"
        ),
        DigestAct.TRAY: button(f"Open tray ({result.counts.tray})", Click.TRAY, Ref("tray", "1")),
    }
    shown = [offered[act] for act in offered if act in result.acts]
    return (actions(*shown),) if shown else ()

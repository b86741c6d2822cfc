"""The test drive: what the digest would have said, told from dated rows alone, and what could not be rebuilt."""

from collections.abc import Sequence
from itertools import groupby

from bot.views.blocks import DIVIDER, Message, context, section
from bot.views.digest import draw_digest
from bot.views.escape import Mrkdwn, lines, mrkdwn, name, sentence
from bot.views.headline import STATUS
from bot.views.phrases import days, money, unknown
from bot.views.scene import Scene
from orchestrators.results.basis import Condition, Unknown
from orchestrators.results.onboarding import ReplayWeek, TestDriveResult


def draw_testdrive(result: TestDriveResult, scene: Scene) -> Message:
    digest = draw_digest(result.digest, scene)
    intro = _intro(result)
    weeks = lines(*_weeks(result.weeks, scene)) if result.weeks else None
    missing = _missing(result)
    replay = [DIVIDER, section(lines(Mrkdwn("*The weeks before, as they would have read*"), weeks))] if weeks else []
    notes = [context(missing)] if missing else []
    return Message(lines(intro, digest.text, weeks, missing), (section(intro), *digest.blocks, *replay, *notes))


def _intro(result: TestDriveResult) -> Mrkdwn:
    nothing = Mrkdwn("Nothing is written or posted, in Slack or in QuickBooks.")
    if result.fictional:
        company = name(result.digest.business_name)
        return sentence(
            mrkdwn("*This is a made-up company, {}: your own books are not connected yet.*", company), nothing
        )
    return sentence(mrkdwn("*A test drive on the books of {}.*", name(result.digest.business_name)), nothing)


def _why_not(condition: Condition) -> Mrkdwn:
    if condition.kind is Unknown.MISSING_SET:
        return mrkdwn("Not every posting to {} can be dated.", condition.detail)
    return unknown(condition)


def _weeks(weeks: Sequence[ReplayWeek], scene: Scene) -> list[Mrkdwn]:
    """Weeks that cannot be told for the same reason are one line."""
    told = []
    for cash, group in groupby(weeks, key=lambda week: week.cash):
        same = list(group)
        if isinstance(cash, Condition) and len(same) > 1:
            span = (scene.day(same[0].on), scene.day(same[-1].on))
            told.append(mrkdwn("{} to {}: cash on those days cannot be rebuilt. {}", *span, _why_not(cash)))
        else:
            told += [_week(week, scene) for week in same]
    return told


def _week(week: ReplayWeek, scene: Scene) -> Mrkdwn:
    if isinstance(week.cash, Condition):
        return mrkdwn("{}: cash on that day cannot be rebuilt. {}", scene.day(week.on), _why_not(week.cash))
    moved = mrkdwn("{} received, {} paid out", money(week.received), money(week.paid))
    largest, other = Mrkdwn(""), Mrkdwn("")
    if week.largest_payment and week.largest_payee:
        largest = mrkdwn(" (the largest {} to {})", money(week.largest_payment), name(week.largest_payee))
    if week.other:
        other = mrkdwn(", {} other (owners, loans, savings)", money(week.other))
    stood = mrkdwn("{}: cash {}, {}", scene.day(week.on), money(week.cash), _runway(week))
    return mrkdwn("{}; {}{}{}.", stood, moved, largest, other)


def _runway(week: ReplayWeek) -> Mrkdwn:
    if isinstance(week.runway, Condition):
        return Mrkdwn("runway not known")
    if week.runway.without_receipts is None:
        return Mrkdwn("no spending")
    return mrkdwn("runway {} ({})", days(week.runway.without_receipts), STATUS[week.status].lower())


def _missing(result: TestDriveResult) -> Mrkdwn | None:
    if not result.unexplained:
        return None
    return mrkdwn("What could not be rebuilt from the books: {}.", "; ".join(result.unexplained))

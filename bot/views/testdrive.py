"""The test drive: what the digest would have said, told from dated rows alone, and what could not be rebuilt."""

from bot.views.blocks import DIVIDER, Message, context, section
from bot.views.digest import draw_digest
from bot.views.escape import Mrkdwn, lines, mrkdwn, name, sentence
from bot.views.headline import STATUS
from bot.views.phrases import days, money, unknown
from bot.views.scene import Scene
from orchestrators.results.basis import Condition
from orchestrators.results.onboarding import ReplayWeek, TestDriveResult


def draw_testdrive(result: TestDriveResult, scene: Scene) -> Message:
    digest = draw_digest(result.digest, scene)
    intro = _intro(result)
    weeks = lines(*(_week(week, scene) for week in result.weeks)) if result.weeks else None
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


def _week(week: ReplayWeek, scene: Scene) -> Mrkdwn:
    if isinstance(week.cash, Condition):
        return mrkdwn("{}: cash on that day cannot be rebuilt. {}", scene.day(week.on), unknown(week.cash))
    moved = mrkdwn("{} received, {} paid out", money(week.received), money(week.paid))
    largest = Mrkdwn("")
    if week.largest_payment and week.largest_payee:
        largest = mrkdwn(", the largest {} to {}", money(week.largest_payment), name(week.largest_payee))
    return mrkdwn("{}: cash {}, {}; {}{}.", scene.day(week.on), money(week.cash), _runway(week), moved, largest)


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

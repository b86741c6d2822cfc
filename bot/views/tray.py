"""The tray as a list: totals first, five cards, a pager."""

from bot.actions import Ref
from bot.views.blocks import DIVIDER, Block, Message, actions, button, context, section
from bot.views.connect import offer_connect
from bot.views.escape import Mrkdwn, joined, lines, mrkdwn, sentence
from bot.views.headline import quality
from bot.views.ids import Click
from bot.views.phrases import counted, health, money
from bot.views.places import list_place
from bot.views.scene import Scene
from bot.views.tray_card import SEVERITY, tray_card, tray_line
from domains.item_states import ItemStatus
from orchestrators.results.basis import Page
from orchestrators.results.tray import SeverityTotal, TrayResult

LEFT = frozenset({ItemStatus.RESOLVED, ItemStatus.SNOOZED, ItemStatus.DISMISSED, ItemStatus.AUTO_RESOLVED})


def draw_tray(result: TrayResult, scene: Scene, *, said: Mrkdwn | None = None, connect: bool = False) -> Message:
    """`said` is what the click before this came to; it stands first. `connect`: whoever looks may link QuickBooks."""
    text = lines(
        said, summary(result), *(tray_line(item, scene) for item in result.items), health(result.health, scene)
    )
    offered = offer_connect(result.health.link) if connect else ()
    return Message(text, (*_blocks(result, scene, said), *offered))


def _blocks(result: TrayResult, scene: Scene, said: Mrkdwn | None) -> list[Block]:
    blocks = [section(said)] if said else []
    blocks.append(section(mrkdwn("*{}*", summary(result))))
    place = str(list_place("tray", result.page.number, (item.key for item in result.items)))
    for item in result.items:
        blocks += [DIVIDER, *tray_card(item, scene, place=place)]
    if pages := pager(result.page, Click.TRAY, "tray", "issues", again=_settled(result)):
        blocks += [DIVIDER, pages]
    return [*blocks, context(lines(_aside(result), health(result.health, scene)))]


def _settled(result: TrayResult) -> bool:
    """Items of this page left the tray since it was drawn: what comes next has moved up onto the same page."""
    return any(item.state.status in LEFT for item in result.items)


def summary(result: TrayResult) -> Mrkdwn:
    if not result.page.total:
        return _empty(result)
    whose = "assigned to you" if result.mine_only else "in the tray"
    blocking = mrkdwn(" {} a decision.", _block(result.blocking)) if result.blocking else Mrkdwn("")
    each = [_total(total) for total in result.totals if total.count]
    totals = mrkdwn(" {}.", joined(", ", each)) if each else Mrkdwn("")
    return mrkdwn("{} {}.{}{}", counted(result.page.total, "issue"), whose, blocking, totals)


def _empty(result: TrayResult) -> Mrkdwn:
    """Clean books are praised only once somebody looked."""
    if result.mine_only:
        return Mrkdwn("Nothing in the tray is assigned to you.")
    return Mrkdwn("The tray is empty." if result.health.as_of else "The tray has nothing to show yet.")


def _block(number: int) -> Mrkdwn:
    return Mrkdwn("1 blocks" if number == 1 else f"{number} block")


def _total(total: SeverityTotal) -> Mrkdwn:
    at_stake = mrkdwn(" ({})", money(total.at_stake)) if total.at_stake else Mrkdwn("")
    return mrkdwn("{} {}{}", str(total.count), SEVERITY[total.severity].lower(), at_stake)


def _aside(result: TrayResult) -> Mrkdwn | None:
    if result.mine_only:
        return None
    hidden = []
    hidden += [mrkdwn("{} snoozed", str(result.snoozed))] if result.snoozed else []
    hidden += [mrkdwn("{} dismissed", str(result.dismissed))] if result.dismissed else []
    return sentence(quality(result.data_quality), Mrkdwn(", ".join(hidden) + ".") if hidden else None)


def pager(page: Page, click: Click, kind: str, what: str, narrow: str = "", *, again: bool = False) -> Block | None:
    """Buttons that say where they lead; none when there is but one page.

    `again`: some of this page is settled, so the next ones are found on this very page.
    """
    if page.pages < 2 and not again:
        return None
    before, after = page.number - 1, page.number + (0 if again else 1)
    back = button("Previous", click, Ref(kind, str(before), narrow), label=f"Previous {what}") if before else None
    text = "Next" if again else f"Next (page {after} of {page.pages})"
    more = button(text, click, Ref(kind, str(after), narrow), label=f"More {what}")
    # Two buttons of one block need two action ids.
    forward = more | {"action_id": f"{click}:next"} if back else more
    return actions(back, forward if after <= page.pages else None)

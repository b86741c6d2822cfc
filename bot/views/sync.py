"""A sync as it moves, what it came to, and how healthy the mirror is."""

from bot.views.blocks import Block, Message, actions, button, context, section
from bot.views.escape import Mrkdwn, joined, mrkdwn, sentence
from bot.views.ids import Click
from bot.views.phrases import counted
from bot.views.scene import Scene
from orchestrators.results.onboarding import EntityProgress, SyncProgressResult, SyncState

# QuickBooks's own names, in words; what is not here is its name in lower case.
_WORDS = {
    "BillPayment": "bill payment",
    "VendorCredit": "vendor credit",
    "CreditMemo": "credit memo",
    "Purchase": "expense",
    "JournalEntry": "journal entry",
    "SalesReceipt": "sales receipt",
    "RefundReceipt": "refund receipt",
    "Attachable": "attachment",
}
BAR = 20


def draw_sync_progress(result: SyncProgressResult, scene: Scene) -> Message:
    state = _state(result, scene)
    detail = _detail(result)
    blocks: list[Block] = [section(mrkdwn("*{}*", state))]
    if result.state is SyncState.RUNNING and result.expected:
        blocks.append(section(_bar(result)))
    if detail:
        blocks.append(context(detail))
    return Message(sentence(state, _share(result), detail), (*blocks, *_next(result)))


def draw_sync_ordered(*, fresh: bool, full: bool) -> Message:
    """At once, before anything moved; the progress is a message of its own that is edited."""
    what = "Reading all books anew." if full else "Bringing the books up to date."
    begun = f"{what} The progress is in your messages with Runway."
    words = Mrkdwn(begun if fresh else "A sync is under way already: `/runway sync status` shows how far it is.")
    return Message(words, (section(words), actions(button("Sync status", Click.SYNC_STATUS))))


def entity_words(entity: str, number: int = 2) -> str:
    one = _WORDS.get(entity, entity.lower())
    if number == 1:
        return one
    return f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"


def _state(result: SyncProgressResult, scene: Scene) -> Mrkdwn:
    if result.state is SyncState.RUNNING:
        return Mrkdwn("Reading the books for the first time." if result.first else "Bringing the books up to date.")
    ended = scene.moment(result.finished_at) if result.finished_at else Mrkdwn("")
    if result.state is SyncState.SUCCEEDED and not result.done:
        return mrkdwn("The books are up to date: nothing new {}.", ended)
    if result.state is SyncState.SUCCEEDED:
        return mrkdwn("The books are up to date: {} read {}.", counted(result.done, "record"), ended)
    return mrkdwn("The sync failed {}: {}", ended, result.reason or "QuickBooks did not answer.")


def _share(result: SyncProgressResult) -> Mrkdwn | None:
    if result.state is not SyncState.RUNNING or not result.expected:
        return None
    return mrkdwn("{} of {} records read.", f"{result.done:,}", f"{result.expected:,}")


def _bar(result: SyncProgressResult) -> Mrkdwn:
    """The bar is drawn; the sentence beside it says the same in numbers."""
    full = min(BAR, BAR * result.done // max(1, result.expected))
    return mrkdwn("`{}` {}", Mrkdwn("█" * full + "░" * (BAR - full)), _share(result) or Mrkdwn(""))


def _detail(result: SyncProgressResult) -> Mrkdwn | None:
    if result.state is SyncState.FAILED:
        support = mrkdwn("Reference for support: `{}`.", result.reference) if result.reference else None
        ahead = "Runway tries again by itself." if result.linked else "It is read again after `/runway connect`."
        return sentence(mrkdwn("Nothing that was read before is lost. {}", Mrkdwn(ahead)), support)
    if result.state is SyncState.RUNNING and result.reason:  # it waits for QuickBooks
        return mrkdwn("{} Runway tries again by itself.", result.reason)
    moving = [_entity(line) for line in result.entities if line.done or line.expected]
    return mrkdwn("{}.", joined(", ", moving)) if moving else None


def _entity(line: EntityProgress) -> Mrkdwn:
    if line.expected is None or line.done >= line.expected:
        return mrkdwn("{} {}", f"{line.done:,}", entity_words(line.entity, line.done))
    return mrkdwn("{} of {} {}", f"{line.done:,}", f"{line.expected:,}", entity_words(line.entity, line.expected))


def _next(result: SyncProgressResult) -> tuple[Block, ...]:
    if result.state is SyncState.RUNNING:
        return (actions(button("Sync status", Click.SYNC_STATUS)),)
    if result.state is SyncState.FAILED and not result.linked:
        connect = button("Connect QuickBooks", Click.CONNECT, style="primary")
        return (actions(connect, button("Sync status", Click.SYNC_STATUS)),)
    if result.state is SyncState.FAILED:
        return (actions(button("Try again", Click.SYNC), button("Sync status", Click.SYNC_STATUS)),)
    return (actions(button("Show headline", Click.HEADLINE, style="primary"), button("Open tray", Click.TRAY)),)

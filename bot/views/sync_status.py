"""How the mirror is: rows and age per kind of record, the last runs and what they cost, when consent ends."""

from typing import Final

from bot.views.blocks import Block, Message, actions, bullet, button, context, section, sections
from bot.views.charts import table
from bot.views.escape import Mrkdwn, lines, mrkdwn, name, sentence
from bot.views.ids import Click
from bot.views.phrases import counted, health, who
from bot.views.scene import Scene
from bot.views.sync import entity_words
from domains.freshness import Freshness
from domains.sync_history import Kind
from orchestrators.results.basis import Link
from orchestrators.results.sync import EntityLine, RunLine, SyncStatusResult

FRESHNESS: Final = {
    Freshness.FRESH: "up to date",
    Freshness.AGING: "refresh due",
    Freshness.STALE: "too old",
    Freshness.NEVER: "never read",
}
KINDS: Final = {
    Kind.FULL: "Full sync",
    Kind.INCREMENTAL: "Sync",
    Kind.TARGETED: "Single records",
    Kind.RECONCILE: "Comparison",
    Kind.NOTE: "Note",
}
# The two counts stand side by side, and the first sync's are nearly the same.
_COUNTED: Final = Mrkdwn(
    "“New or changed” also counts company details and preferences, which are not among the records."
)


def draw_sync_status(result: SyncStatusResult, scene: Scene) -> Message:
    head, consent = _head(result, scene), _consent(result, scene)
    runs = [bullet(_run(run, scene)) for run in result.runs]
    meter = mrkdwn(
        "{} from QuickBooks this month; one request can hold several.", counted(result.reads_this_month, "read")
    )
    foot = lines(_COUNTED if result.runs else None, meter, health(result.health, scene))
    kinds = [_entity(line, scene) for line in _shown(result)]
    blocks = [section(lines(mrkdwn("*{}*", head), consent)), *_table(result, scene)]
    blocks += sections([Mrkdwn("*Last syncs*"), *runs]) if runs else []
    return Message(lines(head, consent, *kinds, *runs, foot), (*blocks, *_buttons(result), context(foot)))


def _head(result: SyncStatusResult, scene: Scene) -> Mrkdwn:
    company = name(result.company) if result.company else Mrkdwn("your books")
    held = mrkdwn(
        "Runway’s copy of {} holds {}", company, counted(sum(line.rows for line in result.entities), "record")
    )
    if result.last_success_at is None:
        return mrkdwn("{}; no sync has succeeded yet.", held)
    return mrkdwn("{}; the last sync succeeded {}.", held, scene.moment(result.last_success_at))


def _consent(result: SyncStatusResult, scene: Scene) -> Mrkdwn | None:
    if result.consent_ends_at is None:
        return None
    when = scene.moment(result.consent_ends_at)
    return mrkdwn("*QuickBooks’ consent ends {}:* connect again before, with `/runway connect`.", when)


def _table(result: SyncStatusResult, scene: Scene) -> list[Block]:
    rows = [_row(line, scene) for line in _shown(result)]
    titles = ("Records", "Rows", "Deleted", "Read", "State")
    return [table(titles, rows, amounts=frozenset({1, 2}))] if rows else []


def _shown(result: SyncStatusResult) -> list[EntityLine]:
    """Kinds of record of which there are none are left out, unless they could not be read."""
    never = Freshness.NEVER
    if result.last_success_at is None and not any(line.rows for line in result.entities):
        return []
    return [line for line in result.entities if line.rows or line.tombstones or line.quarantined or line.state is never]


def _row(line: EntityLine, scene: Scene) -> tuple[str, ...]:
    words, read = entity_words(line.entity), _age(line, scene).removeprefix("at ")
    return words.capitalize(), f"{line.rows:,}", f"{line.tombstones:,}", read, _state(line)


def _state(line: EntityLine) -> str:
    unread = f", {line.quarantined:,} could not be read" if line.quarantined else ""
    return FRESHNESS[line.state] + unread


def _age(line: EntityLine, scene: Scene) -> str:
    return str(scene.moment(line.last_synced)).removeprefix("on ") if line.last_synced else "never"


def _entity(line: EntityLine, scene: Scene) -> Mrkdwn:
    words = mrkdwn("{} {}", f"{line.rows:,}", entity_words(line.entity, line.rows))
    deleted = mrkdwn(" and {} deleted", f"{line.tombstones:,}") if line.tombstones else Mrkdwn("")
    return mrkdwn("{}{}, read {}: {}.", words, deleted, _age(line, scene), _state(line))


def _run(run: RunLine, scene: Scene) -> Mrkdwn:
    begun = mrkdwn("{} {} by {}", KINDS[run.kind], scene.moment(run.started_at), who(run.actor))
    made = counted(run.requests, "request")
    cost = mrkdwn("{}, {} new or changed, {} deleted", made, f"{run.changed:,}", f"{run.deleted:,}")
    return sentence(mrkdwn("{}: {}; {}.", begun, _ended(run), cost), _why(run))


def _ended(run: RunLine) -> Mrkdwn:
    if run.finished_at is None:
        return Mrkdwn(run.state)
    seconds = max(0, round((run.finished_at - run.started_at).total_seconds()))
    took = counted(seconds // 60, "minute") if seconds >= 120 else counted(seconds, "second")
    return mrkdwn("{} after {}", run.state, took)


def _why(run: RunLine) -> Mrkdwn | None:
    if not run.reason:
        return None
    support = mrkdwn(" Reference for support: `{}`.", run.reference) if run.reference else Mrkdwn("")
    return mrkdwn("{}{}", run.reason, support)


def _buttons(result: SyncStatusResult) -> tuple[Block, ...]:
    if not result.may_start:
        return ()
    if result.health.link is Link.CONNECTED:
        return (actions(button("Sync now", Click.SYNC, style="primary")),)
    return (actions(button("Connect QuickBooks", Click.CONNECT, style="primary")),)

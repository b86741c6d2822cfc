"""Who did what, when, and from where."""

import re
from typing import Final

from bot.views.blocks import Message, context, section, sections
from bot.views.escape import Mrkdwn, escape, joined, lines, mrkdwn, sentence, spoken
from bot.views.issues import short
from bot.views.phrases import counted, who
from bot.views.scene import Scene
from orchestrators.results.settings import AuditLine, AuditResult

CHANGE = 200
REFUSED: Final = "refused"
_SAID: Final = {
    "decision.verified": "seen paid as approved",
    "decision.mismatch": "seen paid, not as approved",
    "decision.stale": "not seen paid in time",
    "decision.hand_off_failed": "not handed off",
    "decision.expired": "ended the decision",
    "decision.seconded": "gave a second yes",
    "item.open": "put back into the tray",
    "item.resolved": "marked resolved",
    "item.auto_resolved": "found put right",
    "item.reopened": "found still wrong",
    "item.undone": "took back",
    "invoice.chased": "began to chase",
    "vendor.tier_set": "set a tier",
    "request.refused": "was refused",
    "notices.snoozed": "asked for quiet",
    "notices.changed": "changed quiet hours",
    "sync.ordered": "ordered a sync",
    "digest.ordered": "ordered the digest",
    "digest.due": "took up the digest again",
    "digest.built": "built the digest",
    "digest.posting": "began to post the digest",
    "digest.posted": "posted the digest",
    "digest.skipped": "did not post the digest",
    "digest.unknown": "cannot tell whether the digest was posted",
    "workspace.installed": "added Runway",
    "workspace.reinstalled": "added Runway again",
    "workspace.uninstalled": "removed Runway",
    "books.connected": "connected QuickBooks",
    "books.disconnected": "disconnected QuickBooks",
    "policy.changed": "changed the rules",
    "role.granted": "gave a role",
    "roles.changed": "changed roles",
}
_PERSON: Final = re.compile(r"<@(\w{1,40})(\|[^>]*)?>", re.ASCII)
_SPACED: Final = str.maketrans("._", "  ")
# The act says what it was about.
_ALONE: Final = frozenset({"workspace", "books", "policy"})
_PLACES: Final = {
    "command": "typed",
    "home": "in App Home",
    "modal": "in a form",
    "ephemeral": "in a private reply",
    "install": "on the install page",
    "connect": "on the connect page",
    "cli": "on the command line",
}


def draw_audit(result: AuditResult, scene: Scene) -> Message:
    head = mrkdwn("*{}*", _title(result.subject))
    each = [_line(line, scene) for line in result.lines]
    if not each:
        return Message(_nothing(result))
    foot = mrkdwn("Newest first. Nothing can be changed or removed here; newest entry `{}`.", (result.head or "")[:12])
    foot = sentence(foot, _left_out(result.refused))
    return Message(lines(head, *each, foot), (section(head), *sections(each), context(foot)))


def _title(subject: str | None) -> Mrkdwn:
    if subject is None:
        return Mrkdwn("What happened lately")
    if subject.lower() == REFUSED:
        return Mrkdwn("What was refused")
    person = _PERSON.fullmatch(subject)
    return mrkdwn("What {} did", who(person[1])) if person else mrkdwn("What happened to {}", subject)


def _nothing(result: AuditResult) -> Mrkdwn:
    if not result.named:
        return Mrkdwn("Nothing is in the audit log about that. References look like B-412; they stand on every card.")
    if result.subject is None:
        return Mrkdwn("Nothing is on record so far.")
    if result.subject.lower() == REFUSED:
        return Mrkdwn("Nothing was refused so far.")
    person = _PERSON.fullmatch(result.subject)
    if person:
        return mrkdwn("{} did nothing so far that is on record.", who(person[1]))
    return mrkdwn("Nothing is on record about {} so far.", result.subject)


def _left_out(refused: int) -> Mrkdwn | None:
    if not refused:
        return None
    return mrkdwn("Left out: {}, see `/runway audit refused`.", counted(refused, "refused request"))


def _line(line: AuditLine, scene: Scene) -> Mrkdwn:
    actor = who(line.actor)
    if line.on_behalf_of:
        actor = mrkdwn("{} for {}", actor, who(line.on_behalf_of))
    parts = [mrkdwn("{} {}", _when(line, scene), actor), _words(line.action)]
    if line.action.partition(".")[0] not in _ALONE:
        parts.append(mrkdwn("{}{}", spoken(line.subject), _issue(line)))
    return mrkdwn("{}{}{}", joined(" · ", parts), _change(line), _where(line.source))


def _issue(line: AuditLine) -> Mrkdwn:
    """A record may have several."""
    return Mrkdwn(f" ({short(line.code)})" if line.code else "")


def _when(line: AuditLine, scene: Scene) -> Mrkdwn:
    moment = scene.moment(line.at)
    return mrkdwn("Today {}", moment) if moment.startswith("at") else Mrkdwn(moment.removeprefix("on "))


def _words(action: str) -> Mrkdwn:
    """Actions are kept as "decision.approved"."""
    return mrkdwn("{}", _SAID.get(action) or action.removeprefix("decision.").removeprefix("item.").translate(_SPACED))


def _change(line: AuditLine) -> Mrkdwn:
    if line.before and line.after:
        return mrkdwn(": {} → {}", escape(line.before, CHANGE), escape(line.after, CHANGE))
    return mrkdwn(": {}", escape(line.after, CHANGE)) if line.after else Mrkdwn("")


def _where(source: str | None) -> Mrkdwn:
    """A message is written as "C012:1700000000.000100"; words we do not know are left out."""
    kind = (source or "").partition(":")[0]
    if kind in _PLACES:
        return Mrkdwn(f" ({_PLACES[kind]})")
    return Mrkdwn(" (in a message)" if source and ":" in source else "")

"""Who did what, when, and from where."""

from bot.views.blocks import Message, context, section, sections
from bot.views.escape import Mrkdwn, escape, joined, lines, mrkdwn
from bot.views.phrases import who
from bot.views.scene import Scene
from orchestrators.results.settings import AuditLine, AuditResult

CHANGE = 100


def draw_audit(result: AuditResult, scene: Scene) -> Message:
    head = mrkdwn("*What happened to {}*", result.subject) if result.subject else Mrkdwn("*What happened lately*")
    each = [_line(line, scene) for line in result.lines]
    if not each:
        none = Mrkdwn("Nothing is in the audit log about that. References look like B-412; they stand on every card.")
        return Message(none)
    foot = mrkdwn("Newest first. Nothing can be changed or removed here; newest entry `{}`.", (result.head or "")[:12])
    return Message(lines(head, *each, foot), (section(head), *sections(each), context(foot)))


def _line(line: AuditLine, scene: Scene) -> Mrkdwn:
    actor = who(line.actor)
    if line.on_behalf_of:
        actor = mrkdwn("{} for {}", actor, who(line.on_behalf_of))
    change = _change(line)
    parts = [mrkdwn("{} {}", _when(line, scene), actor), _words(line.action), escape(line.subject)]
    return mrkdwn("{}{}{}", joined(" · ", parts), change, _where(line.source))


def _when(line: AuditLine, scene: Scene) -> Mrkdwn:
    moment = scene.moment(line.at)
    return mrkdwn("Today {}", moment) if moment.startswith("at") else Mrkdwn(moment.removeprefix("on "))


def _words(action: str) -> Mrkdwn:
    """Actions are kept as "decision.approved"."""
    return mrkdwn("{}", action.replace(".", " ").replace("_", " "))


def _change(line: AuditLine) -> Mrkdwn:
    if line.before and line.after:
        return mrkdwn(": {} → {}", escape(line.before, CHANGE), escape(line.after, CHANGE))
    return mrkdwn(": {}", escape(line.after, CHANGE)) if line.after else Mrkdwn("")


def _where(source: str | None) -> Mrkdwn:
    if not source:
        return Mrkdwn("")
    kind = source.partition(":")[0]
    names = {"command": "typed", "home": "in App Home", "modal": "in a form", "ephemeral": "in a private reply"}
    return mrkdwn(" ({})", names.get(kind, "in a message"))

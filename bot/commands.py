"""The words after `/runway`: which command is meant, and what to say to a word that is none."""

from dataclasses import dataclass
from difflib import get_close_matches

HEADLINE = ""


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the help. `usage` is typed after `/runway`; `sentence` says what happens."""

    name: str
    usage: str
    sentence: str


COMMANDS = (
    Command(HEADLINE, "", "Cash, runway, the low point ahead, and what waits for you"),
    Command("tray", "tray", "Records that make the numbers untrustworthy, worst first"),
    Command(
        "console",
        "console [bills|invoices]",
        "Bills to decide and invoices to chase, with what each choice does to cash",
    ),
    Command("approve", "approve B-412", "Approve a bill by its reference"),
    Command("hold", "hold B-412", "Hold a bill by its reference"),
    Command("reject", "reject B-412", "Reject a bill by its reference"),
    Command("paylist", "paylist", "Approved bills that are not handed off yet"),
    Command("forecast", "forecast", "The next 13 weeks: chart, table and assumptions"),
    Command("known", "known add|list", "Money you know will come or go before it is in the books"),
    Command("digest", "digest [preview|now]", "See this week’s digest, or post it now"),
    Command("testdrive", "testdrive", "What the digest would have told you over the past weeks"),
    Command("sync", "sync [full|status]", "Bring the books up to date, or show how fresh they are"),
    Command("connect", "connect", "Connect QuickBooks"),
    Command("disconnect", "disconnect", "Disconnect QuickBooks and revoke our access"),
    Command("settings", "settings", "Digest day and channel, cash floor, approvals"),
    Command("roles", "roles", "Who may do what"),
    Command("vendors", "vendors", "Which vendors must be paid, and which can wait"),
    Command("audit", "audit [B-412]", "Who did what, when, from where"),
    Command("help", "help", "This list"),
)
NAMES = {command.name for command in COMMANDS}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed. `name` is None for a word that is no command; `nearest` is then the likely one, if any."""

    name: str | None
    words: tuple[str, ...]
    nearest: str | None = None


def _plain(text: str) -> str:
    """Slack escapes three characters of what was typed."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def read_command(text: str) -> Typed:
    words = _plain(text).split()
    if words and words[0].lower() == "/runway":
        words = words[1:]
    if not words:
        return Typed(HEADLINE, ())
    first = words[0].lower().strip("`*_.,!?")
    if first in NAMES:
        return Typed(first, tuple(words[1:]))
    close = get_close_matches(first, sorted(NAMES - {HEADLINE}), n=1, cutoff=0.55)
    return Typed(None, tuple(words), close[0] if close else None)

"""What a person reads when something did not happen: what was not done, and what to do now."""

from collections.abc import Sequence
from typing import Final

from bot.views.blocks import Home, Message, section
from bot.views.escape import Mrkdwn, escape, link, mrkdwn, spoken
from domains.people import any_of


def refused(sentence: str) -> Message:
    """A refusal's own sentence; it may quote a name from the books."""
    return Message(spoken(sentence))


WHY_NOT: Final = {
    "guest": "Guests can’t use Runway.",
    "stranger": "Runway answers only to members of this workspace.",
    "bot": "Runway does not take orders from other apps.",
    "deactivated": "This account is deactivated.",
}


def shut_out(reason: str, able: Sequence[str]) -> str:
    """To whom Slack calls a guest, a stranger, a bot or deactivated: why not, and who can help."""
    names = any_of(able, 2)
    return f"{WHY_NOT[reason]} {names} can help." if names else WHY_NOT[reason]


def shut_home(sentence: str) -> Home:
    """What was there for them goes with the right to see it."""
    return Home((section(spoken(sentence)),))


def busy() -> Message:
    return Message(Mrkdwn("Nothing was changed: what this needs is busy just now. Please try again in a moment."))


def too_slow() -> Message:
    sentence = (
        "That took too long, so I stopped it and nothing was decided. The card shows what holds; please try again."
    )
    return Message(Mrkdwn(sentence))


def being_saved() -> Message:
    sentence = (
        "This is being saved, and takes longer than Slack waits: I cannot say yet whether it was. The card, or"
        " `/runway`, shows what holds."
    )
    return Message(Mrkdwn(sentence))


def in_doubt(reference: str) -> Message:
    sentence = (
        "Something went wrong on our side while this was being saved, so I cannot say whether it was. The card, or"
        f" `/runway`, shows what holds; if that is not what you wanted, try again or quote `{reference}`."
    )
    return Message(Mrkdwn(sentence))


def working() -> Message:
    return Message(Mrkdwn("Working on it. The answer will appear here in a moment."))


def form_not_opened() -> Message:
    return Message(Mrkdwn("Slack did not open the form. Nothing was changed; please try again."))


def filling() -> Message:
    return Message(Mrkdwn("One moment: the form is being filled in."))


def failed(reference: str) -> Message:
    sentence = (
        f"Something went wrong on our side and nothing was changed. Please try again; if it stays, quote `{reference}`."
    )
    return Message(Mrkdwn(sentence))


def unknown_command(word: str, meant: str | None) -> Message:
    """`meant`: the likely command with the words that followed."""
    hint = f" Did you mean `/runway {escape(meant)}`?" if meant else ""
    return Message(Mrkdwn(f"I don’t know `{escape(word)}`.{hint} `/runway help` lists everything."))


def locked_out(install_url: str) -> Message:
    words = mrkdwn(
        "Slack no longer lets Runway in here, so nothing was done. {} again; what was decided is kept.",
        link(install_url, "Install Runway"),
    )
    return Message(words)


def form_too_late() -> Message:
    return Message(Mrkdwn("The form took too long to open, so Slack did not show it. Please type the command again."))


def not_shown() -> Message:
    return Message(Mrkdwn("Slack did not take the full answer. Type `/runway` to see what holds now."))

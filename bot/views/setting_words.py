"""How the values of settings are said, in the list of them, in forms and in what a change came to."""

from typing import Final

from bot.views.escape import Mrkdwn
from domains.policy import DigestSettings, Writeback

WEEKDAYS: Final = {1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday", 6: "Saturday", 7: "Sunday"}
WRITEBACK: Final = {
    Writeback.OFF: "Off: Runway changes nothing in QuickBooks",
    Writeback.NOTE: "Stamp approvals into the bill’s private note",
}


def hour_words(hour: int) -> str:
    return f"{hour % 12 or 12}:00 {'AM' if hour < 12 else 'PM'}"


def amounts_words(digest: DigestSettings) -> Mrkdwn:
    words = {True: "shown", False: "hidden", None: "not chosen yet, so none are shown"}
    return Mrkdwn(words[digest.amounts_in_channel])

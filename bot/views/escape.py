"""Words of others inside our sentences: cleaned, escaped exactly once, unable to ping, format or forge a line."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit

NAME_LENGTH: Final = 60
NOTE_LENGTH: Final = 280
NAMELESS: Final = "(no name)"

_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and symbols that show as nothing
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS_IN_A_ROW: Final = 3
_EMOJI_CODE: Final = re.compile(r":(?=[a-z0-9_+'-]+:)", re.IGNORECASE)
_GROUP: Final = re.compile(r"@(?=(?:channel|here|everyone)\b)", re.IGNORECASE)
_MENTION: Final = re.compile(r"(<@[UW][A-Z0-9]{1,30}>|<#[CGD][A-Z0-9]{1,30}>)")
# Slack has no escape for its formatting characters, so each is shown as its nearest twin without a meaning.
_TWINS: Final = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ʼ"})
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ANGLES: Final = str.maketrans({"<": "‹", ">": "›"})


class Mrkdwn(str):
    """Text in Slack's markup in which everything foreign is already escaped."""

    __slots__ = ()


def clean(text: str, limit: int = NAME_LENGTH) -> str:
    """One visible line of at most `limit` characters: no control, bidi, zero-width or private characters."""
    spaced = "".join(_visible(char) for char in unicodedata.normalize("NFC", text[: limit * 40]))
    return _cut(_without_piles(" ".join(spaced.split())), limit)


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if char in "\t\n\r\v\f" or category in {"Zl", "Zp", "Zs"}:
        return " "
    return "" if category in _DROPPED or char in _BLANK else char


def _without_piles(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(char)
    return "".join(kept)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape(text: str, limit: int = NAME_LENGTH) -> Mrkdwn:
    """Foreign text for a place where Slack reads markup."""
    inert = _GROUP.sub("＠", _EMOJI_CODE.sub("꞉", clean(text, limit))).translate(_TWINS)
    # A line that begins with ">" is a quotation even when the sign is an entity.
    quoted = len(inert) - len(inert.lstrip("> "))
    return Mrkdwn((inert[:quoted].translate(_ANGLES) + inert[quoted:]).translate(_ENTITIES))


def plain(text: str, limit: int = NAME_LENGTH) -> str:
    """Foreign text for a place that reads no markup; without angle brackets it stays harmless if one ever does."""
    return _cut(_GROUP.sub("＠", clean(text, limit)).translate(_ANGLES), limit)


def name(text: str | None, limit: int = NAME_LENGTH) -> Mrkdwn:
    """A vendor's, customer's or person's name, or words that say it has none."""
    return escape(text or "", limit) or Mrkdwn(NAMELESS)


def plain_name(text: str | None, limit: int = NAME_LENGTH) -> str:
    return plain(text or "", limit) or NAMELESS


def mrkdwn(template: str, *values: object) -> Mrkdwn:
    """Our own sentence with `{}` for each value; a value that is not `Mrkdwn` yet is escaped here."""
    return Mrkdwn(template.format(*(_safe(value) for value in values)))


def _safe(value: object) -> Mrkdwn:
    return value if isinstance(value, Mrkdwn) else escape(str(value), NOTE_LENGTH)


def spoken(text: str) -> Mrkdwn:
    """A sentence of ours that may quote somebody: our mentions and `commands` stay, any other markup is inert."""
    parts = _MENTION.split(text)
    return Mrkdwn("".join(part if _MENTION.fullmatch(part) else part.translate(_ENTITIES) for part in parts))


def lines(*parts: Mrkdwn | None) -> Mrkdwn:
    return Mrkdwn("\n".join(part for part in parts if part))


def sentence(*parts: Mrkdwn | None) -> Mrkdwn:
    """Parts that are sentences of their own, side by side."""
    return Mrkdwn(" ".join(part for part in parts if part))


def joined(separator: str, parts: "list[Mrkdwn] | tuple[Mrkdwn, ...]") -> Mrkdwn:
    return Mrkdwn(separator.join(parts))


def listed(parts: "list[Mrkdwn] | tuple[Mrkdwn, ...]", last: str = "and") -> Mrkdwn:
    """As in "a, b and c"."""
    if len(parts) < 2:
        return joined("", parts)
    return Mrkdwn(f"{', '.join(parts[:-1])} {last} {parts[-1]}")


def person(slack_user: str) -> Mrkdwn:
    """A mention by id; ids come from Slack, and anything else is shown as text."""
    return Mrkdwn(f"<@{slack_user}>") if re.fullmatch(r"[UW][A-Z0-9]{1,30}", slack_user) else escape(slack_user)


def channel(slack_channel: str) -> Mrkdwn:
    return (
        Mrkdwn(f"<#{slack_channel}>") if re.fullmatch(r"[CGD][A-Z0-9]{1,30}", slack_channel) else escape(slack_channel)
    )


def link(url: str, label: str) -> Mrkdwn:
    """An https (or loopback) link; without a safe address only the label is left."""
    words = Mrkdwn(escape(label).replace("|", "¦"))
    return Mrkdwn(f"<{safe_url(url)}|{words}>") if safe_url(url) else words


def safe_url(url: str) -> str:
    """The address with everything that could end a link percent-encoded; empty when it is none of ours to show."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
    if not parts.hostname or not (local or parts.scheme == "https"):
        return ""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%~-._")


def shorten(text: str, limit: int) -> Mrkdwn:
    """Escaped text cut at `limit`, never inside an entity or a link."""
    if len(text) <= limit:
        return Mrkdwn(text)
    head = text[: limit - 1]
    for opening, closing in (("<", ">"), ("&", ";")):
        at = head.rfind(opening)
        if at > head.rfind(closing):
            head = head[:at]
    return Mrkdwn(head.rstrip() + "…")

"""The Block Kit pieces Runway speaks in, and the three surfaces they stand on. Plain dicts, built in one place."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from bot.actions import Ref
from bot.views import limits
from bot.views.escape import Mrkdwn, joined, safe_url, shorten

Block: TypeAlias = dict[str, Any]  # the vendor's JSON
Style = Literal["primary", "danger"]

DIVIDER: Final[Block] = {"type": "divider"}


@dataclass(frozen=True, slots=True)
class Message:
    """`text` stands alone: a phone's notification or a screen reader shows nothing else."""

    text: Mrkdwn
    blocks: tuple[Block, ...] = ()

    def payload(self) -> dict[str, Any]:
        shown = self.blocks or (section(self.text),)
        return {"text": shorten(self.text, limits.MESSAGE_TEXT), "blocks": list(shown)}


@dataclass(frozen=True, slots=True)
class Modal:
    """Without `submit` there is nothing to send, only to read. `metadata` comes back with the form."""

    callback_id: str
    title: str
    blocks: tuple[Block, ...]
    submit: str | None = None
    close: str = "Cancel"
    metadata: str = ""

    def payload(self) -> dict[str, Any]:
        view: dict[str, Any] = {
            "type": "modal",
            "callback_id": self.callback_id,
            "title": plain_text(self.title),
            "close": plain_text(self.close),
            "private_metadata": self.metadata,
            "blocks": list(self.blocks),
        }
        return view | ({"submit": plain_text(self.submit)} if self.submit else {})


@dataclass(frozen=True, slots=True)
class Home:
    blocks: tuple[Block, ...]

    def payload(self) -> dict[str, Any]:
        return {"type": "home", "blocks": list(self.blocks)}


def plain_text(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def markup(text: Mrkdwn) -> Block:
    # `verbatim` keeps Slack from linking addresses and channel names that stand in foreign text.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text)}


def section(text: Mrkdwn, *, accessory: Block | None = None, block_id: str = "") -> Block:
    block: dict[str, Any] = {"type": "section", "text": markup(shorten(text, limits.SECTION_TEXT))}
    return _identified(block | ({"accessory": accessory} if accessory else {}), block_id)


def sections(rows: Iterable[Mrkdwn]) -> list[Block]:
    """As few sections as hold these lines whole: a list that is cut would hide what it cuts."""
    texts: list[str] = []
    for row in rows:
        if texts and len(texts[-1]) + len(row) < limits.SECTION_TEXT:
            texts[-1] += f"\n{row}"
        else:
            texts.append(row)
    return [section(Mrkdwn(text)) for text in texts]


def fields(pairs: Iterable[tuple[str, Mrkdwn]]) -> Block:
    """Label over value, two columns on a desktop and one on a phone."""
    return {"type": "section", "fields": [markup(Mrkdwn(f"*{label}*\n{value}")) for label, value in pairs]}


def context(*parts: Mrkdwn) -> Block:
    return {"type": "context", "elements": [markup(part) for part in parts if part]}


def actions(*elements: Block | None, block_id: str = "") -> Block:
    """None stands for a button that this person is not offered."""
    return _identified({"type": "actions", "elements": [item for item in elements if item]}, block_id)


def _identified(block: dict[str, Any], block_id: str) -> Block:
    return block | ({"block_id": block_id} if block_id else {})


def button(
    text: str,
    action_id: str,
    value: Ref | None = None,
    *,
    style: Style | None = None,
    confirm: Block | None = None,
    label: str = "",
) -> Block:
    """`label` is what a screen reader says: five cards must not offer five buttons of the same name."""
    optional = {
        "value": str(value) if value else "",
        "style": style,
        "confirm": confirm,
        "accessibility_label": label[: limits.ACCESSIBILITY_LABEL],
    }
    given = {key: item for key, item in optional.items() if item}
    return {"type": "button", "action_id": action_id, "text": plain_text(text), **given}


def link_button(text: str, action_id: str, url: str, *, style: Style | None = None) -> Block:
    return button(text, action_id, style=style) | {"url": safe_url(url)}


def confirm(title: str, text: str, yes: str, *, no: str = "Cancel", style: Style | None = None) -> Block:
    """For irreversible and bulk acts only; the text names vendor and amount."""
    texts = {"title": title, "text": text, "confirm": yes, "deny": no}
    return {key: plain_text(words) for key, words in texts.items()} | ({"style": style} if style else {})


def bullets(items: Iterable[Mrkdwn]) -> Mrkdwn:
    return joined("\n", [bullet(item) for item in items])


def bullet(item: Mrkdwn) -> Mrkdwn:
    return Mrkdwn(f"• {item}")

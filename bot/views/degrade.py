"""What is sent when the best version cannot be: the same facts in older blocks, or fewer words, never nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from bot.views import limits
from bot.views.blocks import Block, Message, Modal, plain_text, section
from bot.views.checks import problems
from bot.views.escape import Mrkdwn, escape, shorten
from bot.views.limits import Surface

_NEW: Final = frozenset({"data_visualization", "table"})
_MORE: Final = Mrkdwn("There is more than fits here. `/runway` shows the rest.")
_CUT: Final = Mrkdwn("Part of this could not be shown. `/runway help` lists what you can ask for.")


@dataclass(frozen=True, slots=True)
class Fitted:
    """What may be sent, and what was wrong with the payload as it came (empty: nothing)."""

    payload: dict[str, Any]
    problems: tuple[str, ...]


def fit(surface: Surface, payload: dict[str, Any]) -> Fitted:
    """The payload itself when it is valid, otherwise the best valid version of it."""
    found = problems(surface, payload)
    if not found:
        return Fitted(payload, ())
    for attempt in (without_new_blocks(payload), _fewer(surface, payload), _healthy(surface, payload)):
        if not problems(surface, attempt):
            return Fitted(attempt, tuple(found))
    return Fitted(_bare(surface, payload), tuple(found))


def has_new_blocks(payload: Mapping[str, Any]) -> bool:
    return any(block.get("type") in _NEW for block in payload["blocks"])


def without_new_blocks(payload: dict[str, Any]) -> dict[str, Any]:
    """Charts and tables in blocks that every client knows: for Slack's `invalid_blocks`, or a limit they broke."""
    return payload | {"blocks": [older for block in payload["blocks"] for older in _older(block)]}


def in_modal(message: Message) -> Modal:
    """Charts and tables have no place in a modal; their words do."""
    payload = without_new_blocks(message.payload())
    return Modal("notice", "Runway", tuple(payload["blocks"]), close="Close")


def _older(block: Block) -> list[Block]:
    if block.get("type") == "data_visualization":
        return [_chart_as_text(block)]
    return [_table_as_text(block)] if block.get("type") == "table" else [block]


def _chart_as_text(block: Block) -> Block:
    series = block["chart"]["series"]
    labels = block["chart"]["axis_config"]["categories"]
    rows = [["", *(item["name"] for item in series)]]
    rows += [[str(label), *(_value_at(item["data"], label) for item in series)] for label in labels]
    return _preformatted([[block["title"]], *rows])


def _value_at(points: Sequence[Mapping[str, Any]], label: str) -> str:
    value = next((point.get("value") for point in points if point.get("label") == label), None)
    return f"{value:,}" if isinstance(value, (int, float)) else "–"


def _table_as_text(block: Block) -> Block:
    return _preformatted([[str(cell.get("text", "")) for cell in row] for row in block["rows"]])


def _preformatted(rows: Sequence[Sequence[str]]) -> Block:
    text = "\n".join(_aligned(rows))[: limits.SECTION_TEXT]
    inside = [{"type": "text", "text": text}]
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": inside}]}


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """First column left, the others right, as wide as their widest cell."""
    columns = list(zip_longest(*(row for row in rows if len(row) > 1), fillvalue=""))
    widths = [max(len(cell) for cell in column) for column in columns]
    return [_line(row, widths) if len(row) > 1 else row[0] for row in rows]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = [(cell.ljust if at == 0 else cell.rjust)(widths[at]) for at, cell in enumerate(row)]
    return "  ".join([first, *rest]).rstrip()


def _fewer(surface: Surface, payload: dict[str, Any]) -> dict[str, Any]:
    """As many of the first blocks as fit, and a line that says so."""
    blocks = without_new_blocks(payload)["blocks"]
    most = limits.BLOCKS[surface]
    kept = blocks if len(blocks) <= most else [*blocks[: most - 1], section(_MORE)]
    return payload | {"blocks": kept} | _text(payload)


def _healthy(surface: Surface, payload: dict[str, Any]) -> dict[str, Any]:
    """Only blocks that are valid by themselves: what stands around a broken one is still true."""
    blocks = _fewer(surface, payload)["blocks"][: limits.BLOCKS[surface] - 1]
    whole = [block for block in blocks if not problems(surface, _probe(block))]
    return payload | {"blocks": [*whole, section(_CUT)]} | _text(payload)


def _probe(block: Block) -> Mapping[str, Any]:
    title = {"type": "plain_text", "text": "Runway"}
    return {"text": "-", "callback_id": "-", "title": title, "submit": title, "blocks": [block]}


def _bare(surface: Surface, payload: dict[str, Any]) -> dict[str, Any]:
    """The sentence alone: a message that says what it must, or a view that says that it cannot."""
    if surface == "message":
        text = _text(payload)["text"]
        return {"text": text, "blocks": [section(Mrkdwn(text))]}
    metadata = str(payload.get("private_metadata", ""))
    bare = {
        "type": surface,
        "private_metadata": metadata if len(metadata) <= limits.METADATA else "",
        "blocks": [section(_CUT)],
    }
    return bare if surface == "home" else bare | {"callback_id": _callback(payload), "title": plain_text("Runway")}


def _callback(payload: Mapping[str, Any]) -> str:
    return str(payload.get("callback_id", ""))[: limits.ID] or "notice"


def _text(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Top-level text that can be sent; without any, or with stray markup, its words are escaped as if foreign."""
    if "text" not in payload:
        return {}
    text = str(payload["text"])
    probe = {"text": text[: limits.MESSAGE_TEXT], "blocks": [section(_CUT)]}
    safe = Mrkdwn(text) if not problems("message", probe) else escape(text, limits.MESSAGE_TEXT // 6)
    return {"text": shorten(safe, limits.MESSAGE_TEXT) or _CUT}

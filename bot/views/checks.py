"""One validator for all that leaves for Slack: the limits of its documents, and that nothing foreign is markup."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.views import limits
from bot.views.limits import Surface
from bot.views.rules import RULES, Node, stray_markup, words

_EVERYWHERE: Final = frozenset({"section", "header", "divider", "context", "actions", "rich_text", "image"})
ALLOWED: Final[Mapping[Surface, frozenset[str]]] = {
    "message": _EVERYWHERE | {"data_visualization", "table"},
    "modal": _EVERYWHERE | {"input"},
    "home": _EVERYWHERE | {"data_visualization", "table", "input"},
}
_NAMELESS_KINDS: Final = {
    "options": "option",
    "initial_options": "option",
    "initial_option": "option",
    "confirm": "confirm",
}
# Inside these the nodes are plain data, judged by the block's own rule.
_DATA: Final = frozenset({"chart", "rows", "column_settings", "filter"})


class InvalidView(ValueError):
    """A view of ours breaks a limit of Slack: a bug, found before Slack finds it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def check(surface: Surface, payload: Mapping[str, Any]) -> None:
    """Raises `InvalidView` naming every problem."""
    if found := problems(surface, payload):
        raise InvalidView(found)


def problems(surface: Surface, payload: Mapping[str, Any]) -> list[str]:
    """Everything Slack would refuse, and every word that could ping; empty when the payload may go."""
    blocks = payload.get("blocks", [])
    return [
        *(_message(payload) if surface == "message" else _view(surface, payload)),
        *_blocks(surface, blocks),
        *(found for index, block in enumerate(blocks) for found in _node(block, f"blocks[{index}]")),
    ]


def _message(payload: Node) -> Iterator[str]:
    text = payload.get("text", "")
    if not text.strip():
        yield "text is empty: the message says nothing on a phone"
    if len(text) > limits.MESSAGE_TEXT:
        yield f"text has {len(text)} characters, {limits.MESSAGE_TEXT} are advised"
    yield from (f"text {problem}" for problem in stray_markup(text))


def _view(surface: Surface, payload: Node) -> Iterator[str]:
    size = len(json.dumps(payload))
    if size > limits.VIEW_BYTES:
        yield f"the view has {size} bytes, {limits.VIEW_BYTES} are allowed"
    if len(payload.get("private_metadata", "")) > limits.METADATA:
        yield "private_metadata is too long"
    if surface == "modal":
        yield from _modal(payload)


def _modal(payload: Node) -> Iterator[str]:
    yield from words("title", limits.TITLE)(payload)
    yield from words("submit", limits.TITLE, required=False)(payload)
    yield from words("close", limits.TITLE, required=False)(payload)
    if not payload.get("callback_id") or len(payload["callback_id"]) > limits.ID:
        yield "callback_id is missing or too long"
    if "submit" not in payload and any(block.get("type") == "input" for block in payload.get("blocks", ())):
        yield "a form needs a submit button"


def _blocks(surface: Surface, blocks: Sequence[Node]) -> Iterator[str]:
    if not 1 <= len(blocks) <= limits.BLOCKS[surface]:
        yield f"{len(blocks)} blocks, 1 to {limits.BLOCKS[surface]} are allowed"
    kinds = Counter(str(block.get("type")) for block in blocks)
    yield from (f"{kind} is not allowed on a {surface}" for kind in sorted(set(kinds) - ALLOWED[surface]))
    if kinds["data_visualization"] > limits.CHARTS_PER_MESSAGE:
        yield f"{kinds['data_visualization']} charts, {limits.CHARTS_PER_MESSAGE} are allowed"
    if kinds["table"] > limits.TABLES_PER_MESSAGE:
        yield f"{kinds['table']} tables, {limits.TABLES_PER_MESSAGE} are allowed"
    if sum(_cells(block) for block in blocks) > limits.TABLE_TEXT:
        yield f"the tables have more than {limits.TABLE_TEXT} characters"
    yield from _repeated("block_id", [block["block_id"] for block in blocks if "block_id" in block])
    for block in blocks:
        yield from _repeated(
            "action_id", [item.get("action_id") for item in block.get("elements", ()) if "action_id" in item]
        )


def _cells(block: Node) -> int:
    return sum(len(str(cell.get("text", ""))) for row in block.get("rows", ()) for cell in row)


def _repeated(field: str, ids: Sequence[str | None]) -> Iterator[str]:
    yield from (f"{field} {item!r} occurs {times} times" for item, times in Counter(ids).items() if times > 1)


def _node(node: Node, path: str, kind: str = "") -> Iterator[str]:
    kind = str(node.get("type", kind))
    if kind not in RULES:
        yield f"{path}: {kind or 'a node'} is not a kind we send"
        return
    for rule in RULES[kind]:
        yield from (f"{path}: {problem}" for problem in rule(node))
    if kind != "rich_text":
        yield from _inside(node, path)


def _inside(node: Node, path: str) -> Iterator[str]:
    for key, value in node.items():
        if key in _DATA:
            continue
        nodes = [value] if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else []
        for index, child in enumerate(nodes):
            yield from _node(child, f"{path}.{key}[{index}]", _NAMELESS_KINDS.get(key, ""))

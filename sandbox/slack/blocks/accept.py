"""Turns accepted blocks into what Slack stores: ids filled in, plain text marked for emoji."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

JsonObject = dict[str, Any]

_INTERACTIVE = ("button", "overflow", "checkboxes", "radio_buttons", "feedback_buttons", "icon_button", "file_input")


def fill_ids(blocks: list[JsonObject], next_id: Callable[[], str]) -> list[JsonObject]:
    """A copy in which every block has a block_id and every interactive element an action_id."""
    stored = copy.deepcopy(blocks)
    for block in walk_blocks(stored):
        if not block.get("block_id"):
            block["block_id"] = next_id()
        for element in list_elements(block):
            if is_interactive(element) and not element.get("action_id"):
                element["action_id"] = next_id()
    _mark_emoji(stored)
    return stored


def walk_blocks(blocks: list[JsonObject]) -> Iterator[JsonObject]:
    for block in blocks:
        yield block
        yield from walk_blocks(block.get("child_blocks", []))


def list_elements(block: JsonObject) -> list[JsonObject]:
    """The elements of one block that a person could touch, cards of a carousel included."""
    found = [block[key] for key in ("accessory", "element") if isinstance(block.get(key), dict)]
    if block["type"] in {"actions", "context_actions"}:
        found += block.get("elements", [])
    for card in [block, *(block.get("elements", []) if block["type"] == "carousel" else [])]:
        if card.get("type") == "card":
            found += card.get("actions", [])
    return found


def is_interactive(element: JsonObject) -> bool:
    kind = str(element.get("type", ""))
    return kind in _INTERACTIVE or kind.endswith(("_select", "picker", "_input", "workflow_button"))


def find_element(
    blocks: list[JsonObject], action_id: str, block_id: str | None = None
) -> tuple[JsonObject, JsonObject] | None:
    """The (block, element) with that action_id; with `block_id` only inside that block."""
    for block in walk_blocks(blocks):
        if block_id and block.get("block_id") != block_id:
            continue
        for element in list_elements(block):
            if element.get("action_id") == action_id:
                return block, element
    return None


def _mark_emoji(node: object) -> None:
    if isinstance(node, list):
        for one in node:
            _mark_emoji(one)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text" and "emoji" not in node:
            node["emoji"] = True
        for value in node.values():
            _mark_emoji(value)

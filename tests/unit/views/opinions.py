"""Judges of a payload that share no line with our own validator."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from slackblocks import _limits
from slackblocks._surfaces import validate_surface_blocks

from bot.views.limits import Surface

SCHEMA = Path(__file__).parents[2] / "contract" / "schemas" / "slack_surfaces.json"
INVISIBLE = re.compile(
    "[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff]"
)
PING = re.compile(r"<!|@(?:channel|here|everyone)\b", re.IGNORECASE)
WORDS = frozenset({"mrkdwn", "plain_text", "raw_text", "text"})
TOKEN = re.compile(r"^<(?:@U0[A-Z]+|#C0[A-Z]+|https://[^<>| ]+\|[^<>|\n]+)>")


@cache
def _definitions() -> dict[str, Any]:
    return dict(json.loads(SCHEMA.read_text())["definitions"])


@cache
def _judge(definition: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/definitions/{definition}", "definitions": _definitions()})


@cache
def _block_definitions() -> dict[str, str]:
    """From a block's type to the definition that judges it; "not valid under any of" helps nobody."""
    found = {}
    for name, definition in _definitions().items():
        for variant in definition.get("anyOf", [definition]):
            kind = variant.get("properties", {}).get("type", {}).get("const")
            if kind and name.endswith("Block"):
                found[kind] = name
    return found


def schema_problems(surface: Surface, payload: Mapping[str, Any]) -> Iterator[str]:
    """What Slack's own types say."""
    for at, block in enumerate(payload["blocks"]):
        judge = _judge(_block_definitions()[block["type"]])
        yield from (f"blocks[{at}]: {error.message}" for error in judge.iter_errors(block))
    if surface != "message":
        judge = _judge("ModalView" if surface == "modal" else "HomeView")
        frame = {**payload, "blocks": []}
        yield from (error.message for error in judge.iter_errors(frame))


def limit_problems(surface: Surface, payload: Mapping[str, Any]) -> Iterator[str]:
    """What slackblocks says about lengths and counts."""
    validate_surface_blocks(list(payload["blocks"]), surface)
    most = _limits.MESSAGE_BLOCKS_MAX_ITEMS if surface == "message" else _limits.VIEW_BLOCKS_MAX_ITEMS
    if len(payload["blocks"]) > most:
        yield f"{len(payload['blocks'])} blocks"
    for node in nodes(payload):
        yield from _too_long(node)
        yield from _too_many(node)


_LENGTHS = {
    ("section", "text"): _limits.SECTION_TEXT_MAX_LENGTH,
    ("header", "text"): _limits.HEADER_TEXT_MAX_LENGTH,
    ("button", "text"): _limits.BUTTON_TEXT_MAX_LENGTH,
    ("button", "value"): _limits.BUTTON_VALUE_MAX_LENGTH,
    ("button", "accessibility_label"): _limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH,
    ("input", "label"): _limits.INPUT_LABEL_MAX_LENGTH,
    ("input", "hint"): _limits.INPUT_HINT_MAX_LENGTH,
    ("option", "text"): _limits.OPTION_TEXT_MAX_LENGTH,
    ("option", "description"): _limits.OPTION_DESCRIPTION_MAX_LENGTH,
    ("option", "value"): _limits.OPTION_VALUE_MAX_LENGTH,
    ("confirm", "title"): _limits.CONFIRMATION_TITLE_MAX_LENGTH,
    ("confirm", "text"): _limits.CONFIRMATION_TEXT_MAX_LENGTH,
    ("modal", "title"): _limits.VIEW_TITLE_MAX_LENGTH,
    ("modal", "submit"): _limits.VIEW_SUBMIT_MAX_LENGTH,
    ("modal", "close"): _limits.VIEW_CLOSE_MAX_LENGTH,
    ("modal", "private_metadata"): _limits.VIEW_PRIVATE_METADATA_MAX_LENGTH,
    ("data_visualization", "title"): _limits.DATA_VISUALIZATION_TITLE_MAX_LENGTH,
}
_COUNTS = {
    ("section", "fields"): 10,
    ("context", "elements"): _limits.CONTEXT_ELEMENTS_MAX_ITEMS,
    ("actions", "elements"): _limits.ACTIONS_ELEMENTS_MAX_ITEMS,
    ("checkboxes", "options"): _limits.CHECKBOXES_OPTIONS_MAX_ITEMS,
    ("radio_buttons", "options"): _limits.RADIO_BUTTONS_OPTIONS_MAX_ITEMS,
    ("static_select", "options"): _limits.SELECT_OPTIONS_MAX_ITEMS,
    ("table", "rows"): _limits.TABLE_ROWS_MAX_ITEMS,
}


def _kind(node: Mapping[str, Any]) -> str:
    if "type" in node:
        return str(node["type"])
    if "deny" in node:
        return "confirm"
    return "option" if isinstance(node.get("text"), Mapping) else "frame"


def _too_long(node: Mapping[str, Any]) -> Iterator[str]:
    for (kind, field), most in _LENGTHS.items():
        found = node.get(field)
        text = found.get("text", "") if isinstance(found, Mapping) else found
        if _kind(node) == kind and text and len(text) > most:
            yield f"{kind}.{field} has {len(text)} characters"


def _too_many(node: Mapping[str, Any]) -> Iterator[str]:
    for (kind, field), most in _COUNTS.items():
        if _kind(node) == kind and len(node.get(field, ())) > most:
            yield f"{kind}.{field} has {len(node[field])} items"


def nodes(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every object inside, in the order in which it is read."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(reversed(found.values()))
        elif isinstance(found, (list, tuple)):
            waiting.extend(reversed(found))


def markups(payload: Mapping[str, Any]) -> Iterator[str]:
    """Every text in which Slack reads markup."""
    if "text" in payload:
        yield payload["text"]
    yield from (node["text"] for node in nodes(payload["blocks"]) if node.get("type") == "mrkdwn")


def shown(payload: Mapping[str, Any]) -> Iterator[str]:
    """Every text that a person can see or hear, wherever it stands."""
    if "text" in payload:
        yield payload["text"]
    for node in nodes(payload["blocks"]):
        if node.get("type") in WORDS:
            yield str(node["text"])
        elif "accessibility_label" in node:
            yield str(node["accessibility_label"])


def foul_words(payload: Mapping[str, Any]) -> Iterator[str]:
    """Anything that could ping, forge a line, or make letters run backwards."""
    everything = "\n".join(shown(payload))
    if "<" in everything:
        yield from _stray(payload)
    if PING.search(everything):
        yield f"a ping: {everything!r}"
    if INVISIBLE.search(everything):
        yield f"invisible characters: {everything!r}"


def _stray(payload: Mapping[str, Any]) -> Iterator[str]:
    for text in markups(payload):
        if any(not TOKEN.match(text[found.start() :]) for found in re.finditer("<", text)):
            yield f"markup that is not ours: {text!r}"

"""What a person typed or chose, in the shape Slack gives it in `state.values` and `actions`."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.slack.blocks.accept import list_elements, walk_blocks
from sandbox.slack.blocks.elements import TEXT_INPUTS

JsonObject = dict[str, Any]

# Element type -> (key in the state, key of the initial value in the element, whether it holds many)
_KEYS: dict[str, tuple[str, str, bool]] = {
    **{kind: ("value", "initial_value", False) for kind in TEXT_INPUTS if kind != "rich_text_input"},
    "rich_text_input": ("rich_text_value", "initial_value", False),
    "static_select": ("selected_option", "initial_option", False),
    "external_select": ("selected_option", "initial_option", False),
    "radio_buttons": ("selected_option", "initial_option", False),
    "multi_static_select": ("selected_options", "initial_options", True),
    "multi_external_select": ("selected_options", "initial_options", True),
    "checkboxes": ("selected_options", "initial_options", True),
    "users_select": ("selected_user", "initial_user", False),
    "multi_users_select": ("selected_users", "initial_users", True),
    "conversations_select": ("selected_conversation", "initial_conversation", False),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", True),
    "channels_select": ("selected_channel", "initial_channel", False),
    "multi_channels_select": ("selected_channels", "initial_channels", True),
    "datepicker": ("selected_date", "initial_date", False),
    "timepicker": ("selected_time", "initial_time", False),
    "datetimepicker": ("selected_date_time", "initial_date_time", False),
    "file_input": ("files", "", True),
}
_OPTIONS = ("selected_option", "selected_options")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://[^\s]+")


def holds_state(element: JsonObject) -> bool:
    return element.get("type") in _KEYS


def initial_state(element: JsonObject) -> JsonObject:
    key, initial, many = _KEYS[element["type"]]
    return {"type": element["type"], key: element.get(initial, [] if many else None)}


def state_of(element: JsonObject, value: object) -> JsonObject:
    """`value` is what a person gives: text, an option's value (or the option), a list of them, None for empty."""
    kind = element["type"]
    key, _, many = _KEYS[kind]
    if many:
        chosen = value if isinstance(value, list) else [] if value is None else [value]
        return {"type": kind, key: [_option(element, one) for one in chosen] if key in _OPTIONS else chosen}
    if key in _OPTIONS:
        return {"type": kind, key: None if value in (None, "") else _option(element, value)}
    if key == "selected_date_time" and value not in (None, ""):
        return {"type": kind, key: _unix(value)}
    return {"type": kind, key: None if value in (None, "") else value if isinstance(value, dict) else str(value)}


def initial_values(blocks: list[JsonObject], kept: JsonObject) -> JsonObject:
    """State of all stateful elements; what a person entered before survives under the same ids and type."""
    values: JsonObject = {}
    for block in walk_blocks(blocks):
        for element in filter(holds_state, list_elements(block)):
            old = kept.get(block["block_id"], {}).get(element["action_id"])
            same = old is not None and old["type"] == element["type"]
            values.setdefault(block["block_id"], {})[element["action_id"]] = old if same else initial_state(element)
    return values


def merge_values(blocks: list[JsonObject], current: JsonObject, given: JsonObject) -> JsonObject:
    """`given` is {block_id: {action_id: value}}, or shorter {block_id or action_id: value}."""
    values = initial_values(blocks, current)
    for block in walk_blocks(blocks):
        for element in filter(holds_state, list_elements(block)):
            found, value = _find_given(given, block["block_id"], element["action_id"])
            if found:
                values[block["block_id"]][element["action_id"]] = state_of(element, value)
    return values


def check_inputs(blocks: list[JsonObject], values: JsonObject) -> dict[str, str]:
    """What Slack itself refuses before it asks the app: block_id -> sentence."""
    errors: dict[str, str] = {}
    for block in walk_blocks(blocks):
        if block["type"] == "input":
            element = block["element"]
            state = values.get(block["block_id"], {}).get(element["action_id"], initial_state(element))
            problem = _problem(block, element, state[_KEYS[element["type"]][0]])
            if problem:
                errors[block["block_id"]] = problem
    return errors


def _problem(block: JsonObject, element: JsonObject, value: Any) -> str:
    if value in (None, "", []):
        return "" if block.get("optional") else "Please complete this required field."
    check = _TYPED.get(element["type"])
    return check(element, value) if check else ""


def _text_problem(element: JsonObject, value: str) -> str:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Please enter at least {least} characters."
    return f"Please enter no more than {most} characters." if len(value) > most else ""


def _email_problem(_element: JsonObject, value: str) -> str:
    return "" if _EMAIL.fullmatch(value) else "Please enter a valid email address."


def _url_problem(_element: JsonObject, value: str) -> str:
    return "" if _URL.fullmatch(value) else "Please enter a valid URL."


def _number_problem(element: JsonObject, value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and number != number.to_integral_value():
        return "Please enter a whole number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return ""


def _option(element: JsonObject, value: object) -> JsonObject:
    if isinstance(value, dict):
        return value
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(one for group in groups for one in group["options"])]
    found: JsonObject | None = next((one for one in options if one["value"] == value), None)
    if found is None:
        raise LookupError(f"no option with value {value!r} in {element.get('action_id')}")
    return found


def _unix(value: object) -> int:
    if isinstance(value, str) and not value.isdigit():
        return int(datetime.fromisoformat(value).timestamp())
    return int(str(value))


def _find_given(given: JsonObject, block_id: str, action_id: str) -> tuple[bool, object]:
    inner = given.get(block_id)
    if isinstance(inner, dict) and action_id in inner:
        return True, inner[action_id]
    if block_id in given and not isinstance(inner, dict):
        return True, inner
    return (True, given[action_id]) if action_id in given else (False, None)


_TYPED: dict[str, Callable[[JsonObject, str], str]] = {
    "plain_text_input": _text_problem,
    "number_input": _number_problem,
    "email_text_input": _email_problem,
    "url_text_input": _url_problem,
}

"""The fields of our modals. Each stands in an input block whose id is the field's name in the submitted form."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bot.views import limits
from bot.views.blocks import Block, plain_text

VALUE = "value"  # the action id of every field: the block id already names it


def field(name: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    block: dict[str, Any] = {"type": "input", "block_id": name, "label": plain_text(label), "element": element}
    return block | {"optional": optional} | ({"hint": plain_text(hint)} if hint else {})


def text_field(*, initial: str = "", placeholder: str = "", multiline: bool = False, longest: int = 280) -> Block:
    return _element(
        "plain_text_input", initial_value=initial, placeholder=placeholder, multiline=multiline, max_length=longest
    )


def number_field(*, initial: str = "", decimal: bool = False, least: str = "", most: str = "") -> Block:
    """Numbers travel as text: Slack sends them back as text too."""
    bounds = {"min_value": least, "max_value": most}
    return _element("number_input", initial_value=initial, **bounds) | {"is_decimal_allowed": decimal}


def date_field(initial: date | None = None) -> Block:
    return _element("datepicker", initial_date=initial.isoformat() if initial else "")


def person_field(initial: str = "") -> Block:
    return _element("users_select", initial_user=initial)


def channel_field(initial: str = "") -> Block:
    public_and_private: Mapping[str, Any] = {"include": ["public", "private"], "exclude_bot_users": True}
    return _element("conversations_select", initial_conversation=initial) | {"filter": public_and_private}


def choice(options: Iterable[Block], chosen: str = "") -> Block:
    """A menu; `chosen` is the value of the option that is set."""
    return _chooser("static_select", list(options), chosen)


def radio(options: Iterable[Block], chosen: str = "") -> Block:
    return _chooser("radio_buttons", list(options), chosen)


def ticks(options: Iterable[Block], chosen: Iterable[str] = ()) -> Block:
    known = list(options)
    marked = set(chosen)
    ticked = [item for item in known if item["value"] in marked]
    return _element("checkboxes", options=known, initial_options=ticked)


def option(value: str, text: str, description: str = "") -> Block:
    words = plain_text(text[: limits.OPTION_TEXT])
    more = {"description": plain_text(description[: limits.OPTION_TEXT])} if description else {}
    return {"text": words, "value": value} | more


def _chooser(kind: str, options: list[Block], chosen: str) -> Block:
    initial = next((item for item in options if item["value"] == chosen), None)
    return _element(kind, options=options, initial_option=initial)


def _element(kind: str, **given: Any) -> Block:
    optional = {key: value for key, value in given.items() if value}
    if "placeholder" in optional:
        optional["placeholder"] = plain_text(optional["placeholder"])
    return {"type": kind, "action_id": VALUE} | optional


def menu(action_id: str, options: Iterable[Block], placeholder: str) -> Block:
    """A menu that acts at once: beside a section or among buttons, not in a form."""
    known = list(options)
    return {"type": "static_select", "action_id": action_id, "placeholder": plain_text(placeholder), "options": known}

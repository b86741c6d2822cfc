"""Interactive elements: buttons, menus, pickers and inputs."""

import re
from collections.abc import Callable

from sandbox.slack.blocks.objects import (
    check_choices,
    check_confirm,
    check_initial,
    check_option,
    check_options,
    check_text,
    require_text,
)
from sandbox.slack.blocks.problems import JsonObject, Problems

Check = Callable[[Problems, JsonObject, str], None]

_PEOPLE_AND_PLACES = ("users", "conversations", "channels")
SINGLE_SELECTS = ("static_select", "external_select", *(f"{one}_select" for one in _PEOPLE_AND_PLACES))
MULTI_SELECTS = tuple(f"multi_{one}" for one in SINGLE_SELECTS)
PICKERS = ("datepicker", "timepicker")
CHECKS = ("checkboxes", "radio_buttons")
TEXT_INPUTS = ("plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input")

IN_SECTION = ("button", "overflow", "image", "workflow_button", *SINGLE_SELECTS, *MULTI_SELECTS, *PICKERS, *CHECKS)
IN_ACTIONS = ("button", "overflow", "workflow_button", *SINGLE_SELECTS, *PICKERS, "datetimepicker", *CHECKS)
IN_INPUT = (*TEXT_INPUTS, "file_input", *SINGLE_SELECTS, *MULTI_SELECTS, *PICKERS, "datetimepicker", *CHECKS)
IN_CONTEXT_ACTIONS = ("feedback_buttons", "icon_button")


def check_element(problems: Problems, element: JsonObject, at: str, allowed: tuple[str, ...]) -> None:
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        problems.add(f"unsupported type: {kind}", f"{at}/type")
        return
    if kind != "image":
        problems.string(element, "action_id", at, 255)
        check_confirm(problems, element, at)
    if kind in ("rich_text_input", "file_input", "number_input") and problems.surface == "message":
        problems.add(f"unsupported type: {kind}", f"{at}/type")
    _CHECKS[kind](problems, element, at)


def _button(problems: Problems, element: JsonObject, at: str) -> None:
    require_text(problems, element, "text", at, 75, plain=True)
    problems.string(element, "value", at, 2000)
    problems.url(element, "url", at)
    problems.choice(element, "style", at, ("primary", "danger"))
    problems.string(element, "accessibility_label", at, 75)
    allowed = {"type", "text", "action_id", "value", "url", "style", "confirm", "accessibility_label", "workflow"}
    problems.known_keys(element, frozenset(allowed), at)


def _overflow(problems: Problems, element: JsonObject, at: str) -> None:
    check_options(problems, element, at, 1, 5)


def _select(problems: Problems, element: JsonObject, at: str) -> None:
    check_text(problems, element, "placeholder", at, 150, plain=True)
    _check_most(problems, element, at)
    if element["type"].endswith("static_select"):
        check_initial(problems, element, at, check_choices(problems, element, at))
    elif element["type"].endswith("external_select"):
        for option in element.get("initial_options", []) or []:
            check_option(problems, option, f"{at}/initial_options")


def _check_most(problems: Problems, element: JsonObject, at: str) -> None:
    most = element.get("max_selected_items")
    if most is not None and (not isinstance(most, int) or most < 1):
        problems.add("must be greater than 0", f"{at}/max_selected_items")
    if most is not None and not element["type"].startswith("multi_"):
        problems.add("invalid additional property: max_selected_items", at)


def _checks(problems: Problems, element: JsonObject, at: str) -> None:
    check_initial(problems, element, at, check_options(problems, element, at, 1, 10, plain=False))


def _pattern(key: str, expression: str, words: str) -> Check:
    wanted = re.compile(expression)

    def check(problems: Problems, element: JsonObject, at: str) -> None:
        check_text(problems, element, "placeholder", at, 150, plain=True)
        value = element.get(key)
        if value is not None and not wanted.fullmatch(str(value)):
            problems.add(f"must be {words}", f"{at}/{key}")

    return check


def _text_input(problems: Problems, element: JsonObject, at: str) -> None:
    check_text(problems, element, "placeholder", at, 150, plain=True)
    problems.string(element, "initial_value", at, 3000)
    problems.boolean(element, "multiline", at)
    for key in ("min_length", "max_length"):
        value = element.get(key)
        if value is not None and (not isinstance(value, int) or not 0 <= value <= 3000):
            problems.add("must be between 0 and 3000", f"{at}/{key}")


def _number(problems: Problems, element: JsonObject, at: str) -> None:
    check_text(problems, element, "placeholder", at, 150, plain=True)
    if not isinstance(element.get("is_decimal_allowed"), bool):
        problems.add("missing required field: is_decimal_allowed", at)
    for key in ("initial_value", "min_value", "max_value"):
        value = element.get(key)
        if value is not None and not (isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value)):
            problems.add("must be a number written as a string", f"{at}/{key}")


def _image(problems: Problems, element: JsonObject, at: str) -> None:
    check_picture(problems, element, at)
    problems.known_keys(element, frozenset({"type", "image_url", "alt_text", "slack_file"}), at)


def check_picture(problems: Problems, holder: JsonObject, at: str) -> None:
    if ("image_url" in holder) == ("slack_file" in holder):
        problems.add("must define either `image_url` or `slack_file`", at)
    problems.url(holder, "image_url", at)
    problems.string(holder, "alt_text", at, 2000, required=True)


def _feedback(problems: Problems, element: JsonObject, at: str) -> None:
    for key in ("positive_button", "negative_button"):
        button = problems.child(element, key, at, required=True)
        if button is not None:
            require_text(problems, button, "text", f"{at}/{key}", 75, plain=True)
            problems.string(button, "value", f"{at}/{key}", 2000, required=True)


def _icon_button(problems: Problems, element: JsonObject, at: str) -> None:
    problems.string(element, "icon", at, 75, required=True)
    require_text(problems, element, "text", at, 75, plain=True)
    problems.string(element, "value", at, 2000)


def _placeholder_only(problems: Problems, element: JsonObject, at: str) -> None:
    check_text(problems, element, "placeholder", at, 150, plain=True)


_CHECKS: dict[str, Check] = {
    "button": _button,
    "workflow_button": _button,
    "overflow": _overflow,
    "image": _image,
    **dict.fromkeys((*SINGLE_SELECTS, *MULTI_SELECTS), _select),
    **dict.fromkeys(CHECKS, _checks),
    "datepicker": _pattern("initial_date", r"\d{4}-\d{2}-\d{2}", "a date as YYYY-MM-DD"),
    "timepicker": _pattern("initial_time", r"\d{2}:\d{2}", "a time as HH:mm"),
    "datetimepicker": _pattern("initial_date_time", r"\d{10}", "a UNIX timestamp of 10 digits"),
    "plain_text_input": _text_input,
    "number_input": _number,
    **dict.fromkeys(("email_text_input", "url_text_input", "rich_text_input", "file_input"), _placeholder_only),
    "feedback_buttons": _feedback,
    "icon_button": _icon_button,
}

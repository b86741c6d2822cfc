"""What Slack allows in each kind of block and element, as a table of small checks."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from bot.views import limits

Node: TypeAlias = Mapping[str, Any]
Rule: TypeAlias = Callable[[Node], Iterator[str]]

_TOKEN: Final = re.compile(r"<(?:@[UW][A-Z0-9]+|#[CGD][A-Z0-9]+|https?://[^\s<>|]+(?:\|[^<>|\n]+)?)>")
_ENTITY: Final = re.compile(r"&(?:amp|lt|gt);")


def stray_markup(text: str) -> Iterator[str]:
    """Markup that is neither a mention by id nor a link of ours was somebody's words, not escaped."""
    rest = _ENTITY.sub("", _TOKEN.sub("", text))
    if "<" in rest or ">" in rest:
        yield "holds an angle bracket that is not escaped"
    if "&" in rest:
        yield "holds an ampersand that is not escaped"


def words(field: str, most: int, *, kind: str = "plain_text", required: bool = True) -> Rule:
    """A text object under `field`: of this kind, not empty, not too long, escaped."""

    def check(node: Node) -> Iterator[str]:
        if field not in node:
            if required:
                yield f"{field} is missing"
            return
        text = node[field]
        if text.get("type") != kind:
            yield f"{field} must be {kind}"
        yield from _sized(field, text.get("text", ""), most)

    return check


def length(field: str, most: int, *, required: bool = False) -> Rule:
    def check(node: Node) -> Iterator[str]:
        if field in node:
            yield from _sized(field, node[field], most)
        elif required:
            yield f"{field} is missing"

    return check


def _sized(field: str, text: object, most: int) -> Iterator[str]:
    if not isinstance(text, str):
        yield f"{field} is not text"
    elif not text.strip():
        yield f"{field} is empty"
    elif len(text) > most:
        yield f"{field} has {len(text)} characters, {most} are allowed"


def count(field: str, most: int, *, least: int = 1, required: bool = True) -> Rule:
    def check(node: Node) -> Iterator[str]:
        if field not in node and not required:
            return
        number = len(node.get(field, ()))
        if not least <= number <= most:
            yield f"{field} has {number} items, {least} to {most} are allowed"

    return check


def only(field: str, allowed: frozenset[str]) -> Rule:
    """The element, or each of the elements, under `field` is of an allowed type."""

    def check(node: Node) -> Iterator[str]:
        found = node.get(field, ())
        for item in (found,) if isinstance(found, Mapping) else found:
            if item.get("type") not in allowed:
                yield f"{field} may not hold {item.get('type')}"

    return check


def one_of(field: str, allowed: frozenset[object], *, required: bool = False) -> Rule:
    def check(node: Node) -> Iterator[str]:
        if (required or field in node) and node.get(field) not in allowed:
            yield f"{field} may not be {node.get(field)!r}"

    return check


def each(field: str, rule: Rule) -> Rule:
    def check(node: Node) -> Iterator[str]:
        for item in node.get(field, ()):
            yield from (f"{field}: {problem}" for problem in rule(item))

    return check


def _section(node: Node) -> Iterator[str]:
    if not node.keys() & {"text", "fields"}:
        yield "a section needs text or fields"
    for text in [node.get("text"), *node.get("fields", ())]:
        if text is not None and text.get("type") not in {"mrkdwn", "plain_text"}:
            yield "text has no type"
    yield from _sized("text", node.get("text", {"text": "-"}).get("text", ""), limits.SECTION_TEXT)
    for item in node.get("fields", ()):
        yield from _sized("fields", item.get("text", ""), limits.FIELD_TEXT)


def _url(node: Node) -> Iterator[str]:
    if "url" in node and not re.match(r"https?://[^\s<>|\"]+$", node["url"]):
        yield "url is not an address"


def _mrkdwn(node: Node) -> Iterator[str]:
    yield from _sized("text", node.get("text", ""), limits.SECTION_TEXT)
    yield from stray_markup(node.get("text", ""))


def _chart(node: Node) -> Iterator[str]:
    chart = node.get("chart", {})
    if chart.get("type") not in {"line", "bar", "area"}:
        yield f"chart may not be {chart.get('type')!r}"
    yield from _axis(chart.get("axis_config", {}))
    series = chart.get("series", [])
    if not 1 <= len(series) <= limits.CHART_SERIES or len({item.get("name") for item in series}) != len(series):
        yield f"a chart has 1 to {limits.CHART_SERIES} series of different names"
    for item in series:
        yield from _points(item, chart.get("axis_config", {}).get("categories", []))


def _axis(axis: Node) -> Iterator[str]:
    categories = axis.get("categories", [])
    if not 1 <= len(categories) <= limits.CHART_POINTS or len(set(categories)) != len(categories):
        yield f"a chart has 1 to {limits.CHART_POINTS} different categories"
    for label in categories:
        yield from _sized("category", label, limits.CHART_LABEL)
    for name in ("x_label", "y_label"):
        yield from _sized(name, axis.get(name, "-"), limits.AXIS_LABEL)


def _points(series: Node, categories: list[str]) -> Iterator[str]:
    yield from _sized("series name", series.get("name", ""), limits.CHART_LABEL)
    if [point.get("label") for point in series.get("data", [])] != categories:
        yield "a series has one point for each category"
    if any(
        isinstance(point.get("value"), bool) or not isinstance(point.get("value"), (int, float))
        for point in series.get("data", [])
    ):
        yield "a point is not a number"


def _table(node: Node) -> Iterator[str]:
    rows = node.get("rows", [])
    if not 1 <= len(rows) <= limits.TABLE_ROWS:
        yield f"a table has 1 to {limits.TABLE_ROWS} rows"
    if len({len(row) for row in rows}) > 1 or any(not 1 <= len(row) <= limits.TABLE_COLUMNS for row in rows):
        yield f"each row has the same 1 to {limits.TABLE_COLUMNS} cells"
    if len(node.get("column_settings", ())) > limits.TABLE_COLUMNS:
        yield "column_settings has too many columns"
    for cell in (cell for row in rows for cell in row if cell.get("type") == "raw_text"):
        yield from _sized("cell", cell.get("text", ""), limits.TABLE_TEXT)


_BUTTONS: Final = frozenset({"button"})
_PICKERS: Final = frozenset(
    {"datepicker", "timepicker", "radio_buttons", "checkboxes", "static_select", "users_select", "conversations_select"}
)
_FIELDS: Final = frozenset({"plain_text_input", "number_input", "email_text_input"})
_INTERACTIVE: Final = _BUTTONS | _PICKERS | {"overflow"}

_ACTION: Final = length("action_id", limits.ID, required=True)
_PLACEHOLDER: Final = words("placeholder", limits.PLACEHOLDER, required=False)
_BLOCK: Final = length("block_id", limits.ID)


def _menu(options: int, *, least: int = 1) -> tuple[Rule, ...]:
    return _ACTION, _PLACEHOLDER, count("options", options, least=least)


RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "section": (
        _BLOCK,
        _section,
        count("fields", limits.FIELDS, required=False),
        only("accessory", _INTERACTIVE | {"image"}),
    ),
    "header": (_BLOCK, words("text", limits.HEADER_TEXT)),
    "divider": (_BLOCK,),
    "context": (
        _BLOCK,
        count("elements", limits.CONTEXT_ELEMENTS),
        only("elements", frozenset({"mrkdwn", "plain_text", "image"})),
    ),
    "actions": (_BLOCK, count("elements", limits.ACTIONS_ELEMENTS), only("elements", _INTERACTIVE)),
    "input": (
        length("block_id", limits.ID, required=True),
        words("label", limits.LABEL),
        words("hint", limits.LABEL, required=False),
        only("element", _PICKERS | _FIELDS),
    ),
    "rich_text": (_BLOCK, count("elements", 100)),
    "image": (_BLOCK, length("alt_text", limits.ALT_TEXT, required=True), length("image_url", limits.URL)),
    "data_visualization": (_BLOCK, length("title", limits.CHART_TITLE, required=True), _chart),
    "table": (_BLOCK, _table),
    "button": (
        _ACTION,
        words("text", limits.BUTTON_TEXT),
        length("value", limits.BUTTON_VALUE),
        length("url", limits.URL),
        length("accessibility_label", limits.ACCESSIBILITY_LABEL),
        one_of("style", frozenset({"primary", "danger"})),
        _url,
    ),
    "overflow": (_ACTION, count("options", limits.OVERFLOW_OPTIONS)),
    "static_select": _menu(limits.OPTIONS),
    "radio_buttons": _menu(limits.CHOICES),
    "checkboxes": _menu(limits.CHOICES),
    "users_select": (_ACTION, _PLACEHOLDER),
    "conversations_select": (_ACTION, _PLACEHOLDER),
    "datepicker": (_ACTION, _PLACEHOLDER),
    "timepicker": (_ACTION, _PLACEHOLDER),
    "plain_text_input": (_ACTION, _PLACEHOLDER, length("initial_value", limits.INPUT_TEXT)),
    "number_input": (_ACTION, _PLACEHOLDER),
    "email_text_input": (_ACTION, _PLACEHOLDER),
    "mrkdwn": (_mrkdwn,),
    "plain_text": (),
    "option": (
        words("text", limits.OPTION_TEXT),
        words("description", limits.OPTION_TEXT, required=False),
        length("value", limits.OPTION_VALUE, required=True),
    ),
    "confirm": (
        words("title", limits.CONFIRM_TITLE),
        words("text", limits.CONFIRM_TEXT),
        words("confirm", limits.CONFIRM_BUTTON),
        words("deny", limits.CONFIRM_BUTTON),
        one_of("style", frozenset({"primary", "danger"})),
    ),
}

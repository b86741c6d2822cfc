"""Blocks that show figures: table, data_table, data_visualization."""

from sandbox.slack.blocks.objects import check_text
from sandbox.slack.blocks.problems import JsonObject, Problems
from sandbox.slack.blocks.rich import check_rich_text

_CELLS = ("raw_text", "raw_number", "rich_text")
_CHARTS = ("line", "bar", "area", "pie")
MOST_SERIES = 6
MOST_POINTS = 20
MOST_CELL_CHARACTERS = {"table": 10_000, "data_table": 20_000}


def check_table(problems: Problems, block: JsonObject, at: str) -> None:
    if problems.count("table") > 1:
        problems.add("only one table is allowed per message", at)
    _check_rows(problems, block, at, 1, 100)
    settings = block.get("column_settings")
    if settings is not None and (not isinstance(settings, list) or len(settings) > 20):
        problems.add("no more than 20 items allowed", f"{at}/column_settings")
    for n, setting in enumerate(settings if isinstance(settings, list) else []):
        if isinstance(setting, dict):
            problems.choice(setting, "align", f"{at}/column_settings/{n}", ("left", "center", "right"))
    problems.known_keys(block, frozenset({"type", "block_id", "rows", "column_settings"}), at)


def check_data_table(problems: Problems, block: JsonObject, at: str) -> None:
    problems.string(block, "caption", at, 300, required=True)
    _check_rows(problems, block, at, 2, 101)
    size = block.get("page_size", 5)
    if not isinstance(size, int) or not 1 <= size <= 100:
        problems.add("must be between 1 and 100", f"{at}/page_size")


def _check_rows(problems: Problems, block: JsonObject, at: str, low: int, high: int) -> None:
    rows = block.get("rows")
    if not isinstance(rows, list):
        problems.add("missing required field: rows", at)
        return
    if not low <= len(rows) <= high:
        problems.add(f"must have between {low} and {high} rows", f"{at}/rows")
    for n, row in enumerate(rows):
        if not isinstance(row, list) or not 1 <= len(row) <= 20:
            problems.add("must have between 1 and 20 columns", f"{at}/rows/{n}")
            continue
        for m, cell in enumerate(row):
            _check_cell(problems, cell, f"{at}/rows/{n}/{m}")
    if problems.cell_length > MOST_CELL_CHARACTERS[block["type"]]:
        problems.add(f"must be less than {MOST_CELL_CHARACTERS[block['type']] + 1} characters in all cells", at)


def _check_cell(problems: Problems, cell: object, at: str) -> None:
    if not isinstance(cell, dict) or cell.get("type") not in _CELLS:
        problems.add("must be a raw_text, raw_number or rich_text cell", at)
        return
    if cell["type"] == "rich_text":
        check_rich_text(problems, cell, at)
        return
    if cell["type"] == "raw_number" and not _is_number(cell.get("value")):
        problems.add("must be a number", f"{at}/value")
    problems.string(cell, "text", at, 10_000, required=True)
    problems.cell_length += len(str(cell.get("text", "")))


def check_chart(problems: Problems, block: JsonObject, at: str) -> None:
    if problems.count("data_visualization") > 2:
        problems.add("no more than 2 data_visualization blocks are allowed", at)
    problems.string(block, "title", at, 50, required=True)
    check_text(problems, block, "description", at, 300, plain=True)
    chart = problems.child(block, "chart", at, required=True)
    if chart is None:
        return
    problems.choice(chart, "type", f"{at}/chart", _CHARTS, required=True)
    if chart.get("type") == "pie":
        _check_pie(problems, chart, f"{at}/chart")
    else:
        _check_series(problems, chart, f"{at}/chart")


def _check_pie(problems: Problems, chart: JsonObject, at: str) -> None:
    for segment, where in problems.objects(chart, "segments", at, 1, MOST_SERIES):
        problems.string(segment, "label", where, 20, required=True)
        value = segment.get("value", 0)
        if not _is_number(value) or value <= 0:
            problems.add("must be greater than 0", f"{where}/value")


def _check_series(problems: Problems, chart: JsonObject, at: str) -> None:
    axis = problems.child(chart, "axis_config", at, required=True) or {}
    categories = axis.get("categories")
    if not isinstance(categories, list) or not 1 <= len(categories) <= MOST_POINTS:
        problems.add(f"must have between 1 and {MOST_POINTS} items", f"{at}/axis_config/categories")
        categories = []
    if any(not isinstance(one, str) or len(one) > 20 for one in categories):
        problems.add("must be less than 21 characters", f"{at}/axis_config/categories")
    for key in ("x_label", "y_label"):
        problems.string(axis, key, f"{at}/axis_config", 50)
    series = problems.objects(chart, "series", at, 1, MOST_SERIES)
    names = [one.get("name") for one, _ in series]
    if len(names) != len(set(map(str, names))):
        problems.add("series names must be unique", f"{at}/series")
    for one, where in series:
        problems.string(one, "name", where, 20, required=True)
        _check_points(problems, one, where, categories)


def _check_points(problems: Problems, series: JsonObject, at: str, categories: list[str]) -> None:
    points = problems.objects(series, "data", at, 1, MOST_POINTS)
    if sorted(str(point.get("label")) for point, _ in points) != sorted(categories):
        problems.add("must have exactly one data point per category", f"{at}/data")
    for point, where in points:
        if not _is_number(point.get("value")):
            problems.add("must be a number", f"{where}/value")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

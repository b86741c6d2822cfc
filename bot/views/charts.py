"""Slack's own charts and tables. Both are newer than some clients, so `degrade` can say the same in older blocks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from bot.views import limits
from bot.views.blocks import Block
from bot.views.escape import plain
from kit.money import Money


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: a value per category, in the categories' order."""

    name: str
    values: Sequence[Money]


def chart(
    title: str,
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    kind: Literal["line", "bar", "area"] = "line",
    x_label: str = "",
    y_label: str = "",
) -> Block:
    """Whole units on the axis: cents are noise in a picture, the sentence beside it has them."""
    labels = _distinct(categories)
    axis = {"categories": labels, "x_label": x_label, "y_label": y_label}
    drawn = [_series(item, labels) for item in series[: limits.CHART_SERIES]]
    return {
        "type": "data_visualization",
        "title": plain(title, limits.CHART_TITLE),
        "chart": {"type": kind, "series": drawn, "axis_config": {key: value for key, value in axis.items() if value}},
    }


def _series(series: Series, labels: Sequence[str]) -> Mapping[str, object]:
    points = [{"label": label, "value": _whole(value)} for label, value in zip(labels, series.values, strict=False)]
    return {"name": plain(series.name, limits.CHART_LABEL), "data": points}


def _whole(money: Money) -> int:
    return int(money.amount.quantize(Decimal(1), ROUND_HALF_UP))


def _distinct(categories: Sequence[str]) -> list[str]:
    """At most as many labels as Slack draws, cut to length, no two alike."""
    labels: list[str] = []
    for category in categories[: limits.CHART_POINTS]:
        label = plain(category, limits.CHART_LABEL)
        labels.append(label if label not in labels else f"{label[: limits.CHART_LABEL - 4]} {len(labels) + 1}")
    return labels


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, amounts: frozenset[int] = frozenset()) -> Block:
    """Cells are raw text, which Slack never parses. `amounts` are the columns to align right."""
    header = [_cell(title) for title in columns]
    body = [[_cell(value) for value in row] for row in rows]
    settings = [{"align": "right" if index in amounts else "left", "is_wrapped": True} for index in range(len(columns))]
    return {"type": "table", "rows": [header, *body[: limits.TABLE_ROWS - 1]], "column_settings": settings}


def _cell(value: str) -> Block:
    # Slack refuses an empty cell.
    return {"type": "raw_text", "text": plain(value, 120) or "–"}

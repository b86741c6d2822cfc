"""Slack's limits for Block Kit, where two sources disagree the lower one."""

from typing import Final, Literal

Surface = Literal["message", "modal", "home"]

BLOCKS: Final[dict[Surface, int]] = {"message": 50, "modal": 100, "home": 100}
VIEW_BYTES: Final = 250_000
MESSAGE_TEXT: Final = 4_000

SECTION_TEXT: Final = 3_000
FIELDS: Final = 10
FIELD_TEXT: Final = 2_000
HEADER_TEXT: Final = 150
CONTEXT_ELEMENTS: Final = 10
ACTIONS_ELEMENTS: Final = 25
ID: Final = 255
ALT_TEXT: Final = 2_000
URL: Final = 3_000
LABEL: Final = 2_000

BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2_000
ACCESSIBILITY_LABEL: Final = 75
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30

OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
OPTIONS: Final = 100
OVERFLOW_OPTIONS: Final = 5
CHOICES: Final = 10
PLACEHOLDER: Final = 150
INPUT_TEXT: Final = 3_000

TITLE: Final = 24
METADATA: Final = 3_000

CHARTS_PER_MESSAGE: Final = 2
CHART_TITLE: Final = 50
CHART_SERIES: Final = 6
CHART_POINTS: Final = 20
CHART_LABEL: Final = 20
AXIS_LABEL: Final = 50

TABLES_PER_MESSAGE: Final = 1
TABLE_ROWS: Final = 100
TABLE_COLUMNS: Final = 20
TABLE_TEXT: Final = 10_000

"""What people did about an issue: one row per (record, code), moved only along the allowed transitions."""

from enum import StrEnum


class ItemStatus(StrEnum):
    OPEN = "open"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    AUTO_RESOLVED = "auto_resolved"
    REOPENED = "reopened"

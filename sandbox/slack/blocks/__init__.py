"""Slack's rules for Block Kit, as limits that are enforced."""

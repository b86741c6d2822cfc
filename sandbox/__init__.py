"""Stand-ins for Slack and QuickBooks, built from the vendors' documents alone."""

"""Everything that speaks QuickBooks."""

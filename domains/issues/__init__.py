"""What makes a record untrustworthy, as pure predicates; one issue per (record, code)."""

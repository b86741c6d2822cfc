"""The books: tables on top, service below, one entity per file."""

"""The listeners, over a database."""

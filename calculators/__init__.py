"""Pure functions: frozen dataclasses in and out, no clock, no I/O."""

"""Which listener answers what: every experience names its own commands, actions and forms; nothing is named twice."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

import bot.experiences
from bot.replies import Listener

Table = dict[str, Listener]


def collect() -> tuple[Table, Table, Table]:
    """Commands, actions and forms of all experiences. Raises `ValueError` when two answer to one name."""
    commands: Table = {}
    actions: Table = {}
    forms: Table = {}
    for found in iter_modules(bot.experiences.__path__, "bot.experiences."):
        module = import_module(found.name)
        _merge(commands, getattr(module, "COMMANDS", {}))
        _merge(actions, getattr(module, "ACTIONS", {}))
        _merge(forms, getattr(module, "FORMS", {}))
    return commands, actions, forms


def _merge(table: Table, more: Mapping[str, Listener]) -> None:
    if twice := table.keys() & more.keys():
        raise ValueError(f"answered twice: {sorted(twice)}")
    table.update(more)

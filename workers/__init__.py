"""The background surface: what runs a job, and when."""

from importlib import import_module
from pkgutil import iter_modules


def import_all() -> None:
    """Every handler and tick registers itself when its module is imported."""
    for module in iter_modules(__path__, f"{__name__}."):
        import_module(module.name)

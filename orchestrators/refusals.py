"""Refusals that belong to one field of a form, so that the form can show them where the person is."""

from kit.errors import Refused


class BadField(Refused):
    """`field` is the name of the argument that cannot be taken."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field

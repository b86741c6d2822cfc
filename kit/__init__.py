"""The floor: knows no business words."""

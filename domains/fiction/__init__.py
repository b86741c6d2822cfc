"""A made-up bakery for people who look before they connect: the same books for everybody, on the same fixed day."""

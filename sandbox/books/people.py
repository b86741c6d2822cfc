"""Names for seeded vendors and customers."""

from __future__ import annotations

import random
import re
import unicodedata

from sandbox.books.life import Person

_FIRST = (
    "Maya",
    "Renée",
    "Tobias",
    "Åse",
    "Priya",
    "Diego",
    "Hannah",
    "Kwame",
    "Yuki",
    "Omar",
    "Lena",
    "Marcus",
    "Ines",
    "Piotr",
    "Grace",
    "Samir",
    "Nora",
    "Felix",
    "Zoë",
    "Andre",
)
_LAST = (
    "Lund",
    "Côté",
    "Okafor",
    "Alvarez",
    "Whitaker",
    "Sato",
    "Novak",
    "Ferrell",
    "Haddad",
    "Byrne",
    "Kessler",
    "Moreau",
    "Tanaka",
    "Osei",
    "Lindqvist",
    "Barros",
    "Quinn",
    "Petrov",
    "Delgado",
    "Marsh",
)
_PLACES = (
    "Alder",
    "Cascade",
    "Tidewater",
    "Granite",
    "Meridian",
    "Foxglove",
    "Harborview",
    "Juniper",
    "Northgate",
    "Blue Heron",
    "Copper",
    "Lakeside",
    "Summit",
    "Willow",
    "Ironwood",
    "Prairie",
    "Redwood",
    "Silverline",
    "Stonebridge",
    "Westfall",
)
_TRADES = (
    "Supply",
    "Printing",
    "Logistics",
    "Equipment",
    "Foods",
    "Electric",
    "Plumbing",
    "Staffing",
    "Packaging",
    "Textiles",
    "Hardware",
    "Linen",
    "Paper",
    "Signs",
    "Freight",
    "Catering",
    "Cleaning",
    "Security",
)
_CLIENTS = (
    "Dental Group",
    "Realty",
    "Brewing Co.",
    "Outfitters",
    "Architects",
    "Yoga Studio",
    "Fitness",
    "Law Office",
    "Hotels",
    "Vineyards",
    "Clinic",
    "Foundation",
    "Academy",
    "Bicycles",
    "Interiors",
    "Records",
    "Market",
    "Motors",
    "Roasters",
    "Pediatrics",
)


def pool(
    kind: str, count: int, luck: random.Random, *, terms: tuple[str, ...], currencies: tuple[str, ...] = ("USD",)
) -> tuple[Person, ...]:
    """`count` different people of a kind ("vendor" or "customer"); a few of them individuals."""
    endings = _TRADES if kind == "vendor" else _CLIENTS
    names: dict[str, Person] = {}
    while len(names) < count:
        first, last = luck.choice(_FIRST), luck.choice(_LAST)
        name = f"{first} {last}" if luck.random() < 0.12 else f"{luck.choice(_PLACES)} {luck.choice(endings)}"
        if name in names and len(names) > 250:
            name = f"{name} {len(names)}"
        names.setdefault(
            name,
            Person(
                name,
                email_of(name),
                luck.choice(terms),
                luck.choice(currencies),
                f"(503) 555-{luck.randrange(100, 9999):04d}",
                (first, last),
            ),
        )
    return tuple(names.values())


def email_of(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return f"accounts@{re.sub('[^a-z0-9]+', '', plain) or 'nameless'}.example"

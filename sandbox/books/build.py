"""From a character, a seed and a day to a company's books, on that day or on any day before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from weakref import WeakKeyDictionary

from sandbox.books import chart, writes
from sandbox.books.company import Company
from sandbox.books.life import CHECKING, Life, Person, Rhythm
from sandbox.books.values import Doc, cents, day_at, ref

Stage = Callable[[Life, date, date], None]


@dataclass(frozen=True, slots=True)
class Character:
    """What makes one company different from another.

    `cash`: operating cash on `today`; the opening balance follows from it. `opening`: other balances on the first day.
    For the last `asleep_days` nothing was booked. `stage` is called before each day with (life, day, today) and may
    book what no rhythm would.
    """

    key: str
    name: str
    industry: str
    history_days: int
    rhythms: tuple[Rhythm, ...] = ()
    vendors: tuple[Person, ...] = ()
    customers: tuple[Person, ...] = ()
    cash: str | None = None
    opening: tuple[tuple[str, str], ...] = ()
    currencies: tuple[tuple[str, str], ...] = ()
    stage: Stage | None = None
    asleep_days: int = 0
    first_id: int = 0
    extra_fields: bool = False


_lives: WeakKeyDictionary[Company, tuple[Life, Character, date]] = WeakKeyDictionary()


def raise_company(
    character: Character, seed: int, today: date, *, until: date | None = None, realm: str = ""
) -> Company:
    """Live a character's history up to `until` (exclusive; default `today`).

    The same character, seed and today give the same books, whatever `until`: an earlier one shows them as they stood.
    """
    opening = _opening_cash(character, seed, today, realm)
    company, life = _begin(character, seed, today, opening, realm)
    _live(life, character, today, min(until or today, today))
    _lives[company] = (life, character, today)
    return company


def live_a_day(company: Company, *, stamped: datetime | None = None) -> date:
    """Advance a raised company by one day of its own life; returns the day that was lived.

    `stamped`: what is booked is stamped with this moment instead of its working day.
    Raises KeyError for a company that was not raised here (recorded or bulk books have no life of their own).
    """
    life, character, today = _lives[company]
    day, life.stamped = life.day, stamped
    _live(life, character, today, day + timedelta(days=1))
    return day


def _live(life: Life, character: Character, today: date, end: date) -> None:
    while life.day < end:
        if character.stage:
            character.stage(life, life.day, today)
        life.live()


@lru_cache(maxsize=64)
def _opening_cash(character: Character, seed: int, today: date, realm: str) -> Decimal:
    """What must have been in the bank on the first day for `cash` to be there today."""
    if character.cash is None or not character.history_days:
        return Decimal(0)
    _, life = _begin(character, seed, today, Decimal(0), realm)
    _live(life, character, today, today)
    return cents(Decimal(character.cash) - life.balance(CHECKING))


def _begin(character: Character, seed: int, today: date, cash: Decimal, realm: str) -> tuple[Company, Life]:
    start = today - timedelta(days=character.history_days)
    first = day_at(start - timedelta(days=1), 9)
    realm = realm or realm_of(character.key, seed)
    company = Company(realm, character.name, multicurrency=bool(character.currencies))
    if character.extra_fields:
        company.extra_fields = {"SourceSystemTag": {"channel": "import", "batch": 7}, "IsLabRecord": False}
    if character.first_id:
        company.start_ids("Bill", character.first_id)
    currencies = tuple(code for code, _ in character.currencies)
    chart.furnish(company, first, currencies)
    chart.add_company_rows(company, first, character.industry)
    life = Life(company, seed, character.rhythms, start)
    life.asleep_from = today - timedelta(days=character.asleep_days) if character.asleep_days else None
    life.rates = {code: Decimal(rate) for code, rate in character.currencies}
    life.terms = {doc["Name"]: doc["Id"] for doc in company.docs("Term")}
    life.items = {doc["Name"]: doc["Id"] for doc in company.docs("Item")}
    for person in character.vendors:
        life.vendors[person.name] = add_person(life, "Vendor", person)
    for person in character.customers:
        life.customers[person.name] = add_person(life, "Customer", person)
    _open_books(life, character, cash)
    return company, life


def realm_of(key: str, seed: int) -> str:
    """A stable 16-digit realm id for a character and seed."""
    number = int.from_bytes(f"{key}:{seed}".encode()[:40].ljust(8, b"."), "big") % 10**12
    return f"9130{number:012d}"


def add_person(life: Life, entity: str, person: Person) -> str:
    payload: Doc = {"DisplayName": person.name, "CompanyName": person.name, "CurrencyRef": ref(person.currency)}
    if person.email:
        payload["PrimaryEmailAddr"] = {"Address": person.email}
    if person.phone:
        payload["PrimaryPhone"] = {"FreeFormNumber": person.phone}
    if person.contact:
        payload["GivenName"], payload["FamilyName"] = person.contact
    if person.terms:
        payload["TermRef" if entity == "Vendor" else "SalesTermRef"] = ref(life.terms[person.terms])
    luck = life.chance("address", person.name)
    payload["BillAddr"] = {
        "Id": str(100 + luck.randrange(9000)),
        "Line1": f"{luck.randrange(10, 9900)} Harbor Way",
        "City": "Portland",
        "CountrySubDivisionCode": "OR",
        "PostalCode": "97201",
    }
    doc = writes.create(life.company, entity, payload, day_at(life.day - timedelta(days=1), 10))
    doc["V4IDPseudonym"] = f"00209{luck.getrandbits(132):033x}"
    life.company.put(entity, doc)
    return str(doc["Id"])


def _open_books(life: Life, character: Character, cash: Decimal) -> None:
    """The balances a company brings along, against Opening Balance Equity."""
    balances = [(CHECKING, cash), *((name, Decimal(value)) for name, value in character.opening)]
    lines = []
    total = Decimal(0)
    for name, value in balances:
        if value:
            lines.append(_side(life, name, value))
            total += value
    if total:
        lines.append(_side(life, "Opening Balance Equity", -total))
    if lines:
        life.create("JournalEntry", {"PrivateNote": "Opening balances", "Line": lines, "DocNumber": "OPENING"})


def _side(life: Life, account: str, value: Decimal) -> Doc:
    detail = {"PostingType": "Debit" if value > 0 else "Credit", "AccountRef": life.account(account)}
    return {
        "Description": "Opening balance",
        "Amount": abs(value),
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }

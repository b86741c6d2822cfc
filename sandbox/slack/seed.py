"""Two small companies whose people a first visitor can be."""

from sandbox.slack.model import SLACKBOT, Channel, Message, Person, Team
from sandbox.slack.world import World

# handle, name, role, title, time zone, flags
_Row = tuple[str, str, str, str, str, tuple[str, ...]]

_FIRST: tuple[_Row, ...] = (
    ("maya", "Maya Okafor", "owner", "Founder", "America/Los_Angeles", ("is_owner", "is_primary_owner", "is_admin")),
    ("daniel", "Daniel Reyes", "advisor", "Fractional CFO", "America/Chicago", ()),
    ("priya", "Priya Nair", "admin", "Operations", "America/Los_Angeles", ("is_admin",)),
    ("tom", "Tom Becker", "member", "Production", "America/Los_Angeles", ()),
    ("aiko", "Aiko Tanaka", "member", "Accounts", "America/New_York", ()),
    ("lena", "Lena Vogt", "guest", "Bookkeeping intern", "Europe/Berlin", ("is_restricted", "is_ultra_restricted")),
    ("ruth", "Ruth Adler", "deactivated", "Former accountant", "America/Los_Angeles", ("deleted",)),
)
_SECOND: tuple[_Row, ...] = (
    ("sam", "Sam Whitfield", "owner", "Owner", "America/Denver", ("is_owner", "is_primary_owner", "is_admin")),
    ("grace", "Grace Lin", "advisor", "Bookkeeper", "America/Denver", ()),
    ("noor", "Noor Haddad", "admin", "Practice manager", "America/Denver", ("is_admin",)),
    ("eli", "Eli Brandt", "member", "Front desk", "America/Denver", ()),
)
_CHATTER = (
    ("general", "priya", "Morning all. The large plotter is serviced on Thursday, 7 to 9."),
    ("general", "aiko", "Thanks! I told the clients that Thursday proofs leave after lunch."),
    ("finance", "maya", "Daniel, can we look at the next three weeks before payroll?"),
    ("finance", "daniel", "Yes. Let me see what is due first, then we decide together."),
)


def seed(world: World) -> None:
    first = add_team(world, "Harbor & Pine Studio", "harbor-pine")
    people = {row[0]: _add(world, first, row) for row in _FIRST}
    for name, topic in (
        ("general", "Company-wide"),
        ("finance", "Cash, bills, invoices"),
        ("production", "Jobs and suppliers"),
    ):
        add_channel(world, first, name, _members(people, name), topic=topic)
    _share_channel(world, first, people)
    for minutes, (channel, who, text) in zip((47, 41, 26, 22), _CHATTER, strict=True):
        _say(world, first, (channel, people[who]), text, minutes)
    second = add_team(world, "Prairie Dental Group", "prairie-dental")
    others = {row[0]: _add(world, second, row) for row in _SECOND}
    for name, topic in (("general", "Practice-wide"), ("finance", "The books")):
        add_channel(world, second, name, [one.id for one in others.values()], topic=topic)


def add_team(world: World, name: str, domain: str, *, home: bool = True) -> Team:
    team = Team(world.next_id("T"), name, domain, home)
    world.teams[team.id] = team
    if SLACKBOT not in world.people:
        world.people[SLACKBOT] = Person(SLACKBOT, "", "slackbot", "Slackbot", role="bot", is_bot=True)
    return team


def add_channel(
    world: World, team: Team, name: str, members: list[str], *, topic: str = "", private: bool = False
) -> Channel:
    channel = Channel(world.next_id("C"), team.id, name, topic, private, is_general=name == "general", members=members)
    channel.created = int(world.clock.now())
    world.channels[channel.id] = channel
    return channel


def _add(world: World, team: Team, row: _Row) -> Person:
    handle, name, role, title, tz, flags = row
    person = Person(world.next_id("U"), team.id, handle, name, role, title, tz, updated=int(world.clock.now()))
    for flag in flags:
        setattr(person, flag, True)
    world.people[person.id] = person
    return person


def _members(people: dict[str, Person], channel: str) -> list[str]:
    left_out = {"general": ("lena", "ruth"), "finance": ("ruth", "aiko"), "production": ("lena", "ruth")}[channel]
    return [person.id for handle, person in people.items() if handle not in left_out]


def _share_channel(world: World, team: Team, people: dict[str, Person]) -> None:
    """Slack Connect: a supplier's person sits in one of our channels and keeps her own team id."""
    supplier = add_team(world, "Foxglove Signs", "foxglove", home=False)
    row = ("oleg", "Oleg Stern", "stranger", "Key accounts, Foxglove Signs", "Europe/Berlin", ())
    stranger = _add(world, supplier, row)
    stranger.seen_in.append(team.id)
    members = [people["maya"].id, people["tom"].id, people["priya"].id, stranger.id]
    channel = add_channel(world, team, "with-foxglove-signs", members, topic="Shared with Foxglove Signs")
    channel.is_ext_shared = True


def _say(world: World, team: Team, place: tuple[str, Person], text: str, minutes: int) -> None:
    found = next(one for one in world.channels.values() if one.team_id == team.id and one.name == place[0])
    world.add_message(Message(found.id, f"{world.clock.now() - minutes * 60:.6f}", place[1].id, text))

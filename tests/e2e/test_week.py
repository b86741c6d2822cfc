"""A company's week in Slack, from the install to the digest, as its people live it."""

import re

from tests.e2e.books import amount, money, read_truth
from tests.e2e.world import World, find_button, text_of, until


async def test_a_week(world: World) -> None:
    maya, daniel, tom, priya = (world.person(name) for name in ("maya", "daniel", "tom", "priya"))

    # Monday, 8 a.m.: Maya installs. One greeting, one next step.
    await world.install("maya")
    hello = await maya.sees("I never move money", "app")
    assert find_button(hello, "Connect QuickBooks")
    assert "not connected" in (await maya.types(""))["text"]

    # She changes her mind at Intuit: nothing is half-connected.
    declined = await world.connect(maya, decision="cancel")
    assert "nothing was connected" in declined.text
    assert "not connected" in (await maya.types("sync"))["text"]

    # Then she connects, and watches the first sync move to its end in her conversation with Runway.
    connected = await world.connect(maya)
    assert connected.status_code == 200
    assert "QuickBooks is connected" in connected.text
    await maya.sees("The books are up to date", "app")

    # The figures are the books' own.
    truth = await read_truth(world, await world.realm())
    headline = await maya.types("")
    assert money(truth.cash) in text_of(headline)

    # The tray: she resolves the first record; Runway looks again and says what it found.
    tray = await maya.types("tray")
    await maya.clicks(tray, "Resolve")

    # The console: she approves the first bill, and the books of record say so at once.
    console = await maya.types("console bills")
    card = find_button(console, "Approve")
    bill_id = re.search(r"B-(\d+)", card["value"])
    assert bill_id, card
    ref = bill_id.group(0)
    await maya.clicks(console, "Approve")
    paylist = await maya.types("paylist")
    assert ref in text_of(paylist)
    assert money(amount(truth.bill(bill_id.group(1))["Balance"])) in text_of(paylist)

    # A second approval is answered with who decided, not with an error.
    again = await maya.types(f"approve {ref}")
    assert re.search(r"[Aa]lready approved by", text_of(again)), text_of(again)

    # Daniel is nobody's approver yet, Tom sees nothing, Priya is no admin: each is told who can help.
    for person, words in ((tom, f"approve {ref}"), (priya, "sync"), (tom, "console"), (daniel, f"approve {ref}")):
        refused = text_of(await person.types(words))
        assert "Maya" in refused or "@U" in refused, refused

    # Everybody's App Home tells the same story.
    home = text_of(await maya.home())
    assert "1 approved bill" in home

    # Who did what is on record.
    audit = text_of(await maya.types(f"audit {ref}"))
    assert "approved" in audit.lower()

    # She hands the list to whoever pays; when the books show the payment, Runway says that it was seen.
    await maya.clicks(paylist, "Hand off")
    await maya.sees("Handed off 1 bill", "finance")
    await world.qbo("POST", f"/companies/{await world.realm()}/mutate", {"op": "pay_bill", "id": bill_id.group(1)})

    async def verified() -> bool:
        return "seen paid as approved" in text_of(await maya.types(f"audit {ref}"))

    await until(verified)

    # The digest: Maya picks the channel, then posts it now.
    await _choose_digest_channel(world)
    await maya.types("digest now")
    digest = await tom.sees(lambda messages: next((one for one in messages if _is_digest(one)), None))
    assert "13 weeks" in text_of(digest)

    # Asked for again it is not posted again: it says where it stands, and brings that message up to date on request.
    async def stands() -> dict[str, object] | None:
        said: dict[str, object] = await maya.types("digest now")
        return said if "digest was posted" in str(said["text"]) else None

    again = await until(stands)  # for a moment after it appeared it is still "on its way"
    await maya.clicks(again, "Update it")
    updated = await tom.sees("Updated")
    assert updated["ts"] == digest["ts"]
    assert len([one for one in await tom.messages() if _is_digest(one)]) == 1


def _is_digest(message: dict[str, object]) -> bool:
    return not message["ephemeral"] and "week" in text_of(message).lower() and "runway" in text_of(message).lower()


async def _choose_digest_channel(world: World) -> None:
    maya = world.person("maya")
    settings = await maya.types("settings")
    await maya.clicks(settings, "Digest")
    form = await maya.modal()
    channel = next(
        one for one in (await world.slack("GET", "/session", {"as": "maya"}))["channels"] if one["name"] == "finance"
    )
    answer = await maya.submits(form, channel=channel["id"], amounts_in_channel="show")
    assert not answer.get("errors"), answer

    async def closed() -> bool:
        return not (await world.slack("GET", "/modals", {"as": "maya"}))["views"]

    await until(closed)

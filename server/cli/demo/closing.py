"""What the stories have made of everybody's money: wallets and statements."""

from datetime import datetime

from server.cli.demo.person import Person
from server.cli.demo.stage import Stage

CURRENCY = "USD"
_PARTS = ("funded", "earned", "pending", "frozen", "withdrawing", "debt")
_COLUMNS = ("funded", "earned", "pending", "withdrawing")


async def show(stage: Stage) -> None:
    """Print both wallets and, of an instance of our own, the month's statements."""
    stage.story("The wallets")
    for person in (stage.client, stage.freelancer):
        await _wallet(stage, person)
    if not stage.place.is_own:
        return
    now = await stage.now()
    for person in (stage.client, stage.freelancer):
        await _statement(stage, person, f"{now:%Y-%m}")


async def _wallet(stage: Stage, person: Person) -> None:
    path = f"wallets?user_id={person.id}&currency={CURRENCY}"
    [row] = (await stage.read(person.get(path)))["data"]
    amounts = ", ".join(f"{name} {row[name]}" for name in _PARTS)
    stage.tell(f"{person.name}: {amounts}")


async def _statement(stage: Stage, person: Person, month: str) -> None:
    path = f"wallets/statement?currency={CURRENCY}&month={month}"
    found = await stage.read(person.get(path))
    stage.tell(f"\nThe {person.name}'s statement of the month, in {CURRENCY}:")
    header = "".join(f"{name:>12}" for name in _COLUMNS)
    stage.tell(f"    {'day':<4}{'what':<22}{header}")
    for entry in (*found["entries"], {"kind": "closing"} | found["closing"]):
        day = str(datetime.fromisoformat(entry["at"]).day) if "at" in entry else ""
        amounts = "".join(f"{entry[name]:>12}" for name in _COLUMNS)
        stage.tell(f"    {day:<4}{entry['kind']:<22}{amounts}")

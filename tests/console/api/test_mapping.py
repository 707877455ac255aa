"""Codes and what they become, by a program: proposals taken over, and the invoices that waited for them posted."""

from collections.abc import Callable

from ml_connector.model.people import Role
from ml_connector.work.engine import Step
from ml_connector.work.mapping_tables import replace_rules
from paperwork import invoice
from programs import Program
from world import World

Calling = Callable[..., Program]
HERE = "/connections/demo/mapping"


def test_what_is_proposed_with_certainty_is_taken_over_as_one_change_and_what_waited_is_posted(
    world: World, calling: Calling
) -> None:
    replace_rules(world.desk(), [], actor="robin", why="empty", whole=True)
    world.approve(invoice("N-1"))
    world.run([Step.INTAKE])
    mapper = calling(Role.MAPPER)
    proposed = mapper.get(f"{HERE}/proposals", limit=200).json()["items"]
    account = next(one for one in proposed if one["dimension"] == "account")
    assert (account["code"], account["confidence"], account["why"]) == ("6110", "certain", "same account number")

    only = mapper.post(f"{HERE}/proposals/accept", {"dimension": "account", "codes": ["6110"]}).json()
    certain = [one for one in proposed if one["confidence"] == "certain"]
    rest = mapper.post(f"{HERE}/proposals/accept", {}).json()
    assert (only["rules"], rest["rules"]) == (1, len(certain) - 1)
    assert rest["version"] == only["version"] + 1
    assert all(one["confidence"] != "certain" for one in mapper.get(f"{HERE}/proposals").json()["items"])
    assert all(one["covered"] for one in mapper.get(f"{HERE}/coverage").json()["lines"])
    world.settle()
    assert world.only_transaction("N-1")[0] == "Bill"

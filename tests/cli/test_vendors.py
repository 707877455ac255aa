"""Vendors at the command line: who is who, what waits for a person, and every decision a person can take."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from ml_connector.app import App, Settings
from ml_connector.store import audit
from terminal import Run
from vendor_scenes import Vendors, bank, by_another_program
from world import World


@pytest.fixture
def office(run: Run, connected: World, once: Callable[..., None]) -> Iterator["Office"]:
    """A connected company that keeps vendors in step both ways, everything compared once and nobody left to match."""

    def compare() -> None:
        before, app = dict(vars(connected)), App.open(Settings())
        made = Office(connected, app)
        made.sync()
        assert run("vendors", "link", "V-10048", "112").code == 0
        made.sync()
        app.close()
        vars(connected).update(before)

    once("vendors compared", compare)
    app = App.open(Settings())
    yield Office(connected, app)
    app.close()


class Office(Vendors):
    """The scenes of vendors in the installation that the commands work in."""

    def __init__(self, world: World, app: App) -> None:
        world.app, world.database, world.connection, world._desk = app, app.database, app.connection(""), None
        super().__init__(world)

    def refused(self) -> None:
        """A vendor of QuickBooks that Basware refuses."""
        self.basware(
            "refuse_imports",
            message="Currency USD is not active",
            entity_type="Vendor",
            category="DataValidation",
            times=1,
        )
        self.new_in_quickbooks("Harbor Paper LLC", number="V-777")
        self.sync()

    def unsure(self) -> str:
        """A vendor of Basware that may be one of QuickBooks'; the id of that one."""
        made = self.new_in_quickbooks("Delta Freight Inc.")
        self.post(by_another_program("V-800", "Delta Freight, Ltd"))
        self.sync()
        return made

    def new_bank_details(self) -> None:
        """Another program changes the bank details of a vendor."""
        self.edit("V-10011", lambda one: one.update(paymentMeans=bank("021-9999")))
        self.sync()


def test_vendors_are_listed_searched_and_chosen_by_state(run: Run, office: Office) -> None:
    listed = run("vendors", "list", "--json")

    assert listed.code == 0
    lines = {one["code"]: one for one in listed.json}
    assert lines["V-10011"]["changed_at"] is not None
    assert lines["V-10011"] | {"why": "", "changed_at": None} == {
        "code": "V-10011", "name": "Beacon Office Supply Co.", "quickbooks_id": "101", "external_code": "V-10011",
        "state": "linked", "why": "", "basware": lines["V-10011"]["basware"], "causes": [], "changed_at": None,
    }  # fmt: skip
    assert [one["code"] for one in run("vendors", "list", "--text", "beacon", "--json").json] == ["V-10011"]
    assert len(run("vendors", "list", "--limit", "3", "--json").json) == 3
    down = run("vendors", "list", "--sort", "name-down", "--json").json
    assert [one["code"] for one in down] == [one["code"] for one in listed.json][::-1]
    assert run("vendors", "list", "--state", "gone", "--state", "merged", "--json").json == []
    assert "Beacon Office Supply Co." in run("vendors", "list").out
    assert run("vendors", "list", "--state", "lost").code == 2


def test_only_vendors_that_wait_are_listed_with_what_they_wait_for(run: Run, office: Office) -> None:
    assert run("vendors", "list", "--waiting", "--json").json == []
    office.refused()

    [line] = run("vendors", "list", "--waiting", "--json").json
    assert (line["code"], line["basware"]) == ("V-777", "refused")
    assert "Currency USD is not active" in line["causes"][0]["sentence"]
    assert line["causes"][0]["title"] in " ".join(run("vendors", "list", "--waiting").out.split())


def test_a_vendor_is_shown_by_code_name_or_id_with_what_both_sides_say(run: Run, office: Office) -> None:
    views = [run("vendors", "show", name, "--json").json for name in ("V-10011", "beacon office supply co.", "101")]

    assert views[0] == views[1] == views[2]
    fields = {one["field"]: one for one in views[0]["fields"]}
    assert fields["name"]["quickbooks"] == fields["name"]["basware"] == fields["name"]["agreed"]
    shown = run("vendors", "show", "V-10011")
    assert shown.code == 0
    assert "Beacon Office Supply Co. (V-10011), linked, vendor 101 of QuickBooks" in shown.out


@pytest.mark.parametrize(
    "words", ["show", "link 101", "unlink --reason tried", "create", "approve --reason tried", "reject --reason tried", "retry"]
)  # fmt: skip
def test_a_vendor_nobody_knows_is_a_plain_mistake_with_the_way_to_the_list(
    run: Run, office: Office, words: str
) -> None:
    command, *more = words.split()

    result = run("vendors", command, "V-99999", *more)

    assert (result.code, result.out) == (2, "")
    assert "No vendor goes by 'V-99999'" in result.err
    assert "ml-connector vendors list" in result.err


def test_a_name_that_several_vendors_have_is_told_apart_by_the_code(run: Run, office: Office) -> None:
    for code in ("V-801", "V-802"):
        office.post(by_another_program(code, "Twice Ltd"))
    office.change(taken_name="suffix")
    office.sync(3)

    assert "2 vendors go by 'Twice Ltd'" in run("vendors", "show", "Twice Ltd").err


def test_the_review_list_shows_candidates_with_reasons_and_ends_with_its_own_code(run: Run, office: Office) -> None:
    empty = run("vendors", "review", "--json")
    assert (empty.code, empty.json) == (0, [])
    made = office.unsure()

    review = run("vendors", "review", "--json")

    assert review.code == 1
    [line] = review.json
    assert (line["code"], [(one["quickbooks_id"], one["why"]) for one in line["candidates"]]) == (
        "V-800",
        [(made, ["name"])],
    )
    assert "Delta Freight Inc." in run("vendors", "review").out
    assert "Delta Freight Inc." in run("vendors", "show", "V-800").out


def test_a_person_says_who_a_vendor_is_and_takes_it_back(run: Run, office: Office) -> None:
    made = office.unsure()

    linked = run("vendors", "link", "V-800", made, "--json")
    assert (linked.code, linked.json["state"], linked.json["quickbooks_id"]) == (0, "linked", made)
    assert f"Delta Freight, Ltd (V-800) is vendor {made} of QuickBooks." in linked.err
    office.sync()
    assert run("vendors", "review").code == 0

    assert "--reason" in run("vendors", "unlink", "V-800").err
    undone = run("vendors", "unlink", "V-800", "--reason", "another branch", "--json")
    assert (undone.code, undone.json["state"]) == (0, "review")
    again = run("vendors", "unlink", "V-800", "--reason", "another branch")
    assert again.code == 2
    assert "nothing to undo" in again.err
    with office.world.database.read() as tx:
        [entry] = audit.listing(tx, office.world.connection_id, subject="vendor V-800", action="vendor unlinked")
    assert (entry.before, entry.reason) == (made, "another branch")


def test_a_vendor_quickbooks_does_not_have_cannot_be_linked_to(run: Run, office: Office) -> None:
    result = run("vendors", "link", "V-10011", "99999")

    assert result.code == 2
    assert "QuickBooks has no vendor with the id 99999" in result.err


def test_a_vendor_a_person_calls_new_is_created_with_the_next_run(run: Run, office: Office) -> None:
    office.unsure()

    made = run("vendors", "create", "V-800", "--json")
    assert (made.code, made.json["state"]) == (0, "create")
    office.sync(3)
    assert office.in_quickbooks("V-800")["DisplayName"] == "Delta Freight, Ltd"
    again = run("vendors", "create", "V-800")
    assert again.code == 2
    assert "Unlink it first" in again.err


@pytest.mark.parametrize(("decision", "number"), [("approve", "021-9999"), ("reject", None)])
def test_bank_details_in_quarantine_are_approved_or_rejected_with_a_reason(
    run: Run, office: Office, decision: str, number: str | None
) -> None:
    before = office.posted("V-10011").get("paymentMeans")
    office.new_bank_details()
    view = run("vendors", "show", "V-10011", "--json").json
    assert (view["bank_approved"], view["bank_waiting"]) == ([], ["BBAN …9999 at Example Bank"])
    assert "021-9999" not in run("vendors", "show", "V-10011").out
    whole = run("vendors", "bank", "V-10011")
    assert (whole.code, "021-9999" in whole.out, "EXMPUS33" in whole.out) == (0, True, True)
    assert [one["number"] for one in run("vendors", "bank", "V-10011", "--json").json["waiting"]] == ["021-9999"]

    refused = run("vendors", decision, "V-10011", "--reason", " ")
    assert refused.code == 2
    assert "Give the reason" in refused.err
    decided = run("vendors", decision, "V-10011", "--reason", "called the vendor", "--json")
    assert (decided.code, decided.json["causes"]) == (0, [])
    office.sync()
    held = msgspec.json.encode(office.posted("V-10011")["paymentMeans"]).decode()
    assert ("021-9999" in held) is (number is not None)
    if number is None:
        assert accounts(office.posted("V-10011")["paymentMeans"]) == accounts(before)
    again = run("vendors", decision, "V-10011", "--reason", "called the vendor")
    assert (again.code, run("vendors", "bank", "V-10011").code) == (2, 2)
    assert "No bank details of vendor V-10011 wait" in again.err


def accounts(means: Any) -> list[Any]:
    """The bank accounts of payment means."""
    return [one.get("financialAccounts") or [] for one in means or []]


def test_a_refused_vendor_is_sent_again(run: Run, office: Office) -> None:
    office.refused()

    result = run("vendors", "retry", "V-777", "--json")
    assert (result.code, result.json["code"], result.json["basware"]) == (0, "V-777", "ready")
    office.sync()
    assert office.in_p2p("V-777")["name"] == "Harbor Paper LLC"
    assert run("vendors", "list", "--waiting", "--json").json == []

"""Codes of Basware's against records of QuickBooks': every gap is found, and the command it names closes it."""

import shlex

import pytest

from ml_connector.model.mapping import Dimension
from ml_connector.model.master_data import Kind
from ml_connector.work.decisions import DecisionError
from ml_connector.work.jobs import Job
from ml_connector.work.sending import alignment_acts as acts
from ml_connector.work.sending.alignment import KeptReports, read_both, report
from ml_connector.work.sending.shown import records_named, try_again
from sent_lists import SentLists, is_active, nothing_in_basware
from world import build_world

WHO = "a person"


@pytest.fixture
def firm(database):
    """The demo company after its first load; its Basware had lists of its own, the account 6470 among them."""
    made = SentLists(build_world(database, company="empty", mapping=False))
    made.go()
    yield made
    assert made.world.check() == []


def standing(firm: SentLists, *kinds: Kind) -> dict[tuple[str, str], str]:
    """How each code, or record without one, stands."""
    lines = report(firm.world.desk(), kinds).lines
    return {(one.kind, one.code or one.target_id): one.standing for one in lines}


def gaps(firm: SentLists, *kinds: Kind) -> dict[str, str]:
    """Every gap with the command that closes it, by code or QuickBooks id."""
    return {one.code or one.target_id: one.fix for one in report(firm.world.desk(), kinds).lines if one.gap}


def close(firm: SentLists, command: str) -> None:
    """Do what a command of the report says, as the command line does, and let the job run."""
    words = shlex.split(command)
    assert words[0] == "ml-connector"
    desk = firm.world.desk()
    if words[1] == "records":
        try_again(desk, records_named(desk, words[3]), actor=WHO)
    else:
        kind = next(one for one in Kind if one.value.lower().replace(" ", "-") == words[3])
        what, item, rest = words[4], words[5], words[6:]
        if what == "map":
            acts.map_code(desk, kind, item, rest[0], actor=WHO)
        elif what == "create":
            acts.create(desk, kind, item, rest[1] if rest else "", actor=WHO)
        else:
            acts.retire(desk, kind, item, actor=WHO)
    firm.go()


def test_a_fresh_basware_is_aligned_after_the_first_load(database):
    firm = SentLists(build_world(database, company=nothing_in_basware(), mapping=False))
    firm.go()

    found = report(firm.world.desk())
    assert found.gaps == 0
    assert set(found.counts) == {"aligned", "not given"}


def test_a_code_without_a_target_is_found_and_retired(firm):
    assert standing(firm, Kind.ACCOUNT)["Account", "6470"] == "no target"
    close(firm, gaps(firm, Kind.ACCOUNT)["6470"])

    assert not is_active(firm.in_p2p("accounts")["6470"])
    assert firm.in_p2p("accounts")["6470"]["accountNames"][0]["translation"] == "Employee Relocation"
    assert "6470" not in gaps(firm, Kind.ACCOUNT)


def test_tax_codes_of_an_american_company_lead_nowhere_and_are_no_gap(firm):
    assert firm.in_p2p("taxCodes")
    assert gaps(firm, Kind.TAX_CODE) == {}


def test_a_code_that_most_likely_means_a_record_is_mapped_to_it(firm):
    fax = firm.in_quickbooks("activate", entity="Account", id="72")["Id"]
    firm.in_quickbooks("edit", entity="Account", id=fax, changes={"AcctNum": "64-70"})

    command = gaps(firm, Kind.ACCOUNT)["6470"]
    assert command == f"ml-connector alignment fix account map 6470 {fax}"
    close(firm, command)
    assert firm.target(Dimension.ACCOUNT, "6470") == fax


def test_codes_of_inactive_and_missing_targets_are_found(firm):
    firm.world.map(Dimension.ACCOUNT, "1010", "1010")
    firm.in_quickbooks("inactivate", entity="Account", id="31")
    firm.world.map(Dimension.ACCOUNT, "2000", "2000")

    found = standing(firm, Kind.ACCOUNT)
    assert found["Account", "1010"] == "target inactive"
    assert found["Account", "2000"] == "target not postable"
    close(firm, gaps(firm, Kind.ACCOUNT)["2000"])
    assert not is_active(firm.in_p2p("accounts")["2000"])


def test_a_record_the_settings_do_not_ask_for_is_no_gap_and_can_be_given_all_the_same(database):
    firm = SentLists(build_world(database, company=nothing_in_basware(), mapping=False))
    firm.go()
    line = next(one for one in report(firm.world.desk(), [Kind.ACCOUNT]).lines if one.target_id == "31")
    assert (line.standing, line.gap) == ("not given", False)

    close(firm, line.fix)
    assert firm.names("accounts")["1010"] == "Operating Checking"
    assert standing(firm, Kind.ACCOUNT)["Account", "1010"] == "aligned"


def test_a_record_a_person_left_out_stays_out_until_it_is_wanted_again(firm):
    acts.retire(firm.world.desk(), Kind.ACCOUNT, "6110", actor=WHO)
    firm.go()
    assert not is_active(firm.in_p2p("accounts")["6110"])
    line = next(one for one in report(firm.world.desk(), [Kind.ACCOUNT]).lines if one.target_id == "55")
    assert (line.standing, line.gap) == ("left out on purpose", False)

    close(firm, line.fix)
    assert is_active(firm.in_p2p("accounts")["6110"])


def test_a_held_record_gets_a_code_of_its_own(firm):
    new = firm.enter("Account", Name="Stationery", AccountType="Expense", AcctNum="6110B")
    firm.in_quickbooks("edit", entity="Account", id=new, changes={"AcctNum": ""})
    firm.in_quickbooks("edit", entity="Account", id="55", changes={"AcctNum": "6119"})
    firm.in_quickbooks("edit", entity="Account", id=new, changes={"AcctNum": "6110"})
    firm.go()

    assert standing(firm, Kind.ACCOUNT)["Account", new] == "held"
    close(firm, gaps(firm, Kind.ACCOUNT)[new])
    assert firm.names("accounts")[f"QB{new}"] == "Stationery"
    assert firm.target(Dimension.ACCOUNT, f"QB{new}") == new
    assert new not in gaps(firm, Kind.ACCOUNT)


def test_a_refused_record_is_a_gap_with_baswares_words_and_goes_again(firm):
    firm.world.basware.act("refuse_imports", message="Account range is locked", entity_type="Account", times=1)
    new = firm.enter("Account", Name="Drones", AccountType="Expense", AcctNum="6777")
    firm.go()

    line = next(one for one in report(firm.world.desk(), [Kind.ACCOUNT]).lines if one.code == "6777")
    assert (line.standing, line.why) == ("refused by Basware", "Account range is locked")
    close(firm, line.fix)
    assert firm.names("accounts")["6777"] == "Drones"
    assert standing(firm, Kind.ACCOUNT)["Account", "6777"] == "aligned"
    assert firm.target(Dimension.ACCOUNT, "6777") == new


def test_a_code_a_person_mapped_otherwise_is_shown_with_both(firm):
    firm.world.map(Dimension.ACCOUNT, "6110", "6120")

    line = next(one for one in report(firm.world.desk(), [Kind.ACCOUNT]).lines if one.code == "6110")
    assert (line.standing, line.target) == ("mapped otherwise", "6120 Office Costs:Printing and Copying")
    assert "6110 Office Costs:Office Supplies" in line.why
    close(firm, line.fix)
    assert firm.target(Dimension.ACCOUNT, "6110") == "55"


def test_a_name_that_another_program_keeps_is_told_when_it_differs_and_taken_over(firm):
    firm.world.map(Dimension.ACCOUNT, "4010", "4010")
    assert standing(firm, Kind.ACCOUNT)["Account", "4010"] == "aligned"
    firm.in_quickbooks("rename", entity="Account", id="44", name="Assurance Fees")

    assert standing(firm, Kind.ACCOUNT)["Account", "4010"] == "renamed"
    close(firm, gaps(firm, Kind.ACCOUNT)["4010"])
    assert firm.names("accounts")["4010"] == "Professional Fees: Assurance Fees"
    assert standing(firm, Kind.ACCOUNT)["Account", "4010"] == "aligned"


def test_what_another_program_adds_is_seen_when_the_lists_are_read(firm):
    body = {
        "externalCode": "their-9", "costCenterCode": "OSL",
        "costCenterNames": [{"language": "en-US", "translation": "Oslo"}],
        "companies": [{"companyCode": "US10", "active": True}],
    }  # fmt: skip
    firm.post("/v1/costCenters", [body])
    firm.world.clock.advance(61)
    assert "OSL" not in gaps(firm, Kind.LOCATION)

    read_both(firm.world.desk(), [Kind.LOCATION])
    assert gaps(firm, Kind.LOCATION)["OSL"] == "ml-connector alignment fix location retire OSL"


def test_what_cannot_be_done_is_refused_in_words(firm):
    desk = firm.world.desk()
    for wrong, words in (
        (lambda: acts.create(desk, Kind.ACCOUNT, "72", "", actor=WHO), "inactive"),
        (lambda: acts.create(desk, Kind.ACCOUNT, "55", "9999", actor=WHO), "kept for good"),
        (lambda: acts.create(desk, Kind.ACCOUNT, "31", "6110", actor=WHO), "is that of Account 55"),
        (lambda: acts.create(desk, Kind.ACCOUNT, "nothing", "", actor=WHO), "no account"),
        (lambda: acts.retire(desk, Kind.ACCOUNT, "nothing", actor=WHO), "no account of the code"),
        (lambda: acts.retire(desk, Kind.EMPLOYEE, "1", actor=WHO), "no list of this kind"),
        (lambda: acts.map_code(desk, Kind.EMPLOYEE, "1", "2", actor=WHO), "decides nothing"),
    ):
        with pytest.raises(DecisionError, match=words):
            wrong()
    assert firm.do(Job.MASTER_DATA).counts["sent"] == 0


def test_a_report_is_kept_until_anything_it_is_made_of_changes(firm):
    kept, desk = KeptReports(), firm.world.desk()
    first = kept.of(desk)
    assert kept.of(desk) is first
    assert {one.kind for one in kept.of(desk, [Kind.LOCATION]).lines} == {"Location"}

    def another_code_is_listed() -> None:
        names = [{"language": "en-US", "translation": "Drones"}]
        firm.post("/v1/accounts", [{
            "externalCode": "their-9", "accountCode": "9799", "accountNames": names,
            "companies": [{"companyCode": "US10", "inherit": False, "active": True}],
        }])  # fmt: skip
        firm.world.clock.advance(61)
        read_both(desk, [Kind.ACCOUNT])

    changes = (
        lambda: firm.world.map(Dimension.ACCOUNT, "6110", "6120"),
        lambda: firm.in_quickbooks("rename", entity="Account", id="44", name="Assurance Fees"),
        lambda: (acts.retire(desk, Kind.ACCOUNT, "6210", actor=WHO), firm.go()),
        another_code_is_listed,
        lambda: firm.settings(cost_centers=False),
    )
    for number, change in enumerate(changes):
        before = kept.of(firm.world.desk())
        change()
        desk = firm.world.desk()
        assert kept.of(desk) == report(desk), number
        assert kept.of(desk) != before, number

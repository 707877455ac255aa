"""QuickBooks' lists in Basware: each rule of the way there, looked at in the books of both twins."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from msgspec.structs import replace

from firms import join, other_company
from ml_connector.basware.errors import ScopeMissing
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.rules.causes import describe
from ml_connector.store import jobs
from ml_connector.store.database import Database
from ml_connector.work.jobs import Job
from ml_connector.work.sending.dimensions import mark_for
from ml_connector.work.sending.job import rights_needed
from ml_connector.work.settings import SettingsError, settings_from
from sent_lists import SentLists, english, is_active, nothing_in_basware
from world import build_world


@pytest.fixture
def firm(database: Database) -> Iterator[SentLists]:
    """The demo company, whose Basware has lists since long."""
    made = SentLists(build_world(database, company="empty", mapping=False))
    yield made
    assert made.world.check() == []


@pytest.fixture
def fresh(database: Database) -> Iterator[SentLists]:
    """The demo company with a Basware that was just set up."""
    made = SentLists(build_world(database, company=nothing_in_basware(), mapping=False))
    yield made
    assert made.world.check() == []


# What goes where


def test_a_new_basware_gets_every_list_and_everything_it_took_is_done(fresh):
    sent = fresh.go()

    assert fresh.states() == {"done"}
    assert len(fresh.rows()) == sent
    assert fresh.names("accounts")["6110"] == "Office Costs: Office Supplies"
    assert fresh.names("costCenters")["4"] == "Chicago: Naperville"
    assert fresh.names("EXT_ACC_LIST_1")["5000000000000142201"] == "Audit and Assurance"
    assert fresh.names("GDM_CUSTOMER_PROJECTS")["202"] == "Brightwater Utilities: Brightwater 2026 Audit"
    assert fresh.names("paymentTerms")["3"] == "Net 30"
    assert fresh.in_p2p("taxCodes") == {}


def test_what_basware_has_is_not_sent_again(fresh):
    fresh.go()

    assert fresh.do(Job.MASTER_DATA).counts["calls"] == 0


def test_the_job_follows_a_change_in_quickbooks_at_once(fresh):
    fresh.go()
    fresh.enter("Department", Name="Denver")

    with fresh.world.database.read() as tx:
        due = jobs.get(tx, fresh.world.connection_id, Job.MASTER_DATA).again_at
    assert due is not None
    assert due <= fresh.world.clock.now()
    assert fresh.go() == 1


def test_only_accounts_that_invoices_are_coded_to_are_given(fresh):
    fresh.go()

    numbers = set(fresh.in_p2p("accounts"))
    assert {"6110", "5010", "1500", "7100"} <= numbers
    assert not numbers & {"1010", "2000", "1100", "2100", "3000", "4000"}


def test_the_types_of_accounts_are_a_setting_but_payable_accounts_never_go(fresh):
    fresh.settings(account_types=("Bank", "Accounts Payable", "Accounts Receivable"))
    fresh.go()

    assert set(fresh.in_p2p("accounts")) == {"1010"}


def test_classes_go_to_the_list_of_the_setting_and_employees_only_when_asked_for(fresh):
    fresh.settings(classes="ACC_LIST_22", employees="INV_LIST_3")
    ada = fresh.enter("Employee", GivenName="Ada", FamilyName="Hale", DisplayName="Ada Hale")
    fresh.go()

    assert fresh.names("EXT_ACC_LIST_22")["5000000000000142206"] == "Firm Operations"
    assert fresh.names("EXT_INV_LIST_3")[ada] == "Ada Hale"
    assert fresh.in_p2p("EXT_INV_LIST_3")[ada]["listContent"] == "Employee"


def test_customers_may_go_to_a_generic_list_instead(fresh):
    fresh.settings(customers="ACC_LIST_2")
    fresh.go()

    assert fresh.names("EXT_ACC_LIST_2")["202"] == "Brightwater Utilities: Brightwater 2026 Audit"
    assert fresh.in_p2p("GDM_CUSTOMER_PROJECTS") == {}


# Codes


def test_a_code_stays_when_the_account_gets_another_number(fresh):
    fresh.go()
    fresh.in_quickbooks("edit", entity="Account", id="55", changes={"AcctNum": "6119"})
    fresh.go()

    assert "6119" not in fresh.in_p2p("accounts")
    assert fresh.names("accounts")["6110"] == "Office Costs: Office Supplies"


def test_an_account_without_a_number_goes_by_its_id_and_keeps_it_when_it_gets_a_number(fresh):
    plain = fresh.enter("Account", Name="Courier", AccountType="Expense")
    fresh.go()
    fresh.in_quickbooks("edit", entity="Account", id=plain, changes={"AcctNum": "6199"})
    fresh.go()

    assert fresh.names("accounts")[plain] == "Courier"
    assert "6199" not in fresh.in_p2p("accounts")


def test_a_number_that_is_another_accounts_code_holds_the_newcomer_and_names_both(fresh):
    fresh.go()
    fresh.in_quickbooks("edit", entity="Account", id="55", changes={"AcctNum": "6119"})
    new = fresh.enter("Account", Name="Stationery", AccountType="Expense", AcctNum="6110")
    fresh.go()

    row = fresh.rows("accounts")[f"Account {new}"]
    assert row.state.value == "held"
    assert [hold.cause for hold in row.holds] == [Cause.CODE_TAKEN]
    assert "Account 55" in describe(row.holds[0]).sentence
    assert fresh.names("accounts")["6110"] == "Office Costs: Office Supplies"

    fresh.in_quickbooks("edit", entity="Account", id=new, changes={"AcctNum": "6118"})
    fresh.go()
    assert fresh.names("accounts")["6118"] == "Stationery"
    assert fresh.states("accounts") == {"done"}


# Names


def test_a_name_of_one_character_gets_its_code(fresh):
    new = fresh.enter("Department", Name="X")
    fresh.go()

    assert fresh.names("costCenters")[new] == f"X {new}"


def test_names_are_given_in_english_and_in_the_companys_language(fresh):
    fresh.settings(language="de-DE")
    fresh.go()

    names = fresh.in_p2p("accounts")["6110"]["accountNames"]
    assert {one["language"]: one["translation"] for one in names} == {
        "en-US": "Office Costs: Office Supplies",
        "de-DE": "Office Costs: Office Supplies",
    }


def test_a_new_name_goes_to_basware(fresh):
    fresh.go()
    fresh.in_quickbooks("rename", entity="Department", id="3", name="Chicago Loop")
    fresh.go()

    assert fresh.names("costCenters")["3"] == "Chicago Loop"
    assert fresh.names("costCenters")["4"] == "Chicago Loop: Naperville"


# In use and out of use


def test_an_inactive_account_can_no_longer_be_chosen_and_comes_back(fresh):
    fresh.go()
    fresh.in_quickbooks("inactivate", entity="Account", id="73")
    fresh.go()
    assert not is_active(fresh.in_p2p("accounts")["7100"])
    assert english(fresh.in_p2p("accounts")["7100"]) == "Interest Expense"

    fresh.in_quickbooks("activate", entity="Account", id="73")
    fresh.go()
    assert fresh.names("accounts")["7100"] == "Interest Expense"


def test_what_was_inactive_from_the_beginning_is_not_given_at_all(fresh):
    fresh.go()

    assert "6890" not in fresh.in_p2p("accounts")


def test_a_record_that_quickbooks_no_longer_has_is_taken_out_of_use(fresh):
    fresh.go()
    fresh.in_quickbooks("merge", entity="Class", id="5000000000000142201", vanishing="5000000000000142203")
    fresh.world.clock.advance(86_400)
    fresh.do(Job.CHANGES)
    fresh.go()

    assert not is_active(fresh.in_p2p("EXT_ACC_LIST_1")["5000000000000142203"])
    assert is_active(fresh.in_p2p("EXT_ACC_LIST_1")["5000000000000142201"])


def test_locations_a_company_stops_tracking_are_taken_out_of_use(fresh):
    fresh.go()
    fresh.world.act("set_preference", path="AccountingInfoPrefs.TrackDepartments", value=False)
    fresh.world.clock.advance(3700)
    fresh.do(Job.CHANGES)
    fresh.go()

    assert fresh.names("costCenters") == {}


# Terms


def test_terms_say_how_basware_computes_the_due_date_and_the_discount(fresh):
    fresh.go()

    term = fresh.in_p2p("paymentTerms")["6"]
    assert (term["dueDateCalc"], term["dueDateDays"]) == (1, 30)
    assert (term["cashDueDateCalc"], term["cashDueDateDays"], term["cashDiscount"]) == (1, 10, Decimal(2))


# Mapping


def test_every_code_that_was_given_leads_back_to_its_record(fresh):
    fresh.go()

    assert fresh.target(Dimension.ACCOUNT, "6110") == "55"
    assert fresh.target(Dimension.LOCATION, "4") == "4"
    assert fresh.target(Dimension.CLASS, "5000000000000142201") == "5000000000000142201"
    assert fresh.target(Dimension.CUSTOMER, "202") == "202"
    assert fresh.target(Dimension.TERM, "3") == "3"


def test_a_code_that_a_person_mapped_otherwise_stays_so(fresh):
    fresh.do(Job.CHANGES)
    fresh.world.map(Dimension.ACCOUNT, "6110", "6120")
    fresh.go()

    assert fresh.target(Dimension.ACCOUNT, "6110") == "56"


# What Basware has already


def test_records_basware_has_already_are_taken_over_under_their_codes_and_none_is_doubled(firm):
    before = {table: set(firm.in_p2p(table)) for table in ("accounts", "costCenters", "paymentTerms", "EXT_ACC_LIST_1")}
    firm.go()

    assert firm.states() == {"done"}
    assert {table: set(firm.in_p2p(table)) for table in before} == before
    assert firm.names("costCenters")["NAP"] == "Chicago: Naperville"
    assert firm.target(Dimension.LOCATION, "NAP") == "4"
    assert firm.rows("accounts")["Account 55"].external_code == "6110"


def test_what_others_wrote_into_a_record_stays_in_it_when_it_is_taken_over(database):
    theirs = {
        "externalCode": "old-6110",
        "accountCode": "6110",
        "accountNames": [
            {"language": "en-US", "translation": "Supplies"},
            {"language": "fi-FI", "translation": "Tarvikkeet"},
        ],
        "taxCode": "V25",
        "text1": "reviewed",
        "companies": [
            {"companyCode": "US10", "active": False, "inherit": False},
            {"companyCode": "US20", "active": True, "inherit": False},
        ],
    }
    seeds = nothing_in_basware(accounts=[theirs])
    seeds[1]["companies"].append({"companyCode": "US20", "name": "Another"})
    world = build_world(database, company=seeds, mapping=False)
    firm = SentLists(world)
    own = {"company_codes": ("US10",)}
    world.change_settings(lambda known: replace(known, basware=replace(known.basware, **own)))
    firm.go()

    kept = firm.in_p2p("accounts")["6110"]
    assert (kept["externalCode"], kept["taxCode"], kept["text1"]) == ("old-6110", "V25", "reviewed")
    assert {one["language"]: one["translation"] for one in kept["accountNames"]} == {
        "en-US": "Office Costs: Office Supplies",
        "fi-FI": "Tarvikkeet",
    }
    assert kept["companies"] == [
        {"companyCode": "US10", "active": True, "inherit": False},
        {"companyCode": "US20", "active": True, "inherit": False},
    ]


def test_a_code_of_another_company_of_the_tenant_is_no_concern_of_ours(database):
    theirs = {
        "externalCode": "theirs", "accountCode": "6110",
        "accountNames": [{"language": "en-US", "translation": "Supplies in Ohio"}],
        "companies": [{"companyCode": "US20", "active": True, "inherit": False}],
    }  # fmt: skip
    seeds = nothing_in_basware(accounts=[theirs])
    seeds[1]["companies"].append({"companyCode": "US20", "name": "Ohio"})
    world = build_world(database, company=seeds, mapping=False)
    world.change_settings(lambda known: replace(known, basware=replace(known.basware, company_codes=("US10",))))
    firm = SentLists(world)
    firm.go()

    found = {
        row.key: row.entity for row in firm.tenant.intake.p2p.rows("accounts") if row.entity["accountCode"] == "6110"
    }
    assert english(found.pop("theirs")) == "Supplies in Ohio"
    assert [english(one) for one in found.values()] == ["Office Costs: Office Supplies"]


def test_a_code_basware_uses_for_something_else_is_held(database):
    theirs = {
        "externalCode": "x",
        "costCenterCode": "4",
        "costCenterNames": [{"language": "en-US", "translation": "Warehouse"}],
        "companies": [{"companyCode": "US10", "active": True}],
    }
    firm = SentLists(build_world(database, company=nothing_in_basware(costCenters=[theirs]), mapping=False))
    firm.go()

    row = firm.rows("costCenters")["Location 4"]
    assert [hold.cause for hold in row.holds] == [Cause.CODE_TAKEN]
    assert "Warehouse" in describe(row.holds[0]).sentence
    assert firm.names("costCenters")["4"] == "Warehouse"


def test_an_account_that_another_program_added_meanwhile_is_taken_over_after_the_refusal(fresh):
    fresh.go()
    new = fresh.enter("Account", Name="Drones", AccountType="Expense", AcctNum="6777")
    body = {
        "externalCode": "their-6777", "accountCode": "6777",
        "accountNames": [{"language": "en-US", "translation": "Drones"}],
        "companies": [{"companyCode": "US10", "active": True, "inherit": True}],
    }  # fmt: skip
    fresh.post("/v1/accounts", [body])
    fresh.world.clock.advance(61)
    fresh.go()

    assert fresh.rows("accounts")[f"Account {new}"].external_code == "their-6777"
    assert fresh.states("accounts") == {"done"}


# Rights


def test_a_missing_right_costs_one_list_and_the_check_names_it(database):
    qb, bw = nothing_in_basware()
    bw["scopes"] = [scope for scope in bw["scopes"] if scope != "costCenters.write"]
    firm = SentLists(build_world(database, company=(qb, bw), mapping=False))
    with pytest.raises(ScopeMissing, match=r"costCenters\.write"):
        firm.do(Job.MASTER_DATA)
    firm.world.clock.advance(61)
    firm.do(Job.OUTCOMES)

    assert firm.states("accounts") == {"done"}
    assert firm.states("costCenters") == {"ready"}
    needed = rights_needed(firm.world.desk().settings)
    assert {"costCenters.write", "costCenters.read", "exchangeRates.write"} <= set(needed)
    assert "exchangeRates.read" not in needed


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"master_data": {"enabled": True}, "outcomes": {"enabled": False}}, "needs outcomes"),
        ({"master_data": {"classes": "ACC_LIST_1", "customers": "ACC_LIST_1"}}, "lists of their own"),
        ({"master_data": {"classes": "ACC_LIST_36"}}, "classes"),
        ({"master_data": {"customers": "vendors"}}, "customers"),
        ({"master_data": {"language": "german language"}}, "language"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(wrong, words):
    with pytest.raises(SettingsError, match=words):
        settings_from({"basware": {"company_codes": ["US10"], **wrong}})


def of_company(firm: SentLists, table: str, company: str) -> set[bool]:
    """Whether records of a table can be chosen in a company."""
    entries = [one for entity in firm.in_p2p(table).values() for one in entity["companies"]]
    return {one["active"] for one in entries if one["companyCode"] == company}


def two_companies(database) -> SentLists:
    seeds = nothing_in_basware()
    seeds[1]["companies"].append({"companyCode": "US20", "name": "Ohio"})
    firm = SentLists(build_world(database, company=seeds, mapping=False))
    firm.go()
    return firm


def with_companies(firm: SentLists, *codes: str) -> None:
    firm.world.change_settings(lambda known: replace(known, basware=replace(known.basware, company_codes=codes)))


def test_records_of_a_company_that_a_connection_lets_go_can_no_longer_be_chosen_there(database):
    firm = two_companies(database)
    lists = ("accounts", "costCenters", "paymentTerms")
    assert [of_company(firm, one, "US20") for one in lists] == [{True}] * 3

    with_companies(firm, "US10")
    assert firm.go() > 0
    assert [of_company(firm, one, "US20") for one in lists] == [{False}] * 3
    assert [of_company(firm, one, "US10") for one in lists] == [{True}] * 3
    assert firm.go() == 0

    with_companies(firm, "US10", "US20")
    firm.go()
    assert [of_company(firm, one, "US20") for one in lists] == [{True}] * 3


def test_a_company_that_another_connection_takes_over_is_left_to_that_one(database):
    firm = two_companies(database)
    with_companies(firm, "US10")
    other = join(
        firm.world, other_company("9341453900999020", "Ohio Holdings", shift=500_000), "US20", name="ohio",
        shift=500_000,
    )  # fmt: skip
    firm.go()
    theirs = SentLists(other)
    theirs.go()

    rows = firm.tenant.intake.p2p.rows("accounts")
    by_company: dict[str, set[str]] = {}
    for row in rows:
        for entry in row.entity["companies"]:
            by_company.setdefault(entry["companyCode"], set()).add(row.key[:11])
    assert by_company == {
        "US10": {f"qb-{mark_for(firm.world.connection_id)}"},
        "US20": {f"qb-{mark_for(other.connection_id)}"},
    }
    assert {row.state.value for row in theirs.rows("accounts").values()} == {"done"}

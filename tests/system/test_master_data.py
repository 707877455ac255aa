"""QuickBooks' lists in Basware from the first load on, and invoices coded with them: both books agree by their own data."""

from ml_connector.model.master_data import Kind
from ml_connector.work.jobs import Job
from ml_connector.work.sending.alignment import report
from paperwork import invoice, line
from sent_lists import SentLists, is_active, nothing_in_basware
from world import World

SPENDING = {
    "Expense", "Other Expense", "Cost of Goods Sold", "Fixed Asset", "Other Asset", "Other Current Asset",
    "Other Current Liability", "Long Term Liability",
}  # fmt: skip


def in_quickbooks(world: World, entity: str) -> dict[str, str]:
    """What people can use in QuickBooks' own books, by id: the path as people read it."""
    return {
        one["Id"]: (one.get("FullyQualifiedName") or one.get("DisplayName") or one["Name"]).replace(":", ": ")
        for one in world.quickbooks.books(world.realm_id)[entity]
        if one["Active"] and one.get("AccountType", "Expense") in SPENDING
    }


def agree(firm: SentLists, codes: dict[str, dict[str, str]]) -> None:
    """Whether people can choose in Basware exactly what can be used in QuickBooks. `codes`: the id behind each code, by table."""
    for entity, table in (
        ("Account", "accounts"),
        ("Department", "costCenters"),
        ("Class", "EXT_ACC_LIST_1"),
        ("Customer", "GDM_CUSTOMER_PROJECTS"),
        ("Term", "paymentTerms"),
    ):
        there = {codes.get(table, {}).get(code, code): name for code, name in firm.names(table).items()}
        assert there == in_quickbooks(firm.world, entity), entity


def codes_of(firm: SentLists) -> dict[str, dict[str, str]]:
    """The QuickBooks id behind every account code, by QuickBooks' own numbers at the time of the first load."""
    accounts = firm.world.quickbooks.books(firm.world.realm_id)["Account"]
    return {"accounts": {one["AcctNum"]: one["Id"] for one in accounts if one.get("AcctNum")}}


def test_a_year_of_changes_in_quickbooks_ends_with_the_same_lists_in_both(build):
    firm = SentLists(build(company=nothing_in_basware(), mapping=False))
    codes = codes_of(firm)
    firm.go()
    agree(firm, codes)

    act = firm.in_quickbooks
    new = firm.enter(
        "Account", Name="Drones", AccountType="Expense", AcctNum="6777", SubAccount=True, ParentRef={"value": "58"}
    )
    codes["accounts"]["6777"] = new
    firm.enter("Department", Name="Denver", SubDepartment=True, ParentRef={"value": "5"})
    firm.enter("Class", Name="Litigation")
    firm.enter("Customer", DisplayName="Halden Rail")
    firm.go()
    act("rename", entity="Account", id="58", name="Information Technology")
    act("inactivate", entity="Department", id="2")
    act("inactivate", entity="Account", id="73")
    act("merge", entity="Class", id="5000000000000142201", vanishing="5000000000000142203")
    act("edit", entity="Account", id="55", changes={"AcctNum": "6111"})
    firm.world.clock.advance(2 * 86_400)
    firm.do(Job.CHANGES)
    firm.go()
    agree(firm, codes)
    act("activate", entity="Account", id="73")
    firm.go()
    agree(firm, codes)

    assert report(firm.world.desk()).gaps == 0
    assert firm.states() == {"done"}
    assert firm.world.check() == []


def test_an_invoice_coded_with_codes_that_were_given_needs_no_mapping_by_hand(build):
    firm = SentLists(build(company=nothing_in_basware(), mapping=False))
    world = firm.world
    new = firm.enter("Account", Name="Drones", AccountType="Expense")
    firm.go()
    assert set(firm.names("accounts")) >= {new}

    coded = invoice("A-1", line("75.00"))
    [row] = coded["codingRows"]
    row |= {
        "accountCode": new, "costCenterCode": "2", "businessUnitCode": "5000000000000142206", "projectCode": "202",
    }  # fmt: skip
    world.approve({**coded, "paymentTermCode": "3"})
    world.settle()

    assert world.causes("A-1") == []
    [(kind, bill)] = world.posted("A-1")
    detail = bill["Line"][0]["AccountBasedExpenseLineDetail"]
    assert kind == "Bill"
    assert bill["DepartmentRef"]["value"] == "2"
    assert detail["AccountRef"]["value"] == new
    assert detail["ClassRef"]["value"] == "5000000000000142206"
    assert detail["CustomerRef"]["value"] == "202"


def test_a_basware_that_was_in_use_for_years_keeps_its_codes_and_loses_nothing(build):
    firm = SentLists(build(mapping=False))
    before = {
        table: set(firm.in_p2p(table))
        for table in ("accounts", "costCenters", "EXT_ACC_LIST_1", "paymentTerms", "taxCodes")
    }
    projects = set(firm.in_p2p("GDM_CUSTOMER_PROJECTS"))
    firm.go()

    assert {table: set(firm.in_p2p(table)) for table in before} == before
    assert projects < set(firm.in_p2p("GDM_CUSTOMER_PROJECTS"))
    firm.world.approve(invoice("A-1", line("60.00", "NAP")))
    firm.world.settle()
    [(_, bill)] = firm.world.posted("A-1")
    assert bill["DepartmentRef"]["value"] == "4"
    gaps = {one.code: one.standing for one in report(firm.world.desk(), [Kind.ACCOUNT]).lines if one.gap}
    assert gaps["6470"] == "no target"
    assert is_active(firm.in_p2p("accounts")["6470"])

"""Accounts, locations, classes and customers of rows: by the mapping, and only where the books can take them."""

import pytest

from ml_connector.model.books import Account, ClassTracking
from ml_connector.model.mapping import Condition, Dimension, Mapping, MappingRule
from ml_connector.model.policy import EmptyDimension, Sources

CUSTOM = {"sources": Sources(location="dimCode1", class_="dimCode2", customer="")}


def rule(dimension, target, **given):
    return MappingRule(**({"id": "extra", "dimension": dimension, "target_id": target} | given))


def test_every_dimension_of_a_row_is_mapped_by_id(office):
    row = office.row("100.00", location="NYC", klass="TAX", customer="P1")
    bill = office.posted(office.invoice(row))
    (line,) = bill.lines
    assert (line.account_id, line.class_id, line.customer_id, bill.location_id) == (
        "10",
        "5000000000000000200",
        "80",
        "1",
    )
    assert line.rows == (1,)


def test_each_field_is_explained_with_source_rule_and_result(office):
    row = office.row("100.00", location="NYC", names={"costCenterName": "New York office"})
    plan = office.plan(office.invoice(row))
    location = office.explained(plan, "row 1: location")
    assert location.source == "costCenterCode NYC (New York office) on row 1"
    assert location.rule == "exact code NYC"
    assert location.result == "New York (1)"
    assert office.explained(plan, "row 1: account").result == "6100 Office supplies (10)"
    assert office.explained(plan, "row 1: class").result == "left empty"
    fields = {one.field for one in plan.explanations}
    assert fields >= {
        "type", "vendor", "posting date", "due date", "number", "memo", "location", "currency", "payable account", "terms",
        "total", "row 1: account", "row 1: class", "row 1: location", "row 1: customer", "row 1: amount",
    } - {"terms"}  # fmt: skip


def test_which_basware_field_feeds_which_dimension_is_a_setting(office):
    row = office.row("100.00", customer="unmapped", codes={"dimCode1": "BOS", "dimCode2": "AUD"})
    bill = office.posted(office.invoice(row), policy=CUSTOM)
    assert (bill.location_id, bill.lines[0].class_id, bill.lines[0].customer_id) == ("2", "5000000000000000100", "")


@pytest.mark.parametrize(
    ("coding", "cause"),
    [
        ({"account": "nope"}, "account-not-mapped"),
        ({"account": ""}, "account-missing"),
        ({"account": "6900"}, "account-inactive"),
        ({"account": "2000"}, "account-not-postable"),
        ({"account": "1200"}, "account-not-postable"),
        ({"location": "nope"}, "location-not-mapped"),
        ({"location": "OLD"}, "location-inactive"),
        ({"klass": "nope"}, "class-not-mapped"),
        ({"klass": "OLD"}, "class-inactive"),
        ({"customer": "nope"}, "customer-not-mapped"),
        ({"customer": "P9"}, "customer-inactive"),
    ],
)
def test_a_code_that_leads_nowhere_usable_is_held_with_its_row(office, coding, cause):
    (hold,) = office.plan(office.invoice(office.row("50.00"), office.row("50.00", **coding))).holds
    assert (hold.cause.value, hold.rows) == (cause, (2,))


def test_a_target_that_quickbooks_no_longer_has_is_held(office):
    mapping = office.mapping(rule(Dimension.LOCATION, "404", code="GONE"))
    (hold,) = office.plan(office.invoice(office.row("1.00", location="GONE")), mapping=mapping).holds
    assert (hold.cause.value, hold.facts["state"]) == ("location-inactive", "no longer there")


def test_rows_with_the_same_cause_are_one_hold(office):
    rows = [office.row("1.00", account=code) for code in ("nope", "6100", "nope", "other")]
    holds = office.plan(office.invoice(*rows)).holds
    assert [(hold.subject, hold.rows) for hold in holds] == [("nope", (1, 3)), ("other", (4,))]


@pytest.mark.parametrize(("kind", "cause"), [("empty_location", "location-missing"), ("empty_class", "class-missing")])
def test_a_row_without_a_code_is_left_empty_or_held_by_policy(office, kind, cause):
    assert office.causes(office.invoice(), policy={kind: EmptyDimension.LEAVE_EMPTY}) == set()
    assert office.causes(office.invoice(), policy={kind: EmptyDimension.HOLD}) == {cause}


def test_a_rule_can_leave_a_dimension_empty_on_purpose(office):
    mapping = office.mapping(rule(Dimension.LOCATION, "", code="NONE"))
    plan = office.plan(
        office.invoice(office.row("1.00", location="NONE")),
        mapping=mapping,
        policy={"empty_location": EmptyDimension.HOLD},
    )
    assert plan.postings[0].location_id == ""
    assert office.explained(plan, "row 1: location").result == "left empty on purpose"


def test_an_account_is_never_left_empty(office):
    mapping = office.mapping(rule(Dimension.ACCOUNT, "", code="NONE"))
    assert office.causes(office.invoice(office.row("1.00", account="NONE")), mapping=mapping) == {"account-not-mapped"}


def test_the_default_is_used_visibly_for_unknown_and_for_missing_codes(office):
    mapping = office.mapping(rule(Dimension.ACCOUNT, "11", is_default=True))
    plan = office.plan(
        office.invoice(office.row("1.00", account="nope"), office.row("1.00", account="")), mapping=mapping
    )
    assert [line.account_id for line in plan.postings[0].lines] == ["11", "11"]
    assert office.explained(plan, "row 1: account").rule == "default"


def test_an_exact_code_comes_before_conditions_and_those_before_the_default(office):
    cost_center = (Condition(field="costCenterCode", equals="NYC"),)
    account_range = (Condition(field="accountCode", low="6000", high="6999"),)
    mapping = Mapping(
        rules=(
            rule(Dimension.ACCOUNT, "40", id="default", is_default=True),
            rule(Dimension.ACCOUNT, "41", id="late", conditions=account_range, priority=20),
            rule(Dimension.ACCOUNT, "11", id="early", conditions=cost_center, priority=10),
            rule(Dimension.ACCOUNT, "10", id="exact", code="6100"),
            rule(Dimension.LOCATION, "", id="no place", is_default=True),
        )
    )
    rows = [
        office.row("1.00", account="6100", location="NYC"),
        office.row("1.00", account="6555", location="NYC"),
        office.row("1.00", account="6555", location="BOS"),
        office.row("1.00", account="7000", location="BOS"),
    ]
    plan = office.plan(office.invoice(*rows), mapping=mapping)
    assert [line.account_id for line in plan.postings[0].lines] == ["10", "11", "41", "40"]
    assert office.explained(plan, "row 2: account").rule == "costCenterCode = NYC"
    assert office.explained(plan, "row 3: account").rule == "accountCode from 6000 to 6999"


def test_all_conditions_of_a_rule_must_hold(office):
    both = (Condition(field="companyCode", equals="US10"), Condition(field="costCenterCode", equals="NYC"))
    mapping = office.mapping(rule(Dimension.CLASS, "5000000000000000100", conditions=both))
    bill = office.posted(office.invoice(office.row("1.00", location="NYC"), office.row("1.00")), mapping=mapping)
    assert [line.class_id for line in bill.lines] == ["5000000000000000100", ""]


def test_rules_of_equal_priority_are_tried_by_id(office):
    always = (Condition(field="companyCode", equals="US10"),)
    rules = [rule(Dimension.CUSTOMER, target, id=id_, conditions=always) for id_, target in (("b", "89"), ("a", "80"))]
    assert office.posted(office.invoice(), mapping=office.mapping(*rules)).lines[0].customer_id == "80"


def test_a_mapped_location_is_never_dropped_when_locations_are_off(office):
    books = office.books(track_locations=False)
    assert office.causes(office.invoice(office.row("1.00", location="NYC")), books=books) == {"location-tracking-off"}
    assert office.causes(office.invoice(office.row("1.00", location="nope")), books=books) == {"location-tracking-off"}
    assert office.causes(office.invoice(), books=books) == set()
    no_source = {"sources": Sources(location="")}
    assert office.causes(office.invoice(office.row("1.00", location="NYC")), books=books, policy=no_source) == set()


def test_a_mapped_class_is_never_dropped_when_classes_are_off(office):
    books = office.books(class_tracking=ClassTracking.OFF)
    assert office.causes(office.invoice(office.row("1.00", klass="AUD")), books=books) == {"class-tracking-off"}
    assert office.causes(office.invoice(), books=books) == set()


def test_one_class_per_transaction_stands_on_every_line(office):
    books = office.books(class_tracking=ClassTracking.TRANSACTION)
    bill = office.posted(office.invoice(office.row("1.00", klass="AUD"), office.row("1.00")), books=books)
    assert [line.class_id for line in bill.lines] == ["5000000000000000100"] * 2


def test_several_classes_are_held_where_the_company_keeps_one_per_transaction(office):
    books = office.books(class_tracking=ClassTracking.TRANSACTION)
    document = office.invoice(office.row("1.00", klass="AUD"), office.row("1.00", klass="TAX"))
    (hold,) = office.plan(document, books=books).holds
    assert (hold.cause.value, hold.facts["classes"]) == ("several-classes", "Audit, Tax")
    assert office.causes(document) == set()


@pytest.mark.parametrize(
    ("policy", "books", "expected"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_rows_of_a_customer_are_billable_if_policy_and_company_say_so(office, policy, books, expected):
    document = office.invoice(office.row("1.00", customer="P1"), office.row("1.00"))
    bill = office.posted(document, policy={"billable": policy}, books=office.books(billable_expenses=books))
    assert [line.billable for line in bill.lines] == [expected, False]


def test_a_document_of_another_company_is_held(office):
    assert office.causes(office.invoice(), policy={"company_codes": ("US20",)}) == {"wrong-company"}
    assert office.causes(office.invoice(), policy={"company_codes": ("US20", "US10")}) == set()


def test_other_kinds_of_accounts_than_expenses_take_lines(office):
    accounts = dict(office.books().accounts) | {"10": Account(id="10", name="Prepaid", type="Other Current Asset")}
    assert office.posted(office.invoice(), books=office.books(accounts=accounts)).lines[0].account_id == "10"


def test_two_holds_never_hide_each_other(office):
    from datetime import date

    document = office.invoice(
        office.row("50.00", account="nope", location="OLD"),
        office.row("30.00", klass="nope", customer="P9"),
        total="100.00",
        invoice_number="",
        voucher_date=date(2026, 9, 1),
        supplier_code="V-2",
        currency="EUR",
        payment_term_code="NET99",
    )
    assert office.causes(document) == {
        "account-not-mapped",
        "location-inactive",
        "class-not-mapped",
        "customer-inactive",
        "lines-differ-from-total",
        "missing-invoice-number",
        "period-closed",
        "vendor-inactive",
        "currency-not-enabled",
        "term-inactive",
    }

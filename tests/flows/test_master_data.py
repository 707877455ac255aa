"""Which record of QuickBooks becomes what in Basware: codes, names, terms and rates, as pure rules over any lists."""

import calendar
import unicodedata
from datetime import date, timedelta
from decimal import Decimal

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from ml_connector.flows.accounts_out import plan_accounts
from ml_connector.flows.codes_out import Known
from ml_connector.flows.exchange_rates_out import KnownRate, plan_exchange_rates
from ml_connector.flows.lists_out import plan_employees, text_limit
from ml_connector.flows.naming_out import readable, shortened
from ml_connector.flows.payment_terms_out import due_date, plan_payment_terms
from ml_connector.flows.projects_out import plan_projects
from ml_connector.flows.tax_codes_out import plan_tax_codes
from ml_connector.model.books import Account, Books, Customer, Employee, Preferences, TaxCode, TaxRateUse, Term
from ml_connector.model.holds import Cause
from ml_connector.model.master_data import (
    Choice,
    Given,
    Kind,
    Listed,
    Planned,
    ProjectRecord,
    TaxCodeRecord,
    TermRecord,
)

TYPES = ("Expense",)
IDS = st.integers(1, 99).map(str)
NUMBERS = st.sampled_from(["", "6110", "6120", "7", "12", "6110 A", "x" * 26])
ACCOUNTS = st.lists(
    st.builds(
        Account,
        id=IDS,
        name=st.text(min_size=1, max_size=5),
        number=NUMBERS,
        active=st.booleans(),
        type=st.just("Expense"),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)
LISTED = st.lists(
    st.builds(
        Listed,
        external_code=st.integers(1, 9).map(lambda number: f"old-{number}"),
        code=st.sampled_from(["6110", "6120", "7", "12", "99"]),
        name=st.sampled_from(["Paper", "Other"]),
        active=st.booleans(),
    ),
    max_size=4,
    unique_by=(lambda one: one.external_code, lambda one: one.code),
)


def plan(accounts: list[Account], known: Known) -> list[Planned]:
    return plan_accounts(known, Books(accounts={one.id: one for one in accounts}), TYPES)


def given_of(planned: list[Planned]) -> dict[str, Given]:
    return {
        one.quickbooks_id: Given(quickbooks_id=one.quickbooks_id, code=one.code, external_code=one.external_code)
        for one in planned
        if not one.holds
    }


def known(**more: object) -> Known:
    return msgspec.structs.replace(Known(kind=Kind.ACCOUNT, mark="abc"), **more)


@given(ACCOUNTS, LISTED)
def test_no_two_records_ever_have_one_code_or_one_key(accounts, listed):
    planned = [one for one in plan(accounts, known(listed=tuple(listed))) if not one.holds]

    codes, keys = [one.code for one in planned], [one.external_code for one in planned]
    assert len(set(codes)) == len(codes)
    assert len(set(keys)) == len(keys)
    assert all(0 < len(code) <= 25 for code in codes)
    assert all(0 < len(key) <= 36 for key in keys)


@given(ACCOUNTS, LISTED, ACCOUNTS)
def test_a_code_once_given_stays_whatever_becomes_of_the_lists(accounts, listed, later):
    first = given_of(plan(accounts, known(listed=tuple(listed))))
    then = {one.id: one for one in accounts} | {one.id: one for one in later}
    second = given_of(plan(list(then.values()), known(listed=tuple(listed), given=first)))

    assert {key: second[key] for key in first} == first


@given(ACCOUNTS, LISTED)
def test_a_code_of_baswares_is_either_taken_over_with_its_record_or_left_alone(accounts, listed):
    theirs = {one.code: one.external_code for one in listed}

    for one in plan(accounts, known(listed=tuple(listed))):
        if not one.holds and one.code in theirs:
            assert one.taken_over
            assert one.external_code == theirs[one.code]


@given(ACCOUNTS)
def test_only_what_is_in_use_is_given_and_what_was_given_goes_out_of_use(accounts):
    planned = plan(accounts, known())
    assert {one.quickbooks_id for one in planned} == {one.id for one in accounts if one.active}

    closed = [Account(id=one.id, name=one.name, number=one.number, active=False, type="Expense") for one in accounts]
    later = plan(closed, known(given=given_of(planned)))
    assert {one.quickbooks_id for one in later} == set(given_of(planned))
    assert not any(one.record.active for one in later if one.record)


def test_two_newcomers_with_one_number_are_both_held_and_each_names_the_other():
    twins = [Account(id=number, name=number, number="6110", type="Expense") for number in ("1", "2")]

    planned = plan(twins, known())
    assert [[hold.cause for hold in one.holds] for one in planned] == [[Cause.CODE_TAKEN]] * 2
    assert [one.holds[0].facts["other"] for one in planned] == ["Account 2", "Account 1"]


def test_an_account_with_a_number_goes_before_one_whose_id_looks_the_same():
    accounts = [Account(id="7", name="A", type="Expense"), Account(id="8", name="B", number="7", type="Expense")]

    by_id = {one.quickbooks_id: one for one in plan(accounts, known())}
    assert by_id["8"].code == "7"
    assert not by_id["8"].holds
    assert by_id["7"].holds


def test_of_several_codes_mapped_to_a_record_its_number_is_kept():
    listed = tuple(Listed(external_code=f"k{code}", code=code, name="x", active=True) for code in ("6100", "6110"))
    account = Account(id="1", name="A", number="6110", type="Expense")

    [one] = plan([account], known(listed=listed, rules={"6100": "1", "6110": "1"}))
    assert (one.code, one.external_code, one.taken_over) == ("6110", "k6110", True)


def test_a_person_decides_against_the_settings_both_ways():
    bank = Account(id="1", name="Bank", number="1010", type="Bank")
    paper = Account(id="2", name="Paper", number="6110", type="Expense")
    given_now = {
        "1": Given(quickbooks_id="1", choice=Choice.GIVE),
        "2": Given(quickbooks_id="2", code="6110", external_code="k", choice=Choice.LEAVE_OUT),
    }

    by_id = {one.quickbooks_id: one for one in plan([bank, paper], known(given=given_now))}
    assert by_id["1"].record is not None
    assert by_id["1"].record.active
    assert by_id["2"].record is not None
    assert not by_id["2"].record.active


# Names


@given(st.text(max_size=300), st.sampled_from(["7", "6110"]), st.sampled_from([50, 100, 250, 2000]))
def test_a_name_always_fits(name, code, limit):
    found = readable(name, code, limit)

    assert 2 <= len(found) <= limit
    assert not any(unicodedata.category(char) in {"Cc", "Cf"} for char in found)


def test_a_path_is_readable_and_a_cut_keeps_beginning_and_end():
    assert readable("Office Costs:Office Supplies", "1") == "Office Costs: Office Supplies"
    assert readable("X", "12") == "X 12"
    cut = shortened("Brightwater Utilities: " + "very " * 30 + "Audit 2026", 60)
    assert len(cut) == 60
    assert cut.startswith("Brightwater")
    assert cut.endswith("Audit 2026")


def test_names_keep_the_limit_of_the_list_they_go_to():
    long = "n" * 300
    books = Books(customers={"1": Customer(id="1", name=long)})
    [project] = plan_projects(Known(kind=Kind.CUSTOMER), books)
    [employee] = plan_employees(Known(kind=Kind.EMPLOYEE), books, {"1": Employee(id="1", name=long)}, "ACC_LIST_12")

    assert isinstance(project.record, ProjectRecord)
    assert len(project.record.name) == 100
    assert employee.record is not None
    assert len(employee.record.name) == text_limit("ACC_LIST_12") == 50


# Terms


def quickbooks_due(term: Term, invoice: date) -> date:
    """The due date as QuickBooks' reference describes it."""
    if term.day_of_month is None:
        return invoice + timedelta(days=term.due_days or 0)
    month_ahead = _day(invoice, term.day_of_month)
    if invoice + timedelta(days=term.next_month_days or 0) > month_ahead:
        following = (invoice.replace(day=1) + timedelta(days=32)).replace(day=1)
        return _day(following, term.day_of_month)
    return month_ahead


def _day(month: date, number: int) -> date:
    return month.replace(day=min(number, calendar.monthrange(month.year, month.month)[1]))


def basware_due(days: int, month_ends: int, after: int, invoice: date) -> date:
    """The due date as Basware computes it: days, ends of months, days."""
    found = invoice + timedelta(days=days)
    for number in range(month_ends):
        start = found if number == 0 else found + timedelta(days=1)
        found = _day(start, 31)
    return found + timedelta(days=after)


@given(
    st.builds(Term, id=st.just("1"), name=st.just("T"), due_days=st.integers(0, 120))
    | st.builds(
        Term, id=st.just("1"), name=st.just("T"), day_of_month=st.integers(1, 31), next_month_days=st.integers(0, 31)
    ),
    st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)
@example(Term(id="1", name="T", day_of_month=31, next_month_days=29), date(2025, 1, 31))
@example(Term(id="1", name="T", day_of_month=31, next_month_days=28), date(2025, 1, 31))
def test_where_basware_computes_the_due_date_it_is_quickbooks_due_date(term, invoice):
    computed = due_date(term)

    if computed is not None:
        assert basware_due(*computed, invoice) == quickbooks_due(term, invoice)


def test_a_due_date_basware_cannot_compute_is_left_to_people():
    terms = {
        "1": Term(id="1", name="15th", day_of_month=15, next_month_days=5),
        "2": Term(id="2", name="2% 10", due_days=30, discount_percent=Decimal(2), discount_days=10),
    }
    by_id = {one.quickbooks_id: one.record for one in plan_payment_terms(Known(kind=Kind.TERM), Books(terms=terms))}

    assert isinstance(by_id["1"], TermRecord)
    assert not by_id["1"].computed
    assert isinstance(by_id["2"], TermRecord)
    assert (by_id["2"].days, by_id["2"].discount_percent, by_id["2"].discount_days) == (30, Decimal(2), 10)


# Tax codes and rates


def test_tax_codes_go_with_the_sum_of_their_purchase_rates_and_only_outside_the_us():
    rates = (TaxRateUse(rate_id="1", percent=Decimal(5)), TaxRateUse(rate_id="2", percent=Decimal("9.975")))
    codes = {"1": TaxCode(id="1", name="GST/QST", purchase_rates=rates), "2": TaxCode(id="2", name="Sales only")}
    abroad = Books(tax_codes=codes, preferences=Preferences(country="CA"))

    [one] = plan_tax_codes(Known(kind=Kind.TAX_CODE), abroad)
    assert isinstance(one.record, TaxCodeRecord)
    assert one.record.percent == Decimal("14.975")
    assert plan_tax_codes(Known(kind=Kind.TAX_CODE), Books(tax_codes=codes)) == []


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["EUR", "CAD", "USD"]), st.decimals("0", "9", places=4), max_size=3),
        min_size=1,
        max_size=6,
    )
)
def test_what_holds_in_basware_on_a_day_is_the_rate_of_that_day_and_no_equal_ones_follow_each_other(days):
    known_rates: dict[str, KnownRate] = {}
    current: dict[str, Decimal] = {}
    for number, rates in enumerate(days):
        day = date(2026, 11, 1) + timedelta(days=number)
        for one in plan_exchange_rates("USD", day, rates, known_rates, "m"):
            assert current.get(one.code) != one.record.rate
            current[one.code] = one.record.rate
            known_rates[one.code] = KnownRate(rate=one.record.rate, valid_from=day)
        for currency, rate in rates.items():
            if currency != "USD" and rate > 0:
                assert current[currency] == rate
    assert "USD" not in current

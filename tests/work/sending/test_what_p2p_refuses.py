"""Everything Purchase-to-Pay can say about a record of these lists ends as a hold with a cause and a way out, or heals by itself.

The rules are those of the twin, named one by one: a rule that is added there and not here fails.
"""

from typing import Any

import msgspec
import pytest

from ml_connector.model.holds import Cause
from ml_connector.rules.causes import describe
from ml_connector.store import outgoing
from ml_connector.store.database import Database
from ml_connector.store.outgoing import NewOutgoing
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from ml_connector.work.sending.sender import send_records
from sent_lists import nothing_in_basware
from twins.basware.import_rules import RULES
from world import World, build_world

LISTS = ("accounts", "costCenters", "projects", "lists", "taxCodes", "paymentTerms", "exchangeRates")

EN = [{"language": "en-US", "translation": "Something"}]
FI = [{"language": "fi-FI", "translation": "Jotain"}]
HERE = [{"companyCode": "US10", "active": True}]
HERE_AND_BELOW = [{"companyCode": "US10", "active": True, "inherit": True}]
ALWAYS = {"validFrom": "2020-01-01T00:00:00Z", "validTo": "2099-12-31T00:00:00Z"}
NEVER = {"validFrom": "2020-01-01T00:00:00Z", "validTo": "2019-12-31T00:00:00Z"}

GOOD: dict[str, dict[str, Any]] = {
    "accounts": {"accountCode": "1", "accountNames": EN, "companies": HERE_AND_BELOW},
    "costCenters": {"costCenterCode": "1", "costCenterNames": EN, "companies": HERE},
    "projects": {"projectCode": "1", "projectName": "Something", "companies": HERE, "validFrom": "2020-01-01T00:00:00Z",
                 "validUntil": "2099-12-31T00:00:00Z"},
    "lists/ACC_LIST_1": {"text_1": "1", "text_2": "Something", "companies": HERE},
    "taxCodes": {"taxCode": "1", "taxCodeNames": EN, "taxPercentage": 25, "companies": HERE_AND_BELOW},
    "paymentTerms": {"paymentTermCode": "1", "paymentTermNames": EN, "companies": HERE_AND_BELOW, **ALWAYS},
    "exchangeRates": {"rate": 1.08, "currencyCodeFrom": "EUR", "currencyCodeTo": "USD",
                      "validFrom": "2026-11-20T00:00:00Z", "companies": HERE},
}  # fmt: skip
"""A record of each list that Purchase-to-Pay takes."""


def wrong_company(resource: str) -> dict[str, Any]:
    [company] = GOOD[resource]["companies"]
    return {"companies": [{**company, "companyCode": "US99"}]}


NAMES = {
    "accounts": "accountNames",
    "costCenters": "costCenterNames",
    "taxCodes": "taxCodeNames",
    "paymentTerms": "paymentTermNames",
}
CODES = {"accounts": "accountCode", "costCenters": "costCenterCode", "projects": "projectCode", "taxCodes": "taxCode",
         "paymentTerms": "paymentTermCode"}  # fmt: skip
BOTH_RULES = [
    {"externalCode": "a", "discountDays": 10, "discountPercent": 2, "active": True},
    {"externalCode": "b", "discountDays": 10, "discountPercent": 3, "active": True},
]

BREAKS: list[tuple[str, str, dict[str, Any], str]] = [
    *(("companies_are_known", one, wrong_company(one), "US99 was not found") for one in GOOD),
    *(
        ("companies_are_known", one, {"companies": []}, "names no company")
        for one in GOOD
        if not one.startswith("lists")
    ),
    *(("code_is_free", one, {name: "TAKEN"}, "in use") for one, name in CODES.items()),
    *(("is_named_in_english", one, {name: FI}, "en-US") for one, name in NAMES.items()),
    ("validity_is_in_order", "projects", {"validUntil": "2019-12-31T00:00:00Z"}, "ends before it begins"),
    ("validity_is_in_order", "paymentTerms", NEVER, "ends before it begins"),
    ("list_capacity", "lists/ACC_LIST_1", {"text_6": "x"}, "no column text_6"),
    ("list_capacity", "lists/ACC_LIST_11", {"text_1": "1", "text_2": "x" * 51, "companies": HERE}, "more than the 50"),
    ("term_calculation", "paymentTerms", {"dueDateEom": 13}, "at most 12"),
    ("term_calculation", "paymentTerms", {"cashDueDateCalc": 2}, "needs paymentTermDiscountRules"),
    ("term_calculation", "paymentTerms", {"paymentTermDiscountRules": BOTH_RULES}, "same discountDays"),
]
"""Every rule of the twin for these lists, with what breaks it and the words that follow."""


@pytest.fixture
def world(one_file) -> World:
    """The demo company with a Basware that was just set up."""
    return build_world(one_file, company=nothing_in_basware(), mapping=False)


@pytest.fixture
def one_file(sqlite):
    """One database: what Basware says does not depend on ours."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield database
        database.close()


def give(world: World, resource: str, key: str, **fields: Any) -> outgoing.OutgoingRow:
    """Have Basware given a record, and hear what became of it."""
    body = {**GOOD.get(resource, {}), **fields, "externalCode": key}
    record = NewOutgoing(
        resource=resource, external_code=key, subject=f"Thing {key}", name="Something",
        body=msgspec.json.encode(body).decode(),
    )  # fmt: skip
    desk = world.desk()
    with desk.database.write() as tx:
        outgoing.plan(tx, world.connection_id, [record], world.clock.now())
    desk.take_lease()
    send_records(desk, resource, label=resource)
    world.clock.advance(61)
    PERFORM[Job.OUTCOMES](desk)
    desk.release_lease()
    with desk.database.read() as tx:
        return outgoing.known(tx, world.connection_id, resource, [key])[key]


@pytest.mark.parametrize("resource", GOOD)
def test_a_good_record_of_each_list_is_taken(world, resource):
    assert give(world, resource, "good").state.value == "done"


@pytest.mark.parametrize(("rule", "resource", "fields", "words"), BREAKS, ids=lambda one: str(one)[:30])
def test_whatever_purchase_to_pay_refuses_waits_with_its_words_and_goes_when_it_is_put_right(
    world, rule, resource, fields, words
):
    if rule == "code_is_free":
        assert give(world, resource, "other", **fields).state.value == "done"
    row = give(world, resource, "bad", **fields)

    assert row.state.value == "refused"
    assert words in row.problem
    assert [hold.cause for hold in row.holds] == [Cause.RECORD_REFUSED]
    told = describe(row.holds[0])
    assert words in told.sentence
    assert told.what_to_do
    assert row.next_at is None, "a mistake of ours does not go away by itself"

    right = {} if resource in GOOD else {"text_1": "1", "text_2": "x", "companies": HERE}
    assert give(world, resource, "bad", **right).state.value == "done"


@pytest.mark.parametrize("resource", GOOD)
def test_a_technical_error_of_baswares_heals_by_itself(world, resource):
    world.basware.act("refuse_imports", message="Timeout", category="Technical", times=1)
    row = give(world, resource, "bad")
    assert row.state.value == "refused"
    assert row.next_at is not None

    world.clock.move_to(row.next_at)
    world.clock.advance(1)
    assert give(world, resource, "bad").state.value == "done"


@pytest.mark.parametrize("resource", GOOD)
def test_a_warning_means_that_the_record_was_saved(world, resource):
    world.basware.act("refuse_imports", message="Cut", outcome="Warning", times=1)

    row = give(world, resource, "odd")
    assert (row.state.value, row.problem) == ("done", "Cut")


def test_no_rule_of_the_twin_is_left_out():
    wanted = {(rule.__name__, name) for name in LISTS for rule in RULES[name]}

    assert {(rule, resource.partition("/")[0]) for rule, resource, _, _ in BREAKS} == wanted

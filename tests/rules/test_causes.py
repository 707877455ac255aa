"""What people are told about a held document."""

import re

import pytest

from ml_connector.model.holds import Cause, Hold, Who
from ml_connector.rules.cause_texts import SUBJECTS
from ml_connector.rules.causes import describe, short_message, title_of


def hold(cause, rows=(), **facts):
    return Hold(cause=cause, subject="x", facts=facts, rows=rows)


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_a_title_a_sentence_a_way_out_and_somebody_to_take_it(cause):
    text = describe(hold(cause))
    assert text.title == title_of(cause.value)
    assert text.title
    assert text.sentence.endswith(".")
    assert text.what_to_do.endswith(".")
    assert text.fixable_in_basware == (text.who in {Who.AP_TEAM, Who.AP_TEAM_OR_ACCOUNTANT})
    assert 0 < len(short_message([hold(cause)])) <= 250
    for told in (text.title, text.sentence, text.what_to_do, short_message([hold(cause)])):
        assert not re.search(r"[\[\]{}]", told)


def test_every_cause_is_put_into_words_in_one_place():
    assert sorted(cause for subject in SUBJECTS for cause in subject) == sorted(Cause)


def test_the_facts_stand_in_the_sentence():
    text = describe(hold(Cause.ACCOUNT_NOT_MAPPED, (2, 5), code="6999", field="accountCode", name="Misc"))
    assert text.sentence == "accountCode 6999 (Misc) on rows 2, 5 leads to no QuickBooks account."
    assert text.who is Who.MAPPER


def test_a_fact_that_is_empty_is_left_out_or_said_to_be_none():
    assert (
        "()" not in describe(hold(Cause.ACCOUNT_NOT_MAPPED, (1,), code="6999", field="accountCode", name="")).sentence
    )
    assert "company (none)" in describe(hold(Cause.WRONG_COMPANY, company="", wanted="US10")).sentence


def test_many_rows_are_counted_rather_than_listed():
    told = describe(hold(Cause.ACCOUNT_MISSING, tuple(range(1, 101)), field="accountCode")).sentence
    assert "rows 1, 2, 3, 4, 5 and 95 more" in told


def test_who_can_fix_a_refusal_is_told_by_the_refusal():
    text = describe(hold(Cause.QUICKBOOKS_REFUSED, code="6210", detail="closed", who=Who.ACCOUNTANT.value))
    assert text.who is Who.ACCOUNTANT
    assert describe(hold(Cause.QUICKBOOKS_REFUSED, code="6210", who="somebody")).who is Who.ADMINISTRATOR


def test_a_duplicate_within_basware_names_the_other_invoice():
    text = describe(hold(Cause.DUPLICATE_NUMBER, number="INV-1", invoice_id="abc", type="Bill"))
    assert text.sentence == "The number INV-1 is taken by Basware invoice abc, which comes first."


def test_a_duplicate_in_quickbooks_names_the_transaction():
    facts = {
        "number": "INV-1",
        "type": "Bill",
        "id": "900",
        "date": "2026-11-05",
        "amount": "100.00 USD",
        "entered": "by hand",
    }
    text = describe(hold(Cause.DUPLICATE_NUMBER, **facts))
    assert text.sentence == "The number INV-1 is taken by Bill 900 of 2026-11-05 over 100.00 USD, entered by hand."


def test_basware_reads_first_what_can_be_done_there():
    here = hold(Cause.ACCOUNT_NOT_MAPPED, (1,), code="6999", field="accountCode")
    there = hold(Cause.MISSING_DATE)
    assert short_message([here, there]) == "Enter the invoice date. Map account 6999 to QuickBooks, or recode row 1."


def test_what_does_not_fit_is_counted():
    holds = [
        hold(Cause.ACCOUNT_NOT_MAPPED, (row,), code=f"{row:04}", field="accountCode", name="n" * 30)
        for row in range(1, 30)
    ]
    message = short_message(holds)
    assert len(message) <= 250
    assert message.startswith("Map account 0001")
    assert message.endswith(f"(+{29 - message.count('Map account')} more)")


def test_one_overlong_cause_is_cut_and_the_rest_still_counted():
    long = hold(Cause.UNREADABLE_DOCUMENT, problems="p" * 400)
    assert len(short_message([long])) <= 250
    assert short_message([long, hold(Cause.MISSING_DATE), hold(Cause.ZERO_TOTAL)], 250).startswith(
        "Correct the invoice"
    )
    message = short_message([long, hold(Cause.MISSING_DATE), hold(Cause.ZERO_TOTAL)])
    assert message.endswith("(+2 more)")
    assert len(message) <= 250


def test_no_causes_make_no_message():
    assert short_message([]) == ""

"""Which files go to QuickBooks, and under which name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.attachments import Attachment
from ml_connector.rules.attachments import LONGEST_NAME, ending_of, left_out, mark, name_for


def file(name="invoice.pdf", **more):
    return Attachment(code="F-1", filename=name, **more)


def test_every_file_quickbooks_can_hold_goes_unless_told_otherwise():
    assert left_out(file(category="ATTACHMENT"), "all", confidential=False) == ""
    assert left_out(file("SCAN.PDF", category="ORIGINALIMAGE"), "all", confidential=False) == ""


def test_only_the_image_goes_where_only_the_image_is_wanted():
    assert left_out(file(category="ORIGINALIMAGE"), "image", confidential=False) == ""
    assert left_out(file(category="ATTACHMENT"), "image", confidential=False)
    assert left_out(file(category="A_WORD_OF_TOMORROW"), "image", confidential=False)


def test_a_confidential_file_stays_in_basware_unless_the_company_wants_it():
    assert "confidential" in left_out(file(confidential=True), "all", confidential=False)
    assert left_out(file(confidential=True), "all", confidential=True) == ""


@pytest.mark.parametrize("name", ["macro.exe", "page.html", "mail.eml", "invoice", ".pdf", "a.pdf.zip"])
def test_a_kind_of_file_quickbooks_does_not_take_is_left_out_with_the_reason(name):
    assert left_out(file(name), "all", confidential=True)


@given(st.text(max_size=1500))
def test_a_name_is_safe_and_short_whatever_it_was_and_keeps_its_ending(text):
    name = name_for(f"{text}.pdf")

    assert 0 < len(name) <= LONGEST_NAME
    assert ending_of(name) == "pdf" or name == "pdf"
    assert not set(name) & set('"\\/\n\r\x00')


@given(st.text(min_size=1, max_size=36), st.text(min_size=1, max_size=100))
def test_the_mark_fits_into_a_note(invoice, code):
    assert len(mark(invoice, code)) <= 2000

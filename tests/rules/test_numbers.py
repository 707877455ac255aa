"""Numbers, memo and marker: how we and people know a transaction again."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_connector.model.policy import PaymentBlock, PostingPolicy, SeveralLocations
from ml_connector.rules.findings import Task
from ml_connector.rules.marker import Marker, find_marker, marker_text, memo_text
from ml_connector.rules.numbers import numbers_to_look_up
from ml_connector.rules.texts import part_number

BY_LOCATION = PostingPolicy(several_locations=SeveralLocations.ONE_BILL_PER_LOCATION)
LONG = "2026/BOSTON/000000123456789"


def test_a_number_that_fits_is_the_suppliers_own(office):
    assert office.posted(office.invoice(invoice_number="ABCDEFGHIJKLMNOPQRSTU")).doc_number == "ABCDEFGHIJKLMNOPQRSTU"


def test_a_long_number_is_shortened_and_kept_in_full_in_the_memo(office):
    plan = office.plan(office.invoice(invoice_number=LONG))
    (bill,) = plan.postings
    assert len(bill.doc_number) <= 21
    assert bill.doc_number.startswith("2026/BOSTON")
    assert LONG in bill.memo
    assert "shortened" in office.explained(plan, "number").rule


@pytest.mark.parametrize("number", ["", "   ", "\x00\u200b"])
def test_a_document_without_a_number_is_held(office, number):
    assert office.causes(office.invoice(invoice_number=number)) == {"missing-invoice-number"}


def test_the_memo_carries_number_voucher_orders_and_our_marker(office):
    document = office.invoice(
        office.row("50.00", order_number="PO-2"),
        office.row("50.00", order_number="PO-1"),
        voucher_number="V77",
        order_numbers=("PO-1",),
    )
    memo = office.posted(document).memo
    assert memo == "Basware invoice INV-1; Voucher V77; Orders PO-1, PO-2 [bw:5f0c1d6b9a7e4c4f8b21d3e07a64f912/0]"


def test_a_payment_block_is_noted_in_the_memo_or_held_by_policy(office):
    document = office.invoice(payment_block=True)
    assert "BLOCKED FOR PAYMENT" in office.posted(document).memo
    assert office.causes(document, policy={"payment_block": PaymentBlock.HOLD}) == {"payment-blocked"}
    assert "BLOCKED" not in office.posted(office.invoice(), policy={"payment_block": PaymentBlock.HOLD}).memo


def test_texts_are_cleaned_for_the_companys_edition_and_the_memo_says_so(office):
    document = office.invoice(office.row("100.00", description="Łódź\x07office"))
    bill = office.posted(document)
    assert bill.lines[0].description == "Lódz office"
    assert "1 line text changed to fit QuickBooks" in bill.memo
    abroad = office.posted(document, books=office.books(country="PL"))
    assert abroad.lines[0].description == "Łódź office"


def test_a_row_without_a_text_takes_the_documents(office):
    bill = office.posted(office.invoice(office.row("60.00", description="Own"), office.row("40.00")))
    assert [line.description for line in bill.lines] == ["Own", "Paper"]


def test_a_very_long_text_is_cut_to_what_a_line_takes(office):
    bill = office.posted(office.invoice(office.row("100.00", description="x" * 5000)))
    assert len(bill.lines[0].description) == 4000


def task(office, **given):
    policy = given.pop("policy", PostingPolicy())
    return Task(document=office.invoice(**given), books=office.books(), mapping=office.mapping(), policy=policy)


@settings(max_examples=300)
@given(st.text(min_size=1, max_size=36), st.text(), st.integers(1, 600), st.integers(0, 3))
def test_the_marker_survives_any_memo_and_leads_back_to_the_invoice(office, invoice_id, number, orders, part):
    given_orders = tuple(f"PO-{order:05d}" for order in range(orders))
    one = task(office, invoice_id=invoice_id, invoice_number=number, order_numbers=given_orders)
    memo = memo_text(one, part, 4, ["note"])
    assert len(memo) <= 4000
    assert find_marker(memo) == Marker(invoice_id=invoice_id, part=part)


def test_a_suppliers_text_cannot_pose_as_our_marker(office):
    memo = memo_text(task(office, invoice_number="[bw:other/0]"), 0, 1, [])
    assert find_marker(memo).invoice_id == "5f0c1d6b9a7e4c4f8b21d3e07a64f912"
    assert memo.count("[bw:") == 1


@pytest.mark.parametrize("memo", ["", "Basware invoice INV-1", "[bw:]", "[bw:abc]", "[bw:abc/x]", "[bw:/0]"])
def test_a_memo_of_somebody_else_has_no_marker(memo):
    assert find_marker(memo) is None


def test_markers_tell_invoices_and_parts_apart():
    assert marker_text("a", 1) != marker_text("a1", 1) != marker_text("a", 11)


def test_one_number_is_looked_up_for_a_document_that_stays_whole(office):
    assert numbers_to_look_up(office.invoice(), PostingPolicy()) == ("INV-1",)
    assert numbers_to_look_up(office.invoice(invoice_number=" "), PostingPolicy()) == ()


def test_both_spellings_of_a_number_outside_latin_letters_are_looked_up(office):
    numbers = numbers_to_look_up(office.invoice(invoice_number="Łódź-1"), PostingPolicy())
    assert "Łódź-1" in numbers
    assert len(numbers) == 2


@pytest.mark.parametrize("number", ["INV-1", LONG, "Łódź-1"])
@pytest.mark.parametrize("parts", [1, 2, 9, 10, 11, 99, 100, 101])
def test_every_number_a_part_could_get_is_looked_up(office, number, parts):
    rows = [office.row("1.00", location=f"L{place}") for place in range(101)]
    numbers = numbers_to_look_up(office.invoice(*rows, invoice_number=number), BY_LOCATION)
    wanted = {part_number(number, part, parts, latin1_only=latin) for part in range(parts) for latin in (True, False)}
    assert wanted <= set(numbers)


def test_rows_of_equal_coding_need_no_number_of_their_own(office):
    rows = [office.row("1.00", location="NYC") for _ in range(50)]
    assert numbers_to_look_up(office.invoice(*rows), BY_LOCATION) == ("INV-1",)


def test_the_prefix_of_the_memo_is_the_policys(office):
    assert office.posted(office.invoice(), policy={"memo_prefix": "AP"}).memo.startswith("AP invoice INV-1")


def test_the_explanation_shows_the_memo_as_sent(office):
    plan = office.plan(office.invoice())
    assert office.explained(plan, "memo").result == msgspec.structs.asdict(plan.postings[0])["memo"]

"""What holds for every document, over thousands of generated ones.

`RULES_EXAMPLES` in the environment sets how many documents each property sees.
"""

import os
from datetime import date
from decimal import Decimal

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml_connector.model.books import ClassTracking, ExistingTransaction, TransactionType
from ml_connector.model.documents import AccountingDocument, CodingRow
from ml_connector.model.money import is_payable_amount
from ml_connector.model.policy import (
    ClosedPeriod,
    EmptyDimension,
    NonUsTax,
    PaymentBlock,
    PostingDate,
    PostingPolicy,
    RateSource,
    SeveralLocations,
    Sources,
    StockWithoutQuantity,
    TooManyLines,
    UnknownVendor,
    UsTax,
)
from ml_connector.model.postings import Decision, DuplicateChoice, Outcome, Side, TaxMode
from ml_connector.rules.causes import describe, short_message
from ml_connector.rules.posting import numbers_to_look_up

EXAMPLES = int(os.environ.get("RULES_EXAMPLES", "500"))
many = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])

CENT = Decimal("0.01")
cents = st.integers(-10_000_000, 10_000_000).map(lambda value: value * CENT)
maybe = st.booleans()


def maybe_none(strategy):
    return st.none() | strategy


# Any document at all

wild_amounts = maybe_none(
    cents
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.sampled_from([Decimal(0), Decimal("1E+40"), Decimal("0.005")])
)
codes = st.fixed_dictionaries(
    {},
    optional={
        "accountCode": st.sampled_from(["6100", "6200", "6900", "2000", "nope"]),
        "costCenterCode": st.sampled_from(["NYC", "BOS", "OLD", "nope", "\x00"]),
        "businessUnitCode": st.sampled_from(["AUD", "TAX", "OLD", "nope"]),
        "projectCode": st.sampled_from(["P1", "P9", "nope"]),
        "taxCode": st.sampled_from(["V25", "V0", "S25", "GRP", "RC", "nope"]),
        "productCode": st.sampled_from(["CONS", "TONER", "CHAIR", "OLD", "CAT", "SET", "SALES", "LOST", "nope"]),
        "text1": st.sampled_from(["yes", "no", "maybe", "x"]),
    },
)
wild_rows = st.builds(
    CodingRow,
    row_index=st.integers(0, 5),
    net=wild_amounts,
    gross=wild_amounts,
    tax=wild_amounts,
    tax_excluded=wild_amounts,
    tax_percent=wild_amounts,
    description=st.text(max_size=20),
    order_number=st.text(max_size=5),
    codes=codes,
    quantities=st.dictionaries(
        st.sampled_from(["matchedQuantity", "num1"]), wild_amounts.filter(lambda one: one is not None)
    ),
    prices=st.dictionaries(st.just("orderedNetPrice"), wild_amounts.filter(lambda one: one is not None)),
)
days = maybe_none(st.dates())
wild_documents = st.builds(
    AccountingDocument,
    invoice_id=st.text(min_size=1, max_size=36),
    company_code=st.sampled_from(["US10", "", "X"]),
    supplier_code=st.sampled_from(["V-1", "V-2", "V-404", ""]),
    supplier_name=st.text(max_size=20) | st.just("Big client"),
    currency=st.sampled_from(["USD", "EUR", "JPY", "KWD", ""]),
    processing_status=st.just("WaitingForTransfer"),
    content_hash=st.sampled_from(["hash-1", "hash-2"]),
    invoice_number=st.text(max_size=40) | st.just("INV-1"),
    invoice_date=days,
    voucher_date=days,
    due_date=days,
    company_currency=st.sampled_from(["", "USD", "GBP"]),
    exchange_rate=wild_amounts,
    net_sum=wild_amounts,
    gross_sum=wild_amounts,
    tax_sum=wild_amounts,
    tax_excluded_sum=wild_amounts,
    invoice_type_code=st.sampled_from(["", "CN", "JE"]),
    description=st.text(max_size=20),
    payment_block=maybe,
    payment_term_code=st.sampled_from(["", "NET30", "NET99", "nope"]),
    order_numbers=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    rows=st.lists(wild_rows, max_size=6).map(tuple),
)
policies = st.builds(
    PostingPolicy,
    company_codes=st.sampled_from([(), ("US10",)]),
    credit_note_type_codes=st.just(("CN",)),
    journal_entry_type_codes=st.just(("JE",)),
    several_locations=st.sampled_from(SeveralLocations),
    empty_location=st.sampled_from(EmptyDimension),
    empty_class=st.sampled_from(EmptyDimension),
    us_tax=st.sampled_from(UsTax),
    non_us_tax=st.sampled_from(NonUsTax),
    too_many_lines=st.sampled_from(TooManyLines),
    tax_account_id=st.sampled_from(["40", "", "12"]),
    rounding_limit=st.sampled_from([Decimal(0), Decimal("0.05"), Decimal(1000)]),
    rounding_account_id=st.sampled_from(["41", "", "33"]),
    posting_date=st.sampled_from(PostingDate),
    closed_period=st.sampled_from(ClosedPeriod),
    unknown_vendor=st.sampled_from(UnknownVendor),
    rate_source=st.sampled_from(RateSource),
    payment_block=st.sampled_from(PaymentBlock),
    billable=maybe,
    sources=st.builds(
        Sources,
        item=st.sampled_from(["", "productCode"]),
        billable=st.sampled_from(["", "text1"]),
        quantity=st.sampled_from(["matchedQuantity", "num1", ""]),
    ),
    stock_without_quantity=st.sampled_from(StockWithoutQuantity),
    markup_percent=st.sampled_from([Decimal(0), Decimal("12.5")]),
)
companies = st.fixed_dictionaries(
    {
        "country": st.sampled_from(["US", "NO"]),
        "multicurrency": maybe,
        "track_locations": maybe,
        "class_tracking": st.sampled_from(ClassTracking),
        "book_close_date": maybe_none(st.dates()),
        "warn_duplicate_journal_number": maybe,
        "billable_expenses": maybe,
    }
)
found_transactions = st.lists(
    st.builds(
        ExistingTransaction,
        type=st.sampled_from(TransactionType),
        id=st.sampled_from(["900", "901", "902"]),
        sync_token=st.just("0"),
        doc_number=st.sampled_from(["INV-1", "inv-1", "INV-1-1", "other"]),
        memo=st.sampled_from(["", "[bw:a/0]", "[bw:a/1]", "[bw:b/0]", "[bw:%ffffff;/0]"]),
        vendor_id=st.sampled_from(["71", "99", ""]),
        txn_date=days,
        currency=st.just("USD"),
        total=cents.map(abs),
        balance=maybe_none(cents.map(abs)),
        settled=maybe,
    ),
    max_size=3,
)
links = st.lists(st.tuples(st.sampled_from(TransactionType), st.sampled_from(["900", "901"])), max_size=2)
decisions = maybe_none(
    st.builds(
        Decision,
        duplicate=maybe_none(st.sampled_from(DuplicateChoice)),
        link_to=maybe_none(st.tuples(st.sampled_from(TransactionType), st.sampled_from(["900", "901"]))),
        reason=st.sampled_from(["", "because"]),
    )
)
situations = st.fixed_dictionaries(
    {
        "existing": found_transactions,
        "linked": links,
        "posted_hash": st.sampled_from(["", "hash-1", "hash-0"]),
        "decision": decisions,
        "quickbooks_rates": st.sampled_from([{}, {"EUR": Decimal("1.1")}]),
    }
)


def check(posting):
    """A posting is sound by itself: balanced, positive where it must be, and in whole cents."""
    assert posting.total > 0
    assert posting.lines
    assert posting.doc_number
    assert all(is_payable_amount(line.amount, posting.currency) for line in posting.lines)
    assert all(line.account_id for line in posting.lines)
    if posting.type is TransactionType.JOURNAL_ENTRY:
        assert all(line.amount > 0 for line in posting.lines)
        debit, credit = (sum((line.amount for line in posting.lines if line.side is side), Decimal(0)) for side in Side)
        assert debit == credit
        (payable,) = (line for line in posting.lines if line.account_id == posting.payable_account_id)
        assert (payable.amount, payable.vendor_id) == (posting.total, posting.vendor_id)
        assert [line.vendor_id for line in posting.lines if line is not payable] == [""] * (len(posting.lines) - 1)
    else:
        taxes = sum((tax.amount for tax in posting.tax_amounts), Decimal(0))
        assert sum((line.amount for line in posting.lines), Decimal(0)) + taxes == posting.total
        assert all(line.side is None and not line.location_id for line in posting.lines)
        assert posting.tax_mode is TaxMode.EXCLUDED or not posting.tax_amounts
    for line in posting.lines:
        assert not line.item_id or posting.type is not TransactionType.JOURNAL_ENTRY
        assert not line.item_id or abs(line.quantity * line.unit_price - line.amount) < Decimal("0.005")
        assert line.customer_id or not line.billable
        assert line.billable or line.markup_percent is None


@many
@given(document=wild_documents, policy=policies, company=companies, situation=situations)
def test_no_document_ever_breaks_the_rules_and_what_is_posted_is_sound(office, document, policy, company, situation):
    given_ = {"policy": policy, "books": office.books(**company), **situation}
    plan = office.plan(document, **given_)
    assert plan == office.plan(document, **given_), "planning is deterministic"
    assert bool(plan.holds) == (plan.outcome in {Outcome.HOLD, Outcome.REFUSE})
    assert bool(plan.postings) == (plan.outcome in {Outcome.POST, Outcome.UPDATE})
    assert (plan.new_vendor is not None) == (plan.outcome is Outcome.CREATE_VENDOR)
    assert len(short_message(plan.holds)) <= 250
    assert plan.explanations
    for hold in plan.holds:
        assert "(unknown " not in describe(hold).sentence
    for posting in plan.postings:
        check(posting)
        assert posting.doc_number in numbers_to_look_up(document, policy)
        assert posting.txn_date > (company["book_close_date"] or date.min)
    if plan.outcome is Outcome.UPDATE:
        assert [one.type for one in plan.existing] == [one.type for one in plan.postings]
    msgspec.json.encode(plan)


# Documents that are in order

good_rows = st.builds(
    lambda net, rate, account, location, klass: (net, (net * rate / 100).quantize(CENT), account, location, klass),
    cents.filter(bool),
    st.sampled_from([Decimal(0), Decimal(8), Decimal("8.875"), Decimal(25)]),
    st.sampled_from(["6100", "6200"]),
    st.sampled_from(["", "NYC", "BOS"]),
    st.sampled_from(["", "AUD", "TAX"]),
)
row_forms = st.sampled_from(["gross", "net and tax", "net", "all"])


def good_document(office, rows, form, sign=1, **given):
    """A document whose sums agree; its rows tell their amounts in one of the ways Basware may tell them."""
    coded = []
    for net, tax, account, location, klass in rows:
        amounts = {
            "gross": {"gross": net + tax, "net": net},
            "net and tax": {"net": net, "tax": tax},
            "net": {"net": net},
            "all": {"gross": net + tax, "net": net, "tax": tax},
        }[form]
        coding = {name: value for name, value in (("location", location), ("klass", klass)) if value}
        signed = {name: amount * sign for name, amount in amounts.items()}
        coded.append(office.row(account=account, tax_code="V25", **signed, **coding))
    net, tax = sum(row[0] for row in rows) * sign, sum(row[1] for row in rows) * sign
    return office.invoice(*coded, total=net + tax, net_sum=net, tax_sum=tax, **given)


good = st.tuples(st.lists(good_rows, min_size=1, max_size=12), row_forms).filter(
    lambda one: (net := sum(row[0] for row in one[0])) * (net + sum(row[1] for row in one[0])) > 0
)
us_tax = st.sampled_from([UsTax.IN_COST, UsTax.OWN_LINE])
places = st.sampled_from([SeveralLocations.JOURNAL_ENTRY, SeveralLocations.ONE_BILL_PER_LOCATION])


@many
@given(good, us_tax, places, st.sampled_from(["US", "NO"]))
def test_a_document_whose_sums_agree_is_posted_to_the_cent(office, one, tax, several, country):
    rows, form = one
    document = good_document(office, rows, form)
    policy = {"us_tax": tax, "several_locations": several, "tax_account_id": "40"}
    plan = office.plan(document, policy=policy, books=office.books(country=country))
    if {hold.cause.value for hold in plan.holds} == {"mixed-signs"}:
        assert several is SeveralLocations.ONE_BILL_PER_LOCATION
        return
    assert plan.outcome is Outcome.POST, plan.holds
    for posting in plan.postings:
        check(posting)
    assert sum(posting.total for posting in plan.postings) == abs(document.gross_sum)
    assert [posting.part for posting in plan.postings] == list(range(len(plan.postings)))
    assert len({posting.doc_number for posting in plan.postings}) == len(plan.postings)


@many
@given(good, us_tax, st.sampled_from(["US", "NO"]))
def test_a_credit_note_is_the_mirror_image_of_its_invoice(office, one, tax, country):
    rows, form = one
    policy = {"us_tax": tax, "tax_account_id": "40"}
    books = office.books(country=country)
    (plain,) = office.plan(good_document(office, rows, form), policy=policy, books=books).postings
    (mirror,) = office.plan(good_document(office, rows, form, sign=-1), policy=policy, books=books).postings
    if plain.type is TransactionType.JOURNAL_ENTRY:
        assert mirror.type is TransactionType.JOURNAL_ENTRY
        assert [(line.account_id, line.amount) for line in plain.lines] == [
            (line.account_id, line.amount) for line in mirror.lines
        ]
        assert all(one.side is not other.side for one, other in zip(plain.lines, mirror.lines, strict=True))
    else:
        assert {plain.type, mirror.type} == {TransactionType.BILL, TransactionType.VENDOR_CREDIT}
        assert plain.lines == mirror.lines
        assert plain.tax_amounts == mirror.tax_amounts
    assert plain.total == mirror.total


@many
@given(good, us_tax, st.integers(-5, 5).filter(bool))
def test_a_wrong_total_is_never_posted_without_a_rounding_line(office, one, tax, off):
    rows, form = one
    document = good_document(office, rows, form)
    wrong = msgspec.structs.replace(document, gross_sum=document.gross_sum + off * CENT)
    policy = {"us_tax": tax, "tax_account_id": "40"}
    plan = office.plan(wrong, policy=policy)
    assert "lines-differ-from-total" in {hold.cause.value for hold in plan.holds} or wrong.gross_sum == 0
    if wrong.gross_sum * document.gross_sum <= 0:
        return
    rounding = {"rounding_limit": Decimal("0.05"), "rounding_account_id": "41"}
    (posting,) = office.plan(wrong, policy=policy | rounding).postings
    check(posting)
    assert posting.total == abs(wrong.gross_sum)
    assert [line.amount for line in posting.lines if line.account_id == "41"]


def as_found(postings):
    """What QuickBooks holds once these postings are made."""
    return [
        ExistingTransaction(
            type=posting.type,
            id=str(900 + posting.part),
            sync_token="0",
            doc_number=posting.doc_number,
            memo=posting.memo,
            vendor_id=posting.vendor_id,
            txn_date=posting.txn_date,
            currency=posting.currency,
            total=posting.total,
            balance=None if posting.type is TransactionType.JOURNAL_ENTRY else posting.total,
        )
        for posting in postings
    ]


@many
@given(good, places, st.integers(0, 3))
def test_what_is_in_quickbooks_already_is_never_posted_again(office, one, several, missing):
    rows, form = one
    document = good_document(office, rows, form)
    policy = {"several_locations": several}
    first = office.plan(document, policy=policy)
    if first.holds:
        return
    found = as_found(first.postings)
    linked = [(transaction.type, transaction.id) for transaction in found]
    assert office.plan(document, policy=policy, existing=found).outcome is Outcome.ADOPT
    again = {"policy": policy, "existing": found, "linked": linked}
    assert office.plan(document, posted_hash="hash-1", **again).outcome is Outcome.NOTHING
    changed = office.plan(document, posted_hash="hash-0", **again)
    assert changed.outcome is Outcome.UPDATE
    assert [posting.part for posting in changed.postings] == [posting.part for posting in first.postings]
    rest = [transaction for part, transaction in enumerate(found) if part != missing]
    plan = office.plan(document, policy=policy, existing=rest)
    expected = [posting.part for posting in first.postings if posting.part == missing]
    assert [posting.part for posting in plan.postings] == expected
    assert plan.outcome is (Outcome.POST if expected else Outcome.ADOPT)

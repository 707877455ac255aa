"""Which document of one system is which of the other, as a person would tell."""

from decimal import Decimal

from twins.page.matching import documents, vendors
from twins.rows import DocumentRow, VendorRow


def document(number, supplier="Acme Inc.", total="10.00", **parts):
    row = {"kind": "Bill", "id": number, "supplier_code": "", "date": "2026-11-01", "currency": "USD", "status": ""}
    return DocumentRow(**{**row, "number": number, "supplier": supplier, "total": Decimal(total), **parts})


def vendor(code, name):
    return VendorRow(id=code or name, code=code, name=name, currency="USD", active=True)


def numbers(pairs):
    return {(pair.basware and pair.basware.id, pair.quickbooks and pair.quickbooks.id) for pair in pairs}


def test_the_same_number_and_supplier_is_the_same_document_whatever_the_case():
    [pair] = documents([document("INV-7", "ACME INC.", id="b")], [document("inv-7", id="q", total="11.00")])
    assert (pair.side, pair.differs) == ("both", True)
    assert pair.contains("acme")
    assert not pair.contains("globex")


def test_a_supplier_is_known_by_code_or_by_name():
    basware = [document("1", "Acme Incorporated", supplier_code="V-1", id="b")]
    quickbooks = [document("1", "Acme Inc.", supplier_code="V-1", id="q", total="99")]
    assert numbers(documents(basware, quickbooks)) == {("b", "q")}


def test_two_suppliers_with_one_number_are_not_mixed_up():
    basware = [document("1", "Acme", id="b1"), document("1", "Globex", id="b2")]
    quickbooks = [document("1", "Globex", id="q2"), document("1", "Acme", id="q1")]
    assert numbers(documents(basware, quickbooks)) == {("b1", "q1"), ("b2", "q2")}


def test_without_a_common_supplier_number_total_and_currency_must_all_agree():
    basware = [document("1", "Acme", id="b1"), document("2", "Acme", id="b2"), document("3", "Acme", id="b3")]
    quickbooks = [
        document("1", "", id="q1"),
        document("2", "", id="q2", total="12"),
        document("3", "", id="q3", currency="EUR"),
    ]
    assert numbers(documents(basware, quickbooks)) == {
        ("b1", "q1"), ("b2", None), ("b3", None), (None, "q2"), (None, "q3"),
    }  # fmt: skip


def test_a_long_number_may_be_shortened_from_either_end():
    long = "INV-2026-11-000123-CHICAGO"
    for short in (long[:21], long[-21:]):
        assert numbers(documents([document(long, id="b")], [document(short, id="q")])) == {("b", "q")}
    assert len(documents([document(long, id="b")], [document(long[:20], id="q")])) == 2


def test_each_document_is_in_one_pair_only_and_none_is_lost():
    basware = [document("1", id=f"b{index}") for index in range(3)]
    quickbooks = [document("1", id=f"q{index}") for index in range(2)]
    assert numbers(documents(basware, quickbooks)) == {("b0", "q0"), ("b1", "q1"), ("b2", None)}
    assert [pair.side for pair in documents([], quickbooks)] == ["quickbooks"] * 2


def test_a_document_without_a_number_is_nobodys_other_half():
    assert len(documents([document("", id="b")], [document("", id="q")])) == 2


def test_the_newest_come_first():
    basware = [document("1", date="2026-01-01"), document("2", date="2026-03-01")]
    pairs = documents(basware, [document("3", date="2026-02-01")])
    assert [(pair.basware or pair.quickbooks).number for pair in pairs] == ["2", "3", "1"]


def test_vendors_are_matched_by_code_else_by_name():
    basware = [vendor("V-1", "Acme Incorporated"), vendor("V-2", "Globex"), vendor("V-3", "Initech")]
    quickbooks = [vendor("V-1", "Acme"), vendor("", "GLOBEX"), vendor("V-9", "Hooli")]
    assert numbers(vendors(basware, quickbooks)) == {("V-1", "V-1"), ("V-2", "GLOBEX"), ("V-3", None), (None, "V-9")}

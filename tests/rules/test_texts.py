# ruff: noqa: RUF001 -- look-alike letters are what this module is about
"""Texts and numbers as QuickBooks can hold them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_connector.rules.texts import clean, part_number, shorten_number

ANY_TEXT = st.text(max_size=80)
NUMBERS = st.text(alphabet="ABCxyz0123456789-/ .#ŁşФ発", min_size=1, max_size=60)


def test_ordinary_text_is_left_alone() -> None:
    cleaned = clean("Office rent, March – 2nd floor", limit=100, latin1_only=False)
    assert (cleaned.text, cleaned.changed, cleaned.note) == ("Office rent, March – 2nd floor", False, "")


def test_latin_1_letters_stay_in_a_us_company() -> None:
    assert clean("Müller & Søn, 5 £ ½", limit=100, latin1_only=True).text == "Müller & Søn, 5 £ ½"


@pytest.mark.parametrize(
    ("given", "spelled"),
    [
        ("Łódź Śląska", "Lódz Slaska"),
        ("Işık Ticaret A.Ş.", "Isik Ticaret A.S."),
        ("Ștefan și Țară", "Stefan si Tara"),
        ("“Smart” – quotes…", '"Smart" - quotes...'),
        ("Rent 1 200 €", "Rent 1 200 EUR"),
        ("Αθήνα Ελλάς", "Athina Ellas"),
        ("ООО Щука объект", "OOO Shchuka obekt"),
        ("東京", "??"),
        ("Cafe\u0301 Ő", "Café O"),
        ("x\u0302", "x"),
        ("Ｆｕｌｌ", "Full"),
        ("paid 🎉", "paid ?"),
    ],
)
def test_a_us_company_gets_the_nearest_latin_1_spelling(given: str, spelled: str) -> None:
    cleaned = clean(given, limit=100, latin1_only=True)
    assert cleaned.text == spelled
    assert cleaned.changed


def test_other_editions_keep_every_letter() -> None:
    assert clean("Łódź Αθήνα 東京", limit=100, latin1_only=False).text == "Łódź Αθήνα 東京"


def test_control_characters_become_spaces_and_are_noted() -> None:
    cleaned = clean("a\x00b\x1fc", limit=100, latin1_only=False)
    assert (cleaned.text, cleaned.note) == ("a b c", "2 control characters removed")


def test_a_single_line_text_has_no_line_breaks_left() -> None:
    assert (
        clean("one\r\ntwo\tthree\u2028four", limit=100, latin1_only=False, single_line=True).text
        == "one two three four"
    )
    assert clean("one\r\ntwo", limit=100, latin1_only=False).text == "one\ntwo"


def test_invisible_marks_disappear_without_a_note() -> None:
    cleaned = clean("AB\u200bC\ufeff", limit=100, latin1_only=False)
    assert (cleaned.text, cleaned.changed, cleaned.note) == ("ABC", True, "")


def test_a_long_text_is_cut_with_an_ellipsis_and_the_note_says_so() -> None:
    assert clean("abcdefghij", limit=6, latin1_only=False).text == "abcde…"
    cleaned = clean("abcdefghij", limit=6, latin1_only=True)
    assert (cleaned.text, cleaned.note) == ("abc...", "cut from 10 to 6 characters")


def test_broken_characters_never_reach_the_wire() -> None:
    clean("\ud800 and \uffff", limit=50, latin1_only=False).text.encode("utf-8")


@settings(max_examples=400)
@given(text=ANY_TEXT, limit=st.integers(0, 60), latin1=st.booleans(), single=st.booleans())
def test_cleaning_is_within_the_limit_encodable_and_idempotent(
    text: str, limit: int, latin1: bool, single: bool
) -> None:
    once = clean(text, limit=limit, latin1_only=latin1, single_line=single)
    assert len(once.text.encode("utf-16-le")) <= 2 * limit
    once.text.encode("latin-1" if latin1 else "utf-8")
    assert clean(once.text, limit=limit, latin1_only=latin1, single_line=single).text == once.text
    assert once.changed == (once.text != text)
    assert once.note.isascii()
    if single:
        assert "\n" not in once.text


@pytest.mark.parametrize("number", ["INV-1", "2026/000123", "A" * 21, "Ö-77"])
def test_an_invoice_number_that_fits_is_kept_verbatim(number: str) -> None:
    assert shorten_number(number) == number


def test_a_longer_invoice_number_keeps_a_readable_head() -> None:
    short = shorten_number("INV-2026-0000-0000-0000-4711")
    assert short.startswith("INV-2026-000~")
    assert len(short) == 21


def test_a_number_in_foreign_letters_is_spelled_and_told_apart() -> None:
    assert shorten_number("発-1") != shorten_number("票-1")
    shorten_number("発-1").encode("latin-1")
    assert shorten_number("発-1", latin1_only=False) == "発-1"


@settings(max_examples=500)
@given(number=NUMBERS, limit=st.integers(10, 21))
def test_a_shortened_number_fits_and_shortening_it_again_changes_nothing(number: str, limit: int) -> None:
    short = shorten_number(number, limit)
    assert len(short) <= limit
    assert shorten_number(short, limit) == short
    assert shorten_number(number, limit) == short


@settings(max_examples=500)
@given(
    stem=st.text(alphabet="ABC0123456789-", min_size=22, max_size=50),
    position=st.integers(0, 49),
    char=st.sampled_from("ABC0123456789-"),
)
def test_nearly_equal_long_numbers_stay_different(stem: str, position: int, char: str) -> None:
    at = position % len(stem)
    other = stem[:at] + char + stem[at + 1 :]
    assert (shorten_number(stem) == shorten_number(other)) == (stem == other)


def test_ten_thousand_consecutive_long_numbers_give_ten_thousand_document_numbers() -> None:
    assert len({shorten_number(f"LEASE-2026-CONTRACT-{n:06}") for n in range(10_000)}) == 10_000


def test_a_document_that_stays_whole_has_no_suffix() -> None:
    assert part_number("INV-1", 0, 1) == "INV-1"


def test_the_parts_of_a_document_are_numbered_from_one() -> None:
    assert [part_number("INV-1", part, 3) for part in range(3)] == ["INV-1-1", "INV-1-2", "INV-1-3"]


@given(number=NUMBERS, parts=st.integers(1, 120))
def test_part_numbers_fit_and_differ(number: str, parts: int) -> None:
    numbers = [part_number(number, part, parts) for part in range(parts)]
    assert all(len(one) <= 21 for one in numbers)
    assert len(set(numbers)) == parts


def test_a_part_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="part 2 is not one of 2"):
        part_number("INV-1", 2, 2)


def test_a_limit_without_room_for_the_digest_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 10"):
        shorten_number("X", 9)

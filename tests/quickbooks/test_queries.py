"""Statements: nothing a supplier writes in a number can change what is asked."""

import re

from hypothesis import given
from hypothesis import strategies as st

from ml_connector.quickbooks.queries import MAX_STATEMENT, MAX_VALUES, ids_in, literal, numbers_in, page_of

AWKWARD = st.text(alphabet=st.sampled_from("\\'\"ab %,()"), max_size=30) | st.text(max_size=30)


def read_literals(text: str) -> list[str]:
    """An independent reading of quoted values with backslash escapes."""
    values: list[str] = []
    value: list[str] | None = None
    characters = iter(text)
    for character in characters:
        if value is None:
            if character == "'":
                value = []
        elif character == "\\":
            value.append(next(characters))
        elif character == "'":
            values.append("".join(value))
            value = None
        else:
            value.append(character)
    assert value is None, "a quote was left open"
    return values


@given(AWKWARD)
def test_any_text_is_one_value_and_stays_itself(text: str) -> None:
    assert read_literals(literal(text)) == [text]


def test_a_quote_is_escaped_as_intuit_shows_it() -> None:
    assert literal("Amy's Bird Sanctuary") == r"'Amy\'s Bird Sanctuary'"


@given(st.lists(AWKWARD, max_size=500))
def test_every_number_is_asked_for_exactly_once(numbers: list[str]) -> None:
    statements = numbers_in("Bill", numbers)
    assert [value for text in statements for value in read_literals(text)] == list(dict.fromkeys(numbers))
    assert all(len(text) <= MAX_STATEMENT for text in statements)
    assert all(1 <= len(read_literals(text)) <= MAX_VALUES for text in statements)


def test_long_lists_are_cut_by_count_and_by_length() -> None:
    assert len(ids_in("Bill", [str(n) for n in range(401)])) == 3
    assert len(numbers_in("Bill", [f"{n:021}" + "x" * 100 for n in range(200)])) > 3


def test_list_records_are_asked_for_with_the_inactive_ones_and_transactions_are_not() -> None:
    (vendors,) = ids_in("Vendor", ["7", "8"])
    assert (
        vendors == "SELECT * FROM Vendor WHERE Id IN ('7', '8') AND Active IN (true, false) ORDERBY Id MAXRESULTS 1000"
    )
    (bills,) = numbers_in("Bill", ["INV-1"])
    assert bills == "SELECT * FROM Bill WHERE DocNumber IN ('INV-1') ORDERBY Id MAXRESULTS 1000"


def test_nothing_to_look_up_asks_nothing() -> None:
    assert numbers_in("Bill", []) == []


def test_a_page_counts_from_one() -> None:
    assert re.search(r"STARTPOSITION 1 MAXRESULTS 1000$", page_of("Bill"))

"""Tables for spreadsheets, however long: what is read ahead of what was sent, asserted on the iterators."""

from collections.abc import Iterator, Sequence

from ml_connector.console.paging import everything
from ml_connector.console.screens import table_text

LONG = 100_000


def test_a_table_of_a_hundred_thousand_rows_is_read_no_further_than_it_is_sent() -> None:
    read = 0

    def rows() -> Iterator[tuple[object, ...]]:
        nonlocal read
        for number in range(LONG):
            read += 1
            yield (f"=1+{number}", number)

    longest = sent = 0
    for piece in table_text(("text", "number"), rows()):
        assert read - sent <= 100, "only what is sent next is in memory"
        sent, longest = read, max(longest, len(piece))
        if sent == 25:
            assert piece.startswith("\ufefftext,number\r\n'=1+0,0\r\n")

    assert sent == LONG
    assert longest < 10_000


def test_a_list_begins_with_few_rows_and_is_read_on_in_portions_as_it_is_sent() -> None:
    asked: list[tuple[int, int]] = []

    def read(offset: int, limit: int) -> Sequence[tuple[object, ...]]:
        asked.append((offset, limit))
        return [(number,) for number in range(offset, min(offset + limit, 2_500))]

    pieces = table_text(("number",), everything(read))
    assert next(pieces).count("\r\n") == 26
    assert asked == [(0, 25)]
    assert sum(piece.count("\r\n") for piece in pieces) == 2_475
    assert asked == [(0, 25), (25, 100), (125, 400), (525, 1000), (1525, 1000)]


def test_an_empty_table_has_its_heading() -> None:
    assert list(table_text(("invoice", "amount"), ())) == ["\ufeffinvoice,amount\r\n"]

"""Tables for spreadsheets, however long: what is read ahead of what was sent, asserted on the iterators."""

from collections.abc import Iterator

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


def test_an_empty_table_has_its_heading() -> None:
    assert list(table_text(("invoice", "amount"), ())) == ["\ufeffinvoice,amount\r\n"]

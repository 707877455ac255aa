"""Bank accounts in words that are kept for ever."""

import pytest

from ml_connector.basware.bank_accounts import without_numbers


def details(*numbers: str) -> list[dict[str, object]]:
    return [{"financialAccounts": [{"financialAccountIdentifiers": [{"id": one} for one in numbers]}]}]


@pytest.mark.parametrize(
    "written",
    [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "de89-3704-0044-0532-0130-00",
        "DE89\u00a0370400440532013000",
    ],
)
@pytest.mark.parametrize("kept", ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00"])
def test_a_number_is_masked_however_it_is_grouped(kept: str, written: str) -> None:
    assert without_numbers(f"IBAN {written} is wrong.", details(kept)) == "IBAN …3000 is wrong."


def test_a_number_that_begins_as_another_does_not_leave_more_of_that() -> None:
    said = without_numbers("Not 123456789 and not 12345.", details("12345", "123456789"))
    assert said == "Not …6789 and not …2345."


def test_a_number_is_text_whatever_is_in_it() -> None:
    assert without_numbers(r"Not ab(c\1*.", details(r"ab(c\1*")) == r"Not …c\1*."


def test_words_without_a_number_and_numbers_as_short_as_what_is_left_stay() -> None:
    assert without_numbers("Row 1234 is wrong.", details("1234", "", "99887766")) == "Row 1234 is wrong."

"""How sentences of ours come onto a page: days as the company writes them, commands as code, names as they are."""

from datetime import UTC, date, datetime

import pytest

from ml_connector.console.formats import Formats

US = Formats(country="US", time_zone="America/New_York")


def test_a_day_in_a_sentence_is_written_as_the_company_writes_days() -> None:
    said = US.sentence("It would be posted on 2026-10-31, but the books are closed through 2026-10-31.")
    assert said == "It would be posted on 10/31/2026, but the books are closed through 10/31/2026."
    assert US.sentence("Bill 145 of 2026-10-31 over 10.00 USD") == "Bill 145 of 10/31/2026 over 10.00 USD"


def test_an_instant_in_a_sentence_is_told_in_the_companys_time() -> None:
    assert US.sentence("It is over since 2026-11-28 16:30 UTC.") == "It is over since 11/28/2026 11:30."


def test_a_number_that_looks_like_a_day_stays_a_number() -> None:
    for said in ("Invoice 2026-10-31 is posted.", "The number 2026-10-31 is taken.", "Wait for PO on 2026-10-31-B."):
        assert US.sentence(said) == said


def test_what_is_no_day_stays_as_it_is() -> None:
    assert US.sentence("Not on 2026-13-45, and not since 2026-13-45 10:00 UTC.") == (
        "Not on 2026-13-45, and not since 2026-13-45 10:00 UTC."
    )


def test_fields_and_amounts_are_written_as_people_write_them() -> None:
    assert (
        US.sentence("accountCode 6470 on row 1 leads to no account.")
        == "Account code 6470 on row 1 leads to no account."
    )
    assert US.sentence("1480.00 USD: what is owed (from grossSum)") == "1,480.00 USD: what is owed (from gross total)"
    for said in ("accountCode=6400..6499", "Invoice 2026-1480.00 is posted.", "Number 14800 USD"):
        assert US.sentence(said) == said


def test_a_moment_names_its_zone_only_where_a_page_is_of_no_company() -> None:
    at = datetime(2026, 11, 30, 4, 30, tzinfo=UTC)
    assert US.moment(at) == "11/29/2026 23:30"
    assert Formats(zone_told=True).moment(at) == "2026-11-30 04:30 UTC"
    assert Formats(country="US", time_zone="America/New_York", zone_told=True).moment(at) == "11/29/2026 23:30 EST"


def test_a_month_is_written_by_its_name() -> None:
    assert US.month("2026-11") == US.month(date(2026, 11, 30)) == "November 2026"


def test_a_command_is_code_and_what_a_vendor_is_called_is_no_markup() -> None:
    said = US.sentence("Look at <b>Acme & Co</b> with `ml-connector vendors show <1>`.")
    assert said == "Look at &lt;b&gt;Acme &amp; Co&lt;/b&gt; with <code>ml-connector vendors show &lt;1&gt;</code>."


@pytest.mark.parametrize(
    ("told", "words", "detail"),
    [
        (
            "The books were not read. (QuickBooks failed; HTTP 500; intuit_tid 1-2)",
            "The books were not read.",
            "QuickBooks failed; HTTP 500; intuit_tid 1-2",
        ),
        ("Basware refused it. (Not found (404); HTTP 404)", "Basware refused it.", "Not found (404); HTTP 404"),
        ("2 bills (of 3) wait.", "2 bills (of 3) wait.", ""),
        ("2 bills (of 3) wait. (Down; HTTP 503)", "2 bills (of 3) wait.", "Down; HTTP 503"),
        ("Posted (all)", "Posted (all)", ""),
    ],
)
def test_what_a_system_answered_exactly_is_parted_from_the_words_for_people(told: str, words: str, detail: str) -> None:
    assert Formats.parted(told) == (words, detail)

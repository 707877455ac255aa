"""Companies without a connection: one connection tells, what is taken care of is nobody's business."""

from hypothesis import given
from hypothesis import strategies as st

from ml_connector.flows.unclaimed import Claim, Waiting, nobodys, spokesman, unclaimed_message

CODES = st.text("AB1", min_size=1, max_size=2)
CLAIMS = st.lists(
    st.builds(
        Claim,
        connection_id=st.uuids().map(str),
        companies=st.lists(CODES, max_size=3).map(tuple),
        works=st.booleans(),
        elsewhere=st.lists(CODES, max_size=2).map(tuple),
    ),
    max_size=4,
)
WAITING = st.dictionaries(CODES, st.builds(Waiting, documents=st.integers(1, 9), orders=st.integers(0, 9)))


@given(waiting=WAITING, claims=CLAIMS)
def test_whatever_waits_has_a_connection_or_is_told_of(waiting: dict[str, Waiting], claims: list[Claim]) -> None:
    told = nobodys(waiting, claims)
    for code, found in waiting.items():
        has_one = any(code in one.companies or code in one.elsewhere for one in claims)
        assert (code in told) is not has_one
        assert has_one or told[code] == found


@given(claims=CLAIMS)
def test_one_connection_tells_as_long_as_one_works(claims: list[Claim]) -> None:
    working = [one.connection_id for one in claims if one.works]
    assert spokesman(claims) == (working[0] if working else "")


def test_the_words_name_the_company_what_waits_and_what_to_do() -> None:
    message = unclaimed_message("US40", Waiting(documents=1, orders=2))
    assert message.startswith("1 approved document and 2 exported orders of Basware company US40 wait in Basware")
    assert "company_codes" in message
    assert " waits in Basware" in unclaimed_message("US40", Waiting(documents=1))
    everything = unclaimed_message("US40", Waiting(documents=1, prebookings=2, orders=1, vendors=3))
    assert everything.startswith(
        "1 approved document, 2 prebooked invoices, 1 exported order and 3 vendors of Basware company US40"
    )
    assert unclaimed_message("US40", Waiting(vendors=1)).startswith("1 vendor of Basware company US40 is in Basware")

"""Which value of a vendor's field stands: the one written last, field by field, and nothing one side alone has is lost."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ml_connector.model.vendors import ADDRESS, EMAIL, FIELDS, NAME, PHONE, TAX_ID, TERM, Side, Stamped
from ml_connector.rules.vendor_merge import Merged, SideNow, by_our_clock, median, merge

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def whole(_field: str, value: str) -> str | None:
    """A side that can hold everything."""
    return value


def side(
    which: Side, values: dict[str, str], *, at: datetime = NOON, seen: dict[str, str] | None = None, **more
) -> SideNow:
    """One side of a vendor; without `seen` it was never looked at."""
    return SideNow(side=which, values=values, seen=seen or {}, at=at, **({"fit": whole} | more))


def ours(values: dict[str, str], **more) -> SideNow:
    """QuickBooks' side."""
    return side(Side.QUICKBOOKS, values, **more)


def theirs(values: dict[str, str], **more) -> SideNow:
    """Basware's side."""
    return side(Side.BASWARE, values, **more)


def agreed_on(at: datetime = NOON - MINUTE, by: Side = Side.QUICKBOOKS, **values: str) -> dict[str, Stamped]:
    """What both sides agreed on last."""
    return {field: Stamped(value=value, at=at, side=by) for field, value in values.items()}


def standing(merged: Merged) -> dict[str, str]:
    """The values that stand."""
    return {field: one.value for field, one in merged.agreed.items()}


def test_a_field_that_one_side_changed_goes_to_the_other():
    before = agreed_on(name="Acme")
    old = {NAME: "Acme"}

    merged = merge(before, ours({NAME: "Acme Two"}, seen=old), theirs(old, seen=old))

    assert (merged.to_quickbooks, merged.to_basware) == ({}, {NAME: "Acme Two"})


def test_of_two_changes_to_one_field_the_later_stands_and_the_other_is_told_of():
    old = {NAME: "Acme"}
    merged = merge(
        agreed_on(name="Acme"),
        ours({NAME: "Acme A"}, seen=old, at=NOON),
        theirs({NAME: "Acme B"}, seen=old, at=NOON + MINUTE),
    )

    assert standing(merged) == {NAME: "Acme B"}
    assert merged.to_quickbooks == {NAME: "Acme B"}
    [one] = merged.overruled
    assert (one.lost.value, one.stands.value) == ("Acme A", "Acme B")


def test_fields_are_decided_one_by_one_though_each_record_has_only_one_moment():
    old = {NAME: "Acme", EMAIL: "a@acme.example"}
    merged = merge(
        agreed_on(name="Acme", email="a@acme.example"),
        ours({NAME: "Acme Two", EMAIL: "a@acme.example"}, seen=old, at=NOON),
        theirs({NAME: "Acme", EMAIL: "b@acme.example"}, seen=old, at=NOON + MINUTE),
    )

    assert standing(merged) == {NAME: "Acme Two", EMAIL: "b@acme.example"}
    assert merged.to_quickbooks == {EMAIL: "b@acme.example"}
    assert merged.to_basware == {NAME: "Acme Two"}
    assert merged.overruled == ()


def test_an_address_is_one_field_so_no_half_of_two_comes_about():
    old = "1 Old St\nOslo\n\n0150\nNO"
    merged = merge(
        agreed_on(address=old),
        ours({ADDRESS: "2 New St\nOslo\n\n0150\nNO"}, seen={ADDRESS: old}, at=NOON),
        theirs({ADDRESS: "1 Old St\nBergen\n\n5003\nNO"}, seen={ADDRESS: old}, at=NOON + MINUTE),
    )

    assert standing(merged) == {ADDRESS: "1 Old St\nBergen\n\n5003\nNO"}


def test_within_the_tolerance_of_clocks_the_books_decide():
    old = {NAME: "Acme"}
    for seconds, expected in ((5, "Acme A"), (6, "Acme B")):
        merged = merge(
            agreed_on(name="Acme"),
            ours({NAME: "Acme A"}, seen=old, at=NOON),
            theirs({NAME: "Acme B"}, seen=old, at=NOON + timedelta(seconds=seconds)),
            timedelta(seconds=5),
        )
        assert standing(merged) == {NAME: expected}


def test_a_side_that_was_told_and_does_not_say_so_yet_did_not_change_anything():
    old = {NAME: "Acme"}
    before = agreed_on(at=NOON, name="Acme Two")

    merged = merge(
        before, ours({NAME: "Acme Two"}, seen={NAME: "Acme Two"}), theirs(old, seen=old, at=NOON + 5 * MINUTE)
    )

    assert standing(merged) == {NAME: "Acme Two"}
    assert merged.to_basware == {NAME: "Acme Two"}


def test_who_changes_it_back_after_taking_it_has_changed_it():
    before = agreed_on(at=NOON, name="Acme Two")
    told = {NAME: "Acme Two"}

    merged = merge(before, ours(told, seen=told), theirs({NAME: "Acme"}, seen=told, at=NOON + MINUTE))

    assert standing(merged) == {NAME: "Acme"}
    assert merged.to_quickbooks == {NAME: "Acme"}


def test_a_side_whose_clock_was_set_back_still_replaces_its_own_older_value():
    before = agreed_on(at=NOON, by=Side.BASWARE, name="Acme")
    old = {NAME: "Acme"}

    merged = merge(before, ours(old, seen=old), theirs({NAME: "Acme Two"}, seen=old, at=NOON - timedelta(days=1)))

    assert standing(merged) == {NAME: "Acme Two"}


def test_emptying_a_field_is_a_change_like_any_other():
    old = {PHONE: "1"}
    merged = merge(agreed_on(phone="1"), ours({PHONE: ""}, seen=old), theirs(old, seen=old))

    assert merged.to_basware == {PHONE: ""}


def test_at_the_first_meeting_an_empty_field_never_empties_a_full_one():
    merged = merge(
        {}, ours({EMAIL: "", PHONE: "1"}, at=NOON + MINUTE), theirs({EMAIL: "a@acme.example", PHONE: ""}, at=NOON)
    )

    assert standing(merged) == {EMAIL: "a@acme.example", PHONE: "1"}
    assert (merged.to_quickbooks, merged.to_basware) == ({EMAIL: "a@acme.example"}, {PHONE: "1"})
    assert merged.overruled == ()


def test_at_the_first_meeting_a_value_one_side_holds_in_part_is_no_other_value():
    def short(field: str, value: str) -> str | None:
        return value[:4] if field == NAME else value

    merged = merge({}, ours({NAME: "Acme"}, at=NOON + MINUTE, fit=short), theirs({NAME: "Acme Paper"}, at=NOON))

    assert standing(merged) == {NAME: "Acme Paper"}
    assert (merged.to_quickbooks, merged.to_basware) == ({}, {})


def test_a_value_cut_to_a_limit_does_not_come_back_as_a_change():
    def short(_field: str, value: str) -> str | None:
        return value[:4]

    before = agreed_on(name="Acme Paper")
    merged = merge(before, ours({NAME: "Acme Paper"}), theirs({NAME: "Acme"}, at=NOON + MINUTE, fit=short))

    assert standing(merged) == {NAME: "Acme Paper"}
    assert merged.to_basware == {}


def test_a_value_a_side_cannot_hold_leaves_that_side_as_it_is_and_is_told():
    def no_terms(field: str, value: str) -> str | None:
        return None if field == TERM else value

    merged = merge({}, ours({TERM: "3"}, fit=no_terms), theirs({TERM: "Basware: X"}, at=NOON + MINUTE, fit=no_terms))

    assert (merged.to_quickbooks, merged.to_basware) == ({}, {})
    assert (TERM, Side.QUICKBOOKS) in merged.unheld


def test_a_field_a_side_cannot_say_anything_about_is_neither_read_from_it_nor_lost():
    before = agreed_on(by=Side.BASWARE, tax_id="123")
    merged = merge(before, ours({}), theirs({TAX_ID: "123"}))

    assert standing(merged) == {TAX_ID: "123"}
    assert merged.to_quickbooks == {}


def test_a_field_that_is_taken_and_never_shown_is_told_once_for_each_new_value():
    blind = {"blind": (TAX_ID,)}
    first = merge({}, ours({}, **blind), theirs({TAX_ID: "123"}))
    assert first.to_quickbooks == {TAX_ID: "123"}

    again = merge(first.agreed, ours({}, seen={TAX_ID: "123"}, **blind), theirs({TAX_ID: "123"}, seen={TAX_ID: "123"}))
    assert again.to_quickbooks == {}

    changed = merge(
        first.agreed,
        ours({}, seen={TAX_ID: "123"}, **blind),
        theirs({TAX_ID: "456"}, seen={TAX_ID: "123"}, at=NOON + MINUTE),
    )
    assert changed.to_quickbooks == {TAX_ID: "456"}


def test_moments_are_compared_by_our_own_clock_and_one_slow_answer_does_not_move_it():
    ahead = median([timedelta(seconds=300), timedelta(seconds=301), timedelta(seconds=420)])

    assert ahead == timedelta(seconds=301)
    assert by_our_clock(NOON + ahead, ahead) == NOON
    assert median([]) == timedelta(0)


VALUES = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["", "a", "b", "c", "dd"]))
MOMENTS = st.integers(min_value=0, max_value=50).map(lambda minutes: NOON + minutes * MINUTE)
SEEN = VALUES
AGREED = st.dictionaries(
    st.sampled_from(FIELDS),
    st.builds(Stamped, value=st.sampled_from(["", "a", "b"]), at=MOMENTS, side=st.sampled_from(list(Side))),
)


@settings(max_examples=400)
@given(AGREED, VALUES, VALUES, SEEN, SEEN, MOMENTS, MOMENTS)
def test_once_both_sides_took_what_they_were_told_there_is_nothing_left_to_do(  # noqa: PLR0917
    agreed, mine, yours, seen_mine, seen_yours, at_mine, at_yours
):
    merged = merge(agreed, ours(mine, at=at_mine, seen=seen_mine), theirs(yours, at=at_yours, seen=seen_yours))
    mine_after, yours_after = mine | merged.to_quickbooks, yours | merged.to_basware

    again = merge(
        merged.agreed,
        ours(mine_after, at=NOON + 90 * MINUTE, seen=mine_after),
        theirs(yours_after, at=NOON + 90 * MINUTE, seen=yours_after),
    )

    assert (again.to_quickbooks, again.to_basware, again.overruled) == ({}, {}, ())
    assert again.agreed == merged.agreed
    for field in set(mine) & set(yours):
        assert mine_after[field] == yours_after[field] == merged.agreed[field].value


@settings(max_examples=400)
@given(AGREED, VALUES, VALUES, SEEN, SEEN, MOMENTS, MOMENTS)
def test_no_value_is_made_up_and_none_that_nobody_replaced_is_lost(  # noqa: PLR0917
    agreed, mine, yours, seen_mine, seen_yours, at_mine, at_yours
):
    merged = merge(agreed, ours(mine, at=at_mine, seen=seen_mine), theirs(yours, at=at_yours, seen=seen_yours))

    for field in FIELDS:
        written = {one.get(field) for one in (mine, yours)} | ({agreed[field].value} if field in agreed else set())
        if field in merged.agreed:
            assert merged.agreed[field].value in written
        else:
            assert written <= {None}
        if field not in agreed and any(one.get(field) for one in (mine, yours)):
            assert merged.agreed[field].value


@given(MOMENTS, MOMENTS, st.integers(min_value=0, max_value=10))
def test_of_two_changes_the_newer_stands_whatever_the_tolerance_unless_it_is_within_it(at_mine, at_yours, minutes):
    old = {NAME: "old"}
    merged = merge(
        agreed_on(at=NOON - MINUTE, name="old"),
        ours({NAME: "mine"}, at=at_mine, seen=old),
        theirs({NAME: "yours"}, at=at_yours, seen=old),
        minutes * MINUTE,
    )

    assert standing(merged)[NAME] == ("yours" if at_yours - at_mine > minutes * MINUTE else "mine")

"""Numbers of orders in Basware: each stands for one order at a time, and in the end every order has its own."""

from hypothesis import given
from hypothesis import strategies as st

from ml_connector.flows.order_numbers import Asked, Given, give_numbers


def ask(*numbers: str) -> list[Asked]:
    return [Asked(code=f"po-{id_}", id=str(id_), number=number) for id_, number in enumerate(numbers, 1)]


def have(*numbers: str) -> dict[str, frozenset[str]]:
    return {f"po-{id_}": frozenset({number}) for id_, number in enumerate(numbers, 1) if number}


def test_an_order_waits_for_the_one_that_still_has_its_number():
    given_ = give_numbers(ask("b", "c"), have("a", "b"))
    assert given_["po-1"] == Given(number="b", other="po-2", passing=True)
    assert given_["po-2"] == Given(number="c")


def test_of_two_orders_that_want_one_number_the_one_that_has_it_keeps_it():
    given_ = give_numbers(ask("b", "B"), have("a", "b"))
    assert given_["po-1"] == Given(number="b", other="po-2")
    assert given_["po-2"] == Given(number="B")


def test_orders_that_wait_for_each_other_are_set_free_by_a_number_for_the_meantime():
    given_ = give_numbers(ask("b", "a"), have("a", "b"))
    assert given_["po-1"] == Given(number="b~1")
    assert given_["po-2"].passing


@given(st.permutations("abcdef"), st.permutations("abcdef"))
def test_numbers_that_went_round_in_any_way_end_where_they_are_wanted_and_never_stand_twice(before, after):
    asked, held = ask(*after), have(*before)
    for _ in range(3 * len(after)):
        for code, one in give_numbers(asked, held).items():
            if not one.other:
                assert all(one.number not in numbers for other, numbers in held.items() if other != code)
                held[code] = frozenset({one.number})
    assert held == have(*after)

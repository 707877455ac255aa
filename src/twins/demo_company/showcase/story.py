"""The story of the showcase, chapter by chapter: who does what, and how long after the chapter before.

What the connector is to have done by then is in the comments; `play` raises KeyError when a posted bill is not there that a
chapter is about.
"""

from collections.abc import Callable
from dataclasses import dataclass

from twins.demo_company.showcase import american, british, small, vendors
from twins.demo_company.showcase.firms import AMERICAN, BRITISH, SIGNED_OUT, SMALL
from twins.demo_company.showcase.hands import Hands
from twins.demo_company.showcase.paper import Clerk, line

_HOUR, _DAY = 3_600, 86_400
_DAYS = 27


@dataclass(frozen=True)
class Chapter:
    """Acts of one moment. `after`: seconds since the chapter before."""

    name: str
    after: float
    acts: Callable[[Hands], None]


def _beginning(hands: Hands) -> None:
    for module, firm in ((american, AMERICAN), (british, BRITISH), (small, SMALL)):
        module.open_the_books(Clerk(firm, hands))
    vendors.known_before(Clerk(AMERICAN, hands))
    american.a_vendor_quickbooks_refuses(Clerk(AMERICAN, hands))


def _first_papers(hands: Hands) -> None:
    for module, firm in ((american, AMERICAN), (british, BRITISH), (small, SMALL)):
        module.first_papers(Clerk(firm, hands))
    Clerk(SIGNED_OUT, hands).approve("OM-9101", line("128.40", text="Shelf labels"))


def _day(number: int) -> Callable[[Hands], None]:
    return lambda hands: american.day(Clerk(AMERICAN, hands), number, _DAYS)


def _out_of_use(hands: Hands) -> None:
    american.go_out_of_use(Clerk(AMERICAN, hands))
    american.an_answer_nobody_takes(Clerk(AMERICAN, hands))
    clerk = Clerk(SIGNED_OUT, hands)
    clerk.approve("OM-9102", line("64.20", text="Gift paper"))
    clerk.quickbooks("disconnect_app")


def _papers(hands: Hands) -> None:
    clerk = Clerk(AMERICAN, hands)
    american.papers_that_lack_something(clerk)
    american.orders_and_the_network(clerk)
    american.codes_that_lead_nowhere(clerk)
    british.papers_with_tax(Clerk(BRITISH, hands))
    british.papers_from_abroad(Clerk(BRITISH, hands))
    british.several_of_what_there_is_one(Clerk(BRITISH, hands))
    small.papers(Clerk(SMALL, hands))
    small.a_very_long_invoice(Clerk(SMALL, hands))
    small.orders_in_quickbooks(Clerk(SMALL, hands))
    small.orders_in_basware(Clerk(SMALL, hands))


def _changes(hands: Hands) -> None:
    american.change_what_is_posted(Clerk(AMERICAN, hands))
    vendors.change(Clerk(AMERICAN, hands))
    british.take_back_what_was_billed_on(Clerk(BRITISH, hands))


def _objections(hands: Hands) -> None:
    clerk = Clerk(AMERICAN, hands)
    american.delete_what_was_typed_in(clerk)
    american.pay_some(clerk)
    american.a_bill_quickbooks_refuses(clerk)
    small.an_order_basware_refuses(Clerk(SMALL, hands))


CHAPTERS: tuple[Chapter, ...] = (
    Chapter("beginning", 0, _beginning),
    Chapter("first papers", 0, _first_papers),
    *(Chapter(f"day {number + 1}", _DAY, _day(number)) for number in range(_DAYS)),
    Chapter("out of use", _HOUR, _out_of_use),
    Chapter("papers", _HOUR, _papers),
    Chapter("changes", _HOUR, _changes),
    Chapter("objections", _HOUR, _objections),
    Chapter("for review", _HOUR, lambda hands: british.papers_for_review(Clerk(BRITISH, hands))),
)
"""In the order in which they are played; after each the connector does its jobs."""

EPILOGUE = Chapter("while somebody looks", 0, lambda hands: american.while_somebody_looks(Clerk(AMERICAN, hands)))
"""Played once everything is served."""


def play(name: str, hands: Hands) -> None:
    """Do what people do in a chapter. Raises KeyError for a chapter there is not, and for a bill that is not there."""
    for chapter in (*CHAPTERS, EPILOGUE):
        if chapter.name == name:
            chapter.acts(hands)
            return
    raise KeyError(f"no chapter is called {name!r}")

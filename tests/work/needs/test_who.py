"""Who is said to be able to fix a cause is who finds a way to do so on its card."""

import pytest

from ml_connector.model.holds import Cause, Who
from ml_connector.model.people import Right
from ml_connector.rules.cause_texts import CAUSE_TEMPLATES
from ml_connector.work.needs.remedies import RIGHTS, Act, remedy_of

FITS_EVERYTHING = {Act.AGAIN, Act.REJECT, Act.IGNORE}
NEEDED = {
    Who.ACCOUNTANT_HERE: {Right.DECIDE},
    Who.ACCOUNTANT_HERE_TOO: {Right.DECIDE},
    Who.MAPPER: {Right.MAP},
    Who.MAPPER_OR_ACCOUNTANT: {Right.MAP, Right.VIEW},
}
"""The rights with which something on the card can be done by those who are named; to open a page of QuickBooks is for everybody."""


def rights(cause: Cause) -> set[Right]:
    return {RIGHTS[act] for act in remedy_of(cause).acts if act not in FITS_EVERYTHING}


@pytest.mark.parametrize("cause", [one for one in Cause if CAUSE_TEMPLATES[one].who in NEEDED])
def test_who_can_fix_a_cause_here_finds_the_way_on_its_card(cause: Cause) -> None:
    assert NEEDED[CAUSE_TEMPLATES[cause].who] <= rights(cause)


@pytest.mark.parametrize("cause", [one for one in Cause if CAUSE_TEMPLATES[one].who is Who.ACCOUNTANT])
def test_what_is_said_to_be_done_in_quickbooks_alone_is_not_decided_here(cause: Cause) -> None:
    assert not rights(cause) & {Right.DECIDE, Right.MAP}


def test_what_is_said_to_be_decided_here_alone_is_not_done_in_quickbooks() -> None:
    here = {one for one in Cause if CAUSE_TEMPLATES[one].who is Who.ACCOUNTANT_HERE}

    assert {Cause.ON_HOLD, Cause.VENDOR_BANK_CHANGED, Cause.TAKEN_BACK} <= here
    assert not [one for one in here if Act.OPEN in remedy_of(one).acts]

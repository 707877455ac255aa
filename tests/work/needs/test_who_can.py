"""Who is said to be able to fix a cause, against what its card offers: nobody is sent elsewhere for what is decided here."""

import pytest

from ml_connector.model.holds import Cause, Hold, Who
from ml_connector.model.people import Right
from ml_connector.rules.causes import describe
from ml_connector.work.needs.remedies import RIGHTS, Act, remedy_of

OF_ALL = {Act.AGAIN, Act.REJECT, Act.IGNORE, Act.OPEN}
"""What is offered beside every cause, or leads into QuickBooks."""
FOR_LATER = {Act.RULE, Act.DEFAULT, Act.FIRST_OPEN_DAY}
"""What changes the rule for all such documents rather than putting one right."""
ACCOUNTANT_HERE = {
    Who.ACCOUNTANT_HERE, Who.ACCOUNTANT_HERE_TOO, Who.ACCOUNTANT_OR_ADMINISTRATOR, Who.AP_TEAM_OR_ACCOUNTANT
}  # fmt: skip
MAPPER_HERE = {Who.MAPPER, Who.MAPPER_OR_ACCOUNTANT}


@pytest.mark.parametrize("cause", Cause)
def test_whoever_can_fix_a_cause_here_is_said_to(cause: Cause) -> None:
    needed = {RIGHTS[act] for act in remedy_of(cause).acts if act not in OF_ALL | FOR_LATER}
    who = describe(Hold(cause=cause)).who
    assert (who in ACCOUNTANT_HERE) == (Right.DECIDE in needed)
    assert (who in MAPPER_HERE) == (Right.MAP in needed)

"""What each step of a set-up takes, and what has to be there before it: the same for a page, a program and a command.

How far a set-up is stands in `progress.py`; saving what a step takes is the application's.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.work.desk import Desk
from ml_connector.work.review import Flow, set_review
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings, SettingsError
from ml_connector.work.setup.first_plan import FirstPlan, first_plan
from ml_connector.work.setup.looking import SetupError, last_look, look
from ml_connector.work.setup.progress import Step, note_step, release, steps_of

_PAIRS = (("client_id", "client_secret"), ("user", "password"))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def new_connection(name: str, codes: Sequence[str]) -> ConnectionFile:
    """A connection about to be set up. Raises SettingsError for a name that cannot stand in addresses, and without a company."""
    companies = tuple(code.strip() for code in codes if code.strip())
    if not _NAME.fullmatch(name.strip()):
        raise SettingsError(
            "The name may have letters, digits, dots, hyphens and underscores, at most 60 of them, and begins with a letter or a "
            "digit. It stands in addresses and cannot be changed later."
        )
    if not companies:
        raise SettingsError("Name at least one Basware company code, such as US10. Basware's consultant knows it.")
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=companies))
    return ConnectionFile(name=name.strip(), settings=settings, secrets={})


def require_in_setup(row: ConnectionRow) -> None:
    """Raise SetupError for a connection that was released."""
    if row.setup_since is None:
        raise SetupError(f"{row.name} is released already. Everything can be changed under Settings.")


def require_connected(database: Database, row: ConnectionRow) -> None:
    """Raise SetupError unless the connection can call both systems."""
    with database.read() as tx:
        done = {one.step for one in steps_of(tx, row) if one.done}
    both = ((Step.QUICKBOOKS, "QuickBooks"), (Step.BASWARE, "Basware"))
    names = [name for step, name in both if step not in done]
    if names:
        raise SetupError(f"Connect {' and '.join(names)} first: both systems have to be read for this.")


def start_setting(day: str, *, everything: bool) -> dict[str, str]:
    """The setting of the first day whose documents are posted. Raises SettingsError unless one of both was said."""
    if bool(day.strip()) == everything:
        raise SettingsError(
            "You entered a day and said that everything is to be posted. Choose one of the two."
            if everything
            else "Enter the first day whose documents are posted here, or say that all are to be posted."
        )
    return {"policy.start_date": day.strip()}


def auth_of(given: Iterable[str]) -> dict[str, str]:
    """How to sign in at Basware, told by which credentials somebody entered; nothing where they entered both kinds or none."""
    client, user = ({f"basware.{name}" for name in pair} & set(given) for pair in _PAIRS)
    if bool(client) == bool(user):
        return {}
    return {"basware.auth": "oauth2" if client else "basic"}


def plan_first(desk: Desk, row: ConnectionRow, *, again: bool, actor: str, now: datetime) -> FirstPlan:
    """Work out what would be posted, after another look if asked for or none was taken; that it was seen counts as a step.

    Raises what `look` and `first_plan` raise.
    """
    with desk.database.read() as tx:
        seen = last_look(tx, desk.connection_id)
    if seen is None or again:
        look(desk)
    found = first_plan(desk)
    note_step(desk.database, row, Step.PLAN, actor=actor, now=now)
    return found


def let_begin(desk: Desk, row: ConnectionRow, *, reviewed: bool, actor: str, reason: str, now: datetime) -> None:
    """Release a connection; `reviewed`: every posting of invoices waits for a person at first. Raises SetupError."""
    if reviewed:
        set_review(desk, Flow.INVOICES, on=True, actor=actor)
    release(desk.database, row, actor=actor, reason=reason, now=now)

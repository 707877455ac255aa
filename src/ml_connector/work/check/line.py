"""One line of the check report: what was asked, how it went, what was found, what to do."""

from typing import Literal

import msgspec

from ml_connector.work.engine import SIGN_IN, TRY_LATER


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing asked. `id` is stable; `ok` is false only where something has to be done before the connection works.

    `sign_in`: somebody has to sign in or enter credentials again. `try_later`: the system is down or busy.
    """

    id: str
    what: str
    status: Literal["ok", "warning", "failed"]
    ok: bool
    found: str
    to_do: str = ""
    sign_in: bool = False
    try_later: bool = False


def passed(id: str, what: str, found: str) -> Check:  # noqa: A002  the name of the field
    """Asked, and fine."""
    return Check(id=id, what=what, status="ok", ok=True, found=found)


def warned(id: str, what: str, found: str, to_do: str) -> Check:  # noqa: A002
    """It works, but somebody should look at it."""
    return Check(id=id, what=what, status="warning", ok=True, found=found, to_do=to_do)


def failed(  # noqa: PLR0917
    id: str,  # noqa: A002
    what: str,
    found: str,
    to_do: str,
    sign_in: bool = False,
    try_later: bool = False,
) -> Check:
    """The connection does not work like this."""
    return Check(
        id=id, what=what, status="failed", ok=False, found=found, to_do=to_do, sign_in=sign_in, try_later=try_later
    )


def failed_by(id: str, what: str, error: Exception, to_do: str) -> Check:  # noqa: A002
    """A system said no or nothing at all; `to_do` is for the case that it does not end by itself."""
    later = isinstance(error, TRY_LATER)
    return failed(
        id,
        what,
        str(error),
        "Nothing; it ends by itself. Ask again in some minutes." if later else to_do,
        sign_in=isinstance(error, SIGN_IN),
        try_later=later,
    )

"""What forms have in common: fields that are only known when they are sent, such as those of settings, without what every form
carries; days, which browsers send as ISO 8601 however they show them; and the page a form stands on."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from urllib.parse import quote, unquote, urlsplit

from fastapi import Depends
from starlette.requests import Request

from ml_connector.console.forgery import FIELD, SHOWN_ON
from ml_connector.work.decisions import DecisionError, require_short_enough


async def _fields(request: Request) -> Mapping[str, str]:
    """Every field that was sent as text; of one sent several times the last."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and name not in {FIELD, SHOWN_ON}}


Fields = Annotated[Mapping[str, str], Depends(_fields)]
"""All texts of a form by name."""


FREE_TEXTS = ("reason", "despite")
"""The fields in which people say why, in their own words."""
_LONGEST = 20_000
"""Characters of any other field: lists of codes in settings are the longest that people write."""


async def short_enough(request: Request) -> None:
    """Raise DecisionError where a form brings more text in a field than anybody would read there. Files may be longer."""
    if request.method != "POST":
        return
    form = await request.form()
    for name, value in form.multi_items():
        if isinstance(value, str) and name in FREE_TEXTS:
            require_short_enough(value)
        elif isinstance(value, str) and len(value) > _LONGEST:
            raise DecisionError(
                f"One field of the form has {len(value):,} characters; at most {_LONGEST:,} are possible. Nothing was changed. "
                "Look whether something was pasted there by mistake."
            )


def day_of(text: str) -> date:
    """The day that was chosen. Raises DecisionError for anything else."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise DecisionError("Choose a day, or write it as year, month and day, such as 2026-12-01.") from error


def page_of_form(request: Request) -> str:
    """The page that a form which was just sent stood on, as it says; empty where none was sent, or it does not say."""
    named = getattr(request.state, "shown_on", "")
    return named if request.method == "POST" and isinstance(named, str) else ""


def page_of(request: Request, base: str) -> str:
    """The page that what is shown now stands on, as a form names it: of a piece the page that asked for it, of what a form is
    answered with the page of that form."""
    if before := page_of_form(request):
        return before
    asking = urlsplit(request.headers.get("HX-Current-URL", "")) if "HX-Request" in request.headers else None
    if asking is not None and asking.path.startswith(base):
        path, query = unquote(asking.path.removeprefix(base)), asking.query
    else:
        path, query = str(request.scope["path"]), request.url.query
    return f"{quote(path)}?{query}" if query else quote(path)

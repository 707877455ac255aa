"""What forms have in common: fields that are only known when they are sent, such as those of settings, without what proves the
form; and days, which browsers send as ISO 8601 however they show them."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from ml_connector.console.forgery import FIELD
from ml_connector.work.decisions import DecisionError


async def _fields(request: Request) -> Mapping[str, str]:
    """Every field that was sent as text; of one sent several times the last."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and name != FIELD}


Fields = Annotated[Mapping[str, str], Depends(_fields)]
"""All texts of a form by name."""


def day_of(text: str) -> date:
    """The day that was chosen. Raises DecisionError for anything else."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise DecisionError("Choose a day, or write it as year, month and day, such as 2026-12-01.") from error

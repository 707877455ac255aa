"""Forms whose fields are only known when they are sent, such as those of settings, without what proves the form."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from ml_connector.console.forgery import FIELD


async def _fields(request: Request) -> Mapping[str, str]:
    """Every field that was sent as text; of one sent several times the last."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and name != FIELD}


Fields = Annotated[Mapping[str, str], Depends(_fields)]
"""All texts of a form by name."""

"""What a person does in QuickBooks' own pages: the changes that happen behind the back of whoever uses the API.

The same rules hold as for the API, but a duplicate number is only a warning on screen, so a person may use one.
"""

import inspect
from collections.abc import Callable
from typing import Any

from twins.quickbooks.acts import lists, settings, transactions
from twins.quickbooks.context import Context
from twins.quickbooks.values import Json

__all__ = ["ACTIONS", "act"]

ACTIONS: dict[str, Callable[..., Json]] = {
    function.__name__: function
    for function in (
        lists.create_vendor,
        lists.edit_vendor,
        lists.inactivate,
        lists.activate,
        lists.rename,
        lists.merge,
        lists.add_currency,
        lists.set_exchange_rate,
        transactions.enter,
        transactions.edit,
        transactions.delete,
        transactions.change_bill,
        transactions.pay,
        transactions.pay_bills,
        transactions.void_payment,
        transactions.apply_credit,
        transactions.create_order,
        transactions.close_order,
        transactions.reopen_order,
        transactions.create_journal_entry,
        settings.revalue,
        settings.close_books,
        settings.reopen_books,
        settings.set_preference,
        settings.edit_company,
    )
}
"""All acts by name. What an act does is its docstring, what it takes are its keyword-only parameters."""


def act(context: Context, action: str, **details: Any) -> Json:
    """Do one thing as a person would; the record as it stands afterwards.

    Raises ValueError for an act that does not exist or that was told wrongly, FaultError when the service would refuse it.
    """
    function = ACTIONS.get(action)
    if function is None:
        raise ValueError(f"no such action: {action}; there are {', '.join(sorted(ACTIONS))}")
    details = _checked(action, function, details)
    context.allow_duplicate_numbers = True
    try:
        return function(context, **details)
    except ValueError as error:
        raise ValueError(f"{action}: {error}") from error


def _checked(action: str, function: Callable[..., Json], details: dict[str, Any]) -> dict[str, Any]:
    """The details the function takes, numbers as text where text is meant. Raises ValueError."""
    taken = {one.name: one for one in inspect.signature(function).parameters.values() if one.kind is one.KEYWORD_ONLY}
    unknown = sorted(details.keys() - taken.keys())
    absent = sorted(
        name for name, one in taken.items() if one.default is inspect.Parameter.empty and name not in details
    )
    if unknown:
        raise ValueError(f"{action}: takes no {', '.join(unknown)}; it takes {', '.join(taken) or 'nothing'}")
    if absent:
        raise ValueError(f"{action}: {', '.join(absent)} must be given")
    return {name: _read(f"{action}: {name}", taken[name], value) for name, value in details.items()}


def _read(name: str, parameter: inspect.Parameter, value: Any) -> Any:
    """One detail, where it has to be text as text; amounts and objects are looked into where they are used."""
    wanted = parameter.annotation
    if value is None and (parameter.default is None or wanted == str | None):
        return value
    if wanted in {str, str | None}:
        return _text(name, value)
    if wanted in (list[str], list[str] | None):
        if not isinstance(value, list):
            raise ValueError(f"{name} has to be a list of texts, not {value!r}")
        return [_text(name, each) for each in value]
    return value


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(f"{name} has to be text, not {value!r}")  # noqa: TRY004 - the details are at fault, not the code
    return str(value)

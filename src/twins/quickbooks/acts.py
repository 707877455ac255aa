"""What a person does in QuickBooks' own pages: the changes that happen behind the back of whoever uses the API.

The same rules hold as for the API, but a duplicate number is only a warning on screen, so a person may use one.
"""

from collections.abc import Callable
from typing import Any

from twins.quickbooks import writes
from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.context import Context
from twins.quickbooks.currency import without
from twins.quickbooks.lists import SUFFIX
from twins.quickbooks.values import Json, stamp


def act(context: Context, action: str, **details: Any) -> Json:
    """Do one thing as a person would; the record as it stands afterwards.

    Raises ValueError for an action that does not exist, FaultError when the service would refuse it.
    """
    if action not in ACTIONS:
        raise ValueError(f"no such action: {action}; there are {', '.join(sorted(ACTIONS))}")
    context.allow_duplicate_numbers = True
    return ACTIONS[action](context, **details)


def _change(context: Context, entity: str, key: str, changes: Json) -> Json:
    old = writes.find(context, ENTITIES[entity], key)
    body = {**changes, "Id": key, "SyncToken": old["SyncToken"], "sparse": True}
    return writes.write(context, ENTITIES[entity], body)


def inactivate(context: Context, *, entity: str, id: str) -> Json:  # noqa: A002
    """Make a list record inactive."""
    return _change(context, entity, id, {"Active": False})


def activate(context: Context, *, entity: str, id: str) -> Json:  # noqa: A002
    """Make a list record active again, under its old name."""
    field = ENTITIES[entity].name_field
    name = writes.find(context, ENTITIES[entity], id)[field].removesuffix(SUFFIX)
    return _change(context, entity, id, {"Active": True, field: name})


def rename(context: Context, *, entity: str, id: str, name: str) -> Json:  # noqa: A002
    """Give a list record another name."""
    return _change(context, entity, id, {ENTITIES[entity].name_field: name})


def enter(context: Context, *, entity: str, body: Json) -> Json:
    """Enter a record by hand."""
    return writes.write(context, ENTITIES[entity], body)


def edit(context: Context, *, entity: str, id: str, changes: Json) -> Json:  # noqa: A002
    """Change some fields of a record; lines are replaced as a whole."""
    return _change(context, entity, id, changes)


def delete(context: Context, *, entity: str, id: str) -> Json:  # noqa: A002
    """Delete a transaction."""
    token = writes.find(context, ENTITIES[entity], id)["SyncToken"]
    return writes.delete(context, ENTITIES[entity], {"Id": id, "SyncToken": token})


def pay(context: Context, *, id: str, account: str, amount: Any = None, date: str = "", number: str = "") -> Json:  # noqa: A002
    """Pay a bill from a bank account, in full unless an amount is given. Returns the payment."""
    bill = writes.find(context, ENTITIES["Bill"], id)
    paid = bill["Balance"] if amount is None else amount
    body = {
        "VendorRef": bill["VendorRef"],
        "APAccountRef": bill["APAccountRef"],
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": account}},
        "TotalAmt": paid,
        "TxnDate": date or context.today,
        "Line": [{"Amount": paid, "LinkedTxn": [{"TxnId": id, "TxnType": "Bill"}]}],
    }
    if context.company.multicurrency:
        body |= {name: bill[name] for name in ("CurrencyRef", "ExchangeRate")}
    return writes.write(context, ENTITIES["BillPayment"], body | ({"DocNumber": number} if number else {}))


def close_books(context: Context, *, date: str | None) -> Json:
    """Close the books up to and including a day; None opens them again."""
    return set_preference(context, path="AccountingInfoPrefs.BookCloseDate", value=date)


def set_preference(context: Context, *, path: str, value: Any) -> Json:
    """Change a setting, named `Group.Name`; None takes it away. Settings of OtherPrefs are kept as text."""
    group, _, name = path.partition(".")
    company = context.company
    values = company.preferences.get(group, {})
    if group == "OtherPrefs":
        others = [each for each in values.get("NameValue", ()) if each["Name"] != name]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        values = {"NameValue": others if value is None else [*others, {"Name": name, "Value": text}]}
    else:
        values = without(values, name) if value is None else {**values, name: value}
    old = company.preferences
    company.preferences = {
        **old,
        group: values,
        "SyncToken": str(int(old["SyncToken"]) + 1),
        "MetaData": {**old["MetaData"], "LastUpdatedTime": stamp(context.now)},
    }
    return company.preferences


ACTIONS: dict[str, Callable[..., Json]] = {
    "inactivate": inactivate,
    "activate": activate,
    "rename": rename,
    "enter": enter,
    "edit": edit,
    "delete": delete,
    "pay": pay,
    "close_books": close_books,
    "set_preference": set_preference,
}
"""All actions by name."""

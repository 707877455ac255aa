"""CompanyInfo and Preferences: one record each. What cannot be set through the API is kept without a word.

Source: Intuit's API reference of both.
"""

from typing import Any

from twins.quickbooks.catalogue import Entity
from twins.quickbooks.checks import inspect, is_sparse
from twins.quickbooks.context import Context
from twins.quickbooks.currency import without
from twins.quickbooks.events import Operation
from twins.quickbooks.faults import FaultError, missing
from twins.quickbooks.storing import check_token, content, find, present, stamped
from twins.quickbooks.values import Json

_FIXED_INFO = (
    "Country",
    "CompanyStartDate",
    "SupportedLanguages",
    "DefaultTimeZone",
    "NameValue",
    "EmployerId",
    "LastImportedTime",
    "LastSyncTime",
    "MultiByteCharsSupported",
    "SampleFile",
    "FlavorStratum",
    "QBVersion",
)
_FIXED_PREFERENCES = {
    "AccountingInfoPrefs": {"BookCloseDate", "FirstMonthOfFiscalYear", "TaxYearMonth", "TaxForm"},
    "CurrencyPrefs": {"MultiCurrencyEnabled", "HomeCurrency"},
    "TaxPrefs": {"UsingSalesTax", "PartnerTaxEnabled", "HideTaxManagement"},
    "OtherPrefs": {"NameValue"},
}
"""Read-only settings: dates and currency are changed by a person alone."""


def write(context: Context, entity: Entity, body: Any) -> Json:
    """Update CompanyInfo or Preferences; neither can be created. Raises FaultError."""
    fields = inspect(entity, body, latin1_only=context.latin1_only)
    if fields.get("Id") is None:
        raise FaultError(missing("Id"))
    old = find(context, entity, fields["Id"])
    check_token(old, fields.get("SyncToken"))
    given = without(fields, "SyncToken", "MetaData")
    changed = (_info if entity.name == "CompanyInfo" else _preferences)(old, given, sparse=is_sparse(body))
    return change(context, entity, {**changed, "domain": "QBO", "sparse": False})


def change(context: Context, entity: Entity, record: Json) -> Json:
    """Store a setting as it is to be from now on; nothing when nothing changed."""
    old = context.company.setting(entity.name)
    if content(record) == content(old):
        return old
    stored = stamped(context, entity, record, old)
    context.company.change_setting(entity.name, stored)
    context.announce(entity.name, stored["Id"], Operation.UPDATE)
    return stored


def _info(old: Json, given: Json, *, sparse: bool) -> Json:
    if not sparse and given.get("CompanyName") is None:
        raise FaultError(missing("CompanyName"))
    fixed = {name: old[name] for name in _FIXED_INFO if name in old}
    return present({**(old if sparse else {}), **given, **{name: fixed.get(name) for name in _FIXED_INFO}})


def _preferences(old: Json, given: Json, *, sparse: bool) -> Json:
    """Groups that are not sent stay as they are: a setting cannot have no value. `sparse` makes no difference."""
    del sparse
    changed = dict(old)
    for group, values in given.items():
        if not isinstance(values, dict):
            continue
        fixed = _FIXED_PREFERENCES.get(group, set())
        news = {name: value for name, value in values.items() if name not in fixed}
        if news:
            changed[group] = {**old.get(group, {}), **news}
    return changed

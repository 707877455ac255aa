"""Basware's JSON of the records it is to hold, and the few fields we read of records it lists.

A whole record overwrites what was there (Basware P2P specification, POST of lists), so one that somebody else began keeps every
field of theirs that we do not own: `base` is that record as Basware's interface showed it.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from ml_connector.model.master_data import (
    AccountRecord,
    Audience,
    CostCenterRecord,
    Listed,
    ListItem,
    MasterRecord,
    ProjectRecord,
    RateRecord,
    TaxCodeRecord,
    TermRecord,
)

WORLD_LANGUAGE = "en-US"
"""The language every name must have, besides others (Basware P2P specification, translations)."""

_ALWAYS = ("2000-01-01T00:00:00Z", "2099-12-31T00:00:00Z")
"""Validity of what has none in QuickBooks: earlier than any invoice, later than any."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
"""Numbers stay exact on their way through."""

_CODES: Mapping[str, str] = {
    "accounts": "accountCode",
    "costCenters": "costCenterCode",
    "projects": "projectCode",
    "lists": "text_1",
    "taxCodes": "taxCode",
    "paymentTerms": "paymentTermCode",
}
_NAMES: Mapping[str, str] = {
    "accounts": "accountNames",
    "costCenters": "costCenterNames",
    "projects": "projectName",
    "lists": "text_2",
    "taxCodes": "taxCodeNames",
    "paymentTerms": "paymentTermNames",
}


def record_body(record: MasterRecord, audience: Audience, base: str = "", before: str = "") -> str:
    """The whole record as JSON, without a salt. `before` is what Basware was to hold until now: a company that the connection
    let go since is kept in it as out of use, unless it is somebody else's by now."""
    old: dict[str, Any] = _DECODER.decode(base) if base else {}
    fields = {"externalCode": record.external_code, **_own(record, audience, old)}
    inherits = isinstance(record, AccountRecord | TaxCodeRecord | TermRecord)
    companies = old.get("companies") or []
    former = _let_go(before, audience, companies)
    fields["companies"] = [*_companies(audience, companies, active=record.active, inherits=inherits), *former]
    old.pop("lastUpdated", None)
    return _ENCODER.encode({**old, **fields}).decode()


def for_companies(body: str, audience: Audience, *, newest: bool) -> str:
    """A record as it was given, for the companies the connection has now: out of use in those it let go, in use in those it has.
    Companies it has beside those get only what is `newest`."""
    fields: dict[str, Any] = _DECODER.decode(body)
    entries = fields.get("companies") or []
    kept = [{**one, "active": one.get("companyCode") in audience.companies} for one in entries]
    known = {one.get("companyCode") for one in entries}
    more = [{"companyCode": code, "active": True} for code in audience.companies if newest and code not in known]
    return _ENCODER.encode({**fields, "companies": [*kept, *more]}).decode()


def companies_in(body: str) -> frozenset[str]:
    """The companies a record is for, as it was given."""
    entries = _DECODER.decode(body).get("companies") or [] if body else []
    return frozenset(str(one.get("companyCode")) for one in entries if isinstance(one, dict))


def inactive_body(base: str, companies: tuple[str, ...]) -> str:
    """A record that Basware lists, no longer to be chosen in these companies: everything else stays as it is."""
    old: dict[str, Any] = _DECODER.decode(base)
    old.pop("lastUpdated", None)
    old["companies"] = [
        {**one, "active": False} if one.get("companyCode") in companies else one for one in old.get("companies") or []
    ]
    return _ENCODER.encode(old).decode()


def read_listed(resource: str, body: str, companies: tuple[str, ...]) -> Listed:
    """What of a listed record's JSON is looked at. A generic list keeps the code in its first text, the name in its second."""
    kind = resource.partition("/")[0]
    fields: dict[str, Any] = _DECODER.decode(body)
    entries = [one for one in fields.get("companies") or [] if isinstance(one, dict)]
    own = [one for one in entries if one.get("companyCode") in companies]
    return Listed(
        external_code=str(fields.get("externalCode") or ""),
        code=str(fields.get(_CODES[kind]) or "").strip(),
        name=_name(fields.get(_NAMES[kind])),
        active=any(one.get("active", True) for one in own) if entries else True,
        here=bool(own) or not entries,
    )


def _name(value: object) -> str:
    """A name as people read it: the English one, else the first."""
    if not isinstance(value, list):
        return str(value or "").strip()
    texts = [one for one in value if isinstance(one, dict)]
    chosen = next((one for one in texts if one.get("language") == WORLD_LANGUAGE), texts[0] if texts else {})
    return str(chosen.get("translation") or "").strip()


def _own(record: MasterRecord, audience: Audience, old: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are ours."""

    def named(kind: str) -> dict[str, Any]:
        return {_CODES[kind]: record.code, _NAMES[kind]: _names(record.name, audience, old.get(_NAMES[kind]) or [])}

    match record:
        case AccountRecord():
            fields = named("accounts")
        case CostCenterRecord():
            fields = named("costCenters")
        case ProjectRecord():
            valid = {"validFrom": old.get("validFrom", _ALWAYS[0]), "validUntil": old.get("validUntil", _ALWAYS[1])}
            fields = {_CODES["projects"]: record.code, _NAMES["projects"]: record.name, **valid}
        case ListItem():
            fields = {_CODES["lists"]: record.code, _NAMES["lists"]: record.name, "listContent": record.content}
        case TaxCodeRecord():
            fields = {**named("taxCodes"), "taxPercentage": record.percent}
        case TermRecord():
            fields = {**named("paymentTerms"), **_term(record, old)}
        case RateRecord():
            fields = _rate(record)
        case _:
            raise TypeError(f"no list of Basware's holds a {type(record).__name__}")
    return fields


def _rate(record: RateRecord) -> dict[str, Any]:
    return {
        "rate": record.rate,
        "currencyCodeFrom": record.source,
        "currencyCodeTo": record.to,
        "validFrom": f"{record.valid_from.isoformat()}T00:00:00Z",
    }


def _names(name: str, audience: Audience, old: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The English name, the one in the company's language, and those others had before."""
    ours = dict.fromkeys([WORLD_LANGUAGE, *filter(None, [audience.language])], name)
    kept = [one for one in old if one.get("language") not in ours]
    return [{"language": language, "translation": text} for language, text in ours.items()] + kept


def _term(record: TermRecord, old: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "validFrom": old.get("validFrom", _ALWAYS[0]),
        "validTo": old.get("validTo", _ALWAYS[1]),
        "dueDateCalc": 1 if record.computed else 0,
        "cashDueDateCalc": 0,
    }
    if record.computed:
        due = {"dueDateDays": record.days, "dueDateEom": record.month_ends, "dueDateDays2": record.days_after}
        fields |= due
    if record.discount_percent is not None:
        days = {"cashDueDateCalc": 1, "cashDueDateDays": record.discount_days}
        fields |= {**days, "cashDiscount": record.discount_percent}
    return fields


def _let_go(before: str, audience: Audience, base: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Companies of the earlier version that the connection no longer has, as out of use. Those of a record that was taken over are
    as they were before."""
    if not before:
        return []
    stay = {*audience.companies, *audience.elsewhere, *(one.get("companyCode") for one in base)}
    earlier = _DECODER.decode(before).get("companies") or []
    return [{**one, "active": False} for one in earlier if one.get("companyCode") not in stay]


def _companies(
    audience: Audience, old: list[Mapping[str, Any]], *, active: bool, inherits: bool
) -> list[Mapping[str, Any]]:
    """Our companies, then those of others as they were."""
    known = {str(one.get("companyCode")): one for one in old}
    ours: list[Mapping[str, Any]] = []
    for code in audience.companies:
        entry: dict[str, Any] = {"companyCode": code, "active": active}
        if inherits:
            entry["inherit"] = known.get(code, {}).get("inherit", audience.inherit)
        ours.append(entry)
    return ours + [one for code, one in known.items() if code not in audience.companies]

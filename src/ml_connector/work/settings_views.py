"""Every setting of a connection as people see and change it: its value, its default, its sentence, and the words of a mistake.

The settings themselves say what there is; nothing is listed here. Secrets are no settings and never pass through.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import EnumMeta
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from ml_connector.work.settings import ConnectionSettings, SettingsError, settings_from
from ml_connector.work.settings_labels import LABELS
from ml_connector.work.settings_texts import sections

Kind = Literal["yes or no", "choice", "number", "day", "text", "list", "table"]

SUBJECTS: Mapping[str, str] = {
    "policy": "How documents are posted",
    "policy.sources": "Where codes come from",
    "quickbooks": "QuickBooks",
    "quickbooks.limits": "QuickBooks: limits",
    "quickbooks.quota": "QuickBooks: monthly quota",
    "quickbooks.sign_in": "QuickBooks: sign-in",
    "basware": "Basware",
    "basware.orders": "Purchase orders from Basware",
    "basware.matching_orders": "Purchase orders for Basware's matching",
    "basware.vendors": "Vendors from Basware",
    "vendors": "Vendors both ways",
    "basware.payments": "Payments told to Basware",
    "basware.taken_back": "Documents Basware takes back",
    "basware.early": "Before the transfer",
    "basware.attachments": "Files of invoices",
    "basware.master_data": "Lists for Basware",
    "basware.outcomes": "What became of answers",
    "basware.notices": "Missed notifications",
    "basware.unclaimed": "Companies nobody has",
    "basware.network": "Basware Network",
    "basware.extracts": "Data Access extracts",
    "basware.extracts.suppliers": "Data Access: suppliers",
    "changes": "Following QuickBooks",
    "schedule": "Schedule",
    "schedule.calendar": "Schedule: calendar",
    "schedule.freeze": "Schedule: freeze",
}
"""The subjects in the order of their pages. What is not named here follows, by its section's name."""


class SettingView(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. `name` is dotted, `value` and `default` as a person would write them, `sentence` what it means.

    `choices`: what may be chosen, empty where anything of its kind may be entered. `changed`: it is not left at its default.
    """

    name: str
    label: str
    kind: Kind
    value: str
    default: str
    changed: bool
    choices: tuple[str, ...]
    sentence: str
    required: bool = False


class SubjectView(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one subject. `changed` counts those that are not left at their defaults."""

    section: str
    title: str
    intro: str
    settings: tuple[SettingView, ...]
    changed: int


def subjects_of(settings: ConnectionSettings) -> list[SubjectView]:
    """Every setting of a connection, by subject. Raises PageMissingError."""
    found: dict[str, list[SettingView]] = {}
    for section, view in _leaves(ConnectionSettings, msgspec.to_builtins(settings), ""):
        found.setdefault(section, []).append(view)
    order = [*SUBJECTS, *(name for name in found if name not in SUBJECTS)]
    return [
        SubjectView(
            section=section,
            title=SUBJECTS.get(section, section.replace("_", " ").capitalize()),
            intro=sections()[section].intro if section in sections() else "",
            settings=tuple(found[section]),
            changed=sum(one.changed for one in found[section]),
        )
        for section in order
        if section in found
    ]


def setting_views(settings: ConnectionSettings, names: tuple[str, ...] = ()) -> dict[str, SettingView]:
    """Settings by name: these in this order, or all of them."""
    known = {view.name: view for _, view in _leaves(ConnectionSettings, msgspec.to_builtins(settings), "")}
    return {name: known[name] for name in names} if names else known


def changed_to(settings: ConnectionSettings, changes: Mapping[str, str]) -> ConnectionSettings:
    """The settings with some of them written anew, as texts by dotted name; an empty text is the default.

    Raises SettingsError that says of every wrong one what was written, and what is expected.
    """
    known = setting_views(settings)
    tree = msgspec.to_builtins(settings)
    problems = list[str]()
    for name, text in changes.items():
        view = known.get(name)
        if view is None:
            problems.append(f"There is no setting {name}.")
            continue
        try:
            _put(tree, name, _read(view, _types(ConnectionSettings)[name], text.strip()))
        except ValueError as error:
            problems.append(f"{view.label} ({name}): {error}")
    if problems:
        raise SettingsError("\n".join(problems))
    return settings_from(tree)


def _leaves(struct: type[msgspec.Struct], tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, SettingView]]:
    for field in msgspec.structs.fields(struct):
        name, value = f"{prefix}{field.encode_name}", tree[field.encode_name]
        inner = _plain_type(field.type)
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield from _leaves(inner, value, f"{name}.")
        else:
            yield prefix.rstrip("."), _view(field, inner, name, value)


@cache
def _types(struct: type[msgspec.Struct], prefix: str = "") -> dict[str, Any]:
    """The plain type of every setting, by dotted name."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        name, inner = f"{prefix}{field.encode_name}", _plain_type(field.type)
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            found |= _types(inner, f"{name}.")
        else:
            found[name] = inner
    return found


def _view(field: msgspec.structs.FieldInfo, kind: Any, name: str, value: Any) -> SettingView:
    default = None if field.required else _default(field)
    section, _, own = name.rpartition(".")
    known = sections().get(section)
    written, usual = _text(value), "" if field.required else _text(default)
    return SettingView(
        name=name,
        label=LABELS.get(name) or own.replace("_", " ").capitalize(),
        kind=_kind(kind),
        value=written,
        default=usual,
        changed=not field.required and written != usual,
        choices=_choices(kind),
        sentence=known.sentences.get(own, "") if known else "",
        required=field.required,
    )


def _default(field: msgspec.structs.FieldInfo) -> Any:
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return msgspec.to_builtins(value)


def _plain_type(kind: Any) -> Any:
    """A type without what is said about it, and without None beside it."""
    if get_origin(kind) is Annotated:
        return _plain_type(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        others = [one for one in get_args(kind) if one is not type(None)]
        return _plain_type(others[0]) if len(others) == 1 else kind
    return kind


def _kind(kind: Any) -> Kind:
    if kind is bool:
        return "yes or no"
    if _choices(kind):
        return "choice"
    if kind in {int, float, Decimal}:
        return "number"
    if kind is date:
        return "day"
    if get_origin(kind) is tuple and _is_word(_plain_type(get_args(kind)[0])):
        return "list"
    return "text" if kind is str else "table"


def _is_word(kind: Any) -> bool:
    return kind in {str, int} or bool(_choices(kind))


def _choices(kind: Any) -> tuple[str, ...]:
    if isinstance(kind, EnumMeta):
        return tuple(str(value) for value in kind._value2member_map_)
    if get_origin(kind) is Literal:
        return tuple(map(str, get_args(kind)))
    return ()


def _text(value: Any) -> str:
    """A value as a person would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple) and all(isinstance(one, str | int) for one in value):
        return ", ".join(map(str, value))
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


def _read(view: SettingView, kind: Any, text: str) -> Any:
    """What a person wrote, as plain data. Raises ValueError in words."""
    if not text and view.required:
        raise ValueError("it cannot be empty.")
    if not text and "" not in view.choices:
        text = view.default
    readers: Mapping[Kind, Callable[[], Any]] = {
        "yes or no": lambda: _chosen(("yes", "no"), text) == "yes",
        "choice": lambda: _chosen(view.choices, text),
        "number": lambda: _number(kind, text),
        "day": lambda: _day(text),
        "list": lambda: _listed(_plain_type(get_args(kind)[0]), text),
        "table": lambda: _table(kind, text),
        "text": lambda: text,
    }
    return readers[view.kind]()


def _chosen(choices: Sequence[str], text: str) -> str:
    if text not in choices:
        allowed = ", ".join(f"“{one}”" if one else "nothing" for one in choices)
        raise ValueError(f"“{text}” is none of the choices: {allowed}.")
    return text


def _number(kind: Any, text: str) -> int | float | str:
    try:
        number = Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"“{text}” is no number.") from error
    if not number.is_finite():
        raise ValueError(f"“{text}” is no number.")
    if kind is Decimal:
        return text
    if kind is int and number != number.to_integral_value():
        raise ValueError(f"“{text}” is no whole number.")
    return int(number) if kind is int else float(number)


def _day(text: str) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError(f"“{text}” is no day. Write it like 2026-12-01.") from error


def _listed(kind: Any, text: str) -> list[str] | list[int]:
    parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
    if kind is not int:
        return parts
    if not all(part.isdecimal() for part in parts):
        raise ValueError(f"write whole numbers with commas between them, not “{text}”.")
    return [int(part) for part in parts]


def _table(kind: Any, text: str) -> Any:
    """Tables and everything else with parts are written as JSON; where a plain word would do, it may stand alone."""
    if not text:
        return {} if get_origin(kind) is dict else []
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if get_origin(kind) in {Union, UnionType} and str in get_args(kind):
            return text
        raise ValueError(f"this is not JSON: {error.msg} at character {error.pos + 1}.") from error


def _put(tree: Any, name: str, value: Any) -> None:
    *path, last = name.split(".")
    for part in path:
        tree = tree[part]
    tree[last] = value

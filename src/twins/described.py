"""What a thing can do and what it takes, read from the thing itself: signatures, annotations and the texts beneath fields.

Acts, switches and fault rules are described once, where they are defined; help and listings are made from that.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from types import NoneType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

TEXT, YES_OR_NO, NUMBER, LIST, ANYTHING = "text", "true or false", "number", "list", "JSON"
_KINDS: dict[Any, str] = {str: TEXT, bool: YES_OR_NO, int: NUMBER, float: NUMBER}


@dataclass(frozen=True)
class Parameter:
    """One thing to be given. `kind` says how it is written, `choices` is not empty when only these are taken."""

    name: str
    kind: str
    required: bool
    default: Any = None
    choices: tuple[str, ...] = ()
    may_be_null: bool = False
    help: str = ""


@dataclass(frozen=True)
class Described:
    """Something that can be done."""

    name: str
    help: str
    parameters: tuple[Parameter, ...]


def act(name: str, function: Callable[..., Any]) -> Described:
    """An act: its docstring, and what it takes by name. What comes before is the twin's own."""
    taken = [one for one in inspect.signature(function).parameters.values() if one.kind is one.KEYWORD_ONLY]
    hints = get_type_hints(function)
    parameters = (_parameter(one.name, hints.get(one.name, Any), one.default, inspect.Parameter.empty) for one in taken)
    return Described(name, inspect.getdoc(function) or "", tuple(parameters))


def fields_of(shape: type[Any]) -> tuple[Parameter, ...]:
    """The fields of a dataclass with their defaults; the text beneath a field explains it and those just above without one."""
    hints, texts = get_type_hints(shape), _texts(shape)
    found = []
    for one in fields(shape):
        default = one.default if one.default is not MISSING or one.default_factory is MISSING else one.default_factory()
        found.append(_parameter(one.name, hints[one.name], default, MISSING, texts.get(one.name, "")))
    return tuple(found)


def member_texts(shape: type[Any]) -> dict[str, str]:
    """The text beneath each member of an enumeration, by the member's value."""
    return {shape[name].value: text for name, text in _texts(shape).items()}


def _parameter(name: str, hint: Any, default: Any, absent: Any, text: str = "") -> Parameter:
    kind, choices, may_be_null = _kind(hint)
    required = default is absent
    return Parameter(name, kind, required, None if required else default, choices, may_be_null, text)


def _kind(hint: Any) -> tuple[str, tuple[str, ...], bool]:
    """How a value of a type is written, which values there are, and whether null is one of them."""
    members = get_args(hint)
    if NoneType in members:
        kind, choices, _ = _kind(Union[tuple(one for one in members if one is not NoneType)])  # noqa: UP007 - made at run time
        return kind, choices, True
    if get_origin(hint) is Literal:
        return (NUMBER if all(isinstance(one, int) for one in members) else TEXT), tuple(map(str, members)), False
    if isinstance(hint, type) and (listed := getattr(hint, "__members__", None)):
        return TEXT, tuple(str(one.value) for one in listed.values()), False
    if get_origin(hint) in {tuple, list, frozenset, set}:
        return LIST, (), False
    return _KINDS.get(hint, ANYTHING), (), False


def _texts(shape: type[Any]) -> dict[str, str]:
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(shape))).body
    texts: dict[str, str] = {}
    waiting: list[str] = []
    for statement in getattr(definition, "body", ()):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            waiting.append(statement.target.id)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            waiting.append(statement.targets[0].id)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and waiting:
            text = " ".join(str(statement.value.value).split())
            texts |= dict.fromkeys(waiting, text)
            waiting = []
    return texts

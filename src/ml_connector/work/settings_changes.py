"""What differs between two settings of a connection, setting by setting, as the audit keeps it and people read it."""

import json
from typing import Any


def flat(tree: Any, prefix: str = "") -> dict[str, Any]:
    """Settings as plain data, by dotted name. A list, an empty table or a table by free names is one value."""
    if not isinstance(tree, dict) or not tree:
        return {prefix: tree}
    found: dict[str, Any] = {}
    for name, value in tree.items():
        found |= flat(value, f"{prefix}.{name}" if prefix else name)
    return found


def changed_settings(before: str, after: str) -> tuple[str, str]:
    """What of settings (JSON) was before and is after, as JSON by dotted name, both empty when nothing differs.

    Without settings before, all of the new ones count as they are.
    """
    if not before:
        return "", after
    old, new = flat(json.loads(before)), flat(json.loads(after))
    names = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
    if not names:
        return "", ""
    return _told(old, names), _told(new, names)


def _told(values: dict[str, Any], names: list[str]) -> str:
    return json.dumps({name: values[name] for name in names if name in values}, ensure_ascii=False)

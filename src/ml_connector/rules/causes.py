"""What each cause says to people: in a word, in a sentence with the facts, what to do, and who can do it.

Which cause applies is decided elsewhere; the wording of each is in `cause_texts/`, its longer story on its page in `error_pages/`.
"""

import re
from collections.abc import Sequence

import msgspec

from ml_connector.model.holds import Cause, Hold, Who
from ml_connector.rules.cause_texts import CAUSE_TEMPLATES

MESSAGE_LIMIT = 250
"""Longest message of a transfer response (Basware P2P specification, TransferResponseEntity)."""


class CauseText(msgspec.Struct, frozen=True, kw_only=True):
    """One hold in words."""

    title: str
    sentence: str
    what_to_do: str
    who: Who
    fixable_in_basware: bool
    """Whether the document has to go back to Basware to be put right."""


def describe(hold: Hold) -> CauseText:
    """A hold in words. A fact `who` names who can fix it where the cause alone does not tell."""
    template, facts = CAUSE_TEMPLATES[hold.cause], _facts(hold)
    who = next((who for who in Who if who.value == facts.get("who")), template.who)
    return CauseText(
        title=template.title,
        sentence=_capital(_fill(template.sentence, facts)),
        what_to_do=_fill(template.what_to_do, facts),
        who=who,
        fixable_in_basware=who in {Who.AP_TEAM, Who.AP_TEAM_OR_ACCOUNTANT},
    )


def title_of(code: str) -> str:
    """The title of a cause by its code. Raises ValueError for a code that is none."""
    return CAUSE_TEMPLATES[Cause(code)].title


def short_message(holds: Sequence[Hold], limit: int = MESSAGE_LIMIT) -> str:
    """All causes of a document for Basware's action log: what its readers can act on first, never longer than `limit`.

    What does not fit is counted at the end, so that nobody takes the first cause for the only one.
    """
    ordered = sorted(holds, key=lambda hold: not describe(hold).fixable_in_basware)
    said = list(dict.fromkeys(_capital(_fill(CAUSE_TEMPLATES[hold.cause].short, _facts(hold))) for hold in ordered))
    for count in range(len(said), 0, -1):
        left = len(said) - count
        text = " ".join([*said[:count], *([f"(+{left} more)"] if left else [])])
        if len(text) <= limit:
            return text
    if not said:
        return ""
    end = f"… (+{len(said) - 1} more)" if len(said) > 1 else "…"
    return said[0][: limit - len(end)].rstrip() + end


def _facts(hold: Hold) -> dict[str, str]:
    facts = ({"subject": hold.subject} if hold.subject else {}) | hold.facts
    return facts | {"rows": _rows(hold.rows)} if hold.rows else facts


def _rows(rows: Sequence[int]) -> str:
    if len(rows) == 1:
        return f"row {rows[0]}"
    shown = ", ".join(str(row) for row in rows[:5])
    return f"rows {shown} and {len(rows) - 5} more" if len(rows) > 5 else f"rows {shown}"


_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FACT = re.compile(r"\{(\w+)\}")


def _fill(template: str, facts: dict[str, str]) -> str:
    """The template with its facts. Optional parts go when a fact is empty; elsewhere it is said that there is none."""
    known = _OPTIONAL.sub(
        lambda part: part[1] if all(facts.get(name) for name in _FACT.findall(part[1])) else "", template
    )
    return _FACT.sub(lambda fact: _told(fact[1], facts), known)


def _told(name: str, facts: dict[str, str]) -> str:
    return facts[name] or "(none)" if name in facts else f"(unknown {name.replace('_', ' ')})"


def _capital(text: str) -> str:
    """A sentence begins with a capital, a code with what it is: accountCode stays as Basware spells it."""
    first, _, rest = text.partition(" ")
    return f"{first.capitalize()} {rest}" if first in {"row", "rows", "some", "supplier", "vendor"} else text

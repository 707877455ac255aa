"""Matching many codes at once, side by side: proposals that somebody accepts, and records they name themselves, as one change."""

from collections.abc import Collection, Mapping

from ml_connector.model.mapping import Dimension, MappingRule, records_of
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.mapping_coverage import ReadDocuments, coverage
from ml_connector.work.mapping_tables import MappingTableError, replace_rules, rule_for_code, rule_id

Code = tuple[Dimension, str]

_MOST_OFFERED = 300
"""Records of a list that a page offers to choose from; longer lists are named by number or name."""


def take_over(
    desk: Desk, accepted: Collection[Code], named: Mapping[Code, str], *, actor: str, known: ReadDocuments | None = None
) -> int:
    """Map codes to what was proposed for them, or to the record a person named, which counts first; how many.

    All or none: raises MappingTableError with a line for each name that fits no record, or several.
    """
    books = load_books(desk)
    proposed = {
        (Dimension(line.dimension), line.code): line for line in coverage(desk, known).lines if line.proposed_id
    }
    rules, problems = dict[Code, MappingRule](), list[str]()
    for key in accepted:
        if (line := proposed.get(key)) is not None:
            rules[key] = MappingRule(
                id=rule_id(*key),
                dimension=key[0],
                target_id=line.proposed_id,
                target_name=line.proposed,
                code=key[1],
                note=f"proposed: {line.why}",
            )
    for key, target in named.items():
        try:
            rules[key] = rule_for_code(books, *key, target)
        except MappingTableError as error:
            problems.append(f"{key[0].value} {key[1]}: {error}")
    if problems:
        raise MappingTableError("\n".join(problems))
    if rules:
        replace_rules(desk, list(rules.values()), actor=actor, why="matched side by side")
    return len(rules)


def certain_codes(desk: Desk, dimension: Dimension | None = None, known: ReadDocuments | None = None) -> list[Code]:
    """The codes whose proposal is certain, of a dimension or of all."""
    return [
        (Dimension(line.dimension), line.code)
        for line in coverage(desk, known).lines
        if line.sure == "certain" and not line.covered and dimension in {None, Dimension(line.dimension)}
    ]


def offered(desk: Desk, known: ReadDocuments | None = None) -> dict[str, list[str]]:
    """The records a person may choose from by dimension, as they would be written; lists that are too long are left out."""
    books = (known or ReadDocuments()).books.of(desk)
    found: dict[str, list[str]] = {}
    for dimension in Dimension:
        records = records_of(books, dimension).values()
        if len(records) > 4 * _MOST_OFFERED:
            continue
        active = [record.label for record in records if record.active]
        if len(active) <= _MOST_OFFERED:
            found[dimension.value] = sorted(active, key=str.casefold)
    return found

"""Made-up calls of every operation, good and bad, as everybody: no answer that the document does not tell, and no 5xx."""

from typing import Any

import jsonschema
import pytest

from ml_connector.console.api import OPERATIONS
from ml_connector.console.api.description import describe
from own_contract import a_served_world, put_to_the_test


def test_every_answer_is_one_the_document_tells() -> None:
    with a_served_world() as (world, url):
        tally = put_to_the_test(world, url, examples=2)

    assert tally.wrong == []
    assert {status for who, status in tally.calls if who == "nobody"} <= {401, 429}
    assert {status for _, status in tally.calls} >= {200, 401, 403, 404, 422}


def test_the_document_names_each_operation_once_and_refers_only_to_what_it_has() -> None:
    document = describe(OPERATIONS)
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]

    assert len(names) == len(set(names)) == len(OPERATIONS)
    for reference in _references(document):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def _references(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        own = [tree["$ref"]] if isinstance(tree.get("$ref"), str) else []
        return own + [one for part in tree.values() for one in _references(part)]
    return [one for part in tree for one in _references(part)] if isinstance(tree, list) else []


@pytest.mark.parametrize("word", ["secret", "password", "token", "refresh_token", "verifier_token"])
def test_no_answer_has_a_field_for_a_secret_but_one_that_is_told_once(word: str) -> None:
    document, once = describe(OPERATIONS), {one.name for one in OPERATIONS if word in one.once}
    answers = [
        one["responses"]["200"]["content"]["application/json"]["schema"]
        for path in document["paths"].values()
        for one in path.values()
        if one["operationId"] not in once
    ]
    shapes, waiting = dict[str, Any](), _references(answers)
    while waiting:
        name = waiting.pop().rpartition("/")[2]
        if name not in shapes:
            shapes[name] = document["components"]["schemas"][name]
            waiting += _references(shapes[name])

    assert not [
        name for name, shape in shapes.items() if shape.get("properties", {}).get(word, {}).get("type") == "string"
    ]

"""The page about other clients says what the tests show, no more and no less."""

import ast
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs/twins/other-clients.md"


def tables(shown):
    """The tables as they have to stand on the page."""
    lines = [f"## intuit-oauth {version('intuit-oauth')}", "", "| Operation | Test |", "| --- | --- |"]
    lines += [f"| {each['operation']} | `{each['test']}` |" for each in shown["intuit-oauth"]]
    lines += ["", f"## python-quickbooks {version('python-quickbooks')}", ""]
    lines += ["| Operation | Entities | Test |", "| --- | --- | --- |"]
    lines += [
        f"| {each['operation']} | {', '.join(each['entities'])} | `{each['test']}` |"
        for each in shown["python-quickbooks"]
    ]
    return "\n".join(lines) + "\n"


def functions():
    """All tests of this folder, except this file's own and those that show no operation of the table."""
    trees = [ast.parse(path.read_text()) for path in HERE.glob("test_*.py") if path != Path(__file__)]
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_page_holds_the_tables(shown):
    expected = tables(shown)
    assert expected in PAGE.read_text(), f"put this into {PAGE.name}:\n\n{expected}"


def test_every_operation_on_the_page_has_its_test_and_every_test_its_operation(shown):
    listed = {each["test"] for entries in shown.values() for each in entries}
    assert listed == {name for name in functions() if name.startswith("test_")}

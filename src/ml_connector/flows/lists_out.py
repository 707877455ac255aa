"""Entries of Basware's generic lists: QuickBooks' classes, employees, and customers where they are no projects.

Pure: codes are decided in `codes_out.py`, the wording for Basware in `basware/`.
"""

from collections.abc import Mapping

from ml_connector.flows.codes_out import Known, code_records
from ml_connector.flows.naming_out import readable
from ml_connector.model.books import Books, ClassTracking, ListRecord
from ml_connector.model.master_data import ListItem, Planned

_TEXT_LIMIT, _SHORT_TEXT_LIMIT = 250, 50
_SHORT_LISTS = frozenset(f"ACC_LIST_{number}" for number in range(11, 21))


def text_limit(list_key: str) -> int:
    """Characters in a text of a generic list (Basware P2P specification, note of POST lists/{listKey})."""
    return _SHORT_TEXT_LIMIT if list_key in _SHORT_LISTS else _TEXT_LIMIT


def plan_classes(known: Known, books: Books, list_key: str) -> list[Planned]:
    """Active classes as business units, none of them while the company does not track classes."""
    tracked = books.preferences.class_tracking is not ClassTracking.OFF
    return _plan(known, books, books.classes, list_key, "BusinessUnit", wanted=tracked)


def plan_customers(known: Known, books: Books, list_key: str) -> list[Planned]:
    """Active customers and the projects below them."""
    return _plan(known, books, books.customers, list_key, "Customer", wanted=True)


def plan_employees(known: Known, books: Books, employees: Mapping[str, ListRecord], list_key: str) -> list[Planned]:
    """Active employees."""
    return _plan(known, books, employees, list_key, "Employee", wanted=True)


def _plan(
    known: Known, books: Books, records: Mapping[str, ListRecord], list_key: str, content: str, *, wanted: bool
) -> list[Planned]:
    limit = text_limit(list_key)
    return [
        one.planned(
            known,
            ListItem(
                external_code=one.external_code,
                code=one.code,
                name=readable(one.record.full_name or one.record.name, one.code, limit),
                active=one.active,
                content=content,
            ),
        )
        for one in code_records(known, books, records, lambda _: wanted)
    ]

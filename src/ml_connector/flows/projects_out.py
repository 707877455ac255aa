"""Projects: QuickBooks' customers and the projects and jobs below them, in Basware's newer list of projects.

Pure: codes are decided in `codes_out.py`, the wording for Basware in `basware/`.
"""

from ml_connector.flows.codes_out import Known, code_records
from ml_connector.flows.naming_out import readable
from ml_connector.model.books import Books
from ml_connector.model.master_data import PROJECT_NAME_LIMIT, Planned, ProjectRecord


def plan_projects(known: Known, books: Books) -> list[Planned]:
    """The projects Basware is to have: every active customer, project and job, since a bill line may name any of them."""
    return [
        one.planned(
            known,
            ProjectRecord(
                external_code=one.external_code,
                code=one.code,
                name=readable(one.record.full_name or one.record.name, one.code, PROJECT_NAME_LIMIT),
                active=one.active,
            ),
        )
        for one in code_records(known, books, books.customers, lambda _: True)
    ]

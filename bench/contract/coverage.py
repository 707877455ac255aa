"""Which of Basware's operations the twin offers, and which it leaves out on purpose."""

from dataclasses import dataclass

from contract.fuzzing import missing, offered, undescribed
from contract.specification import Operation, Specifications

LEFT_OUT = {
    "advancedPermissions": "permissions of people inside Basware",
    "advancedValidations": "validation rules inside Basware",
    "applicationGroups": "groups of people inside Basware",
    "contracts": "no contract has a counterpart in QuickBooks",
    "organizations": "for pilot customers of Basware only",
    "purchaseOrders": "orders to be bought by Basware; QuickBooks' own go to matchingOrders",
    "purchaseRequisitions": "orders come over, requisitions do not",
    "users": "people inside Basware",
}
"""Resources that the connector does not touch, and why; the rest must be there in full."""


@dataclass(frozen=True)
class Coverage:
    """The offered, the left out with their reasons, the owed, and what no file knows."""

    offered: list[Operation]
    left_out: dict[str, list[Operation]]
    owed: list[Operation]
    undescribed: list[str]

    @property
    def obsolete(self) -> list[str]:
        """Resources said to be left out that are there in full."""
        return [resource for resource in LEFT_OUT if resource not in self.left_out]


def coverage(specifications: Specifications) -> Coverage:
    """How much of the files the twin offers."""
    left_out: dict[str, list[Operation]] = {}
    owed: list[Operation] = []
    for one in missing(specifications):
        if one.resource in LEFT_OUT:
            left_out.setdefault(one.resource, []).append(one)
        else:
            owed.append(one)
    return Coverage(offered(specifications), left_out, owed, undescribed(specifications))

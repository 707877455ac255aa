"""Words of the causes that lie in purchase orders and in what else Basware is to hold.

Written for accountants; which cause applies is decided elsewhere.
"""

from ml_connector.model.holds import Cause
from ml_connector.rules.cause_texts.template import ACCOUNTANT, ADMIN, MAPPER, MAPPER_OR_ACCOUNTANT, CauseTemplate

OF_RECORDS: dict[Cause, CauseTemplate] = {
    Cause.RECORD_REFUSED: CauseTemplate(
        ADMIN,
        "Basware refused the record",
        "Basware did not take {name} ({subject})[: {detail}].",
        "[{way_out} ]Put right what Basware names, in QuickBooks or in Basware; a change is sent by itself, else try again.",
        "Basware refused {name}[: {detail}].",
    ),
    Cause.CODE_TAKEN: CauseTemplate(
        MAPPER,
        "Code is taken",
        "{name} would have the code {code} in Basware, which is that of {other}.",
        "Give it another code, under Needs you in the console or with `ml-connector alignment fix`; or map the code to it if both "
        "are the same.",
        "{name} has no code of its own in Basware.",
    ),
    Cause.ORDER_VENDOR_UNKNOWN: CauseTemplate(
        MAPPER_OR_ACCOUNTANT,
        "Vendor of the order not known to Basware",
        "Purchase order {order} waits: Basware knows no vendor for {vendor}[: {why}].",
        "Say here which code it has in Basware, or enter that as its vendor number in QuickBooks; the order follows by itself.",
        "Purchase order {order}: no vendor for {vendor}.",
    ),
    Cause.ORDER_CODE_MISSING: CauseTemplate(
        MAPPER,
        "Order line without a Basware code",
        "Purchase order {order} waits: the {what} {name} has no code in Basware[ ({rows})][: {why}].",
        "Map a Basware code to it, or give it to Basware; the order follows by itself.",
        "Purchase order {order}: {what} {name} has no code.",
    ),
    Cause.ORDER_NUMBER_TAKEN: CauseTemplate(
        ACCOUNTANT,
        "Order number used twice",
        "Purchase order {order} waits: the order with id {other} in QuickBooks has the same number, and Basware keeps "
        "only one[: {why}].",
        "Give one of the two another number in QuickBooks; it is sent by itself. Where the other was deleted, this one.",
        "Purchase order number {number} is used twice.",
    ),
    Cause.ORDER_NOT_USABLE: CauseTemplate(
        ACCOUNTANT,
        "Order cannot be matched",
        "Purchase order {order} waits[ ({rows})]: {why}.",
        "Correct the order in QuickBooks; it is sent by itself.",
        "Purchase order {order}: {why}.",
    ),
    Cause.ORDER_UNREADABLE: CauseTemplate(
        ADMIN,
        "Basware's order cannot be read",
        "Basware's purchase order {order} cannot be put into QuickBooks[: {why}].",
        "Correct the order in Basware, which exports it again; if it is right there, ask Basware's support.",
        "Purchase order {order} cannot be read.",
    ),
}

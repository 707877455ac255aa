"""Words of the causes about products and services, and about rows that are billed on to a customer.

Written for accountants; which cause applies is decided elsewhere.
"""

from ml_connector.model.holds import Cause
from ml_connector.rules.cause_texts.template import ACCOUNTANT, ADMIN, AP, MAPPER, MAPPER_OR_ACCOUNTANT, CauseTemplate

OF_ITEMS: dict[Cause, CauseTemplate] = {
    Cause.ITEM_NOT_MAPPED: CauseTemplate(
        MAPPER,
        "Item not mapped",
        "{field} {code}[ ({name})] on {rows} leads to no QuickBooks product or service.",
        "Map the code to an item, or to none to post it on the row's account.",
        "Map {field} {code} to a QuickBooks item.",
    ),
    Cause.ITEM_INACTIVE: CauseTemplate(
        MAPPER,
        "Item inactive",
        "{field} {code} on {rows} leads to item {target}, which is {state} in QuickBooks.",
        "Reactivate the item, or map the code to another one.",
        "QuickBooks item {target} is {state}: reactivate it or map {code} elsewhere.",
    ),
    Cause.ITEM_NOT_PURCHASABLE: CauseTemplate(
        MAPPER_OR_ACCOUNTANT,
        "Item can't be bought",
        "{rows} would be posted on item {target}, which can't stand on a purchase: {why}.",
        "Put that right in the item in QuickBooks, or map the code to another item.",
        "QuickBooks item {target} can't be bought: map {rows} elsewhere.",
    ),
    Cause.ITEM_QUANTITY_MISSING: CauseTemplate(
        AP,
        "Quantity of a stock item missing",
        "{rows} is for item {target}, whose stock QuickBooks counts, but {why}.",
        "Enter the quantity in Basware and transfer again, or let `stock_without_quantity` count one piece.",
        "Enter the quantity of {rows}: QuickBooks counts the stock of {target}.",
    ),
    Cause.ITEM_NEEDS_BILL: CauseTemplate(
        ADMIN,
        "Stock item on a journal entry",
        "{rows} is for item {target}, whose stock QuickBooks counts, but the document becomes a journal entry, which has no items.",
        "Code the invoice to one location, or let `several_locations` make one bill per location.",
        "Code {rows} so that the invoice becomes a bill: a journal entry can't count the stock of {target}.",
    ),
    Cause.BILLABLE_UNCLEAR: CauseTemplate(
        AP,
        "Billable or not?",
        "{field} on {rows} says {value}, which is neither yes nor no.",
        "Enter yes or no in Basware and transfer again, or empty the field.",
        "Enter yes or no in {field} of {rows}.",
    ),
    Cause.BILLABLE_WITHOUT_CUSTOMER: CauseTemplate(
        AP,
        "Billable to nobody",
        "{rows} is to be billed on to a customer ({field} says {value}), but has no customer or project.",
        "Enter the customer or project in Basware and transfer again, or take the mark away there.",
        "Enter the customer that {rows} is billed on to, or take away the billable mark.",
    ),
    Cause.BILLABLE_SWITCHED_OFF: CauseTemplate(
        ACCOUNTANT,
        "Billing on is switched off",
        "{rows} is to be billed on to a customer ({field} says {value}), but the QuickBooks company does not do that.",
        "Switch on billable expenses in QuickBooks, or empty `sources.billable`.",
        "Switch on billable expenses in QuickBooks: {rows} would lose the mark.",
    ),
}

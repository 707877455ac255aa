"""What generated suppliers do for a living and what they are called: trades with the accounts their invoices go to, and names.

Plain data, and a name for every number up to some hundred thousands. Nothing here knows about documents.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """A line of business: the word in the firm's name, accounts (by number) its invoices are coded to, what it delivers."""

    word: str
    accounts: tuple[str, ...]
    goods: tuple[str, ...]


@dataclass(frozen=True)
class Country:
    """Where a supplier sits: currency of its invoices, legal forms, and towns with the state or region an address needs."""

    code: str
    currency: str
    forms: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]


TRADES = (
    Trade("Office Supply", ("6110",), ("Copy paper", "Toner cartridges", "Folders and labels", "Desk accessories")),
    Trade("Cloud Services", ("6220", "6210"), ("Compute and storage", "Backup service", "Data transfer")),
    Trade("Property Management", ("6010", "6020"), ("Rent", "Service charge", "Utilities passed on")),
    Trade("Staffing", ("6410", "5010"), ("Temporary staff, week", "Contract reviewer, hours", "Reception cover")),
    Trade("Printing", ("6120",), ("Report covers", "Bound copies", "Business cards")),
    Trade("Travel", ("6310", "6320", "5020"), ("Airfare", "Hotel nights", "Rail tickets", "Service fee")),
    Trade("Translation", ("6500",), ("Certified translation", "Interpreter, hours", "Proof-reading")),
    Trade("Communications", ("6230",), ("Fiber line", "Telephone trunk", "Mobile plans")),
    Trade("Software", ("6210",), ("Subscription, seats", "Support and maintenance", "Setup")),
    Trade("Catering", ("6330",), ("Lunch buffet", "Coffee service", "Client dinner")),
    Trade("Insurance Brokers", ("6600", "1310"), ("Premium, quarter", "Policy adjustment")),
    Trade("Couriers", ("6130",), ("Courier runs", "Overnight parcels", "Archive transport")),
    Trade("Training", ("6420",), ("Seminar places", "Certification fees", "Course material")),
    Trade("Electric", ("6030", "6020"), ("Call-out and repair", "Lighting replaced", "Inspection")),
    Trade("Cleaning", ("6030",), ("Cleaning, month", "Window cleaning", "Waste removal")),
    Trade("Events", ("6700",), ("Exhibition stand", "Venue hire", "Printed banners")),
    Trade("Analytics", ("6500", "5010"), ("Market data", "Research report", "Analyst days")),
    Trade("Furniture", ("1500", "6110"), ("Desks", "Chairs", "Assembly and delivery")),
    Trade("Legal Search", ("6500",), ("Register extracts", "Due diligence search", "Filing fees")),
    Trade("Security", ("6030", "6230"), ("Guard service, month", "Access cards", "Alarm monitoring")),
)

_FAMILIES = (
    "Abernathy", "Ashdown", "Barlow", "Bellamy", "Birchall", "Brandt", "Calloway", "Carmody", "Castellano", "Chowdhury",
    "Coletti", "Crane", "Dallimore", "Delacroix", "Donnelly", "Eastman", "Ellingwood", "Farrow", "Fenwick", "Gallagher",
    "Garrick", "Goldstein", "Halloran", "Hargrove", "Iversen", "Jankowski", "Kaplan", "Kilbride", "Lindqvist", "Lombardi",
    "MacArthur", "Maddox", "Nakamura", "Novak", "O'Rourke", "Okonkwo", "Pemberton", "Petrov", "Quigley", "Ramirez",
    "Rosenthal", "Sandoval", "Schreiber", "Tanaka", "Thibault", "Underhill", "Valdez", "Vandermeer", "Whitcombe", "Zielinski",
)  # fmt: skip
_PLACES = (
    "Amber Hill", "Blue Ridge", "Cedar", "Dover", "Evergreen", "Foxhall", "Granite", "Harbor", "Ironwood", "Juniper",
    "Keystone", "Lakeside", "Maple", "Northgate", "Oakline", "Pinecrest", "Quarry", "Riverbend", "Summit", "Tidewater",
)  # fmt: skip

UNITED_STATES = Country(
    "US", "USD", ("Inc.", "LLC", "Co.", "Group", "Partners", "& Sons"),
    (("Albany", "NY"), ("Boston", "MA"), ("Chicago", "IL"), ("Austin", "TX"), ("Newark", "NJ"), ("Denver", "CO")),
)  # fmt: skip
ABROAD = (
    Country("DE", "EUR", ("GmbH", "AG", "KG"), (("Hamburg", ""), ("Köln", ""), ("Lübeck", ""))),
    Country("GB", "GBP", ("Ltd", "plc", "LLP"), (("Leeds", ""), ("Bristol", ""), ("Dundee", ""))),
    Country("CA", "CAD", ("Ltd.", "Inc.", "Corp."), (("Toronto", "ON"), ("Halifax", "NS"), ("Québec", "QC"))),
    Country("FR", "EUR", ("SARL", "SAS", "SA"), (("Lyon", ""), ("Nîmes", ""), ("Orléans", ""))),
)

NAMES = len(_FAMILIES) * len(_PLACES) * len(TRADES)
"""So many suppliers of one country have names of their own; after that a town joins the name."""


def trade_of(index: int) -> Trade:
    """The trade of the supplier with this number."""
    return TRADES[index % len(TRADES)]


def supplier_name(index: int, country: Country) -> str:
    """The firm's name: unique for each number in a country, with characters that occur there."""
    rest = index // len(TRADES)
    family, rest = _FAMILIES[rest % len(_FAMILIES)], rest // len(_FAMILIES)
    place, series = _PLACES[rest % len(_PLACES)], rest // len(_PLACES)
    first = f"{family} {place}" if index % 3 else f"{place} {family}"
    form = country.forms[index % len(country.forms)]
    town = f" {country.towns[series % len(country.towns)][0]} {series}" if series else ""
    return f"{first} {trade_of(index).word}{town} {form}"

"""Which QuickBooks vendor a supplier is: by link, by a rule, by exact code, or by the policy for unknown suppliers.

Names never decide: two suppliers may share a name, and one may change it.
"""

from collections.abc import Mapping

import msgspec

from ml_connector.model.books import Books, Vendor
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import UnknownVendor
from ml_connector.model.postings import NewVendor
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.mapping import LastBuilt, resolve
from ml_connector.rules.texts import clean

NAME_LIMIT = 500
"""Longest DisplayName of a vendor, and COMPANY_LIMIT its longest CompanyName (Intuit's entity reference, Vendor)."""
COMPANY_LIMIT = 100


class VendorChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The vendor, or the one to create. Both are None when the supplier is held."""

    vendor: Vendor | None = None
    new: NewVendor | None = None


class _Index(msgspec.Struct, frozen=True):
    by_number: dict[str, list[Vendor]]
    names: dict[str, str]


def _build_index(books: Books) -> _Index:
    by_number: dict[str, list[Vendor]] = {}
    names: dict[str, str] = {}
    for vendor in books.vendors.values():
        if vendor.number.strip():
            by_number.setdefault(vendor.number.strip().casefold(), []).append(vendor)
        names.setdefault(vendor.name.strip().casefold(), f"vendor {vendor.name} ({vendor.id})")
    for customer in books.customers.values():
        names.setdefault(customer.name.strip().casefold(), f"customer {customer.name} ({customer.id})")
    return _Index(by_number, names)


_index = LastBuilt(_build_index)


def choose_vendor(task: Task, links: Mapping[str, str], findings: Findings) -> VendorChoice:
    """The vendor of the document's supplier, explained; otherwise every reason against it is noted."""
    code = task.document.supplier_code.strip()
    source = f"Basware vendor {code}" + (f" ({task.document.supplier_name})" if task.document.supplier_name else "")
    match = resolve(task.mapping, Dimension.VENDOR, code, task.document)
    if code and links.get(code):
        return _named(task, links[code], source, "linked", findings)
    if match.target_id:
        return _named(task, match.target_id, source, match.rule, findings)
    found = _index(task.books).by_number.get(code.casefold(), []) if code else []
    active = [vendor for vendor in found if vendor.active]
    if len(active) > 1 and task.books.preferences.multicurrency:
        # A vendor has one currency for life, so a supplier who bills in two is kept as two vendors with one number.
        active = [vendor for vendor in active if _currency(task, vendor) == task.document.currency] or active
    if len(active) == 1:
        return _chosen(task, active[0], source, f"vendor number {code}", findings)
    if active:
        told = ", ".join(f"{vendor.label} ({vendor.id})" for vendor in active)
        findings.hold(Cause.VENDOR_AMBIGUOUS, code, supplier=source, vendors=told)
    elif found:
        _hold_inactive(found[0], source, "inactive", findings)
    else:
        return _unknown(task, source, findings)
    return VendorChoice()


def _named(task: Task, vendor_id: str, source: str, rule: str, findings: Findings) -> VendorChoice:
    vendor = task.books.vendors.get(vendor_id)
    if vendor is None:
        why = f"QuickBooks no longer has the vendor with id {vendor_id} ({rule})"
        findings.hold(Cause.VENDOR_UNKNOWN, task.document.supplier_code, supplier=source, why=why)
    elif not vendor.active:
        _hold_inactive(vendor, source, "inactive", findings)
    else:
        return _chosen(task, vendor, source, rule, findings)
    return VendorChoice()


def _chosen(task: Task, vendor: Vendor, source: str, rule: str, findings: Findings) -> VendorChoice:
    findings.explain("vendor", source, rule, f"{vendor.label} ({vendor.id})")
    own = _currency(task, vendor)
    if task.books.preferences.multicurrency and own != task.document.currency:
        findings.hold(
            Cause.VENDOR_CURRENCY_DIFFERS,
            vendor.label,
            vendor=f"{vendor.label} ({vendor.id})",
            vendor_currency=own,
            currency=task.document.currency,
        )
    return VendorChoice(vendor=vendor)


def _currency(task: Task, vendor: Vendor) -> str:
    return vendor.currency or task.books.preferences.home_currency


def _hold_inactive(vendor: Vendor, source: str, state: str, findings: Findings) -> None:
    label = f"{vendor.label} ({vendor.id})"
    findings.hold(Cause.VENDOR_INACTIVE, vendor.label, supplier=source, vendor=label, state=state)


def _unknown(task: Task, source: str, findings: Findings) -> VendorChoice:
    """No vendor belongs to the supplier: hold, or name the vendor to create if its name is still free.

    A display name must be free among vendors, customers and employees, inactive ones included (Intuit, error 6240), and
    may hold no colon (Intuit's business rules for names).
    """
    document = task.document
    if task.policy.unknown_vendor is UnknownVendor.HOLD:
        why = "no vendor in QuickBooks has its code as vendor number, and none is linked to it"
        findings.hold(Cause.VENDOR_UNKNOWN, document.supplier_code, supplier=source, why=why)
        return VendorChoice()
    given = document.supplier_name.replace(":", " ")
    name = clean(given, limit=NAME_LIMIT, latin1_only=task.latin1_only, single_line=True).text
    if not name or not document.supplier_code.strip():
        why = "it cannot be created without a name" if not name else "the document names no supplier code"
        findings.hold(Cause.VENDOR_UNKNOWN, document.supplier_code, supplier=source, why=why)
        return VendorChoice()
    taken = _index(task.books).names.get(name.casefold())
    if taken:
        findings.hold(Cause.VENDOR_NAME_TAKEN, document.supplier_code, supplier=source, name=name, taken=taken)
        return VendorChoice()
    findings.explain("vendor", source, "policy: create unknown vendors", f"new vendor {name}")
    company = clean(given, limit=COMPANY_LIMIT, latin1_only=task.latin1_only, single_line=True).text
    currency = document.currency if task.books.preferences.multicurrency else ""
    number = document.supplier_code.strip()
    return VendorChoice(new=NewVendor(display_name=name, number=number, company_name=company, currency=currency))

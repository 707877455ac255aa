"""The demo company: Calloway Thorne Advisors LLP, a professional services firm, as seed data for both twins.

It is November 20, 2026 there, and the books are closed through September. `quickbooks_seed` and `basware_seed` are
the firm itself, `EXPECTED` what a careful accountant would make of its waiting invoices, `generate` a larger firm of the same form.
"""

from twins.demo_company.expected import EXPECTED, Expected
from twins.demo_company.firm import TODAY, basware_seed, quickbooks_seed, setup
from twins.demo_company.generator import Generated, Wishes, generate

__all__ = [
    "EXPECTED",
    "TODAY",
    "Expected",
    "Generated",
    "Wishes",
    "basware_seed",
    "generate",
    "quickbooks_seed",
    "setup",
]

"""Intuit's sign-in service: consent, tokens that rotate, identity, revocation, discovery.

Sources: Intuit's OAuth 2.0 and OpenID Connect guides, its FAQ on tokens, and its note of November 2025 on the five-year
ceiling of refresh tokens.
"""

from twins.quickbooks.sign_in.apps import App
from twins.quickbooks.sign_in.grants import ACCOUNTING, Access
from twins.quickbooks.sign_in.people import Person
from twins.quickbooks.sign_in.service import ACTIONS, SignIn

__all__ = ["ACCOUNTING", "ACTIONS", "Access", "App", "Person", "SignIn"]

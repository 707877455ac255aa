"""The person who connects a company, and what an application may learn about them, scope by scope."""

import uuid
from dataclasses import dataclass
from typing import Any

from twins.quickbooks.values import Json

PERSON_KEYS = ("sub", "givenName", "familyName", "email", "phoneNumber", "address")
ADDRESS_KEYS = ("streetAddress", "locality", "region", "postalCode", "country")


@dataclass(frozen=True)
class Address:
    """A person's address, in the words of Intuit's user information."""

    streetAddress: str = "1 Harbour Street"  # noqa: N815 - the vendor's names
    locality: str = "Springfield"
    region: str = "IL"
    postalCode: str = "62701"  # noqa: N815
    country: str = "US"

    def body(self) -> Json:
        """As it stands in user information."""
        return {name: getattr(self, name) for name in ADDRESS_KEYS}


@dataclass(frozen=True)
class Person:
    """An Intuit account. `sub` is its permanent identifier."""

    sub: str
    given_name: str = "Robin"
    family_name: str = "Example"
    email: str = "robin@example.com"
    phone_number: str = "+1 2175550100"
    address: Address = Address()

    @classmethod
    def of_company(cls, realm_id: str, given: dict[str, Any] | None = None) -> "Person":
        """The administrator of a company: what the seed tells of them, and the same made-up rest every time.

        Raises ValueError for a key nobody reads.
        """
        told = dict(given or {})
        if unknown := told.keys() - set(PERSON_KEYS):
            raise ValueError(f"a person has no {', '.join(sorted(unknown))}; known are {', '.join(PERSON_KEYS)}")
        names = {"givenName": "given_name", "familyName": "family_name", "phoneNumber": "phone_number"}
        address = told.pop("address", {})
        known = {names.get(name, name): str(value) for name, value in told.items()}
        sub = known.pop("sub", str(uuid.uuid5(uuid.NAMESPACE_URL, f"intuit:{realm_id}")))
        return cls(sub, **known, address=Address(**address))


def user_information(person: Person, scopes: frozenset[str]) -> Json:
    """What the UserInfo endpoint tells an application with these scopes (Intuit's OpenID Connect guide)."""
    told: Json = {"sub": person.sub}
    if "email" in scopes:
        told |= {"email": person.email, "emailVerified": True}
    if "profile" in scopes:
        told |= {"givenName": person.given_name, "familyName": person.family_name}
    if "phone" in scopes:
        told |= {"phoneNumber": person.phone_number, "phoneNumberVerified": False}
    if "address" in scopes:
        told |= {"address": person.address.body()}
    return told

"""Programs that use the API of an installation: a person with some roles, and a token of theirs."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

from ml_connector.app import App
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store import connections, people
from ml_connector.work.people.directory import Grant, add
from ml_connector.work.people.identity import operator
from ml_connector.work.people.tokens import make
from world import World


def token_for(app: App, role: Role, connection_id: str = EVERY_CONNECTION) -> str:
    """The token of a new person with that role, in one connection or in all."""
    login, by = f"{role.value}-{uuid4().hex[:8]}@example.com", operator("the test")
    add(app.identity, login, role.value.capitalize(), [Grant(connection_id=connection_id, role=role)], by=by)
    with app.database.read() as tx:
        owner = people.by_login(tx, login)
    assert owner is not None
    made = make(app.identity, owner, name="test", connection_id=connection_id, role=role, days=30, by=by)
    return made.secret


def another_connection(world: World, name: str = "another") -> str:
    """A second connection of the installation, with the settings of the first; its id, which is its name."""
    with world.database.write() as tx:
        connections.add(
            tx,
            connection_id=name,
            name=name,
            settings=world.connection.settings,
            now=world.clock.now(),
            company_code="X",
        )
    return name


@dataclass
class Program:
    """Calls the API with a token, or with none. Paths are below /api/v1."""

    client: httpx2.Client
    token: str = ""
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: object) -> httpx2.Response:
        """Read something."""
        return self.client.get(f"/api/v1{path}", params=query, headers=self._headers())

    def send(self, method: str, path: str, body: Any = None, *, key: str = "") -> httpx2.Response:
        """Change something; `key` is the Idempotency-Key, a new one unless given."""
        own = {"Idempotency-Key": key or uuid4().hex}
        return self.client.request(method, f"/api/v1{path}", json=body, headers=self._headers() | own)

    def post(self, path: str, body: Any = None, *, key: str = "") -> httpx2.Response:
        """Change something with POST."""
        return self.send("POST", path, body, key=key)

    def _headers(self) -> dict[str, str]:
        return ({"Authorization": f"Bearer {self.token}"} if self.token else {}) | self.headers

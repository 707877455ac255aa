"""`ml-connector audit`: a run seals what it did, a forged entry shows, and the export can be checked by anybody."""

import hashlib
import json
from pathlib import Path

from sqlalchemy import text

from ml_connector.app import App, Settings
from paperwork import invoice
from terminal import Run
from world import World


def test_a_run_seals_its_entries_and_a_forged_one_shows(run: Run, connected: World, tmp_path: Path) -> None:
    connected.approve(invoice("A-1"))
    run("people", "add", "bea@example.com", "viewer")
    run("sync")
    whole = run("audit", "verify", "--json")
    assert (whole.code, whole.json["problems"], whole.json["unsealed"]) == (0, [], 0)
    noted = f"{whole.json['position']}:{whole.json['hash']}"
    assert run("audit", "verify", "--expect", noted).code == 0
    assert run("audit", "verify", "--expect", "nonsense").code == 2

    target = tmp_path / "audit.jsonl"
    assert run("audit", "export", "--to", target).code == 0
    assert run("audit", "export", "--to", target).code == 2
    before = "0" * 64
    for row in map(json.loads, target.read_text().splitlines()):
        entry = row["entry"]
        at = entry["at"].replace("Z", "+00:00")
        at = at if "." in at else at.replace("+00:00", ".000000+00:00")
        names = ("actor", "action", "subject", "before", "after", "reason", "request_id", "trace")
        told = [before, row["position"], entry["id"], entry["connection_id"], at, *(entry[name] for name in names)]
        plain = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(plain.encode()).hexdigest()
        assert before == row["hash"]
    assert before == whole.json["hash"]

    peoples = run("audit", "verify", "--people", "--json")
    assert (peoples.code, peoples.json["sealed"], peoples.json["unsealed"]) == (0, 2, 0)
    assert run("audit", "verify", "--people", "--expect", peoples.json["hash"]).code == 0
    assert run("audit", "verify", "--people", "--expect", whole.json["hash"]).code == 1
    assert run("audit", "verify", "--people", "--connection", "demo").code == 2
    assert run("audit", "export", "--people", "--to", tmp_path / "people.jsonl", "--json").json["entries"] == 2

    app = App.open(Settings())
    with app.database.write() as tx:
        tx.execute(text("UPDATE audit SET actor = 'nobody' WHERE action = 'document received'"))
    app.close()
    forged = run("audit", "verify")
    assert (forged.code, "is not what was sealed" in forged.out) == (1, True)

"""Settings on screen: sentences, defaults, mistakes in words, the audit, and secrets that are never shown."""

import re

import pytest

from ml_connector.model.people import Role
from ml_connector.store import audit, secrets
from ml_connector.store.audit import AuditRow
from ml_connector.store.database import Database
from ml_connector.work.settings import decode_settings
from visits import Visit, VisitAs, text_of
from world import World, build_world

HERE = "/c/demo/settings"


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty", mapping=False)


@pytest.fixture
def boss(world: World, visit: VisitAs) -> Visit:
    return visit(world, Role.ADMINISTRATOR)


def newest(world: World) -> AuditRow:
    with world.database.read() as tx:
        return audit.listing(tx, world.connection_id, action="connection saved")[0]


def save(boss: Visit, **changes: str) -> int:
    given = {f"set:{name.replace('__', '.')}": text for name, text in changes.items()}
    return boss.post(HERE, subject="policy", reason="year end", **given).status_code


def test_every_subject_shows_its_settings_with_sentence_and_default(boss: Visit) -> None:
    page = text_of(boss.get(HERE))

    assert "The hold time, from the day the hold began. Default: 14." in page
    assert "QuickBooks: limits" in page
    assert "Requests to the company" in text_of(boss.get(f"{HERE}?subject=quickbooks.limits"))


def test_settings_are_found_by_a_word(boss: Visit) -> None:
    page = text_of(boss.get(f"{HERE}?text=closed+books"))

    assert "policy.closed_period" in page
    assert "policy.memo_prefix" not in page


def test_a_change_is_saved_marked_and_in_the_audit_with_before_and_after(world: World, boss: Visit) -> None:
    assert save(boss, policy__hold_days="7", policy__memo_prefix="Basware") == 303

    entry = newest(world)
    assert (entry.actor, entry.before, entry.after, entry.reason) == (
        boss.login, '{"policy.hold_days": 14}', '{"policy.hold_days": 7}', "year end",
    )  # fmt: skip
    assert "1 changed" in text_of(boss.get(HERE))


def test_a_mistake_comes_back_in_words_with_what_was_entered(world: World, boss: Visit) -> None:
    answer = boss.post(HERE, shown_on=HERE, subject="policy", reason="year end", **{"set:policy.hold_days": "soon"})

    assert answer.status_code == 422
    assert "“soon” is no number" in text_of(answer)
    assert 'value="soon"' in answer.text
    assert 'value="year end"' in answer.text
    assert decode_settings(world.app.connection("demo").settings).policy.hold_days == 14


def test_settings_that_do_not_go_together_are_refused_in_words(boss: Visit) -> None:
    answer = boss.post(HERE, **{"set:vendors.to_basware": "yes"})

    assert answer.status_code == 422
    assert "vendors are kept in step" in text_of(answer)


def test_what_two_people_change_at_once_is_both_kept_or_told(world: World, boss: Visit) -> None:
    shown = {"was:policy.hold_days": "14", "was:policy.memo_prefix": "Basware"}
    assert save(boss, policy__hold_days="7") == 303

    other = boss.post(HERE, **shown, **{"set:policy.hold_days": "14", "set:policy.memo_prefix": "AP"})
    disputed = boss.post(
        HERE, shown_on=HERE, **shown, **{"set:policy.hold_days": "9", "set:policy.memo_prefix": "Basware"}
    )

    assert other.status_code == 303, "a field that was left as it was shown saves nothing"
    assert disputed.status_code == 422
    assert "somebody saved “7” since this page was opened, you wrote “9”" in text_of(disputed)
    assert 'value="9"' in disputed.text
    kept = [re.search(rf'name="{one}:policy.memo_prefix" value="([^"]*)"', disputed.text) for one in ("was", "set")]
    assert [one and one[1] for one in kept] == ["AP", "AP"], "what nobody touched here is what a colleague saved"
    policy = decode_settings(world.app.connection("demo").settings).policy
    assert (policy.hold_days, policy.memo_prefix) == (7, "AP")


def test_a_secret_is_replaced_and_never_shown(world: World, boss: Visit) -> None:
    answer = boss.post(f"{HERE}/secrets", reason="rotated", **{"secret:basware.client_secret": "canary-of-basware"})

    assert answer.status_code == 303
    page = boss.get(f"{HERE}?subject=secrets")
    assert "canary-of-basware" not in page.text + text_of(boss.follow(answer)) + str(answer.headers)
    assert page.text.count('autocomplete="new-password"') == page.text.count('type="password"') > 8
    with world.database.read() as tx:
        stored = secrets.get(tx, world.vault, world.connection_id, "basware.client_secret")
    assert stored is not None
    assert stored.reveal() == "canary-of-basware"
    entry = newest(world)
    assert (entry.reason, entry.before, entry.after) == ("rotated; given: basware.client_secret", "", "")


def test_no_secret_is_on_any_page_of_settings(world: World, boss: Visit) -> None:
    with world.database.read() as tx:
        known = [
            secrets.get(tx, world.vault, world.connection_id, field)
            for field in secrets.fields(tx, world.connection_id)
        ]
    pages = "".join(boss.get(f"{HERE}?subject={one}").text for one in ("secrets", "quickbooks", "basware"))

    assert not [one for one in known if one is not None and one.reveal() in pages]


def test_lesser_roles_neither_see_nor_change_settings(world: World, visit: VisitAs) -> None:
    for role in (Role.VIEWER, Role.ACCOUNTANT, Role.MAPPER):
        person = visit(world, role)
        assert person.get(HERE).status_code == 403
        assert person.post(HERE, **{"set:policy.hold_days": "1"}).status_code == 403
        assert person.post(f"{HERE}/secrets", **{"secret:basware.client_secret": "x"}).status_code == 403
    assert visit(world).get(HERE).status_code == 404


def test_the_settings_go_out_as_a_table(boss: Visit) -> None:
    assert "policy.hold_days,14,14" in boss.get(f"{HERE}?format=csv").text

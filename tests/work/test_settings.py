"""Connection files: what they say becomes settings, exactly; what they misspell is named and never silently a default."""

from decimal import Decimal

import pytest

from ml_connector.model.policy import SeveralLocations
from ml_connector.work.settings import (
    SECRET_FIELDS,
    SettingsError,
    decode_settings,
    encode_settings,
    read_connection_file,
)

FILE = """
name = " acme-us "

[basware]
region = "US"
company_codes = ["US10", "US20"]
client_id = "id"
client_secret = { env = "SECRET" }

[quickbooks]
realm_id = "1"
limits = { requests_per_minute = 100 }

[policy]
several_locations = "one bill per location"
rounding_limit = 0.05
credit_note_type_codes = ["CREDIT"]
markup_percents = { 80 = 12.5, 81 = 0 }

[policy.sources]
class = "dimCode1"
"""


def test_everything_in_the_file_reaches_its_setting() -> None:
    file = read_connection_file(FILE, is_json=False)

    assert file.name == "acme-us"
    assert file.settings.basware.company_codes == ("US10", "US20")
    assert file.settings.quickbooks.limits.requests_per_minute == 100
    assert file.settings.policy.several_locations is SeveralLocations.ONE_BILL_PER_LOCATION
    assert file.settings.policy.sources.class_ == "dimCode1"
    assert file.secrets == {
        "basware.client_id": "id",
        "basware.client_secret": {"env": "SECRET"},
        "quickbooks.realm_id": "1",
    }


def test_money_in_the_file_stays_exact() -> None:
    assert read_connection_file(FILE, is_json=False).settings.policy.rounding_limit == Decimal("0.05")


def test_a_markup_by_customer_is_a_table_of_percentages_and_nothing_else() -> None:
    policy = read_connection_file(FILE, is_json=False).settings.policy
    assert policy.markup_percents == {"80": Decimal("12.5"), "81": Decimal(0)}
    with pytest.raises(SettingsError, match="a markup is a percentage from 0 to 1000"):
        read_connection_file(FILE.replace("12.5", "-1"), is_json=False)


def test_only_a_field_that_can_hold_a_quantity_is_one() -> None:
    with pytest.raises(SettingsError, match="quantity"):
        read_connection_file(FILE + 'quantity = "productCode"\n', is_json=False)


def test_settings_come_back_from_the_store_as_they_went_in() -> None:
    settings = read_connection_file(FILE, is_json=False).settings

    assert decode_settings(encode_settings(settings)) == settings


def test_no_secret_is_among_the_settings() -> None:
    secrets = "\n".join(f'{field.split(".")[1]} = "canary"' for field in SECRET_FIELDS if field.startswith("basware"))
    file = read_connection_file(f'name = "x"\n[basware]\ncompany_codes = ["1"]\n{secrets}', is_json=False)

    assert "canary" not in encode_settings(file.settings)
    assert set(file.secrets.values()) == {"canary"}


@pytest.mark.parametrize(
    ("text", "is_json", "named"),
    [
        ("name = ", False, "TOML"),
        ("{", True, "JSON"),
        ('[basware]\ncompany_codes = ["1"]', False, "name"),
        ('name = "x"', False, "basware"),
        ('name = "x"\nbasware = 1', False, "basware"),
        ('name = "x"\n[basware]\ncompany_code = "1"', False, "company_code"),
        ('name = "x"\n[basware]\ncompany_codes = ["1"]\nregion = "MOON"', False, "MOON"),
        ('name = "x"\n[basware]\ncompany_codes = ["1"]\n[polcy]', False, "polcy"),
        ('name = "x"\n[basware]\ncompany_codes = ["1"]\n[policy.sources]\naccont = "a"', False, "accont"),
        ("[]", True, "connection file"),
    ],
)
def test_what_cannot_be_used_is_named(text: str, is_json: bool, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read_connection_file(text, is_json=is_json)


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("quickbooks", "batch_size = 0"),
        ("quickbooks", "batch_size = 31"),
        ("quickbooks", "batch_lines = 0"),
        ("quickbooks", "minor_version = 70"),
        ("quickbooks", "read_timeout = 0"),
        ("quickbooks.limits", "in_flight = 0"),
        ("quickbooks.limits", "requests_per_second = 0"),
        ("basware", "page_size = 0"),
        ("basware", "page_size = 101"),
        ("policy", f'source_system = "{"Q" * 33}"'),
    ],
)
def test_a_value_nothing_could_be_sent_with_is_named(section: str, line: str) -> None:
    setting, codes = line.split(maxsplit=1)[0], 'company_codes = ["1"]\n'
    text = f"[basware]\n{codes}{line}" if section == "basware" else f"[basware]\n{codes}[{section}]\n{line}"

    with pytest.raises(SettingsError, match=setting):
        read_connection_file(f'name = "x"\n{text}', is_json=False)


def test_a_connection_takes_over_at_least_one_company() -> None:
    with pytest.raises(SettingsError, match="company_codes"):
        read_connection_file('name = "x"\n[basware]\ncompany_codes = []', is_json=False)


ADDRESSES = [
    ("quickbooks", name) for name in ("base_url", "discovery_url", "authorize_url", "token_url", "revoke_url")
] + [("basware", name) for name in ("base_url", "token_url", "network_url")]


def _with(section: str, line: str) -> str:
    codes = 'company_codes = ["1"]\n'
    return f'name = "x"\n[basware]\n{codes}' + (line if section == "basware" else f"[{section}]\n{line}")


@pytest.mark.parametrize(("section", "name"), ADDRESSES)
@pytest.mark.parametrize(
    "address",
    ["https://api.example.test", "https://api.example.test:8443/p2p/", "http://127.0.0.1:8101", "http://[::1]:1"],
)
def test_every_address_can_be_set_to_one_over_tls_or_one_of_this_machine(section: str, name: str, address: str) -> None:
    file = read_connection_file(_with(section, f'{name} = "{address}"'), is_json=False)

    assert getattr(getattr(file.settings, section), name) == address


@pytest.mark.parametrize(("section", "name"), ADDRESSES)
@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.test", "http://10.0.0.8", "http://localhost.example.test", "ftp://api.example.test",
        "file:///etc/passwd", "api.example.test", "https://", "https://user:canary-word@api.example.test",
        "https://canary-word@api.example.test", "https://api.example.test/?token=canary-word",
        "https://api.example.test/#canary-word", "https://api.example.test/ canary-word", "https://[::1", "https://a:99999",
        "https:user:canary-word@api.example.test", "canary-word",
    ],
)  # fmt: skip
def test_an_address_that_no_secret_may_be_sent_to_is_refused(section: str, name: str, address: str) -> None:
    with pytest.raises(SettingsError, match=name) as refusal:
        read_connection_file(_with(section, f'{name} = "{address}"'), is_json=False)

    assert "canary-word" not in str(refusal.value)


def test_hosts_of_single_regions_can_be_replaced_and_only_of_those_there_are() -> None:
    file = read_connection_file(_with("basware", 'hosts = { "US test" = "https://us.example.test" }'), is_json=False)

    assert file.settings.basware.hosts == {"US test": "https://us.example.test"}
    with pytest.raises(SettingsError, match=r"MARS test.*EU production"):
        read_connection_file(_with("basware", 'hosts = { "MARS test" = "https://us.example.test" }'), is_json=False)
    with pytest.raises(SettingsError, match=r"US test.*https"):
        read_connection_file(_with("basware", 'hosts = { "US test" = "http://us.example.test" }'), is_json=False)


def test_orders_are_given_to_basware_only_where_it_is_asked_what_became_of_them() -> None:
    text = 'name = "x"\n[basware]\ncompany_codes = ["US10"]\n[basware.matching_orders]\nenabled = true\n'
    assert read_connection_file(text, is_json=False).settings.basware.matching_orders.enabled
    with pytest.raises(SettingsError, match="matching_orders needs outcomes"):
        read_connection_file(f"{text}[basware.outcomes]\nenabled = false\n", is_json=False)

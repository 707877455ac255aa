"""Access tokens as a careful client sees them: verified against the published keys, with every set-up Basware might have."""

import base64
import json
import os
import pickle
from pathlib import Path

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from jsonschema import Draft202012Validator

from twins import signing

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ML_CONNECTOR_SHARED", ROOT.parent / "shared"))
FILE = SHARED / "specs" / "basware" / "basware-authentication-openapi.json"
READ = "accountingDocuments.read"
GOOD = f"grant_type=client_credentials&scope={READ}"


def part(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(token, keys, *, now):
    """What a JOSE library does: find the key by its id, check the signature, then the claims."""
    head, claims, signature = token.split(".")
    header = msgspec.json.decode(part(head))
    [key] = [key for key in keys if key["kid"] == header["kid"]]
    assert (header["alg"], key["alg"], key["kty"], key["use"]) == ("RS256", "RS256", "RSA", "sig")
    numbers = RSAPublicNumbers(int.from_bytes(part(key["e"]), "big"), int.from_bytes(part(key["n"]), "big"))
    numbers.public_key().verify(part(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
    content = msgspec.json.decode(part(claims))
    assert content["iat"] <= now.timestamp() < content["exp"]
    return content


@pytest.fixture
def keys(caller, tools):
    def published():
        return tools.parsed(caller.get("/.well-known/jwks.json", anonymous=True))["keys"]

    return published


@pytest.mark.row("S1")
def test_a_token_is_verified_with_the_keys_that_discovery_leads_to(caller, tools, keys):
    token = tools.parsed(caller.token(GOOD))["access_token"]
    discovered = tools.parsed(caller.get("/.well-known/openid-configuration", anonymous=True))
    assert discovered["issuer"].endswith("/")
    assert tools.parsed(caller.get(discovered["jwks_uri"], anonymous=True))["keys"] == keys()
    claims = verified(token, keys(), now=caller.clock.now())
    assert claims["iss"] == discovered["issuer"].rstrip("/")
    assert (claims["aud"], claims["sub"], claims["bwcid"], claims["scope"]) == (
        "OpenAPI",
        "client",
        "004711.TEST",
        READ,
    )
    head, content, signature = token.split(".")
    with pytest.raises(InvalidSignature):
        verified(f"{head}.{content[:-2]}.{signature}", keys(), now=caller.clock.now())


@pytest.mark.row("S1")
def test_every_token_has_an_id_of_its_own(caller, tools, keys):
    issued = [tools.parsed(caller.token(GOOD))["access_token"] for _ in range(3)]
    ids = {verified(token, keys(), now=caller.clock.now())["jti"] for token in issued}
    assert len(ids) == 3


@pytest.mark.row("S1")
@pytest.mark.parametrize("life", [300, 86_400])
def test_a_token_lives_as_long_as_the_client_is_set_up_for(caller, tools, life):
    caller.twin.switches.token_seconds = life
    body = tools.parsed(caller.token(GOOD))
    assert body["expires_in"] == life
    caller.authorization = f"Bearer {body['access_token']}"
    caller.clock.advance(life - 1)
    assert caller.get("/v1/accountingDocuments").status == 200
    caller.clock.advance(1)
    assert caller.get("/v1/accountingDocuments").status == 401


@pytest.mark.row("S1")
@pytest.mark.parametrize("life", [299, 86_401, 3600.5])
def test_other_lives_are_not_offered(caller, life):
    with pytest.raises(ValueError, match="300 to 86400"):
        caller.twin.switches.token_seconds = life
    assert caller.twin.switches.token_seconds == 3600


@pytest.mark.row("S1")
def test_the_life_may_be_told_in_minutes_but_the_token_itself_counts_seconds(caller, tools, keys):
    caller.twin.switches.expires_in = "minutes"
    body = tools.parsed(caller.token(GOOD))
    assert body["expires_in"] == 60
    claims = verified(body["access_token"], keys(), now=caller.clock.now())
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.row("S1")
@pytest.mark.parametrize(
    ("form", "named"),
    [
        ("scope=x", "grant_type"),
        ("grant_type=client_credentials", "scope"),
        ("", "grant_type"),
        ("scope=", "grant_type"),
    ],
)
def test_missing_form_fields_are_422_or_400(caller, tools, form, named):
    refused = caller.token(form)
    assert refused.status == 422
    assert tools.parsed(refused)["detail"][0] == {
        "loc": ["body", named],
        "msg": "field required",
        "type": "value_error.missing",
    }
    caller.twin.switches.missing_form_fields = "invalid request"
    refused = caller.token(form)
    assert refused.status == 400
    assert tools.parsed(refused) == {"error": "invalid_request", "error_description": f"{named} field required"}


@pytest.mark.row("S1")
def test_the_token_address_takes_only_posts(caller):
    assert caller.get("/v1/tokens", anonymous=True).status == 405


@pytest.mark.row("S1")
def test_a_client_without_any_of_the_scopes_gets_no_token_even_where_scopes_are_dropped(caller, tools):
    caller.twin.switches.ungranted_scopes = "drop"
    refused = caller.token("grant_type=client_credentials&scope=vendors.read+vendors.write")
    assert (refused.status, tools.parsed(refused)["error"]) == (400, "invalid_scope")


@pytest.mark.row("S2")
def test_a_tenant_may_have_either_way_to_sign_in_switched_off(caller, tools):
    bearer = f"Bearer {tools.parsed(caller.token(GOOD))['access_token']}"
    http_basic = caller.authorization
    for allowed in ({http_basic, bearer}, {bearer}, {http_basic}, set()):
        caller.twin.switches.allow_basic = http_basic in allowed
        caller.twin.switches.allow_bearer = bearer in allowed
        for credentials in (http_basic, bearer):
            caller.authorization = credentials
            assert caller.get("/v1/accountingDocuments").status == (200 if credentials in allowed else 401)


@pytest.mark.row("S3")
def test_a_missing_scope_is_403_with_an_error_body_or_401_without(caller, tools):
    refused = caller.get("/v1/exportedPurchaseOrders")
    assert refused.status == 403
    assert tools.parsed(refused)["errors"][0]["message"].endswith("exportedPurchaseOrders.read")
    caller.twin.switches.missing_scope_status = 401
    refused = caller.get("/v1/exportedPurchaseOrders")
    assert (refused.status, refused.body) == (401, b"")


@pytest.mark.row("S3")
def test_401_has_a_body_on_the_few_resources_that_promise_one(caller, tools):
    for resource in ("exportedContracts", "exportedContractSpends", "exportedPurchaseRequisitions"):
        refused = caller.get(f"/v1/{resource}", anonymous=True)
        assert refused.status == 401
        assert tools.parsed(refused)["errors"][0]["code"] == "CREDENTIAL_VALIDATION_ERROR"
    assert caller.get("/v1/exportedPurchaseOrders", anonymous=True).body == b""


@pytest.mark.row("S1")
def test_a_restored_twin_signs_with_a_new_key_and_still_publishes_the_old_one(caller, tools, keys):
    old = tools.parsed(caller.token(GOOD))["access_token"]
    kept = pickle.dumps(caller.twin._tokens._keys)
    cached = (signing._private_key, signing._public_key, signing.key_id)
    for function in cached:
        function.cache_clear()
    caller.twin._tokens._keys = pickle.loads(kept)
    new = tools.parsed(caller.token(GOOD))["access_token"]
    assert len(keys()) == 2
    assert {verified(token, keys(), now=caller.clock.now())["sub"] for token in (old, new)} == {"client"}
    caller.clock.advance(3600)
    assert len(keys()) == 1


@pytest.mark.row("S1")
@pytest.mark.skipif(not FILE.is_file(), reason=f"Basware's specification is not at {FILE}; set ML_CONNECTOR_SHARED")
def test_the_answers_are_exactly_those_of_the_authentication_specification(caller, tools):
    specification = json.loads(FILE.read_text())
    answers = {
        ("post", "/v1/tokens"): [
            caller.token(GOOD),
            caller.token("grant_type=password&scope=x"),
            caller.token(GOOD, tools.basic("client", "wrong")),
            caller.token(""),
        ],
        ("get", "/.well-known/jwks.json"): [caller.get("/.well-known/jwks.json", anonymous=True)],
        ("get", "/.well-known/openid-configuration"): [caller.get("/.well-known/openid-configuration", anonymous=True)],
    }
    assert [answer.status for answer in answers["post", "/v1/tokens"]] == [200, 400, 401, 422]
    for (method, path), given in answers.items():
        for answer in given:
            described = specification["paths"][path][method]["responses"][str(answer.status)]["content"]
            schema = {**described["application/json"]["schema"], "components": specification["components"]}
            body = json.loads(answer.body)
            assert list(Draft202012Validator(schema).iter_errors(body)) == []
            reference = schema["$ref"].rpartition("/")[2]
            assert body.keys() == specification["components"]["schemas"][reference]["properties"].keys()

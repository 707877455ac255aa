"""Signing in to Basware: tokens, keys, scopes, HTTP Basic."""

import base64

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

GOOD = "grant_type=client_credentials&scope=accountingDocuments.read+accountingDocuments.write"


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.row("S1", "S2")
def test_a_token_opens_the_documents_for_an_hour(caller, tools):
    body = tools.parsed(caller.token(GOOD))
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    assert body["scope"] == "accountingDocuments.read accountingDocuments.write"
    caller.authorization = f"Bearer {body['access_token']}"
    assert caller.get("/v1/accountingDocuments").status == 200
    caller.clock.advance(3599)
    assert caller.get("/v1/accountingDocuments").status == 200
    caller.clock.advance(1)
    expired = caller.get("/v1/accountingDocuments")
    assert (expired.status, expired.body) == (401, b"")


@pytest.mark.row("S1")
def test_a_token_says_who_it_is_for_and_when_it_ends_and_is_signed_with_the_published_key(caller, tools):
    token = tools.parsed(caller.token(GOOD))["access_token"]
    head, claims, signature = token.split(".")
    header, content = msgspec.json.decode(unpadded(head)), msgspec.json.decode(unpadded(claims))
    key = tools.parsed(caller.get("/.well-known/jwks.json", anonymous=True))["keys"][0]
    assert (header["alg"], header["typ"], header["kid"]) == ("RS256", "at+jwt", key["kid"])
    assert (content["sub"], content["bwcid"], content["aud"]) == ("client", "004711.TEST", "OpenAPI")
    assert content["exp"] - content["iat"] == 3600
    assert content["iat"] == tools.noon.timestamp()
    numbers = RSAPublicNumbers(int.from_bytes(unpadded(key["e"]), "big"), int.from_bytes(unpadded(key["n"]), "big"))
    numbers.public_key().verify(unpadded(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        numbers.public_key().verify(unpadded(signature), f"{head}.{claims}x".encode(), PKCS1v15(), SHA256())


@pytest.mark.row("S1")
def test_the_configuration_names_the_keys(caller, tools):
    found = tools.parsed(caller.get("/.well-known/openid-configuration", anonymous=True))
    assert found == {"issuer": "https://api.basware.com/", "jwks_uri": "https://basware.test/.well-known/jwks.json"}


@pytest.mark.row("S1")
def test_a_wrong_secret_is_an_invalid_client(caller, tools):
    refused = caller.token(GOOD, tools.basic("client", "wrong"))
    assert (refused.status, tools.parsed(refused)) == (401, {"error": "invalid_client"})


@pytest.mark.row("S1")
def test_another_grant_type_is_an_invalid_request(caller, tools):
    refused = caller.token("grant_type=password&scope=accountingDocuments.read")
    assert refused.status == 400
    assert tools.parsed(refused)["error"] == "invalid_request"


@pytest.mark.row("S1")
def test_missing_form_fields_and_header_are_named_one_by_one(caller, tools):
    refused = caller.token("grant_type=client_credentials", authorization="")
    assert refused.status == 422
    assert [item["loc"] for item in tools.parsed(refused)["detail"]] == [["header", "authorization"], ["body", "scope"]]


def test_a_json_body_is_no_form(caller, tools):
    refused = caller.post("/v1/tokens", {"grant_type": "client_credentials", "scope": "accountingDocuments.read"})
    assert refused.status == 422


@pytest.mark.row("S1")
def test_a_scope_the_client_lacks_is_refused_or_dropped(caller, tools):
    form = "grant_type=client_credentials&scope=accountingDocuments.read+vendors.write"
    refused = caller.token(form)
    assert (refused.status, tools.parsed(refused)["error"]) == (400, "invalid_scope")
    caller.twin.switches.ungranted_scopes = "drop"
    assert tools.parsed(caller.token(form))["scope"] == "accountingDocuments.read"


@pytest.mark.row("S3")
def test_a_token_without_the_write_scope_may_read_but_not_acknowledge(caller, tools):
    token = tools.parsed(caller.token("grant_type=client_credentials&scope=accountingDocuments.read"))["access_token"]
    caller.authorization = f"Bearer {token}"
    assert caller.get("/v1/accountingDocuments").status == 200
    refused = caller.acknowledge("inv1")
    assert refused.status == 403
    assert tools.parsed(refused)["errors"][0]["code"] == "ACCESS_TOKEN_VALIDATION_ERROR"
    assert caller.twin.document("inv1")["processingStatus"] == "WaitingForTransfer"
    caller.twin.switches.missing_scope_status = 401
    assert caller.acknowledge("inv1").status == 401


@pytest.mark.row("S2")
@pytest.mark.parametrize("header", ["", "Basic !!!", "Basic aW50ZXJmYWNlOndyb25n", "Bearer eyJ.x.y", "Digest x"])
def test_nobody_gets_in_without_good_credentials(caller, header):
    caller.authorization = header
    refused = caller.get("/v1/accountingDocuments")
    assert (refused.status, refused.body) == (401, b"")


@pytest.mark.row("S2")
def test_a_tenant_may_switch_basic_off(caller):
    caller.twin.switches.allow_basic = False
    assert caller.get("/v1/accountingDocuments").status == 401


def test_revoked_tokens_open_nothing(caller, tools):
    caller.authorization = f"Bearer {tools.parsed(caller.token(GOOD))['access_token']}"
    assert caller.get("/v1/accountingDocuments").status == 200
    caller.twin.revoke_tokens()
    assert caller.get("/v1/accountingDocuments").status == 401


def test_tenants_see_only_their_own_documents(caller, tools):
    other = tools.tenant([tools.invoice(9)], client_id="other", client_secret="s", user="other", password="p")
    caller.twin.add_tenant(other)
    assert caller.read_all("") == [["inv1", "inv2", "inv3"]]
    caller.authorization = tools.basic("other", "p")
    assert caller.read_all("") == [["inv9"]]
    assert caller.get("/v1/accountingDocuments/inv1").status == 404


@pytest.mark.row("S11")
def test_every_answer_carries_its_own_request_id(caller):
    answers = [
        caller.get("/v1/accountingDocuments"),
        caller.get("/v1/accountingDocuments/none"),
        caller.get("/v1/accountingDocuments", anonymous=True),
        caller.token("x=y"),
    ]
    ids = {answer.headers["x-amzn-RequestId"] for answer in answers}
    assert len(ids) == 4
    assert all(len(value) == 36 for value in ids)

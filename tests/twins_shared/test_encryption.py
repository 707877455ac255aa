"""Connections to a twin that is served encrypted, as the vendors' are: TLS 1.2 at least, with certificates that are renewed."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from twins.http import Request, Response
from twins.serve import TwinServer


class Authority:
    """Whoever signs a vendor's certificates."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Authority")])
        self._certificate = self._signed(self._name, self._key, authority=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, serial: str) -> tuple[Path, Path]:
        """Files of a new certificate for this machine and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, serial)])
        certificate, private = self._folder / f"{serial}.pem", self._folder / f"{serial}.key"
        certificate.write_bytes(self._signed(name, key).public_bytes(serialization.Encoding.PEM))
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        private.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
        return certificate, private

    def _signed(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, authority: bool = False) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        )
        return builder.sign(self._key, hashes.SHA256())


class Hello:
    """A service that greets."""

    def handle(self, request: Request) -> Response:
        return Response(200, {}, request.path.encode())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def serving(authority: Authority, least: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = least
    context.load_cert_chain(*authority.issue("first"))
    return context


def peer(client: httpx2.Client, url: str) -> str:
    """Greet, and say whose certificate the greeted showed."""
    with client.stream("GET", url) as answer:
        connection = answer.extensions["network_stream"].get_extra_info("ssl_object")
        return dict(part[0] for part in connection.getpeercert()["subject"])["commonName"]


@pytest.mark.row("S34")
def test_a_client_that_trusts_the_authority_does_not_notice_a_renewed_certificate(authority: Authority) -> None:
    served = serving(authority)
    trusting = ssl.create_default_context(cafile=str(authority.file))
    with TwinServer(Hello(), tls=served) as server:
        assert server.url.startswith("https://")
        with httpx2.Client(verify=trusting) as client:
            assert peer(client, server.url) == "first"
        served.load_cert_chain(*authority.issue("second"))
        with httpx2.Client(verify=trusting) as client:
            assert peer(client, server.url) == "second"


@pytest.mark.row("S34")
def test_an_older_protocol_and_an_unencrypted_request_are_hung_up_on(authority: Authority) -> None:
    newest_only = serving(authority, ssl.TLSVersion.TLSv1_3)
    old = ssl.create_default_context(cafile=str(authority.file))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with TwinServer(Hello(), tls=newest_only) as server, httpx2.Client(verify=old) as client:
        with pytest.raises(httpx2.ConnectError):
            client.get(server.url)
        with pytest.raises(httpx2.TransportError):
            client.get(server.url.replace("https", "http"))
    with TwinServer(Hello(), tls=serving(authority)) as server, httpx2.Client(verify=old) as client:
        assert client.get(f"{server.url}/hello").text == "/hello"

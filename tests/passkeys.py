"""A passkey in software: what a phone would answer to `navigator.credentials.create` and `.get` (WebAuthn Level 2)."""

import hashlib
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

HOST = "testserver"
PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class Passkey:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.user_handle = None

    def create(self, options):
        self.user_handle = options["publicKey"]["user"]["id"]
        about = AttestedCredentialData.create(bytes(16), self.id, ES256.from_cryptography_key(self.key.public_key()))
        data = AuthenticatorData.create(_rp(), PRESENT_AND_VERIFIED | AuthenticatorData.FLAG.AT, 0, about)
        client = self._client("webauthn.create", options)
        answer = {
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            "clientDataJSON": client,
        }
        return self._credential(answer)

    def get(self, options):
        data = AuthenticatorData.create(_rp(), PRESENT_AND_VERIFIED, 1)
        client = self._client("webauthn.get", options)
        signed = bytes(data) + hashlib.sha256(_bytes(client)).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        answer = {"authenticatorData": websafe_encode(data), "clientDataJSON": client}
        return self._credential({**answer, "signature": websafe_encode(signature), "userHandle": self.user_handle})

    def _client(self, kind, options):
        origin = f"http://{HOST}"
        return websafe_encode(CollectedClientData.create(kind, options["publicKey"]["challenge"], origin))

    def _credential(self, answer):
        name = websafe_encode(self.id)
        rk = {"credProps": {"rk": True}}
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": rk, "response": answer}


def _rp():
    return hashlib.sha256(HOST.encode()).digest()


def _bytes(text):
    from fido2.utils import websafe_decode

    return websafe_decode(text)

"""Secrets at rest, bound to the row they belong to; references that people carry and cannot forge."""

import base64
import binascii
import hmac
import os
import re
import struct
from collections.abc import Mapping
from typing import Never, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kit.errors import Misconfigured, RunwayError

KID = re.compile(r"[A-Za-z0-9_-]{1,32}")
VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
HIDDEN = "***"


class SealBroken(RunwayError):
    """The ciphertext is damaged, was moved to another row, or was made with a key we do not hold."""


class ForgedReference(RunwayError):
    """The reference was not signed by us for this purpose."""


class Secret:
    """A string that no log, format, traceback or serializer can spell out; only `reveal` does."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a Secret is never serialized")


class Keyring:
    """AES-256-GCM keys by id: the first one seals and signs, every one opens and verifies."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise Misconfigured("RUNWAY_ENCRYPTION_KEYS holds no key")
        self._keys = dict(keys)
        self.primary = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """From `kid:base64(32 bytes)[,kid:…]`. A refusal names the entry by position and id, never by content."""
        keys: dict[str, bytes] = {}
        for position, entry in enumerate(filter(None, (part.strip() for part in text.split(","))), start=1):
            kid, key = _key(entry, position)
            if kid in keys:
                raise Misconfigured(f"RUNWAY_ENCRYPTION_KEYS names the key {kid} twice")
            keys[kid] = key
        return cls(keys)

    @property
    def kids(self) -> tuple[str, ...]:
        return tuple(self._keys)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"

    def seal(self, plaintext: str, *, bound_to: tuple[str, ...]) -> str:
        """`v1.kid.nonce.ct`. `bound_to` is (table, column, business_id, row id): elsewhere it will not open."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self._keys[self.primary]).encrypt(nonce, plaintext.encode(), _joined(bound_to))
        return ".".join((VERSION, self.primary, _b64(nonce), _b64(sealed)))

    def open(self, sealed: str, *, bound_to: tuple[str, ...]) -> Secret:
        kid, nonce, ciphertext = _split(sealed)
        try:
            return Secret(AESGCM(self._key(kid)).decrypt(nonce, ciphertext, _joined(bound_to)).decode())
        except InvalidTag:
            raise SealBroken("the seal does not fit this row") from None

    def reseal(self, sealed: str, *, bound_to: tuple[str, ...]) -> str:
        """The same secret under the primary key; unchanged when it already is."""
        if kid_of(sealed) == self.primary:
            return sealed
        return self.seal(self.open(sealed, bound_to=bound_to).reveal(), bound_to=bound_to)

    def sign(self, purpose: str, parts: tuple[str, ...]) -> str:
        """`kid.parts.mac`, URL-safe. The parts can be read by whoever holds it: ids and times, never secrets.

        An expiry belongs into the parts: this file has no clock.
        """
        payload = _joined(parts)
        return ".".join((self.primary, _b64(payload), _b64(self._mac(self.primary, purpose, payload))))

    def verify(self, purpose: str, reference: str) -> tuple[str, ...]:
        """The parts that were signed for this purpose, or `ForgedReference`."""
        kid, payload, mac = _split_reference(reference)
        if kid not in self._keys or not hmac.compare_digest(mac, self._mac(kid, purpose, payload)):
            raise ForgedReference("the reference was not signed by us for this purpose")
        return _parted(payload)

    def _mac(self, kid: str, purpose: str, payload: bytes) -> bytes:
        derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"runway sign " + purpose.encode()).derive(self._keys[kid])
        return hmac.digest(derived, payload, "sha256")

    def _key(self, kid: str) -> bytes:
        if kid not in self._keys:
            raise SealBroken(f"the key {kid} is not in the key ring")
        return self._keys[kid]


def generate_key(kid: str) -> str:
    """One entry for `RUNWAY_ENCRYPTION_KEYS`."""
    return f"{kid}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


def kid_of(sealed: str) -> str:
    return _split(sealed)[0]


def _key(entry: str, position: int) -> tuple[str, bytes]:
    kid, colon, encoded = entry.partition(":")
    if not colon or not KID.fullmatch(kid):
        raise Misconfigured(
            f"RUNWAY_ENCRYPTION_KEYS: entry {position} is not kid:base64 with a kid of 1 to 32 letters, digits, - or _"
        )
    try:
        key = base64.b64decode(encoded.translate({ord("-"): "+", ord("_"): "/"}), validate=True)
    except (binascii.Error, ValueError):
        raise Misconfigured(f"RUNWAY_ENCRYPTION_KEYS: the key {kid} is not valid base64") from None
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"RUNWAY_ENCRYPTION_KEYS: the key {kid} has {len(key)} bytes, not {KEY_BYTES}")
    return kid, key


def _split(sealed: str) -> tuple[str, bytes, bytes]:
    try:
        version, kid, nonce, ciphertext = sealed.split(".")
        found = kid, _unb64(nonce), _unb64(ciphertext)
    except ValueError:
        raise SealBroken("this is not a sealed value") from None
    if version != VERSION or len(found[1]) != NONCE_BYTES:
        raise SealBroken("this is not a sealed value")
    return found


def _split_reference(reference: str) -> tuple[str, bytes, bytes]:
    try:
        kid, payload, mac = reference.split(".")
        return kid, _unb64(payload), _unb64(mac)
    except ValueError:
        raise ForgedReference("this is not a signed reference") from None


def _joined(parts: tuple[str, ...]) -> bytes:
    # Each part carries its length, so that ("ab", "c") and ("a", "bc") are different bytes.
    encoded = (part.encode() for part in parts)
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)


def _parted(joined: bytes) -> tuple[str, ...]:
    parts, at = [], 0
    while at < len(joined):
        (length,) = struct.unpack_from(">I", joined, at)
        parts.append(joined[at + 4 : at + 4 + length].decode())
        at += 4 + length
    return tuple(parts)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    """Strict: `b64decode` would skip foreign characters, and two spellings would mean one value."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _b64(raw) != text:
        raise ValueError("not canonical base64")
    return raw

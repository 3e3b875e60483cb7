"""Bytes in the slots of a message (docs/spec/messages.md)."""

from functools import lru_cache

from ristretto import is_canonical

PAYLOAD = 29


class NotAMessage(Exception):
    """Elements that no message has."""


def slots_for(length):
    """How many slots a message of so many bytes takes."""
    return -(-length // PAYLOAD)


def candidate(counter, payload):
    """The 32 bytes of a slot with this counter, whether they encode an element or not."""
    return bytes([2 * counter, len(payload)]) + payload + bytes(PAYLOAD - len(payload)) + b"\0"


@lru_cache(maxsize=1 << 14)
def payload_of(data):
    """The bytes in a slot whose element has this encoding, which may be that of the identity."""
    payload = data[2 : 2 + data[1]]
    if data[0] % 2 or len(payload) > PAYLOAD or data != candidate(data[0] // 2, payload):
        raise NotAMessage("not the layout of a message")
    if not is_canonical(data):
        raise NotAMessage("no element")
    if any(is_canonical(candidate(counter, payload)) for counter in range(data[0] // 2)):
        raise NotAMessage("a smaller counter would do")
    return payload


def decode_message(elements):
    """The message in these slots, given by the bytes of their elements."""
    payloads = [payload_of(data) for data in elements]
    for payload, behind in zip(payloads, payloads[1:]):
        if behind and len(payload) < PAYLOAD:
            raise NotAMessage("bytes behind a slot that is not full")
    return b"".join(payloads)


def encode_slot(payload):
    """The bytes of the element of a slot."""
    for counter in range(128):
        if is_canonical(data := candidate(counter, payload)):
            return data
    raise NotAMessage("no element for these bytes")


def encode_message(data, slots):
    """The bytes of the elements that hold a message."""
    return [encode_slot(data[PAYLOAD * i : PAYLOAD * (i + 1)]) for i in range(slots)]

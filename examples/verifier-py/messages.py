"""Bytes in the slots of a message (docs/spec/messages.md)."""

from ristretto import is_canonical

PAYLOAD = 29


class NotAMessage(Exception):
    """Elements that do not encode a message: a slot, and the number of the rule that it breaks."""

    RULES = ["", "not the layout of a message", "no element", "a smaller counter would do", "bytes behind it"]

    def __init__(self, rule, slot=0):
        super().__init__(f"slot {slot}: {self.RULES[rule]}")
        self.rule, self.slot = rule, slot


def slots_for(length):
    """The number of slots for a message of this many bytes."""
    return -(-length // PAYLOAD)


def candidate(counter, payload):
    """The 32 bytes of a slot with this counter, whether or not they encode an element."""
    return bytes([2 * counter, len(payload)]) + payload + bytes(PAYLOAD - len(payload)) + b"\0"


def payload_of(data):
    """The payload of a slot, from the encoding of its element, which may be the identity."""
    payload = data[2 : 2 + data[1]]
    if data[0] % 2 or len(payload) > PAYLOAD or data != candidate(data[0] // 2, payload):
        raise NotAMessage(1)
    if not is_canonical(data):
        raise NotAMessage(2)
    if any(is_canonical(candidate(counter, payload)) for counter in range(data[0] // 2)):
        raise NotAMessage(3)
    return payload


def decode_message(elements):
    """The message in these slots, from the bytes of their elements."""
    payloads = []
    for slot, data in enumerate(elements):
        try:
            payloads.append(payload_of(data))
        except NotAMessage as error:
            raise NotAMessage(error.rule, slot) from None
    for slot, (payload, behind) in enumerate(zip(payloads, payloads[1:])):
        if behind and len(payload) < PAYLOAD:
            raise NotAMessage(4, slot)
    return b"".join(payloads)


def encode_slot(payload):
    """The bytes of the element of a slot."""
    for counter in range(128):
        if is_canonical(data := candidate(counter, payload)):
            return data
    raise NotAMessage(2)


def encode_message(data, slots):
    """The bytes of the elements that hold a message."""
    return [encode_slot(data[PAYLOAD * i : PAYLOAD * (i + 1)]) for i in range(slots)]

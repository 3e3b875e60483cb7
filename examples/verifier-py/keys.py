"""The key ceremony, resharings, rehearsals and erasures (docs/spec/keys.md)."""

from collections import Counter
from functools import lru_cache
from hashlib import sha3_256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ballot import Election
from codec import DecodeError, Reader, u16, u32
from linear import G, Proof, read_signature, signed, trustee_confirmed
from merlin import Transcript
from ristretto import BASE, IDENTITY, L, add, decode, encode, is_identity, multiscalar, vanishes

COMMIT, DEAL, COMPLAIN, CONFIRM, DONE = range(5)


class CeremonyError(Exception):
    """Why a ceremony refuses a message. `args[0]` is the name in the specification."""

    def __init__(self, name, detail=""):
        super().__init__(name, detail)
        self.name = name

    def __str__(self):
        return f"{self.name} {self.args[1]}".strip()


class Setup:
    """Dealers and members. `groups` are pairs of a threshold and of members, who are pairs of name and key; number j is at place
    j − 1 of all `members`."""

    def __init__(self, manifest, epoch, groups, previous=None):
        self.manifest, self.epoch, self.previous = manifest, epoch, previous
        self.members = [member for _, members in groups for member in members]
        self.thresholds, self.numbers = [threshold for threshold, _ in groups], []  # the numbers of each group
        self.slots = manifest.slots
        t, end = Transcript("ceremony").put("manifest", manifest.hash).put("epoch", epoch), 1
        for threshold, members in groups:
            t.put("n", len(members)).put("t", threshold).put_list("C", [key[:32] for _, key in members])
            self.numbers.append(range(end, end := end + len(members)))
        if previous:
            t.put("previous", previous.hash)
        self.context = t
        # How many dealers of each group it takes.
        self.needed = list(map(previous.hand_over_quorum, self.groups())) if previous else self.thresholds

    def groups(self):
        return range(len(self.numbers))

    def group_of(self, member):
        return next(group for group, numbers in enumerate(self.numbers) if member in numbers)

    def group_of_dealer(self, number):
        return (self.previous.setup if self.previous else self).group_of(number)

    def recipients(self, dealer):
        """The numbers of the members to whom a dealer deals."""
        return self.numbers[self.group_of_dealer(dealer)]

    def deal_size(self, dealer):
        threshold, members = self.thresholds[self.group_of_dealer(dealer)], len(self.recipients(dealer))
        size = 2 + 32 * self.slots * threshold + 32 + (32 * self.slots + 16) * members
        return size + 64 * (2 + self.slots)

    def member(self, number):
        """The 32 bytes of a member's registered key; None if there is no such member."""
        return self.members[number - 1][1][:32] if 1 <= number <= len(self.members) else None

    def dealers(self):
        return self.previous.holders if self.previous else range(1, len(self.members) + 1)

    def dealer(self, number):
        if number not in self.dealers():
            return None
        return (self.previous.setup if self.previous else self).member(number)

    def promise(self, deal):
        head = b"tabella/v1 deal" + self.manifest.hash + u32(self.epoch)
        return sha3_256(head + deal).digest()


class Deal:
    def __init__(self, setup, data):
        r = Reader(data)
        self.bytes = data
        self.dealer = r.u16()
        if setup.dealer(self.dealer) is None:
            r.fail("no dealer", 2)
        threshold = setup.thresholds[setup.group_of_dealer(self.dealer)]
        self.commitments = [r.elements(threshold) for _ in range(setup.slots)]
        self.u = r.element()
        self.shares = {member: r.bytes(32 * setup.slots + 16) for member in setup.recipients(self.dealer)}
        self.proof = Proof.read(r, 2 + setup.slots, 2 + setup.slots)
        r.finish()

    def fault(self, setup):
        """None if the deal is valid, otherwise the reason."""
        t = setup.context.proof("deal").put("dealer", self.dealer).put("count", setup.slots)
        for commitments in self.commitments:
            t.put_list("F", commitments)
        t.put("U", self.u).put("count", len(self.shares))
        for share in self.shares.values():
            t.put("share", share)
        constants = [commitments[0] for commitments in self.commitments]
        tag = "KEY.DEAL"
        if setup.previous:
            tag = "KEY.RESHARE"
            if constants != setup.previous.verification_keys[self.dealer]:
                return tag
        points = [setup.dealer(self.dealer), self.u, *constants]
        equations = [(point, [(i, G)]) for i, point in enumerate(points)]
        return None if self.proof.holds(tag, len(points), equations, t) else tag


@lru_cache(maxsize=1 << 12)
def read_deal(setup, dealer, data):
    """A valid deal of this dealer and None, or None and what is wrong with it."""
    try:
        deal = Deal(setup, data)
    except DecodeError as error:
        return None, f"UnreadableDeal: {error}"
    if deal.dealer != dealer:
        return None, "InvalidDeal: of another dealer"
    fault = deal.fault(setup)
    return (None, f"InvalidDeal: [{fault}]") if fault else (deal, None)


@lru_cache(maxsize=1 << 12)
def commit_signed(setup, dealer, promise, signature):
    t = setup.context.proof("commit").put("dealer", dealer).put("deal", promise)
    return signed("BOARD.AUTHOR", setup.dealer(dealer), signature, t)


class Complaint:
    def __init__(self, data):
        r = Reader(data)
        self.member, self.dealer, self.shared = r.u16(), r.u16(), r.element()
        self.proof = Proof.read(r, 2, 1)
        r.finish()
        self.bytes = data


@lru_cache(maxsize=1 << 12)
def read_complaint(data):
    return Complaint(data)


@lru_cache(maxsize=1 << 12)
def complaint_holds(setup, complaint, deal):
    """[KEY.COMPLAINT]"""
    t = setup.context.proof("complaint").put("complainer", complaint.member).put("dealer", complaint.dealer)
    t.put("deal", setup.promise(deal.bytes))
    equations = [(setup.member(complaint.member), [(0, G)]), (complaint.shared, [(0, deal.u)])]
    return complaint.proof.holds("KEY.COMPLAINT", 1, equations, t)


@lru_cache(maxsize=1 << 12)
def bad_share(setup, deal, member, shared):
    """What is wrong with this member's share, or None. `shared` is the bytes of uCⱼ."""
    key = setup.context.proof("share key").put("dealer", deal.dealer).put("recipient", member)
    key.put("U", deal.u).put("C", setup.member(member)).put("shared", shared)
    associated = setup.manifest.hash + u32(setup.epoch) + u16(deal.dealer) + u16(member)
    cipher = ChaCha20Poly1305(key.challenge_bytes("key", 32))
    try:
        plain = Reader(cipher.decrypt(bytes(12), deal.shares[member], associated))
    except InvalidTag:
        return "it cannot be decrypted"
    try:
        values = plain.scalars(setup.slots)
    except DecodeError as error:
        return f"it is not a list of scalars: {error}"
    for slot, (value, commitments) in enumerate(zip(values, deal.commitments)):
        # [KEY.SHARE]  s_{jk}G = Σₑ jᵉF_{ke}
        pairs = [(pow(member, e, L), decode(point)) for e, point in enumerate(commitments)]
        if not vanishes(pairs, [(-value, BASE)]):
            return f"[KEY.SHARE] does not hold in slot {slot}"
    return None


def guilty(setup, data):
    """The party whose fault a certificate of blame proves: ("dealer", number), ("member", number), or None."""
    try:
        r = Reader(data)
        about_share = r.flag()
        bytes_of_deal = r.bytes(r.u32())
        rest = r.bytes(r.left())
        if about_share:
            complaint = read_complaint(rest)
            deal, _ = read_deal(setup, complaint.dealer, bytes_of_deal)
            if deal is None or complaint.member not in deal.shares:
                return None
            if not complaint_holds(setup, complaint, deal):
                return None
            bad = bad_share(setup, deal, complaint.member, complaint.shared)
            return ("dealer", complaint.dealer) if bad else ("member", complaint.member)
        r = Reader(rest)
        dealer, promise, signature = r.u16(), r.bytes(32), read_signature(r)
        r.finish()
    except DecodeError:
        return None
    if setup.dealer(dealer) is None or not commit_signed(setup, dealer, promise, signature):
        return None
    valid = read_deal(setup, dealer, bytes_of_deal)[0] is not None
    # A deal counts if it is valid and the one committed to. Either of the two binds its dealer.
    return ("dealer", dealer) if valid != (setup.promise(bytes_of_deal) == promise) else None


def lagrange(places):
    """Coefficients at 0: λⱼ = Π i/(i−j)."""
    coefficients = []
    for j in places:
        numerator = denominator = 1
        for i in places:
            if i != j:
                numerator = numerator * i % L
                denominator = denominator * (i - j) % L
        coefficients.append(numerator * pow(denominator, -1, L) % L)
    return coefficients


def keys_hash(dealt, slot_keys):
    """What trustees sign: the hash of the deals, and the keys that follow from them."""
    return sha3_256(b"tabella/v1 keys" + dealt + b"".join(slot_keys)).digest()


class Ceremony:
    """The result of the remaining deals: slot keys and verification keys, as bytes."""

    def __init__(self, setup, deals, holders):
        self.setup, self.holders = setup, holders
        hash = sha3_256(b"tabella/v1 ceremony" + setup.manifest.hash + u32(setup.epoch))
        if setup.previous:
            hash.update(setup.previous.hash)
        for number in holders:
            hash.update(u16(number))
        hash.update(u16(0))
        for deal in deals:
            hash.update(deal.bytes)
        self.dealt = hash.digest()
        # For each group Σᵢ F_{ike} for each slot and e, weighted in a resharing.
        sums = [self._sums([deal for deal in deals if setup.group_of_dealer(deal.dealer) == g]) for g in setup.groups()]
        self.slot_keys = [key_bytes(sum_of([1] * len(rows), [row[0] for row in rows])) for rows in zip(*sums)]
        self.hash = keys_hash(self.dealt, self.slot_keys)
        self.verification_keys = {
            number: [
                key_bytes(sum_of([pow(number, e, L) for e in range(len(row))], row))
                for row in sums[setup.group_of(number)]
            ]
            for number in holders
        }
        self.election = None
        if not setup.previous:
            t = Transcript("election").put("manifest", setup.manifest.hash).put("ceremony", self.hash)
            self.election = Election(setup.manifest, t.put_list("Y", self.slot_keys), self.slot_keys)
        else:
            self.election = setup.previous.election
        t = self.election.transcript.clone().put("epoch", setup.epoch)
        for threshold, numbers in zip(setup.thresholds, setup.numbers):
            t.put("n", len(numbers)).put("t", threshold)
            for number in numbers:
                t.put_list("Yj", self.verification_keys.get(number, []))
        self.opening = t

    def _sums(self, deals):
        previous = self.setup.previous
        weights = lagrange([deal.dealer for deal in deals]) if previous else [1] * len(deals)
        sums = []
        for slot in range(self.setup.slots):
            rows = [[decode(point) for point in deal.commitments[slot]] for deal in deals]
            sums.append([sum_of(weights, column) for column in zip(*rows)])
        return sums

    def of_group(self, group, numbers=None):
        """Those who hold shares in a group, of these numbers or of all."""
        of = self.setup.numbers[group]
        return [j for j in self.holders if j in of and (numbers is None or j in numbers)]

    def reached(self, numbers, needed):
        """Whether these numbers have as many holders of each group as `needed` says."""
        return all(len(self.of_group(group, numbers)) >= needed(group) for group in self.setup.groups())

    def close_quorum(self, group):
        """How many holders of a group sign the close."""
        h, t = len(self.of_group(group)), self.setup.thresholds[group]
        meeting, fixed = (h + t + 1) // 2, self.setup.manifest.groups[group].close_quorum
        if fixed == 0:
            return meeting
        return max(min(fixed, h), meeting if self.setup.previous else t)

    def hand_over_quorum(self, group):
        """How many holders of a group deal in a resharing."""
        return len(self.of_group(group)) + self.setup.thresholds[group] - self.close_quorum(group)

    def rehearsals_needed(self, group):
        """How many holders of a group must have rehearsed before the roll."""
        return min(self.setup.manifest.groups[group].rehearsals, len(self.of_group(group)))

    def to_open(self, given):
        """The lowest numbers, as many of each group as its threshold, of those who have `given` something; a list for each
        group, or None if they are too few."""
        found = [self.of_group(group, given)[:t] for group, t in enumerate(self.setup.thresholds)]
        return found if all(len(of) == t for of, t in zip(found, self.setup.thresholds)) else None


def sum_of(weights, points):
    if all(weight == 1 for weight in weights):
        total = IDENTITY
        for point in points:
            total = add(total, point)
        return total
    return multiscalar(list(zip(weights, points)))


def key_bytes(point):
    if is_identity(point):
        raise CeremonyError("IdentityKey")
    return encode(point)


@lru_cache(maxsize=1 << 10)
def first_setup(manifest):
    return Setup(manifest, 0, [(group.threshold, group.trustees) for group in manifest.groups])


@lru_cache(maxsize=1 << 10)
def reshare_setup(previous, epoch, groups):
    return Setup(previous.setup.manifest, epoch, groups, previous)


@lru_cache(maxsize=1 << 10)
def ceremony_of(setup, deals, holders):
    return Ceremony(setup, deals, holders)


class Observer:
    """Follows one ceremony through its rounds. What is refused changes nothing."""

    def __init__(self, setup):
        self.setup = setup
        self.round = COMMIT
        self.commits = {}
        self.deals = {}  # valid and as committed to, by dealer
        self.complaints = {}
        self.out_dealers, self.out_members = set(), set()
        self.found = []
        self.ceremony = None
        self.confirmed = set()

    def _blame(self, dealer, member, why):
        first = not self.setup.previous
        if dealer is not None:
            self.out_dealers.add(dealer)
        if member is not None:
            self.out_members.add(member)
        if first:
            self.out_dealers |= self.out_members
            self.out_members |= self.out_dealers
        self.found.append(why)

    def _expect(self, round):
        if self.round != round:
            raise CeremonyError("WrongRound", f"now is round {self.round}")

    def left(self):
        return [self.deals[i] for i in sorted(self.deals) if i not in self.out_dealers]

    def members_out(self):
        """The members without a share: those found at fault, and in the first ceremony those who did not deal."""
        absent = set() if self.setup.previous else {i for i in self.setup.dealers() if i not in self.deals}
        return self.out_members | absent

    def take_commit(self, data):
        r = Reader(data)
        number, promise, signature = r.u16(), r.bytes(32), read_signature(r)
        r.finish()
        self._expect(COMMIT)
        if self.setup.dealer(number) is None:
            raise CeremonyError("NoParty", number)
        if number in self.commits:
            raise CeremonyError("Duplicate", number)
        if not commit_signed(self.setup, number, promise, signature):
            raise CeremonyError("Signature", number)
        self.commits[number] = promise

    def take_deal(self, data):
        number = Reader(data).u16()
        self._expect(DEAL)
        if number not in self.commits:
            raise CeremonyError("NotCommitted", number)
        if number in self.out_dealers or number in self.deals:
            raise CeremonyError("Duplicate", number)
        deal, fault = read_deal(self.setup, number, data)
        promised = self.setup.promise(data) == self.commits[number]
        if promised and deal:
            self.deals[number] = deal
        elif promised and len(data) <= self.setup.deal_size(number) + 65535:
            self._blame(number, None, f"dealer {number}: {fault}")
        elif deal:
            self._blame(number, None, f"dealer {number}: WrongCommit: it showed another deal than it committed to")
        else:
            raise CeremonyError("BadDeal", fault)

    def _check_member(self, number):
        if self.setup.member(number) is None:
            raise CeremonyError("NoParty", number)
        if number in self.members_out():
            raise CeremonyError("Out", number)

    def take_complaint(self, data):
        complaint = read_complaint(data)
        self._expect(COMPLAIN)
        self._check_member(complaint.member)
        deal = self.deals.get(complaint.dealer)
        if deal is None or complaint.member not in deal.shares:
            raise CeremonyError("NoDeal", complaint.dealer)
        if (complaint.member, complaint.dealer) in self.complaints:
            raise CeremonyError("Duplicate", complaint.member)
        if not complaint_holds(self.setup, complaint, deal):
            raise CeremonyError("Signature", complaint.member)
        self.complaints[complaint.member, complaint.dealer] = complaint

    def take_confirmation(self, data):
        r = Reader(data)
        number, signature = r.u16(), read_signature(r)
        r.finish()
        self._expect(CONFIRM)
        self._check_member(number)
        if number in self.confirmed:
            raise CeremonyError("Duplicate", number)
        if not trustee_confirmed(self.setup.member(number), self.ceremony.hash, number, signature):
            raise CeremonyError("Signature", number)
        self.confirmed.add(number)

    def end_round(self):
        if self.round == COMMIT:
            self._enough_dealers(self.commits)
        elif self.round == DEAL:
            self._enough_dealers([deal.dealer for deal in self.left()])
        elif self.round == COMPLAIN:
            self._decide()
            self._enough_dealers([deal.dealer for deal in self.left()])
            out = self.members_out()
            holders = tuple(j for j in range(1, len(self.setup.members) + 1) if j not in out)
            self._enough_members(holders)
            self.ceremony = ceremony_of(self.setup, tuple(self.left()), holders)
        elif self.round == CONFIRM:
            self._enough_members(self.confirmed)
        self.round += 1

    def _enough_dealers(self, numbers):
        enough(map(self.setup.group_of_dealer, numbers), self.setup.needed)

    def _enough_members(self, numbers):
        enough(map(self.setup.group_of, numbers), self.setup.thresholds)

    def _decide(self):
        """Decides complaints together, each on its own."""
        for (member, dealer), complaint in sorted(self.complaints.items()):
            fault = bad_share(self.setup, self.deals[dealer], member, complaint.shared)
            if fault:
                self._blame(dealer, None, f"dealer {dealer} dealt a bad share to trustee {member}: {fault}")
            else:
                self._blame(None, member, f"trustee {member} complained about dealer {dealer}, whose share is good")


def enough(groups, needed):
    """Checks that each group is there as often as it is needed."""
    found = Counter(groups)
    for group, least in enumerate(needed):
        if found[group] < least:
            raise CeremonyError("TooFew", f"{least} of group {group} needed, {found[group]} found")


class Rehearsal:
    def __init__(self, slots, data):
        r = Reader(data)
        self.trustee = r.u16()
        self.proof = Proof.read(r, 1 + slots, 1 + slots)
        r.finish()


@lru_cache(maxsize=1 << 12)
def read_rehearsal(slots, data):
    return Rehearsal(slots, data)


@lru_cache(maxsize=1 << 12)
def rehearsal_holds(ceremony, rehearsal, question):
    """[KEY.REHEARSAL]"""
    j = rehearsal.trustee
    if j not in ceremony.holders:
        return False
    points = [ceremony.setup.member(j), *ceremony.verification_keys[j]]
    equations = [(point, [(i, G)]) for i, point in enumerate(points)]
    t = ceremony.opening.proof("rehearsal").put("trustee", j).put("question", question)
    return rehearsal.proof.holds("KEY.REHEARSAL", len(points), equations, t)


@lru_cache(maxsize=1 << 12)
def erasure_signed(ceremony, trustee, signature):
    t = ceremony.setup.context.proof("erasure").put("ceremony", ceremony.hash).put("trustee", trustee)
    return signed("BOARD.AUTHOR", ceremony.setup.member(trustee), signature, t)


@lru_cache(maxsize=1 << 12)
def close_signed(ceremony, trustee, size, root, signature):
    t = ceremony.election.transcript.proof("close").put("keys", ceremony.hash).put("trustee", trustee)
    return signed("BOARD.AUTHOR", ceremony.setup.member(trustee), signature, t.put("size", size).put("root", root))

"""Objects, and the rules of acceptance as a state machine (docs/spec/board.md).

Whatever is refused raises `Refusal` and changes nothing.
"""

from hashlib import sha3_256

import keys
from ballot import proof_holds, read_ballot, tracker
from challenge import opened, read_opening, read_spoil_request, request_holds
from codec import DecodeError, Reader
from counting import normalise
from decryption import FAULTY, VALID, judge_share, mixed_tally, read_result, read_share, tally_of, wrong_cell
from keys import CeremonyError, Observer
from kinds import LISTS
from linear import author_possesses, delegation_signed, operator_signed, read_signature
from manifest import MAX_NAME, ManifestError, read_key, read_manifest
from merkle import Tree
from mixing import Cascade, Mixing, MixRefused
from roll import read_roll
from text import is_text

MANIFEST, DEAL, CONFIRMATION, ROLL, BALLOT, CLOSE, TALLY, SHARE, RESULT = range(1, 10)
COMMIT, COMPLAINT, ROUND, QUESTION, REHEARSAL, RESHARE, ERASURE, SPOIL, SPOIL_OPENING, MIX = range(10, 20)
FREEZE, LIFT, WITHDRAWAL, DELEGATION = range(20, 24)
NAMES = {
    MANIFEST: "manifest", DEAL: "deal", CONFIRMATION: "confirmation", ROLL: "roll", BALLOT: "ballot", CLOSE: "close",
    TALLY: "tally", SHARE: "decryption share", RESULT: "result", COMMIT: "commit", COMPLAINT: "complaint",
    ROUND: "end of a round", QUESTION: "question", REHEARSAL: "rehearsal", RESHARE: "resharing", ERASURE: "erasure",
    SPOIL: "spoil request", SPOIL_OPENING: "spoil opening", MIX: "mix", FREEZE: "freeze", LIFT: "lift of a freeze",
    WITHDRAWAL: "withdrawal", DELEGATION: "delegation",
}  # fmt: skip
MAX_ENTRY = 65_535
MAX_OBJECT = 1 << 30
MAX_REASON = 1_000
CHUNK_SIZE = MAX_ENTRY - 1
HEADER, CHUNK = 0xFE, 0xFF

# In the order of an election.
(
    EMPTY, COMMITTING, DEALING, COMPLAINING, CONFIRMING, ENROLLING, VOTING, FROZEN, CLOSED, MIXING, OPENING,
    FINISHED,
) = range(12)  # fmt: skip
PHASES = [
    "Empty", "Committing", "Dealing", "Complaining", "Confirming", "Enrolling", "Voting", "Frozen", "Closed", "Mixing",
    "Opening", "Finished",
]  # fmt: skip
PHASE_OF = {
    ROLL: ENROLLING,
    BALLOT: VOTING,
    SPOIL: VOTING,
    DELEGATION: VOTING,
    WITHDRAWAL: VOTING,
    FREEZE: VOTING,
    LIFT: FROZEN,
    CLOSE: FROZEN,
    TALLY: CLOSED,
    MIX: MIXING,
    SHARE: OPENING,
    RESULT: OPENING,
}
CEREMONY = {COMMIT, DEAL, COMPLAINT, CONFIRMATION, ROUND}


class Refusal(Exception):
    """`name` is that of the specification; `check` is the audit's check that fails."""

    def __init__(self, name, check, detail=""):
        super().__init__(name, detail)
        self.name, self.check, self.detail = name, check, detail

    def __str__(self):
        return f"{self.name}: {self.detail}" if self.detail != "" else self.name


class Assembler:
    """Joins entries to objects."""

    def __init__(self):
        self.parts = None

    def push(self, entry):
        """The object that this entry completes, or None. DecodeError if the entry breaks the form of objects."""
        if self.parts is None:
            r = Reader(entry)
            first = r.u8()
            if first == CHUNK:
                r.fail("a chunk without its header", 1)
            if first != HEADER:
                return entry
            self.kind = r.u8()
            self.length = r.u64(MAX_OBJECT)
            if self.length <= MAX_ENTRY:
                r.fail("a header for an object that fits an entry", 8)
            self.hash = r.bytes(32)
            if r.u32() != -(-self.length // CHUNK_SIZE):
                r.fail("a wrong number of chunks", 4)
            r.finish()
            self.parts, self.missing = [], self.length
            return None
        r = Reader(entry)
        if r.u8() != CHUNK:
            r.fail("another entry among chunks", 1)
        self.parts.append(r.bytes(min(self.missing, CHUNK_SIZE)))
        r.finish()
        self.missing -= len(self.parts[-1])
        if self.missing:
            return None
        whole = b"".join(self.parts)
        self.parts = None
        if sha3_256(whole).digest() != self.hash or whole[0] != self.kind:
            raise DecodeError(0, "chunks of another object than their header says")
        return whole

    def is_complete(self):
        return self.parts is None


class State:
    def __init__(self):
        self.tree = Tree()
        self.manifest = None
        self.running = None  # the running ceremony
        self.ended = []  # completed ceremonies; the keys of the last one are in force
        self.left = []  # abandoned ceremonies
        self.handing = set()  # trustees who have begun to hand over the shares in force, and cannot sign a close
        self.question, self.asked, self.answered = None, set(), set()
        self.rehearsed = set()  # with the keys in force
        self.rehearsals = {}  # (epoch, trustee): number of rehearsals
        self.erased = set()
        self.roll = None
        self.proxied = {}  # the keys of a voter and of her proxy, and the entry, by the key under which the proxy casts
        self.last = {}  # by voter: (the last accepted ballot, how many there were); in the order of these ballots
        self.nonces = set()  # of accepted ballots and spoil requests
        self.spoils = {}  # by voter: by tracker: (the nonce point, the entry of the request)
        self.opened = {}  # by voter and tracker: (the entry of the opening, the ballot, its content)
        self.ballots = self.replaced = 0
        self.withdrawn = {}  # why, by contest and option
        self.freezes = []  # [the entry that froze voting, the entry that lifted the freeze or None]
        self.frozen = None  # size and root of the board right after the freeze in force
        self.closed_by = []  # those who signed the close, in order
        self.closed = False
        self.tally = None
        self.mixing = None  # if cells are mixed
        self.shares, self.faulty = {}, {}
        self.result = None

    def phase(self):
        if self.result:
            return FINISHED
        if self.tally:
            return OPENING if self.mixing is None or self.mixing.is_complete() else MIXING
        if self.closed:
            return CLOSED
        if self.frozen:
            return FROZEN
        if self.roll:
            return VOTING
        if self.ended:
            return ENROLLING
        return EMPTY if self.manifest is None else COMMITTING + self.running.round

    def ceremony(self):
        """The keys in force."""
        return self.ended[-1].ceremony

    def apply(self, data):
        """Accepts an object, or refuses it."""
        if len(data) > MAX_OBJECT:
            raise Refusal("TooLarge", "record.form", len(data))
        kind, body = data[0], data[1:]
        if kind not in NAMES:
            raise Refusal("Malformed", "record.form", f"byte 0: there is no kind {kind}")
        self._check_phase(kind)
        try:
            RULES[kind](self, body)
        except DecodeError as error:
            raise Refusal("Malformed", CHECKS[kind], str(error)) from None
        except CeremonyError as error:
            last = self.running and self.running.round == keys.CONFIRM
            of_confirmations = kind == CONFIRMATION or (error.name == "TooFew" and last)
            check = "keys.confirmed" if of_confirmations else "keys.deals"
            raise Refusal("Keys", check, str(error)) from None
        for entry in entries_of(data):
            self.tree.push(entry)
        if kind == FREEZE:
            self.freezes.append([self.tree.size - 1, None])
            self.frozen = self.tree.size, self.tree.root()

    def _check_phase(self, kind):
        phase = self.phase()
        if kind in CEREMONY:
            # The ceremony and its rounds decide which of them.
            fits = self.running is not None and phase != FROZEN
        elif kind == MANIFEST:
            fits = phase == EMPTY
        elif kind in (QUESTION, RESHARE, REHEARSAL):
            fits = phase in (ENROLLING, VOTING)
        elif kind == SPOIL_OPENING:
            fits = VOTING <= phase <= OPENING
        elif kind == ERASURE:
            fits = ENROLLING <= phase <= OPENING
        else:
            fits = phase == PHASE_OF[kind]
        if kind == TALLY and phase == FROZEN:
            raise Refusal("Quorum", "close.quorum", f"signed by {self.closed_by} only")
        if not fits:
            name = "OutOfPhase"
            if kind in (BALLOT, SPOIL, DELEGATION) and phase >= FROZEN:
                name = "Frozen" if phase == FROZEN else "Closed"
            raise Refusal(name, "record.order", f"the board is {PHASES[phase]}")

    def _signed(self, manifest, kind, body):
        """The content of an object that the operator signed for this place."""
        r = Reader(body)
        content = r.bytes(max(0, len(body) - 64))
        signature = read_signature(r)
        root = self.tree.root()
        if not operator_signed(manifest.operator[:32], manifest.hash, self.tree.size, root, kind, content, signature):
            raise Refusal("Signature", "record.signatures", "[BOARD.AUTHOR]")
        return content

    def _manifest(self, body):
        try:
            manifest = read_manifest(body[: max(0, len(body) - 64)])
        except ManifestError as error:
            raise Refusal("Manifest", "manifest.valid", str(error)) from None
        self._signed(manifest, MANIFEST, body)
        self.manifest = manifest
        self.running = Observer(keys.first_setup(manifest))

    def _commit(self, body):
        self.running.take_commit(body)
        if self.ended:
            self.handing.add(Reader(body).u16())

    def _deal(self, body):
        self.running.take_deal(body)

    def _complaint(self, body):
        self.running.take_complaint(body)

    def _confirmation(self, body):
        self.running.take_confirmation(body)

    def _round(self, body):
        r = Reader(self._signed(self.manifest, ROUND, body))
        found = r.u8()
        r.finish()
        if found != self.running.round:
            raise Refusal("WrongRound", "keys.deals", f"{found}, but {self.running.round} is open")
        self.running.end_round()
        if self.running.round == keys.DONE:
            self.ended.append(self.running)
            self.running = None
            self._ask(None)
            self.rehearsed = set()
            self.handing = set()

    def _ask(self, question):
        self.question, self.answered = question, set()

    def _question(self, body):
        r = Reader(self._signed(self.manifest, QUESTION, body))
        question = r.bytes(32)
        r.finish()
        if question in self.asked:
            raise Refusal("AskedBefore", "keys.rehearsed")
        self.asked.add(question)
        self._ask(question)

    def _rehearsal(self, body):
        if self.question is None:
            raise Refusal("OutOfPhase", "record.order", "there is no question")
        rehearsal = keys.read_rehearsal(self.manifest.slots, body)
        trustee = rehearsal.trustee
        if trustee in self.answered:
            raise Refusal("Trustee", "keys.rehearsed", f"{trustee} has answered")
        ceremony = self.ceremony()
        if not keys.rehearsal_holds(ceremony, rehearsal, self.question):
            raise Refusal("Promise", "keys.rehearsed", f"trustee {trustee}: [KEY.REHEARSAL]")
        self.answered.add(trustee)
        self.rehearsed.add(trustee)
        place = ceremony.setup.epoch, trustee
        self.rehearsals[place] = self.rehearsals.get(place, 0) + 1

    def _reshare(self, body):
        r = Reader(self._signed(self.manifest, RESHARE, body))

        def group():
            return r.u16(), tuple(r.list(lambda: (r.text(MAX_NAME), read_key(r)), 255, 100))

        groups = tuple(group() for _ in self.manifest.groups)
        r.finish()
        members = [member for _, members in groups for member in members]
        names, points = [name for name, _ in members], [key[:32] for _, key in members]
        if (
            len(members) > 255
            or not all(1 <= threshold <= len(members) for threshold, members in groups)
            or len(set(map(normalise, names))) < len(names)
            or len(set(points)) < len(points)
            or self.manifest.operator[:32] in points
            or not all(is_text(name, MAX_NAME) for name in names)
            or not all(author_possesses(key) for _, key in members)
        ):
            raise CeremonyError("Members")
        epoch = len(self.ended) + len(self.left) + (self.running is not None)
        if self.running:
            self.left.append(self.running)
        self.running = Observer(keys.reshare_setup(self.ceremony(), epoch, groups))

    def _erasure(self, body):
        r = Reader(body)
        epoch, trustee, signature = r.u32(), r.u16(), read_signature(r)
        r.finish()
        past = [o.ceremony for o in self.ended[:-1] if o.setup.epoch == epoch]
        signed = past and trustee in past[0].holders and keys.erasure_signed(past[0], trustee, signature)
        if not signed:
            raise Refusal("Promise", "keys.erased", f"trustee {trustee} of epoch {epoch}")
        if (epoch, trustee) in self.erased:
            raise Refusal("Trustee", "keys.erased", f"{trustee} erased before")
        self.erased.add((epoch, trustee))

    def _roll(self, body):
        ceremony = self.ceremony()
        if not ceremony.reached(self.rehearsed, ceremony.rehearsals_needed):
            raise Refusal("Rehearsals", "keys.rehearsed", f"of {sorted(self.rehearsed)} only")
        roll, fault = read_roll(self.manifest, self._signed(self.manifest, ROLL, body))
        if fault:
            raise Refusal("Roll", "roll.valid", fault)
        self.roll = roll

    def _voter(self, key):
        """Style and weight of a voter, or of the one for whom a proxy casts under this key; None for others."""
        return self.roll.voters.get(self.proxied[key][0] if key in self.proxied else key)

    def _overrules(self, key):
        """Whether a proxy casts under this key, and the voter has cast a ballot of her own."""
        return key in self.proxied and self.proxied[key][0] in self.last

    def counted(self):
        """Pairs of a key and the ballot that counts, in the order of the board."""
        return [(key, ballot) for key, (ballot, _) in self.last.items() if not self._overrules(key)]

    def tally_so_far(self):
        """All ballots of one proxy are by the same person."""
        counted = self.counted()
        casters = tuple(self.proxied[key][1] if key in self.proxied else key for key, _ in counted)
        return tally_of(self.manifest, tuple((ballot, self._voter(key)[1]) for key, ballot in counted), casters)

    def _delegation(self, body):
        def refuse(detail):
            raise Refusal("Delegation", "roll.proxies", detail)

        r = Reader(body)
        keys = voter, key, proxy = r.element(), r.element(), r.element()
        signatures = read_signature(r), read_signature(r), read_signature(r)
        r.finish()
        if not self.manifest.proxies:
            refuse("there are no proxies")
        if voter not in self.roll.voters or proxy not in self.roll.voters:
            refuse("a voter or proxy who is not on the roll")
        if voter == proxy:
            refuse("of oneself")
        if self._voter(key):
            refuse("a key that somebody has")
        with_proxy = {of for of, _, _ in self.proxied.values()}
        proxies = [by for _, by, _ in self.proxied.values()]
        if voter in with_proxy:
            refuse("a second proxy")
        if voter in proxies or proxy in with_proxy:
            refuse("a chain")
        if proxies.count(proxy) >= self.manifest.proxies:
            refuse("a proxy of too many")
        if voter in self.last:
            refuse("a voter who has cast a ballot")
        if not delegation_signed(self.manifest.hash, keys, signatures):
            raise Refusal("Signature", "roll.proxies", "[ROLL.DELEGATE]")
        self.proxied[key] = voter, proxy, self.tree.size

    def _ballot(self, body):
        ballot, fault = read_ballot(self.manifest, body)
        if ballot is None:
            raise Refusal("Malformed", "ballot.form", fault)
        if not self._voter(ballot.voter):
            raise Refusal("UnknownVoter", "ballot.voter")
        style, weight = self._voter(ballot.voter)
        if ballot.style != style:
            raise Refusal("WrongStyle", "ballot.voter", f"{ballot.style}, but the voter's is {style}")
        if ballot.weight not in (None, weight):
            raise Refusal("WrongWeight", "ballot.voter", f"{ballot.weight}, but the voter's is {weight}")
        if self._overrules(ballot.voter):
            raise Refusal("Overruled", "ballot.voter", "by the voter's own ballot")
        if spoil := self.spoils.get(ballot.voter, {}).get(tracker(body)):
            raise Refusal("Spoiled", "ballot.spoiled", f"by entry {spoil[1]}")
        last, count = self.last.get(ballot.voter, (None, 0))
        if last and last.bytes == body:
            raise Refusal("AlreadyOnBoard", "ballot.unique")
        if ballot.sequence != count:
            raise Refusal("WrongSequence", "ballot.sequence", f"{ballot.sequence}, but {count} is next")
        if count >= self.manifest.ballots_per_voter:
            raise Refusal("TooManyBallots", "ballot.sequence")
        if ballot.nonce in self.nonces:
            raise Refusal("NonceReused", "ballot.unique")
        if fault:
            raise Refusal("Malformed", "ballot.form", fault)
        if fault := proof_holds(self.ended[0].ceremony.election, ballot):
            raise Refusal("Proof", "ballot.proof", f"[{fault}]")
        self.nonces.add(ballot.nonce)
        self.last.pop(ballot.voter, None)
        self.last[ballot.voter] = ballot, count + 1
        self.ballots += 1
        of_proxy = any(of == ballot.voter and key in self.last for key, (of, _, _) in self.proxied.items())
        self.replaced += last is not None or of_proxy

    def _spoil(self, body):
        def refuse(name):
            raise Refusal(name, "ballot.spoiled")

        request = read_spoil_request(body)
        if not self._voter(request.voter):
            refuse("UnknownVoter")
        spoils = self.spoils.get(request.voter, {})
        last, _ = self.last.get(request.voter, (None, 0))
        if request.tracker in spoils or (last and tracker(last.bytes) == request.tracker):
            refuse("AlreadyOnBoard")
        if len(spoils) >= self.manifest.ballots_per_voter:
            refuse("TooManySpoils")
        if request.nonce in self.nonces:
            refuse("NonceReused")
        if not request_holds(self.ended[0].ceremony.election, request):
            refuse("Signature")
        self.nonces.add(request.nonce)
        self.spoils.setdefault(request.voter, {})[request.tracker] = request.nonce, self.tree.size

    def _spoil_opening(self, body):
        def refuse(name, detail=""):
            raise Refusal(name, "ballot.spoiled", detail)

        opening = read_opening(self.manifest, body)
        ballot = opening.ballot
        if not self._voter(ballot.voter):
            refuse("UnknownVoter")
        of_ballot = tracker(ballot.bytes)
        spoil = self.spoils.get(ballot.voter, {}).get(of_ballot)
        if spoil is None or spoil[0] != ballot.nonce:
            refuse("UnknownSpoil")
        place = ballot.voter, of_ballot
        if place in self.opened:
            refuse("AlreadyOpened", f"by entry {self.opened[place][0]}")
        style, weight = self._voter(ballot.voter)
        if ballot.style != style:
            refuse("WrongStyle", f"{ballot.style}, but the voter's is {style}")
        if ballot.weight not in (None, weight):
            refuse("WrongWeight", f"{ballot.weight}, but the voter's is {weight}")
        election = self.ended[0].ceremony.election
        votes, fault = opened(election, opening)
        if fault:
            refuse("Opening", fault)
        if fault := proof_holds(election, ballot):
            refuse("Proof", f"[{fault}]")
        self.opened[place] = self.tree.size, ballot, votes

    def _withdrawal(self, body):
        def refuse(detail):
            raise Refusal("Withdrawal", "options.withdrawn", detail)

        r = Reader(self._signed(self.manifest, WITHDRAWAL, body))
        place, option, reason = r.u32(), r.u32(), r.text(MAX_REASON)
        r.finish()
        if place >= len(self.manifest.contests):
            refuse("no such contest")
        contest = self.manifest.contests[place]
        if option >= len(contest.options):
            refuse("no such option")
        if contest.passes or contest.if_both:
            refuse("a question, which passes or not")
        if (place, option) in self.withdrawn:
            refuse("an option twice")
        standing = {o for o in range(len(contest.options)) if (place, o) not in self.withdrawn} - {option}
        left = len(standing)
        for group, elected in contest.count.caps if contest.count else ():
            left -= max(0, len(standing & set(contest.members(group))) - elected)
        # A list may have fewer names than there are seats.
        if left < (contest.count.seats if contest.count and contest.form != LISTS else 1):
            refuse("too few would be left")
        if not is_text(reason, MAX_REASON):
            refuse("a reason that is no text")
        self.withdrawn[place, option] = reason

    def _freeze(self, body):
        Reader(self._signed(self.manifest, FREEZE, body)).finish()
        ceremony = self.ceremony()
        if not ceremony.reached(set(ceremony.holders) - self.handing, ceremony.close_quorum):
            raise Refusal("HandedOver", "close.quorum", "too few trustees are left who could close")

    def _lift(self, body):
        Reader(self._signed(self.manifest, LIFT, body)).finish()
        if self.closed_by:
            raise Refusal("CloseSigned", "record.order", f"by trustee {self.closed_by[0]}")
        self.freezes[-1][1] = self.tree.size
        self.frozen = None

    def _close(self, body):
        r = Reader(body)
        number, signature = r.u16(), read_signature(r)
        r.finish()
        ceremony = self.ceremony()
        if number not in ceremony.holders or number in self.closed_by:
            raise Refusal("Trustee", "close.quorum", f"{number} holds no share or has signed")
        if not keys.close_signed(ceremony, number, *self.frozen, signature):
            raise Refusal("Signature", "close.quorum", f"trustee {number}")
        self.closed_by.append(number)
        if not ceremony.reached(self.closed_by, ceremony.close_quorum):
            return
        self.closed = True
        if self.running:
            self.left.append(self.running)
            self.running = None
        self._ask(None)

    def _tally(self, body):
        content = self._signed(self.manifest, TALLY, body)
        tally = self.tally_so_far()
        if content != tally.bytes:
            raise Refusal("WrongSum", "tally.sums", "cells and sums are not those of the ballots")
        self.tally = tally
        cells = [(number, cell) for number, cell in enumerate(tally.cells) if tally.is_mixed(cell)]
        if cells:
            last = [ballot for _, ballot in self.counted()]
            cascades = {number: Cascade(self.ceremony().election, cell, last) for number, cell in cells}
            self.mixing = Mixing(self.ceremony(), tally, cascades)

    def _mix(self, body):
        try:
            self.mixing.take(body)
        except MixRefused as error:
            raise Refusal(error.name, "mixes.proofs", str(error)) from None
        if self.mixing.is_complete():
            self.tally = mixed_tally(self.tally, self.mixing.rows())

    def _share(self, body):
        share = read_share(self.tally, body)
        trustee = share.trustee
        if trustee in self.shares:
            raise Refusal("Trustee", "shares.proofs", f"{trustee} has opened")
        verdict, fault = judge_share(self.ceremony(), self.tally, share)
        if verdict == VALID:
            self.shares[trustee] = share
            self.faulty.pop(trustee, None)
        elif verdict == FAULTY and trustee not in self.faulty:
            self.faulty[trustee] = fault
        else:
            raise Refusal("Share", "shares.proofs", f"of trustee {trustee}: {fault}")

    def _result(self, body):
        result = read_result(self.manifest, self.tally, self._signed(self.manifest, RESULT, body))
        shares = ()
        if self.tally.opened:
            groups = self.ceremony().to_open(self.shares)
            if groups is None:
                raise Refusal("TooFewShares", "result.totals", f"of {sorted(self.shares)} only")
            shares = tuple(tuple(self.shares[trustee] for trustee in group) for group in groups)
        cell = wrong_cell(self.tally, shares, result)
        if cell is not None:
            raise Refusal("WrongTotal", "result.totals", f"[DECRYPT.OPEN] in cell {cell}")
        if result.turnout() != self.turnout():
            raise Refusal("WrongTurnout", "result.turnout")
        contest = result.wrong_elected(self.ended[0].ceremony.hash, self.withdrawn)
        if contest is not None:
            raise Refusal("WrongElected", "result.elected", self.manifest.contests[contest].id)
        contest = result.wrong_account()
        if contest is not None:
            raise Refusal("WrongAccount", "result.elected", self.manifest.contests[contest].id)
        self.result = result

    def turnout(self):
        manifest = self.manifest
        ballots, on_roll = [0] * len(manifest.districts), [0] * len(manifest.districts)
        stations, remote = [0] * len(manifest.stations), 0
        for _, ballot in self.counted():
            ballots[manifest.styles[ballot.style].district] += 1
            if ballot.station is None:
                remote += 1
            else:
                stations[ballot.station] += 1
        for style, _ in self.roll.voters.values():
            on_roll[manifest.styles[style].district] += 1
        return ballots, on_roll, stations, remote


def entries_of(data):
    """The entries of an object."""
    if len(data) <= MAX_ENTRY:
        return [data]
    chunks = [data[at : at + CHUNK_SIZE] for at in range(0, len(data), CHUNK_SIZE)]
    header = bytes([HEADER, data[0]]) + len(data).to_bytes(8, "big") + sha3_256(data).digest()
    return [header + len(chunks).to_bytes(4, "big")] + [bytes([CHUNK]) + chunk for chunk in chunks]


RULES = {
    MANIFEST: State._manifest, DEAL: State._deal, CONFIRMATION: State._confirmation, ROLL: State._roll,
    BALLOT: State._ballot, DELEGATION: State._delegation, WITHDRAWAL: State._withdrawal, FREEZE: State._freeze, LIFT: State._lift, CLOSE: State._close, TALLY: State._tally, SHARE: State._share, RESULT: State._result,
    COMMIT: State._commit, COMPLAINT: State._complaint, ROUND: State._round, QUESTION: State._question,
    REHEARSAL: State._rehearsal, RESHARE: State._reshare, ERASURE: State._erasure,
    SPOIL: State._spoil, SPOIL_OPENING: State._spoil_opening, MIX: State._mix,
}  # fmt: skip

# The check that fails if an object of this kind cannot be read.
CHECKS = {
    MANIFEST: "manifest.valid", DEAL: "keys.deals", CONFIRMATION: "keys.confirmed", ROLL: "roll.valid",
    BALLOT: "ballot.form", DELEGATION: "roll.proxies", WITHDRAWAL: "options.withdrawn", FREEZE: "close.quorum", LIFT: "close.quorum", CLOSE: "close.quorum", TALLY: "tally.sums", SHARE: "shares.proofs",
    RESULT: "result.totals", COMMIT: "keys.deals", COMPLAINT: "keys.deals", ROUND: "keys.deals",
    QUESTION: "keys.rehearsed", REHEARSAL: "keys.rehearsed", RESHARE: "keys.deals", ERASURE: "keys.erased",
    SPOIL: "ballot.spoiled", SPOIL_OPENING: "ballot.spoiled", MIX: "mixes.proofs",
}  # fmt: skip

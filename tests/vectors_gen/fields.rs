//! The parts of each entry, from the specification, and the verdict on a record in which one of them is changed.

use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT, ristretto::CompressedRistretto,
};
use std::ops::Range;
use tabella::board::Kind;

/// The type of a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    Number,
    Bytes,
    Element,
    Scalar,
}

/// A part of an entry.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub range: Range<usize>,
    pub of: Type,
}

/// How a part is changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    /// To another value of its type.
    Other,
    /// To a value that no part of this type has.
    Malformed,
}

/// The numbers on which lengths depend.
#[derive(Clone, Copy)]
pub struct Shape {
    pub slots: usize,
    pub bits: usize,
    /// Members and threshold of the entry's ceremony.
    pub members: (usize, usize),
    /// Factors of a decryption share.
    pub factors: usize,
    /// Rows of a mix, and slots of each.
    pub mix: (usize, usize),
    /// Whether all items of lists are visited, and not only the first and the last.
    pub whole: bool,
}

struct Walk<'e> {
    entry: &'e [u8],
    at: usize,
    whole: bool,
    fields: Vec<Field>,
}

impl Walk<'_> {
    fn field(&mut self, name: &str, of: Type, length: usize) -> Range<usize> {
        let range = self.at..self.at + length;
        self.at = range.end;
        self.fields.push(Field { name: name.into(), range: range.clone(), of });
        range
    }

    fn number(&mut self, name: &str, length: usize) -> usize {
        let range = self.field(name, Type::Number, length);
        self.entry[range].iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    /// A number that nothing depends on.
    fn skip(&mut self, name: &str, length: usize) {
        self.field(name, Type::Number, length);
    }

    /// The first and the last of several parts of one type.
    fn ends(&mut self, name: &str, count: usize, of: Type, length: usize) {
        for i in 0..count {
            match i == 0 || i + 1 == count {
                true => self.at = self.field(&format!("{name}[{i}]"), of, length).end,
                false => self.at += length,
            }
        }
    }

    fn element(&mut self, name: &str) {
        self.field(name, Type::Element, 32);
    }

    fn scalar(&mut self, name: &str) {
        self.field(name, Type::Scalar, 32);
    }

    fn signature(&mut self, name: &str) {
        self.element(&format!("{name} R"));
        self.scalar(&format!("{name} z"));
    }

    fn proof(&mut self, equations: usize, secrets: usize) {
        self.ends("R", equations, Type::Element, 32);
        self.ends("z", secrets, Type::Scalar, 32);
    }

    fn text(&mut self, name: &str) {
        let length = self.number(&format!("{name} length"), 4);
        self.field(name, Type::Bytes, length);
    }

    /// A text in each language.
    fn texts(&mut self, name: &str) {
        self.list(name, |walk, name| walk.text(name));
    }

    fn key(&mut self, name: &str) {
        self.element(&format!("{name} C"));
        self.signature(name);
    }

    /// A list, of which the first and the last item, or all, are visited.
    fn list(&mut self, name: &str, mut item: impl FnMut(&mut Self, &str)) {
        let count = self.number(&format!("{name} count"), 4);
        for i in 0..count {
            let before = self.fields.len();
            item(self, &format!("{name}[{i}]"));
            if i != 0 && i + 1 != count && !self.whole {
                self.fields.truncate(before);
            }
        }
    }

    fn manifest(&mut self) {
        self.number("version", 1);
        self.text("id");
        self.texts("languages");
        self.texts("title");
        self.key("operator");
        self.list("groups", |walk, group| {
            walk.text(&format!("{group} name"));
            for name in ["threshold", "close quorum", "rehearsals"] {
                walk.number(&format!("{group} {name}"), 2);
            }
            walk.list(&format!("{group} trustees"), |walk, name| {
                walk.text(&format!("{name} name"));
                walk.key(name);
            });
        });
        let numbers = [("minimum cell", 4), ("ballots", 4), ("proxies", 2), ("weight classes", 1)];
        for (name, length) in numbers {
            self.number(name, length);
        }
        self.list("districts", |walk, name| {
            walk.text(&format!("{name} id"));
            walk.texts(&format!("{name} name"));
        });
        self.list("stations", |walk, name| {
            walk.text(&format!("{name} id"));
            walk.texts(&format!("{name} name"));
            walk.skip(&format!("{name} district"), 4);
        });
        self.list("contests", |walk, name| {
            walk.text(&format!("{name} id"));
            walk.texts(&format!("{name} title"));
            walk.texts(&format!("{name} question"));
            walk.list(&format!("{name} groups"), |walk, name| {
                walk.text(&format!("{name} id"));
                walk.texts(&format!("{name} name"));
            });
            walk.list(&format!("{name} options"), |walk, name| {
                walk.text(&format!("{name} id"));
                walk.texts(&format!("{name} name"));
                walk.texts(&format!("{name} detail"));
                walk.skip(&format!("{name} maximum"), 8);
                walk.list(&format!("{name} groups"), |walk, name| walk.text(name));
            });
            for part in ["lo", "hi", "each"] {
                walk.skip(&format!("{name} {part}"), 8);
            }
            walk.list(&format!("{name} marks"), |walk, name| {
                walk.text(&format!("{name} id"));
                walk.texts(&format!("{name} name"));
                walk.skip(&format!("{name} valid"), 1);
            });
            walk.limits(&format!("{name} limits"));
            walk.optional(&format!("{name} with"));
            let numbers = [
                ("voters", 1),
                ("base", 1),
                ("cell", 1),
                ("display", 1),
                ("wide", 1),
                ("form", 1),
                ("lines", 2),
                ("length", 2),
            ];
            for (part, length) in numbers {
                walk.skip(&format!("{name} {part}"), length);
            }
            // No contest here passes, is counted by lists, or needs a share.
            walk.skip(&format!("{name} pass"), 1);
            walk.list(&format!("{name} if both"), |walk, name| walk.text(name));
            let method = walk.number(&format!("{name} method"), 1);
            if method != 0 {
                // For both kinds of STV.
                if [3, 4].contains(&method) {
                    walk.skip(&format!("{name} places"), 1);
                }
                walk.skip(&format!("{name} seats"), 2);
                walk.skip(&format!("{name} tie-break"), 1);
                walk.list(&format!("{name} caps"), |walk, name| {
                    walk.text(&format!("{name} group"));
                    walk.skip(&format!("{name} elected"), 2);
                });
                walk.skip(&format!("{name} needs"), 1);
                walk.skip(&format!("{name} threshold's numerator"), 8);
                walk.skip(&format!("{name} threshold's denominator"), 8);
                walk.list(&format!("{name} joined"), |walk, name| {
                    walk.list(name, |walk, name| walk.text(name));
                });
            }
        });
        self.list("styles", |walk, name| {
            walk.text(&format!("{name} id"));
            walk.skip(&format!("{name} district"), 4);
            walk.list(&format!("{name} contests"), |walk, name| walk.skip(name, 4));
            walk.limits(&format!("{name} limits"));
        });
        if self.number("log", 1) == 1 {
            self.field("log key", Type::Bytes, 32);
            self.list("witnesses", |walk, name| {
                walk.text(&format!("{name} name"));
                walk.field(&format!("{name} key"), Type::Bytes, 32);
            });
            self.number("log quorum", 2);
        }
    }

    fn limits(&mut self, name: &str) {
        self.list(name, |walk, name| {
            walk.list(&format!("{name} of"), |walk, name| walk.text(name));
            walk.list(&format!("{name} costs"), |walk, name| walk.skip(name, 4));
            walk.skip(&format!("{name} lo"), 8);
            walk.skip(&format!("{name} hi"), 8);
            walk.optional(&format!("{name} with"));
        });
    }

    /// A text that can be absent.
    fn optional(&mut self, name: &str) {
        if self.number(&format!("{name} is there"), 1) == 1 {
            self.text(name);
        }
    }

    fn ballot(&mut self, shape: &Shape) {
        self.number("style", 2);
        self.number("sequence", 4);
        if self.number("origin", 1) == 1 {
            self.number("station", 2);
        }
        self.element("X");
        self.element("A");
        self.ends("B", shape.slots, Type::Element, 32);
        ["D", "E", "W"].into_iter().for_each(|name| self.element(name));
        self.ends("f", shape.bits, Type::Scalar, 32);
        ["f_r", "f_s", "z"].into_iter().for_each(|name| self.scalar(name));
    }

    fn tally(&mut self) {
        self.list("cells", |walk, name| {
            let contest = walk.number(&format!("{name} contest"), 4);
            walk.list(&format!("{name} districts"), |walk, name| walk.skip(name, 4));
            walk.skip(&format!("{name} ballots"), 8);
            walk.skip(&format!("{name} weight"), 8);
            walk.skip(&format!("{name} opening"), 1);
            // The first contest has two options, the second two and a blank slot.
            walk.element(&format!("{name} A"));
            walk.ends(&format!("{name} B"), 2 + contest, Type::Element, 32);
        });
    }
}

/// The parts of an entry after its kind.
pub fn walk(entry: &[u8], shape: &Shape) -> Vec<Field> {
    let (kind, _) = Kind::split(entry).unwrap();
    let Shape { slots, bits: _, members: (n, t), factors, mix: (rows, width), whole } = *shape;
    let mut walk = Walk { entry, at: 1, whole, fields: Vec::new() };
    match kind {
        Kind::Manifest => walk.manifest(),
        Kind::Commit => {
            walk.skip("dealer", 2);
            walk.field("h", Type::Bytes, 32);
            walk.signature("dealer's");
        }
        Kind::Deal => {
            walk.skip("dealer", 2);
            walk.ends("F", slots * t, Type::Element, 32);
            walk.element("U");
            walk.ends("share", n, Type::Bytes, 32 * slots + 16);
            walk.proof(2 + slots, 2 + slots);
        }
        Kind::Complaint => {
            walk.skip("complainer", 2);
            walk.skip("dealer", 2);
            walk.element("K");
            walk.proof(2, 1);
        }
        Kind::Confirmation | Kind::Close => {
            walk.skip("trustee", 2);
            walk.signature("trustee's");
        }
        Kind::Round => walk.skip("round", 1),
        // These have no content.
        Kind::Freeze | Kind::Lift => {}
        Kind::Delegation => {
            ["X", "X'", "P"].into_iter().for_each(|name| walk.element(name));
            ["voter's", "key's", "proxy's"].into_iter().for_each(|name| walk.signature(name));
        }
        Kind::Withdrawal => {
            walk.skip("contest", 4);
            walk.skip("option", 4);
            walk.text("reason");
        }
        Kind::Question => {
            walk.field("question", Type::Bytes, 32);
        }
        Kind::Rehearsal => {
            walk.skip("trustee", 2);
            walk.proof(1 + slots, 1 + slots);
        }
        Kind::Reshare => {
            walk.skip("threshold", 2);
            walk.list("members", |walk, name| {
                walk.text(&format!("{name} name"));
                walk.key(name);
            });
        }
        Kind::Erasure => {
            walk.skip("epoch", 4);
            walk.skip("trustee", 2);
            walk.signature("trustee's");
        }
        Kind::Roll => walk.list("lines", |walk, name| {
            walk.element(&format!("{name} X"));
            walk.skip(&format!("{name} style"), 2);
            walk.skip(&format!("{name} weight"), 8);
            walk.signature(name);
        }),
        Kind::Ballot => walk.ballot(shape),
        Kind::SpoilRequest => {
            walk.field("tracker", Type::Bytes, 32);
            walk.element("X");
            walk.element("A");
            walk.proof(2, 2);
        }
        Kind::SpoilOpening => {
            walk.scalar("r");
            walk.ballot(shape);
        }
        Kind::Tally => walk.tally(),
        Kind::Mix => {
            walk.skip("trustee", 2);
            walk.skip("cell", 4);
            walk.skip("position", 2);
            walk.ends("out", rows * (width + 1), Type::Element, 32);
            walk.ends("c", rows, Type::Element, 32);
            walk.ends("chain", rows, Type::Element, 32);
            ["t1", "t2", "t3"].into_iter().for_each(|name| walk.element(name));
            walk.ends("t4", width + 1, Type::Element, 32);
            walk.element("t5");
            (1..=5).for_each(|i| walk.scalar(&format!("s{i}")));
            walk.ends("s'", rows, Type::Scalar, 32);
            walk.signature("mixer's");
        }
        Kind::Share => {
            walk.skip("trustee", 2);
            walk.ends("P", factors, Type::Element, 32);
            walk.ends("R", slots, Type::Element, 32);
            walk.element("R sum");
            walk.element("R'");
            walk.ends("z", slots, Type::Scalar, 32);
            walk.scalar("z'");
        }
        Kind::Result => {
            walk.ends("total", factors, Type::Number, 8);
            for name in ["ballots by district", "on the roll by district", "ballots by station"] {
                walk.list(name, |walk, name| walk.skip(name, 8));
            }
            walk.skip("remote ballots", 8);
        }
        _ => unreachable!("{kind}"),
    }
    if is_signed(kind) {
        walk.signature("operator's");
    }
    assert_eq!(walk.at, entry.len(), "{kind}");
    walk.fields
}

/// The bytes to XOR into an element to get the next one.
pub fn next_element(old: &[u8]) -> Vec<u8> {
    let point = CompressedRistretto::from_slice(old).unwrap().decompress().unwrap();
    let next: RistrettoPoint = point + RISTRETTO_BASEPOINT_POINT;
    old.iter().zip(next.compress().to_bytes()).map(|(a, b)| a ^ b).collect()
}

/// Whether the operator signs it.
pub fn is_signed(kind: Kind) -> bool {
    use Kind::*;
    matches!(kind, Manifest | Roll | Freeze | Lift | Tally | Result | Round | Question | Reshare)
        || kind == Withdrawal
}

impl Field {
    /// The changes of this part: their names, and the bytes to XOR into it.
    pub fn changes(&self, entry: &[u8]) -> Vec<(&'static str, How, Vec<u8>)> {
        let old = &entry[self.range.clone()];
        if old.is_empty() {
            return Vec::new();
        }
        let flip = |at: usize, bit: u8| {
            let mut xor = vec![0; old.len()];
            xor[at] = bit;
            xor
        };
        let to = |new: [u8; 32]| old.iter().zip(new).map(|(a, b)| a ^ b).collect::<Vec<u8>>();
        let last = old.len() - 1;
        match self.of {
            Type::Number => vec![("other", How::Other, flip(last, 1))],
            Type::Bytes => vec![("other", How::Other, flip(0, 1))],
            Type::Element => {
                // A tally's sum can be the identity, and is never decoded.
                vec![
                    ("other", How::Other, next_element(old)),
                    ("no element", How::Malformed, flip(0, 1)),
                    ("identity", How::Malformed, to([0; 32])),
                ]
            }
            Type::Scalar => {
                let scalar = Scalar::from_canonical_bytes(old.try_into().unwrap()).unwrap();
                vec![
                    ("other", How::Other, to((scalar + Scalar::ONE).to_bytes())),
                    ("no scalar", How::Malformed, flip(last, 0x80)),
                ]
            }
        }
    }
}

/// The check that covers the form of objects of a kind.
pub fn check_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Manifest => "manifest.valid",
        Kind::Commit | Kind::Deal | Kind::Complaint | Kind::Round | Kind::Reshare => "keys.deals",
        Kind::Confirmation => "keys.confirmed",
        Kind::Question | Kind::Rehearsal => "keys.rehearsed",
        Kind::Erasure => "keys.erased",
        Kind::Roll => "roll.valid",
        Kind::Ballot => "ballot.form",
        Kind::SpoilRequest | Kind::SpoilOpening => "ballot.spoiled",
        Kind::Freeze | Kind::Lift | Kind::Close => "close.quorum",
        Kind::Withdrawal => "options.withdrawn",
        Kind::Delegation => "roll.proxies",
        Kind::Tally => "tally.sums",
        Kind::Mix => "mixes.proofs",
        Kind::Share => "shares.proofs",
        Kind::Result => "result.totals",
        _ => unreachable!("{kind}"),
    }
}

/// Parts of the first manifest for which another value is also valid, so that only the signature is wrong. This holds for
/// every text.
pub const FREE: [&str; 22] = [
    "groups[0] threshold",
    "groups[0] rehearsals",
    "ballots",
    "proxies",
    "weight classes",
    "stations[0] district",
    "stations[1] district",
    "contests[0] lo",
    "contests[0] options[0] maximum",
    "contests[0] options[1] maximum",
    "contests[0] base",
    "contests[0] cell",
    "contests[0] display",
    "contests[1] lo",
    "contests[1] options[0] maximum",
    "contests[1] options[1] maximum",
    "contests[1] marks[0] valid",
    "contests[1] base",
    "contests[1] cell",
    "contests[1] display",
    "log key",
    "log quorum",
];

/// According to the specification, the check that an entry fails if this part is changed like this.
pub fn expected(kind: Kind, field: &Field, how: How, free: &[&str]) -> &'static str {
    let name = field.name.as_str();
    if is_signed(kind) {
        let of_manifest = kind == Kind::Manifest && !name.starts_with("operator's");
        let free = || free.contains(&name) || (field.of == Type::Bytes && !name.ends_with("key"));
        return match how {
            // The whole content is signed, and the signature is checked before the content is read.
            How::Malformed if name.starts_with("operator's") => check_of(kind),
            _ if of_manifest && !free() => "manifest.valid",
            _ => "record.signatures",
        };
    }
    match (kind, name, how) {
        (Kind::Ballot, "style" | "X", _) => "ballot.voter",
        (Kind::Ballot, "sequence", _) => "ballot.sequence",
        (Kind::Ballot, "origin", _) => "ballot.form",
        (Kind::Ballot, _, How::Other) => "ballot.proof",
        _ => check_of(kind),
    }
}

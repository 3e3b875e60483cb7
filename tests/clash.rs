//! Voters who are shown another voter's ballot instead of their own (Küsters, Truderung, Vogt 2012).

use attacks::{World, rng};
use serde_json::Value;
use tabella::{
    audit::{self, Check, Claim, Expect, Report, Status},
    ballot::{Choices, Header},
    board::{Board, Fate, FindError, OtherVoter, Receipt, ReceiptError},
    codec::TextError,
    log::Bytes,
    roll::VoterKey,
};

/// Ada and Ben choose the same. Only Ada's ballot is cast as she chose; Ben's device casts another and shows him Ada's.
struct Clash {
    world: World,
    board: Board,
    ada: VoterKey,
    ben: VoterKey,
    /// Ada's receipt, which both are shown.
    receipt: Receipt,
}

impl Clash {
    fn new(seed: u8) -> Self {
        let mut world = World::referendum(seed);
        let mut board = world.open();
        let election = board.election().unwrap().clone();
        let mut cast = |voter: usize, sequence: u32, choice: &str| {
            let choices = Choices::new().pick("bridge", choice);
            let header = Header { sequence, ..Header::remote(0) };
            let ballot = world.ballot(&election, voter, &header, &choices);
            board.post(&ballot, &mut world.rng).unwrap().entry
        };
        let entry = cast(0, 0, "yes");
        cast(1, 0, "no");
        let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
        let [ada, ben] = [0, 1].map(|voter: usize| world.voters[voter].key());
        Self { world, board, ada, ben, receipt }
    }

    fn audit(&self, voter: Option<VoterKey>) -> Report {
        let claim = Claim { receipt: self.receipt.clone(), voter };
        let expect = Expect { receipts: vec![claim], partial: true, ..Expect::default() };
        audit::run(self.board.bytes(), &expect, &mut rng(1)).unwrap()
    }
}

#[test]
fn another_voters_tracker_is_not_mine() {
    let Clash { board, ada, ben, receipt, .. } = Clash::new(91);
    let (tracker, entry) = (receipt.tracker(), receipt.entry());
    let log = |voter| tabella::board::find(&mut Bytes::new(board.bytes()), &tracker, voter);
    let found = board.find(&tracker, Some(&ada)).unwrap().unwrap();
    assert_eq!((found.entry, found.posted.voter, found.posted.fate), (entry, ada, Fate::Cast));
    assert_eq!(found.posted.header, Some(Header::remote(0)));
    assert_eq!(log(Some(&ada)), Ok(Some(found)));
    let text = format!("entry {entry}: cast by {ada}, style 0, sequence number 0, not replaced");
    assert_eq!(found.to_string(), text);

    let other = OtherVoter { found };
    assert_eq!(board.find(&tracker, Some(&ben)), Err(FindError::OtherVoter(other)));
    assert_eq!(log(Some(&ben)), Err(FindError::OtherVoter(other)));
    assert!(other.to_string().contains(&format!("another voter's ballot ({text})")), "{other}");
    // Without a key, the answer says whose it is.
    assert_eq!(board.find(&tracker, None), Ok(Some(found)));
    assert_eq!(log(None), Ok(Some(found)));
    let nowhere = [7; 32].into();
    assert_eq!(board.find(&nowhere, Some(&ben)), Ok(None));
}

#[test]
fn another_voters_receipt_is_not_mine() {
    let clash = Clash::new(92);
    let Clash { board, ada, ben, receipt, .. } = &clash;
    let error = ReceiptError::OtherVoter { found: *ada, expected: *ben };
    assert_eq!(board.keeps(receipt, Some(ben)), Err(error));
    assert_eq!(board.keeps(receipt, Some(ada)).unwrap().voter, *ada);
    assert_eq!(board.keeps(receipt, None).unwrap().voter, *ada);

    let report = clash.audit(Some(*ben));
    assert_eq!(report.status(Check::BallotReceipts), Status::Failed);
    assert!(!report.is_accepted() && report.receipts.is_empty());
    assert!(report.to_string().contains(&format!("of {ada}, and not of {ben}")), "{report}");

    let report = clash.audit(Some(*ada));
    assert_eq!(report.status(Check::BallotReceipts), Status::Passed);
    assert!(report.is_accepted() && report.receipts[0].compared);

    // Without a key, the report says whose it is, but not that the check passed.
    let report = clash.audit(None);
    assert_eq!(report.status(Check::BallotReceipts), Status::NotAsked);
    assert!(report.is_accepted() && !report.receipts[0].compared);
    let text = report.to_string();
    let line = text.lines().find(|line| line.starts_with("receipt ")).unwrap();
    assert!(line.contains(&ada.to_string()) && line.contains("NOT COMPARED"), "{line}");
    let json: Value = serde_json::from_str(&report.to_json()).unwrap();
    let shown = &json["receipts"][0];
    assert_eq!((&shown["voter"], &shown["compared"]), (&ada.to_string().into(), &false.into()));
    assert_eq!((&shown["fate"], &shown["sequence"]), (&"cast".into(), &0.into()));
    let html = report.to_html();
    let key = ada.to_string();
    assert!(html.contains(&key[..8]) && html.contains("<strong>not compared</strong>"));
}

#[test]
fn what_became_of_a_ballot_is_said_with_it() {
    let mut clash = Clash::new(93);
    let Clash { world, board, ada, receipt, .. } = &mut clash;
    let election = board.election().unwrap().clone();
    let no = Choices::new().pick("bridge", "no");
    let mut entries = Vec::new();
    for sequence in [1, 2] {
        let header = Header { sequence, ..Header::remote(0) };
        let ballot = world.ballot(&election, 0, &header, &no);
        entries.push(board.post(&ballot, &mut world.rng).unwrap().entry);
    }
    let found = board.find(&receipt.tracker(), Some(ada)).unwrap().unwrap();
    assert_eq!(found.replaced_by, Some(entries[1]));
    assert!(found.to_string().ends_with(&format!(", replaced by entry {}", entries[1])));

    // Another voter claims that this voter's next ballot is spoiled. That hides nothing.
    let header = Header { sequence: 3, ..Header::remote(0) };
    let sealed = election.encrypt(&world.voters[0], &header, &no, &mut world.rng).unwrap();
    let tracker = sealed.tracker();
    let (request, spoiled) = sealed.spoil(&election, &world.voters[0], &mut world.rng).unwrap();
    let stranger = [attacks::forge::secret(&world.voters[1]), 50u64.into()];
    let foreign = attacks::forge::spoil_request(&election, &tracker, stranger, &mut world.rng);
    let mut object = vec![17];
    object.extend_from_slice(&foreign);
    board.post(&object, &mut world.rng).unwrap();
    assert!(matches!(board.find(&tracker, Some(ada)), Err(FindError::OtherVoter(_))));
    let entry = board.post(&request, &mut world.rng).unwrap().entry;
    let found = board.find(&tracker, Some(ada)).unwrap().unwrap();
    assert_eq!((found.entry, found.opened_by, found.posted.header), (entry, None, None));
    let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
    let opening = spoiled.open(&receipt, &mut world.rng).unwrap();
    assert_eq!((opening.tracker(), opening.voter()), (tracker, *ada));
    let opened = board.post(&opening, &mut world.rng).unwrap().entry;
    let found = board.find(&tracker, Some(ada)).unwrap().unwrap();
    assert_eq!((found.entry, found.opened_by), (entry, Some(opened)));
    assert_eq!(found.posted.header, Some(header));

    // The audit says the same, with the numbers of entries in the record.
    let report = clash.audit(Some(clash.ada));
    assert_eq!(report.receipts[0].found.replaced_by, Some(entries[1]));
    clash.receipt = receipt;
    let report = clash.audit(Some(clash.ada));
    assert_eq!(report.receipts[0].found.opened_by, Some(opened));
}

#[test]
fn voter_keys_are_read_back_from_text() {
    let world = World::referendum(94);
    let voter = &world.voters[0];
    let (key, text) = (voter.key(), voter.key().to_string());
    assert_eq!((text.len(), &text[..9]), (67, "voterkey1"));
    assert_eq!(key.as_bytes(), voter.public().as_bytes());
    assert_eq!(text.parse(), Ok(key));
    assert_eq!(format!("{}-{}\n", &text[..20], &text[20..]).to_uppercase().parse(), Ok(key));
    for at in 9..text.len() {
        let mut typo = text.clone().into_bytes();
        typo[at] = if typo[at] == b'q' { b'p' } else { b'q' };
        let typo = String::from_utf8(typo).unwrap();
        assert_eq!(typo.parse::<VoterKey>(), Err(TextError::Checksum), "{at}");
    }
    // The secret cannot be read as the key, nor the key as the secret.
    let secret = voter.expose_text();
    assert_eq!(secret.parse::<VoterKey>(), Err(TextError::Prefix("voterkey")));
    assert_eq!(text.parse::<tabella::roll::Credential>().err(), Some(TextError::Prefix("voter")));
    // Nobody's key.
    let hrp = bech32::Hrp::parse("voterkey").unwrap();
    for bytes in [&[0u8; 32][..], &[255; 32], &[1; 31], &[]] {
        let text = bech32::encode::<bech32::Bech32m>(hrp, bytes).unwrap();
        assert!(matches!(text.parse::<VoterKey>(), Err(TextError::Value(_))), "{bytes:?}");
    }
}

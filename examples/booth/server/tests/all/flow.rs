//! An election from the first ballot to the audit, over HTTP.

use crate::booth::{Booth, Running, limits};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::time::Duration;
use tabella::{
    Expect, audit,
    ballot::ElectionBundle,
    board::{Kind, Object, Receipt, replay, to_text},
    codec::Decode,
    log::{
        checkpoint::{EntryProof, SignedCheckpoint},
        merkle::{Consistency, Head, Inclusion},
    },
    rand_core::OsRng,
};
use tokio::time::sleep;

/// Waits until a checkpoint has this entry.
async fn checkpointed(server: &Running, entry: u64) {
    for _ in 0..50 {
        let (_, status) = server.get("/api/status").await;
        if status["checkpoint"].as_u64().is_some_and(|size| size > entry) {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("no checkpoint has entry {entry}");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_is_acknowledged_once_and_found() {
    let booth = Booth::new();
    let server = booth.serve(limits()).await;
    let key = booth.voters[0].key();
    let line = server.get(&format!("/api/voters/{key}")).await;
    let expected = json!({
        "voter": key.to_string(), "style": "north", "district": "north", "weight": 1, "sequence": 0, "entries": [],
    });
    assert_eq!(line, (200, expected));

    // What a device needs is in the bundle.
    let bundle = server.client.get("/api/bundle").await.unwrap();
    let bundle = std::str::from_utf8(&bundle.body).unwrap();
    ElectionBundle::from_text(bundle, &booth.manifest.hash(), &mut OsRng).unwrap();

    let ballot = booth.ballot(0, 0, 0);
    let first = server.post(ballot.clone()).await;
    assert_eq!(first["new"], true, "{first}");
    let receipt: Receipt = text(&first["receipt"]).parse().unwrap();
    receipt.verify(&booth.manifest, &mut OsRng).unwrap();
    assert_eq!(Some(receipt.entry()), first["entry"].as_u64());
    assert_eq!(Some(receipt.size()), first["size"].as_u64());
    assert_eq!(receipt.tracker().to_string(), text(&first["tracker"]));
    // The root in the receipt has the ballot.
    let inclusion = hex::decode(text(&first["inclusion"])).unwrap();
    let inclusion = Inclusion::from_bytes(&inclusion).unwrap();
    assert_eq!(inclusion.index(), receipt.entry());
    inclusion.verify(&ballot, &Head { size: receipt.size(), root: receipt.root() }).unwrap();

    // The same bytes once more.
    let again = server.post(ballot.clone()).await;
    assert_eq!((&again["new"], &again["entry"]), (&json!(false), &first["entry"]));
    let receipt: Receipt = text(&again["receipt"]).parse().unwrap();
    receipt.verify(&booth.manifest, &mut OsRng).unwrap();

    checkpointed(&server, receipt.entry()).await;
    let path = format!("/api/ballots/{}?voter={key}", receipt.tracker());
    let (status, found) = server.get(&path).await;
    assert_eq!(status, 200, "{found}");
    assert_eq!((text(&found["fate"]), text(&found["style"])), ("cast", "north"));
    let object = STANDARD.decode(text(&found["object"])).unwrap();
    assert_eq!(object, ballot);
    let proof: EntryProof = text(&found["proof"]).parse().unwrap();
    let (origin, log) = (booth.manifest.origin(), booth.manifest.log().unwrap());
    proof.verify(&object, &origin, log.key()).unwrap();

    // Any other entry is proved as well.
    let (_, entry) = server.get("/api/entries/0?size=3").await;
    assert_eq!(entry["view"]["kind"], "manifest");
    let object = STANDARD.decode(text(&entry["object"])).unwrap();
    let proof: EntryProof = text(&entry["proof"]).parse().unwrap();
    proof.verify(&object, &origin, log.key()).unwrap();
    Inclusion::from_bytes(&hex::decode(text(&entry["inclusion"])).unwrap()).unwrap();

    // A later ballot takes its place. An earlier one is still known, though the sequence has gone on.
    let second = server.post(booth.ballot(0, 0, 1)).await;
    assert_eq!(second["replaces"], first["entry"], "{second}");
    let (_, found) = server.get(&path).await;
    assert_eq!(found["replaced_by"], second["entry"]);
    let again = server.post(ballot).await;
    assert_eq!((&again["new"], &again["entry"]), (&json!(false), &first["entry"]));

    // Another voter is not shown this ballot as theirs.
    let other = format!("/api/ballots/{}?voter={}", receipt.tracker(), booth.voters[1].key());
    let (status, refused) = server.get(&other).await;
    assert_eq!((status, text(&refused["reason"])), (409, "other-voter"));
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_counted_by_reason() {
    let booth = Booth::new();
    let server = booth.serve(limits()).await;
    let stranger = Booth::new();
    let mut changed = booth.ballot(2, 0, 0);
    *changed.last_mut().unwrap() ^= 1;
    for (object, reason) in [
        (booth.ballot(0, 1, 0), "wrong-style"),
        (stranger.ballot(0, 0, 0), "unknown-voter"),
        (booth.ballot(0, 0, 7), "wrong-sequence"),
        (changed, "proof"),
        (vec![Kind::Ballot as u8, 1, 2], "malformed"),
    ] {
        let answer = server.post(object).await;
        assert_eq!(answer["refused"]["reason"], reason, "{answer}");
        assert!(text(&answer["refused"]["error"]).len() > 10, "{answer}");
        assert_eq!(answer["entry"], Value::Null);
    }
    let (status, _) = server.get("/api/operator").await;
    assert_eq!(status, 401);
    let wrong = [("authorization", "Bearer 00")];
    assert_eq!(server.send("POST", "/api/operator/freeze", &wrong, Vec::new()).await.0, 401);
    let token = [("authorization", server.token.as_str())];
    let (status, overview) = server.send("GET", "/api/operator", &token, Vec::new()).await;
    assert_eq!(status, 200);
    let counted = overview["refusals"].as_array().unwrap();
    assert!(counted.iter().all(|refusal| refusal["count"] == 1), "{overview}");
    assert_eq!(counted.len(), 5);
    assert_eq!(overview["http"], json!([{"status": 401, "count": 2}]));
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_is_spoiled_and_opened() {
    let booth = Booth::new();
    let server = booth.serve(limits()).await;
    let sealed = booth.sealed(2, 0, 0);
    let tracker = sealed.tracker();
    let (request, spoiled) = sealed.spoil(&booth.election, &booth.voters[2], &mut OsRng).unwrap();
    let answer = server.post(request.to_object()).await;
    assert_eq!((text(&answer["kind"]), &answer["new"]), ("spoil request", &json!(true)));
    let again = server.post(request.to_object()).await;
    assert_eq!((&again["new"], &again["entry"]), (&json!(false), &answer["entry"]));
    let receipt: Receipt = text(&again["receipt"]).parse().unwrap();
    let opening = spoiled.open(&receipt, &mut OsRng).unwrap();
    let opened = server.post(opening.to_object()).await;
    assert_eq!((text(&opened["kind"]), &opened["new"]), ("spoil opening", &json!(true)));
    let again = server.post(opening.to_object()).await;
    assert_eq!((&again["new"], &again["entry"]), (&json!(false), &opened["entry"]));

    // Another device fetches the opening and looks at what is inside.
    let path = format!("/api/ballots/{tracker}?voter={}", booth.voters[2].key());
    let (_, found) = server.get(&path).await;
    assert_eq!((text(&found["fate"]), &found["opened_by"]), ("spoiled", &opened["entry"]));
    let fetched = STANDARD.decode(text(&found["opening"])).unwrap();
    assert_eq!(fetched, opening.to_object());
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_of_the_key_ceremony_ends_once() {
    let booth = Booth::before_keys();
    let server = booth.serve(limits()).await;
    let end = |round| server.operate_with("round", round);
    for wrong in ["{}", "", r#"{"round": "votes"}"#, r#"{"round": "deals", "more": 1}"#] {
        assert_eq!(end(wrong).await.0, 400, "{wrong}");
    }
    let (commits, deals) = (r#"{"round": "commits"}"#, r#"{"round": "deals"}"#);
    for commit in &booth.ceremony.commits {
        assert_eq!(server.post(commit.to_object()).await["new"], true);
    }
    let (status, refused) = end(deals).await;
    assert_eq!((status, text(&refused["reason"])), (409, "wrong-round"), "{refused}");
    // The second time the next round stays open.
    for _ in 0..2 {
        let (status, done) = end(commits).await;
        assert_eq!((status, text(&done["done"])), (200, "the round of commits is over"));
        assert_eq!(done["status"]["phase"], "dealing");
    }
    for deal in &booth.ceremony.deals {
        assert_eq!(server.post(deal.to_object()).await["new"], true);
    }
    let (status, done) = end(deals).await;
    assert_eq!((status, text(&done["status"]["phase"])), (200, "complaining"), "{done}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_freeze_to_an_audit() {
    let mut booth = Booth::new();
    let server = booth.serve(limits()).await;
    for (voter, style) in [(0, 0), (1, 0), (3, 1)] {
        assert_eq!(server.post(booth.ballot(voter, style, 0)).await["new"], true);
    }
    checkpointed(&server, 0).await;
    let (_, older) = server.get("/api/checkpoint").await;
    // The turnout is computed at most once a second.
    sleep(Duration::from_millis(2200)).await;
    let (_, turnout) = server.get("/api/turnout").await;
    assert_eq!(
        turnout["districts"],
        json!([{"id": "north", "voters": 3, "ballots": 2}, {"id": "south", "voters": 1, "ballots": 1}])
    );
    assert_eq!(turnout["stations"], json!([{"id": "school", "district": "north", "ballots": 1}]));
    assert_eq!(turnout["remote"], 2);

    let (status, done) = server.operate("tally").await;
    assert_eq!((status, text(&done["reason"])), (409, "out-of-phase"));
    let (status, done) = server.operate("freeze").await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(done["status"]["phase"], "frozen");
    let late = server.post(booth.ballot(2, 0, 0)).await;
    assert_eq!(late["refused"]["reason"], "frozen");
    // The last minute of voting is in the history.
    let (_, turnout) = server.get("/api/turnout").await;
    let last = turnout["history"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["districts"], &last["stations"]), (&json!([2, 1]), &json!([1])));

    // Trustees fetch the board, and send text.
    let board = copy(&server).await;
    let text_headers = [("content-type", "text/plain")];
    let state = replay(&board, &mut OsRng).unwrap();
    let mut signed = Vec::new();
    for trustee in &mut booth.trustees {
        signed.push(trustee.sign_close(state.state(), &[], &mut OsRng).unwrap());
    }
    let sent = to_text(&signed).unwrap().into_bytes();
    let (status, answers) = server.send("POST", "/api/messages", &text_headers, sent).await;
    assert_eq!((status, answers.as_array().unwrap().len()), (200, 2), "{answers}");
    let (status, done) = server.operate("tally").await;
    assert_eq!((status, text(&done["status"]["phase"])), (200, "opening"), "{done}");
    let (status, done) = server.operate("publish").await;
    assert_eq!((status, text(&done["reason"])), (409, "other"), "{done}");
    let board = copy(&server).await;
    let state = replay(&board, &mut OsRng).unwrap();
    for trustee in &mut booth.trustees {
        let share = trustee.open(state.state(), &mut OsRng).unwrap();
        assert_eq!(server.post(share.to_object()).await["new"], true);
    }
    let (status, done) = server.operate("publish").await;
    assert_eq!((status, text(&done["status"]["phase"])), (200, "finished"), "{done}");
    let (_, result) = server.get("/record/result.json").await;
    assert_eq!(result["election"], "booth");

    // The newest checkpoint has all of it, and continues the one that was seen before.
    let (_, newest) = server.get("/api/checkpoint").await;
    assert_eq!(newest["size"], done["status"]["entries"]);
    let path = format!("/api/consistency?from={}", older["size"]);
    let (_, between) = server.get(&path).await;
    let proof = Consistency::from_bytes(&hex::decode(text(&between["proof"])).unwrap()).unwrap();
    let [older, newer] = [&older["checkpoint"], &between["checkpoint"]].map(|checkpoint| {
        let signed: SignedCheckpoint = text(checkpoint).parse().unwrap();
        let key = booth.manifest.log().unwrap().key();
        signed.verify(&booth.manifest.origin(), key).unwrap().head()
    });
    proof.verify(&older, &newer).unwrap();

    let report =
        audit::run(&copy(&server).await, &Expect::manifest(booth.manifest.hash()), &mut OsRng);
    report.unwrap().into_result().unwrap();
    server.end().await;
    // The token, the turnout and the board are there for the next start.
    let again = booth.serve(limits()).await;
    let (_, status) = again.get("/api/status").await;
    assert_eq!((text(&status["phase"]), &status["entries"]), ("finished", &newest["size"]));
    assert_eq!(again.operate("checkpoint").await.0, 200);
    again.end().await;
}

/// The board, fetched as a trustee does.
async fn copy(server: &Running) -> Vec<u8> {
    let (_, list) = server.get("/record/").await;
    let files = list["files"].as_array().unwrap();
    let mut board = Vec::new();
    for file in files.iter().filter(|file| text(&file["path"]).starts_with("board/")) {
        let answer = server.client.get(&format!("/record/{}", text(&file["path"]))).await.unwrap();
        assert!(answer.body.len() as u64 >= file["bytes"].as_u64().unwrap());
        board.extend_from_slice(&answer.body);
    }
    board
}

//! Publisher and watcher between a record that grows and a node that is away, restarts, reorganises, or lies.

use crate::world::{Anvil, World, done, ethereum::rpc::bytes_of, liar, port, run, start, wait};
use serde_json::{Value, json};
use std::{fs, thread, time::Duration};

#[test]
fn a_board_is_published_and_watched_while_it_grows() {
    let mut world = World::new(&[]);
    let publisher = world.publish(&[]);
    let record = world.path("record");
    let watcher = start(&[
        "watch",
        &record,
        "--contract",
        &world.contract,
        "--node",
        &world.node.url,
        "--events-from",
        "0",
        "--every",
        "0.05",
        "--chain",
        "31337",
    ]);
    for votes in 1..6 {
        world.held.vote();
        world.wait_for(votes);
    }
    world.held.finish();
    assert!(publisher.ends(0).contains("closed"));
    let said = watcher.ends(0);
    assert!(said.contains("closed; the record and the contract say the same"), "{said}");
    for head in &world.held.heads {
        assert!(said.contains(&format!("{} entries, root {}", head.size, head.root)), "{said}");
    }
    world.nothing_lost_and_nothing_twice();
    // It is finished: a publisher that is started once more sends nothing.
    world.publish(&[]).ends(0);
    world.nothing_lost_and_nothing_twice();
    let (code, text) = world.watch(&record, &[&world.node.url], &["--events-from", "0"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_node_is_away_and_comes_back_with_its_chain() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state").to_str().unwrap().to_owned();
    let mut world = World::new(&["--state", &state]);
    let mut publisher = world.publish(&[]);
    world.held.vote();
    world.wait_for(2);
    let at = world.node.url.rsplit(':').next().unwrap().parse().unwrap();
    let idle = Anvil::start(port(), &[]);
    std::mem::replace(&mut world.node, idle).stop();
    // Nobody answers; the board goes on.
    world.held.vote();
    thread::sleep(Duration::from_millis(500));
    assert!(publisher.runs());
    world.node = Anvil::start(at, &["--state", &state]);
    world.wait_for(3);
    world.held.finish();
    publisher.ends(0);
    world.nothing_lost_and_nothing_twice();
}

#[test]
fn what_a_reorganisation_took_away_is_sent_again() {
    let mut world = World::new(&[]);
    let publisher = world.publish(&[]);
    for votes in 1..5 {
        world.held.vote();
        world.wait_for(votes + 1);
    }
    let last = world.node.ask("eth_getBlockByNumber", json!(["latest", false]));
    world.node.ask("anvil_reorg", json!([3, []]));
    let now = world.node.ask("eth_getBlockByNumber", json!([last["number"], false]));
    assert_ne!(now["hash"], last["hash"]);
    world.wait_for(5);
    world.held.finish();
    publisher.ends(0);
    world.nothing_lost_and_nothing_twice();
}

#[test]
fn a_publisher_that_is_killed_loses_nothing_and_sends_nothing_twice() {
    for patience in ["1000", "0.2"] {
        let mut world = World::new(&[]);
        world.node.ask("evm_setAutomine", json!([false]));
        let sent = |world: &World| (world.count("pending") > world.count("latest")).then_some(());
        // Killed between sending and confirmation, several times.
        for _ in 0..3 {
            let publisher = world.publish(&["--patience", patience]);
            wait("transaction", || sent(&world));
            thread::sleep(Duration::from_millis(400));
            publisher.kill();
            assert_eq!(world.count("pending"), world.count("latest") + 1);
        }
        assert_eq!(world.on_chain(), []);
        world.node.ask("evm_mine", json!([]));
        world.wait_for(1);
        world.held.vote();
        let publisher = world.publish(&["--patience", patience]);
        wait("transaction", || sent(&world));
        publisher.kill();
        world.node.ask("evm_setIntervalMining", json!([1]));
        world.held.finish();
        world.publish(&[]).ends(0);
        world.nothing_lost_and_nothing_twice();
    }
}

#[test]
fn a_record_that_an_audit_refuses_is_not_closed() {
    let mut world = World::new(&[]);
    world.held.vote();
    world.held.finish();
    let path = world.folder.path().join("record/result.json");
    let result = fs::read(&path).unwrap();
    fs::write(&path, b"{}").unwrap();
    let said = world.publish(&[]).ends(1);
    assert!(said.contains("an audit refuses the record") && said.contains("result.json"), "{said}");
    assert_eq!(world.on_chain(), world.held.heads[..2]);
    fs::write(&path, result).unwrap();
    world.publish(&[]).ends(0);
    world.nothing_lost_and_nothing_twice();
}

/// Copies the record, with a byte changed or without its end.
fn forged(world: &World, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let (from, to) = (world.folder.path().join("record"), world.folder.path().join(name));
    for part in ["board", "checkpoints"] {
        fs::create_dir_all(to.join(part)).unwrap();
    }
    fs::copy(from.join("manifest.json"), to.join("manifest.json")).unwrap();
    let segment = "board/00000000.bin";
    let mut bytes = fs::read(from.join(segment)).unwrap();
    change(&mut bytes);
    fs::write(to.join(segment), bytes).unwrap();
    to.to_str().unwrap().into()
}

#[test]
fn a_record_that_is_not_the_one_on_the_chain_is_refused_with_both_heads() {
    let mut world = World::new(&[]);
    let publisher = world.publish(&[]);
    world.held.vote();
    world.held.finish();
    publisher.ends(0);
    let (chain, key, url) = (world.held.heads[1], world.path("key"), world.node.url.clone());
    let changed = forged(&world, "changed", |bytes| *bytes.last_mut().unwrap() ^= 1);
    let last = world.held.heads[2].root.to_string();
    let (code, text) = world.watch(&changed, &[&url], &[]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains(&last) && text.contains("the board on the chain is another one"),
        "{text}"
    );
    let cut = forged(&world, "cut", |bytes| bytes.truncate(bytes.len() - 1));
    let (code, text) = world.watch(&cut, &[&url], &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(&last) && text.contains("are not in the record"), "{text}");
    assert!(text.contains(&format!("record  {} entries", world.held.heads[2].size - 1)), "{text}");
    assert_ne!(chain.root.to_string(), last);
    for record in [&changed, &cut] {
        let of = ["publish", record, "--contract", &world.contract, "--key", &key, "--node", &url];
        let output = run(&of);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("CONTRADICTION"));
    }
    // Another account, another chain, another election, another contract.
    let (record, other) = (world.path("record"), world.path("other"));
    done(&["key", &other]);
    let publish = |key: &str, chain: &str| {
        let of = ["publish", &record, "--contract", &world.contract, "--key", key, "--node", &url];
        run(&[&of[..], &["--chain", chain]].concat()).status.code()
    };
    assert_eq!(publish(&other, "31337"), Some(1));
    assert_eq!(publish(&key, "1"), Some(2));
    let (code, text) = world.watch(&record, &[&url], &["--chain", "1"]);
    assert_eq!(code, 2, "{text}");
    let another = World::new(&[]);
    let (code, text) = another.watch(&record, &[&another.node.url], &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("the contract is of the election"), "{text}");
    let nobody = format!("0x{}", "11".repeat(20));
    let output = run(&["watch", &record, "--contract", &nobody, "--node", &url, "--once"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing answers"));
}

/// Whether a question is for this function of the contract.
fn is_call(asked: &Value, selector: &str) -> bool {
    asked["method"] == "eth_call"
        && asked["params"][0]["data"].as_str().is_some_and(|data| data.starts_with(selector))
}

/// Changes a byte of an answer, counted from the end.
fn flip(result: &mut Value, from_end: usize) {
    let mut bytes = bytes_of(result).unwrap();
    let place = bytes.len() - from_end;
    bytes[place] ^= 1;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    *result = json!(format!("0x{hex}"));
}

#[test]
fn a_node_that_lies_is_caught() {
    let mut world = World::new(&[]);
    let publisher = world.publish(&[]);
    world.held.vote();
    world.held.finish();
    publisher.ends(0);
    let (record, honest) = (world.path("record"), world.node.url.clone());
    let record = record.as_str();
    const LAST: &str = "0x47799da8";
    const HEADS: &str = "0x5a503f13";
    const RESULT: &str = "0x881a3354";
    let events = ["--events-from", "0"];

    // Another root, consistently in all views: the record has another, the other node, and the events.
    let root = liar(&honest, |asked, result| {
        if is_call(asked, LAST) || is_call(asked, HEADS) {
            flip(result, 1);
        }
    });
    let refuted = |nodes: &[&str], more: &[&str], words: &str| {
        let (code, text) = world.watch(record, nodes, more);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(words), "{text}");
    };
    refuted(&[&root], &[], "the board on the chain is another one");
    refuted(&[&honest, &root], &[], "the nodes 1 and 2 show different contracts");
    refuted(&[&root], &events, "a node's events are not what it says");
    // Another result.
    let result = liar(&honest, |asked, result| {
        if is_call(asked, RESULT) {
            flip(result, 1);
        }
    });
    refuted(&[&result], &[], "the contract is closed over another end");
    refuted(&[&honest, &result], &[], "closed with different ends");
    refuted(&[&result], &events, "a node's events are not what it says");
    // A chain that was never closed and lacks the last head: that may be an old block, unless its events say otherwise.
    let old = liar(&honest, |asked, result| {
        if is_call(asked, RESULT) {
            *result = json!(format!("0x{}", "00".repeat(32)));
        }
    });
    let (code, text) = world.watch(record, &[&honest, &old], &[]);
    assert_eq!(code, 0, "{text}");
    refuted(&[&honest, &old], &events, "a node's events are not what it says");
    // Only a part of the views.
    let torn = liar(&honest, |asked, result| {
        if is_call(asked, LAST) {
            flip(result, 1);
        }
    });
    let (code, text) = world.watch(record, &[&torn], &[]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("the last head is not the last of all heads"), "{text}");
}

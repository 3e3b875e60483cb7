//! A node that says what a test wants, and what an audit makes of it.

use crate::{
    audit::{Options, judge},
    ethereum::{Address, Client, read},
};
use attacks::folder::{Folder, Recorded};
use clap::Parser;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};
use tabella::log::{
    Entries,
    merkle::{Head, Root, Tree},
};

const CONTRACT: Address = Address([7; 20]);

/// What a contract says, word by word.
#[derive(Clone)]
struct Says {
    chain: u64,
    manifest: [u8; 32],
    operator: [u8; 32],
    result: [u8; 32],
    last: (u64, Head),
    heads: Vec<Head>,
}

/// An answer: JSON's `result`, or bytes that are sent as they are.
enum Answer {
    Result(Value),
    Raw(Vec<u8>),
    /// A byte now and then, without an end.
    Slow,
}

fn word(number: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.to_be_bytes());
    word
}

fn hex_of(words: &[[u8; 32]]) -> Answer {
    Answer::Result(json!(format!("0x{}", hex::encode(words.concat()))))
}

impl Says {
    fn of(manifest: [u8; 32], heads: Vec<Head>) -> Self {
        let last = heads.last().copied().unwrap_or(Head { size: 0, root: Root::from([0; 32]) });
        let last = (heads.len() as u64, last);
        Self { chain: 31_337, manifest, operator: word(9), result: [0; 32], last, heads }
    }

    fn answer(&self, method: &str, params: &Value) -> Answer {
        match method {
            "eth_chainId" => Answer::Result(json!(format!("{:#x}", self.chain))),
            "eth_getBlockByNumber" => {
                Answer::Result(json!({ "number": "0x5", "hash": format!("0x{}", "ab".repeat(32)) }))
            }
            "eth_call" => {
                assert_eq!(params[0]["to"], CONTRACT.to_string());
                assert_eq!(params[1]["blockHash"], format!("0x{}", "ab".repeat(32)));
                let data = params[0]["data"].as_str().unwrap();
                match data.split_at(10) {
                    ("0x337f3f32", "") => hex_of(&[self.manifest]),
                    ("0x570ca735", "") => hex_of(&[self.operator]),
                    ("0x881a3354", "") => hex_of(&[self.result]),
                    ("0x47799da8", "") => {
                        let (count, Head { size, root }) = self.last;
                        hex_of(&[word(count), word(size), *root.as_bytes()])
                    }
                    ("0x5a503f13", from) => {
                        let from = usize::from_str_radix(from, 16).unwrap();
                        let page: Vec<_> = self.heads.iter().skip(from).take(256).collect();
                        let count = page.len() as u64;
                        let mut words = vec![word(64), word(96 + 32 * count), word(count)];
                        words.extend(page.iter().map(|head| word(head.size)));
                        words.push(word(count));
                        words.extend(page.iter().map(|head| *head.root.as_bytes()));
                        hex_of(&words)
                    }
                    other => panic!("no function of the contract: {other:?}"),
                }
            }
            other => panic!("no such question: {other}"),
        }
    }
}

/// Answers on a port of its own until the test ends, and returns its URL.
fn node(answer: impl Fn(&str, &Value) -> Answer + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), &answer);
        }
    });
    url
}

/// One question of one connection.
fn serve(mut stream: TcpStream, answer: &impl Fn(&str, &Value) -> Answer) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).unwrap_or(0) > 2 {
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let body = match answer(asked["method"].as_str().unwrap(), &asked["params"]) {
        Answer::Result(result) => {
            json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string().into_bytes()
        }
        Answer::Raw(bytes) => bytes,
        Answer::Slow => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            while stream.write_all(b" ").is_ok() {
                thread::sleep(Duration::from_millis(50));
            }
            return;
        }
    };
    let head =
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    // Whoever does not want to read all of it goes away.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn says(says: Says) -> String {
    node(move |method, params| says.answer(method, params))
}

/// The heads of a record's board at these sizes.
fn heads(bytes: &[u8], sizes: &[u64]) -> Vec<Head> {
    let (mut tree, mut heads) = (Tree::default(), Vec::new());
    for entry in Entries::new(bytes) {
        tree.push(entry.unwrap());
        heads.extend(sizes.contains(&tree.size()).then(|| tree.head()));
    }
    heads
}

#[test]
fn a_record_is_compared_with_what_is_on_the_chain() {
    let recorded = Recorded::tiny(3, 0);
    let folder = Folder::new("chain");
    folder.put(&recorded.files);
    let manifest = recorded.world.manifest.hash();
    let (bytes, size) = (recorded.board.bytes(), recorded.board.state().size());
    let on_chain = heads(bytes, &[3, size - 2, size]);
    let result = Sha256::digest(&recorded.files["result.json"]).into();
    let good = Says { result, ..Says::of(*manifest.as_bytes(), on_chain.clone()) };

    let audit = |says_it: Says, options: &[&str]| {
        let (url, contract) = (says(says_it), CONTRACT.to_string());
        let given = ["audit", folder.0.to_str().unwrap(), "--ethereum", &url, "--contract"];
        let given = [&given[..], &[&contract], options].concat();
        let verdict = judge(&Options::try_parse_from(given).unwrap());
        (verdict.code(), verdict.to_string())
    };
    let refused = |says_it: Says, options: &[&str], code: u8, words: &[&str]| {
        let (found, text) = audit(says_it, options);
        assert_eq!(found, code, "{text}");
        words.iter().for_each(|word| assert!(text.contains(word), "'{word}' is not in:\n{text}"));
    };
    let known = "which election this is, and which ballots it has";
    refused(good.clone(), &["--chain", "31337", "--block", "finalized"], 0, &[known, "verified"]);
    // A close that is not on the chain yet is no fault of a record whose last entry is covered.
    refused(Says { result: [0; 32], ..good.clone() }, &[], 0, &[known]);

    // Another root at a size that the board had: both are shown.
    let mut forged = on_chain.clone();
    forged[1].root = Root::from([5; 32]);
    let (mine, theirs) = (on_chain[1].root.to_string(), "05".repeat(32));
    let forged = Says::of(*manifest.as_bytes(), forged);
    refused(forged, &[], 1, &["record.expected", &mine, &theirs, "REFUSED"]);
    // The chain is ahead of the record.
    let beyond = Head { size: size + 1, root: Root::from([5; 32]) };
    let ahead = [on_chain.clone(), vec![beyond]].concat();
    let ahead = Says::of(*manifest.as_bytes(), ahead);
    let mine = on_chain[2].root.to_string();
    refused(ahead.clone(), &[], 1, &[&mine, &theirs, "REFUSED"]);
    refused(ahead, &["--partial"], 1, &["REFUSED"]);
    // The record is ahead of the chain, which only a record that may be partial is.
    let behind = Says::of(*manifest.as_bytes(), on_chain[..2].into());
    refused(behind.clone(), &[], 1, &[&format!("entries, expected {}", size - 2)]);
    refused(behind.clone(), &["--partial"], 0, &["verified"]);
    refused(Says { result, ..behind }, &["--partial"], 1, &["REFUSED"]);
    refused(Says::of(*manifest.as_bytes(), vec![]), &[], 1, &["entries, expected 0"]);
    // Another result, another election, another chain.
    refused(Says { result: [1; 32], ..good.clone() }, &[], 1, &["the hash of the result is"]);
    let other = Says { manifest: [1; 32], ..good.clone() };
    refused(other.clone(), &[], 1, &["manifest.expected"]);
    let expected = manifest.to_string();
    refused(other, &["--expect-manifest", &expected], 2, &["is of the election 0101"]);
    refused(good.clone(), &["--chain", "1"], 2, &["of the chain 31337, but --chain is 1"]);
    refused(good, &["--expect-size", "3"], 2, &["but --expect-size is 3", "NOT AUDITED"]);
}

#[test]
fn answers_that_no_contract_gives_are_refused() {
    let at = |size, byte| Head { size, root: Root::from([byte; 32]) };
    let good = Says::of([1; 32], (1..=300).map(|size| at(size, 3)).collect());
    let reason = |url: &str| {
        let client = Client::new(url, Duration::from_millis(500)).unwrap();
        read(&client, CONTRACT, "latest").map(|found| found.heads).map_err(|e| e.to_string())
    };
    assert_eq!(reason(&says(good.clone())).unwrap(), good.heads);

    let wrong: [(Says, &str); 7] = [
        (Says { operator: [9; 32], ..good.clone() }, "the operator is no address"),
        (Says { last: (300, at(301, 3)), ..good.clone() }, "not the last of all heads"),
        (Says { last: (300, at(300, 4)), ..good.clone() }, "not the last of all heads"),
        (Says { last: (301, at(300, 3)), ..good.clone() }, "the heads have another form"),
        (Says { last: (299, at(299, 3)), ..good.clone() }, "more heads than it says"),
        (Says { last: (1 << 40, at(300, 3)), ..good.clone() }, "there are too many heads"),
        (Says { result: [1; 32], ..Says::of([1; 32], vec![]) }, "closed without a head"),
    ];
    for (wrong, expected) in wrong {
        let found = reason(&says(wrong)).unwrap_err();
        assert!(found.contains(expected), "'{expected}' is not in '{found}'");
    }
    let unordered = Says::of([1; 32], vec![at(2, 3), at(2, 3)]);
    assert!(reason(&says(unordered)).unwrap_err().contains("the heads are not in order"));

    // Instead of the answer to each of the questions.
    let long = || vec![b'['; 5 << 20];
    type Case = (fn() -> Answer, &'static str);
    let junk: [Case; 7] = [
        (|| Answer::Result(json!("0x")), "there is no BulletinBoard: nothing answers"),
        (|| Answer::Result(json!("0x123")), "another form than it should"),
        (|| Answer::Result(json!({ "a": [] })), "another form than it should"),
        (|| Answer::Raw(b"{\"result\":".to_vec()), "no JSON, with the status 200"),
        (|| Answer::Raw(b"{}".to_vec()), "another form than it should"),
        (
            || {
                Answer::Raw(
                    br#"{"error":{"code":-32000,"message":"no\u001b such block"}}"#.to_vec(),
                )
            },
            r#"the node refuses eth_call: "no\u{1b} such block""#,
        ),
        (|| Answer::Slow, "the node does not answer eth_call: timeout"),
    ];
    for (answer, expected) in junk {
        let good = good.clone();
        let url = node(move |method, params| match method {
            "eth_call" => answer(),
            _ => good.answer(method, params),
        });
        let clock = Instant::now();
        let found = reason(&url).unwrap_err();
        assert!(found.contains(expected), "'{expected}' is not in '{found}'");
        assert!(clock.elapsed() < Duration::from_secs(5));
    }
    let url = node(move |_, _| Answer::Raw(long()));
    assert!(reason(&url).unwrap_err().contains("the node does not answer eth_chainId"));
    // Nobody listens at a port that was given back.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(reason(&format!("http://{gone}")).unwrap_err().contains("the node does not answer"));
    if cfg!(not(feature = "https")) {
        let error = Client::new("https://node.example", Duration::from_secs(1)).unwrap_err();
        assert!(error.to_string().contains("--features https"));
    }
}

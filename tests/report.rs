//! The report of an audit as a page and as JSON, and the views of a record.

use attacks::{World, folder::Signers, rng};
use serde_json::Value;
use tabella::{
    audit::{self, Check, Expect, Known, Report, Status, Verdict},
    ballot::{Choices, Header, Origin},
    board::Board,
    contest::Contest,
    log::{Entries, merkle::Tree},
    manifest::Manifest,
    roll::VoterKey,
    views,
};

fn audited(bytes: &[u8], expect: &Expect) -> Report {
    audit::run(bytes, expect, &mut rng(9)).unwrap()
}

/// A verified referendum.
fn referendum() -> (Board, Report) {
    let board = World::referendum(50).referendum_board();
    let report = audited(board.bytes(), &Expect::default());
    (board, report)
}

/// Text that is allowed in a manifest and must not reach a browser unescaped.
const TITLE: &str = "</h1><script src=\"https://example.org/\">alert('1')</script>&lt;";
const OPTION: &str = "<img onerror='x' a=\"b\"> שלום &";

/// Three districts, the last too small to be counted alone; two stations; weights; hostile text.
fn hostile() -> (World, Board) {
    let styles = [&[0u16; 12][..], &[1; 12], &[2; 2]].concat();
    let mut world = World::new(51, (3, 2), &styles, |mut builder| {
        builder = builder
            .title(TITLE)
            .contest(Contest::choose("board", [OPTION, "Ada", "Béla"], 1..=2).blank().title(TITLE))
            .contest(Contest::approval("park", ["trees", "benches"]));
        for id in ["north", "east", "isle"] {
            builder = builder.district(id, format!("<{id}>")).style(id, id, ["board", "park"]);
        }
        builder.station("hall", "Town hall <b>", "north").station("pier", "The pier", "isle")
    });
    for (line, weight) in world.roll.iter_mut().zip([1, 2].into_iter().cycle()) {
        line.weight = weight;
    }
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (voter, style) in styles.into_iter().enumerate().take(25) {
        let origin = if voter % 3 == 0 { Origin::Station(0) } else { Origin::Remote };
        let header = Header { style, sequence: 0, origin };
        let choices = match voter % 5 {
            0 => Choices::new().blank("board"),
            1 | 2 => {
                Choices::new().pick("board", OPTION).pick("board", "Ada").pick("park", "trees")
            }
            _ => Choices::new().pick("board", "Béla"),
        };
        let ballot = world.ballot(&election, voter, &header, &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    world.finish(&mut board, &[0, 1]);
    (world, board)
}

/// Elements are closed in reverse order of opening, and every attribute is quoted.
fn well_formed(html: &str) {
    let body = html.split_once("<!DOCTYPE html>").unwrap().1;
    let (head, rest) = body.split_once("<style>").unwrap();
    let (style, rest) = rest.split_once("</style>").unwrap();
    assert!(!style.contains('<'));
    let mut open = Vec::new();
    let rest = [head, rest].concat();
    for part in rest.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "</{name}>");
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        let name = tag.split([' ', '/']).next().unwrap();
        if !tag.ends_with('/') && !["meta", "wbr"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for id in html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
    }
    for to in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(html.contains(&format!(" id=\"{}\"", to.strip_prefix('#').unwrap())), "{to}");
    }
}

/// Contains nothing that a browser would load or run.
fn inert(html: &str) {
    for bad in
        ["<script", "<img", "<link", "<iframe", " src=\"http", " onerror=\"", "url(", "@import"]
    {
        assert!(!html.contains(bad), "{bad}");
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_page_says_everything_once() {
    let (_, report) = referendum();
    let html = report.to_html();
    well_formed(&html);
    inert(&html);
    assert!(!html.contains("://") && !html.contains("src=") && !html.contains("script"));
    for check in Check::ALL {
        let name = format!("<code>{}</code>", check.name());
        assert_eq!(html.matches(&name).count(), 1, "{check}");
        assert_eq!(html.matches(check.meaning()).count(), 1, "{check}");
    }
    let root = report.root.to_string();
    assert!(html.contains(&root[..8]) && html.contains(&root[56..]));
    for words in [
        "CONSISTENT",
        "there was nothing to compare with",
        "<td>6</td><td>54.5\u{202f}%</td>",
        "trustee 1",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn text_of_the_record_is_only_text() {
    let (_, board) = hostile();
    let report = audited(board.bytes(), &Expect::default());
    let html = report.to_html();
    well_formed(&html);
    inert(&html);
    assert!(html.contains("&lt;script src=&quot;https://example.org/&quot;&gt;alert(&#39;1&#39;)"));
    assert!(html.contains("&lt;img onerror=&#39;x&#39; a=&quot;b&quot;&gt; שלום &amp;"));
    assert!(html.contains("Town hall &lt;b&gt;"));
    // Counted together, since the isle has a single ballot.
    assert!(html.contains("&lt;east&gt;</bdi>, <bdi lang=\"\">&lt;isle&gt;"));
    assert!(html.contains("counted together"));
}

#[test]
fn a_contest_that_is_not_opened_says_why() {
    let mut world = World::new(55, (3, 2), &[0; 3], |builder| {
        builder.contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
    });
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let yes = Choices::new().pick("bridge", "yes");
    let ballot = world.ballot(&election, 0, &Header::remote(0), &yes);
    board.post(&ballot, &mut world.rng).unwrap();
    world.finish(&mut board, &[]);
    let report = audited(board.bytes(), &Expect::default());
    let html = report.to_html();
    well_formed(&html);
    assert!(html.contains("Not opened, since fewer than 10 people cast ballots."));
    let contest = &json(&report.to_json())["result"]["contests"][0];
    assert!(["votes", "marks", "not_given"].iter().all(|name| contest[name].is_null()));
    assert_eq!(contest["ballots"], 1);
}

#[test]
fn marks_of_direction_are_shown() {
    let (_, mut report) = referendum();
    report.election = Some(("id".into(), "a\u{202e}b\u{2066}<".into()));
    let html = report.to_html();
    assert!(html.contains("a[U+202E]b[U+2066]&lt;"));
    well_formed(&html);
}

#[test]
fn the_verdict_is_that_of_the_report() {
    let mut world = World::referendum(53);
    let open = world.open();
    let (board, _) = referendum();
    let mut bad = board.bytes().to_vec();
    let entries: Vec<_> = Entries::new(board.bytes()).map(Result::unwrap).collect();
    let ballot = entries.iter().position(|entry| entry[0] == 5).unwrap();
    let at: usize = entries[..=ballot].iter().map(|entry| entry.len() + 2).sum();
    bad[at - 40] ^= 1;
    let partial = Expect { partial: true, ..Expect::default() };
    let other = Expect::manifest(world.manifest.hash());
    let own = Expect::manifest(World::referendum(50).manifest.hash());
    let known = Expect { partial: true, ..other.clone() };
    for (bytes, expect, word, verdict) in [
        (board.bytes(), own.clone(), "VERIFIED", "verified"),
        (board.bytes(), Expect::default(), "CONSISTENT", "consistent"),
        (board.bytes(), partial.clone(), "CONSISTENT", "consistent"),
        (board.bytes(), other, "REFUSED", "refused"),
        (open.bytes(), known, "VERIFIED AS FAR AS IT GOES", "verified as far as it goes"),
        (
            open.bytes(),
            partial.clone(),
            "CONSISTENT AS FAR AS IT GOES",
            "consistent as far as it goes",
        ),
        (open.bytes(), Expect::default(), "REFUSED", "refused"),
        (&bad, partial.clone(), "REFUSED", "refused"),
        (&[], partial.clone(), "REFUSED", "refused"),
    ] {
        let report = audited(bytes, &expect);
        let html = report.to_html();
        well_formed(&html);
        inert(&html);
        assert!(html.contains(&format!("</svg>{word}</h2>")), "{word}");
        assert_eq!(report.is_accepted(), word != "REFUSED");
        let json = json(&report.to_json());
        assert_eq!(
            (&json["verdict"], report.verdict().to_string()),
            (&verdict.into(), verdict.into())
        );
        let class = verdict.split(' ').next().unwrap();
        assert!(html.contains(&format!("<body class=\"{class}")), "{class}");
        assert_eq!(json["result"].is_null(), report.outcome.is_none());
        let findings = json["findings"].as_array().unwrap();
        assert_eq!(findings.len(), report.findings.len());
        for (view, finding) in findings.iter().zip(&report.findings) {
            assert_eq!(view["check"], finding.check.number());
            assert_eq!(view["name"], finding.check.name());
            assert_eq!(view["entry"].as_u64(), finding.entry);
            assert_eq!(view["reason"], finding.fault.to_string());
            let row = format!(
                "<a href=\"#check-{0}\">{0} {1}</a>",
                finding.check.number(),
                finding.check
            );
            assert!(html.contains(&row));
        }
    }
    let refused = json(&audited(&bad, &partial).to_json());
    let finding = &refused["findings"][0];
    assert_eq!(
        (finding["entry"].as_u64(), &finding["object"]),
        (Some(ballot as u64), &"ballot".into())
    );
    assert_eq!(finding["voter"], World::referendum(50).voters[0].key().to_string());
}

/// A size does not identify an election, and neither do receipts or the record's own checkpoints.
#[test]
fn only_hash_root_or_checkpoint_make_an_election_known() {
    let signers = Signers::new(57);
    let mut world = World::new(57, (3, 2), &[0; 12], |builder| {
        let bridge = Contest::choose_one("bridge", ["yes", "no"]).blank();
        signers.register(builder.contest(bridge))
    });
    let board = world.referendum_board();
    let (head, manifest) = (board.state().head(), &world.manifest);
    let sign = |size: u64| {
        let mut tree = Tree::default();
        Entries::new(board.bytes()).take(size as usize).for_each(|e| tree.push(e.unwrap()));
        signers.sign(manifest, tree.head(), &[0, 1])
    };
    let receipt = board.receipt(&world.operator, head.size - 9, &mut rng(1)).unwrap();
    let none = Expect::default;
    for (expect, known) in [
        (none(), Known::Nothing),
        (Expect { size: Some(head.size), ..none() }, Known::Nothing),
        (Expect { receipts: vec![receipt.into()], ..none() }, Known::Nothing),
        (Expect { checkpoints: Some(vec![sign(head.size)]), ..none() }, Known::Nothing),
        (Expect::manifest(manifest.hash()), Known::Election),
        (Expect { known: vec![sign(head.size - 1)], ..none() }, Known::Election),
        (Expect { known: vec![sign(head.size)], ..none() }, Known::Board),
        (Expect { root: Some(head.root), ..none() }, Known::Board),
    ] {
        let report = audited(board.bytes(), &expect);
        let verdict = if known == Known::Nothing { Verdict::Consistent } else { Verdict::Verified };
        assert_eq!((report.known(), report.verdict()), (known, verdict), "{report}");
        assert_eq!(json(&report.to_json())["known"], known.to_string());
        let compare = report.to_html().contains("Compare below");
        assert_eq!(compare, known == Known::Nothing);
    }
}

#[test]
fn a_report_as_json_has_every_check_and_every_number() {
    let (board, report) = referendum();
    let text = report.to_json();
    assert_eq!(text, audited(board.bytes(), &Expect::default()).to_json());
    let json = json(&text);
    assert_eq!(json["format"], "tabella/v1 audit");
    let checks = json["checks"].as_array().unwrap();
    assert_eq!(checks.len(), Check::ALL.len());
    for (view, check) in checks.iter().zip(Check::ALL) {
        assert_eq!(view["number"], check.number());
        assert_eq!(view["name"], check.name());
        let passed = report.status(check) == Status::Passed;
        assert_eq!(view["status"] == "passed", passed, "{check}");
    }
    assert_eq!(json["root"], report.root.to_string());
    assert_eq!(json["ballots"], 13);
    assert_eq!(json["replaced"], 1);
    assert_eq!(json["closed_by"], serde_json::json!([1, 2, 3]));
    assert_eq!(json["opened_by"], serde_json::json!([1, 3]));
    assert_eq!(json["keys"][0]["trustees"][2]["holds"], true);
    let result: Value =
        serde_json::from_str(&views::result(report.outcome.as_ref().unwrap())).unwrap();
    assert_eq!(json["result"], result);
}

#[test]
fn the_specification_says_of_each_check_what_it_means() {
    let page = include_str!("../docs/spec/audit.md");
    let row =
        |line: &'static str| <[&str; 4]>::try_from(line.split(" | ").collect::<Vec<_>>()).ok();
    let lines = page.lines().filter_map(row);
    let mut found = 0;
    for [number, name, meaning, _] in lines {
        let Some(check) = Check::ALL.into_iter().find(|c| format!("`{}`", c.name()) == name) else {
            continue;
        };
        let sentence = check.meaning();
        assert_eq!(number, format!("| {}", check.number()));
        assert_eq!(format!("{}.", meaning).to_lowercase(), sentence.to_lowercase(), "{check}");
        found += 1;
    }
    assert!(found >= 22, "{found}");
}

#[test]
fn a_manifest_reads_back() {
    for manifest in [World::referendum(54).manifest, hostile().0.manifest] {
        let text = views::manifest(&manifest);
        assert_eq!(Manifest::from_json(&text).unwrap().hash(), manifest.hash());
        assert_eq!(text, views::manifest(&manifest));
        assert!(text.ends_with("}\n"));
    }
}

#[test]
fn a_result_has_every_total() {
    let (_, board) = hostile();
    let report = audited(board.bytes(), &Expect::default());
    let outcome = report.outcome.unwrap();
    let text = views::result(&outcome);
    assert_eq!(text, views::result(&outcome));
    let json = json(&text);
    assert_eq!(json["format"], "tabella/v1 result");
    assert_eq!(json["manifest"], outcome.manifest().hash().to_string());
    for (view, contest) in
        json["contests"].as_array().unwrap().iter().zip(outcome.manifest().contests())
    {
        assert_eq!(view["options"], serde_json::json!(contest.names().collect::<Vec<_>>()));
        for (place, option) in contest.names().enumerate() {
            assert_eq!(view["votes"][place].as_u64(), outcome.count(&contest.id, option).ok());
            let cells = view["cells"].as_array().unwrap().iter();
            let sum: u64 = cells.map(|cell| cell["votes"][place].as_u64().unwrap()).sum();
            assert_eq!(outcome.count(&contest.id, option), Ok(sum));
        }
        assert_eq!(view["marks"][0].as_u64(), outcome.blanks(&contest.id).ok());
        assert_eq!(view["not_given"].as_u64(), outcome.undervotes(&contest.id).ok());
    }
    let cells = json["contests"][0]["cells"].as_array().unwrap();
    let districts: Vec<_> = cells.iter().map(|cell| &cell["districts"]).collect();
    assert_eq!(districts, [&serde_json::json!(["north"]), &serde_json::json!(["east", "isle"])]);
    let turnout = &json["turnout"];
    assert_eq!((&turnout["ballots"], &turnout["on_roll"]), (&25.into(), &26.into()));
    assert_eq!(
        turnout["stations"][0],
        serde_json::json!({"id": "hall", "name": "Town hall <b>", "ballots": 9})
    );
    // In the order of the specification, so that the bytes are the same everywhere.
    let places = ["format", "election", "manifest", "contests", "turnout"]
        .map(|name| text.find(&format!("\n  \"{name}\"")));
    assert!(places.is_sorted() && places[0].is_some());
}

/// An option that everybody approves of has 100 %, whatever else they approve of.
#[test]
fn shares_are_of_what_a_ballot_can_give_to_an_option() {
    let mut world = World::new(57, (3, 2), &[0; 4], |builder| {
        builder
            .minimum_cell(1)
            .contest(Contest::approval("ways", ["bikes", "cars", "trams"]).blank())
            .contest(Contest::choose_one("mayor", ["ada", "ben"]).blank())
            .contest(Contest::choose("parks", ["east", "west"], 0..=5).each(5))
    });
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for voter in 0..4 {
        let choices = Choices::new().pick("ways", "bikes").score("parks", "east", 5 - voter);
        let choices = match voter {
            0 => choices.pick("ways", "cars").pick("ways", "trams").pick("mayor", "ada"),
            1 => choices.pick("ways", "trams").pick("mayor", "ada"),
            _ => choices.blank("mayor"),
        };
        let ballot = world.ballot(&election, voter as usize, &Header::remote(0), &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let (_, outcome) = world.finish(&mut board, &[0, 2]);
    let percent = |contest: &str, option| outcome.percent(contest, option).unwrap();
    assert_eq!(["bikes", "cars", "trams"].map(|o| percent("ways", o)), [100.0, 25.0, 50.0]);
    assert_eq!(["ada", "ben"].map(|o| percent("mayor", o)), [100.0, 0.0]);
    assert_eq!(["east", "west"].map(|o| percent("parks", o)), [70.0, 0.0]);
    let page = audited(board.bytes(), &Expect::default()).to_html();
    for part in [
        "Shares are of all ballots.",
        "Shares are of all votes.",
        "Shares are of the most that one option can get, 5 votes from each ballot.",
        "<td>14</td><td>70.0\u{202f}%</td>",
        "<td>4</td><td>100.0\u{202f}%</td>",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
}

#[test]
fn an_entry_is_a_line() {
    let (board, report) = referendum();
    let mut kinds = Vec::new();
    for (index, entry) in (0..).zip(Entries::new(board.bytes()).map(Result::unwrap)) {
        let line = views::entry(index, entry);
        assert_eq!(line, views::entry(index, entry));
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1);
        let json = json(&line);
        assert_eq!((&json["entry"], &json["bytes"]), (&index.into(), &entry.len().into()));
        match json["kind"].as_str().unwrap() {
            "manifest" => assert_eq!(json["hash"], report.manifest.unwrap().to_string()),
            "roll" => assert_eq!(json["voters"], 12),
            "ballot" => {
                let ballot = board.election().unwrap().read_ballot(&entry[1..]).unwrap();
                assert_eq!(json["tracker"], ballot.tracker().to_string());
                assert_eq!(json["voter"], VoterKey::from(ballot.voter()).to_string());
                assert_eq!(json["sequence"], ballot.header().sequence);
                assert_eq!(json["origin"], "remote");
            }
            "freeze" => assert_eq!(json["author"], "operator"),
            "close" => assert!([1, 2, 3].map(Value::from).contains(&json["trustee"])),
            "share" => assert!([1, 3].map(Value::from).contains(&json["trustee"])),
            _ => {}
        }
        kinds.push(json["kind"].as_str().unwrap().to_string());
        // Cut off anywhere, it still yields a line.
        for end in 0..entry.len().min(120) {
            assert!(serde_json::from_str::<Value>(&views::entry(0, &entry[..end])).is_ok());
        }
    }
    kinds.dedup();
    assert_eq!(
        kinds.join(" "),
        "manifest commit round deal round confirmation round roll ballot freeze close tally share result"
    );
}

#[test]
fn parts_of_large_objects_and_strangers_are_lines() {
    let object = [&[4][..], &[0, 0, 16, 0], &[7; 70_000]].concat();
    let entries: Vec<_> = tabella::log::entry::entries(&object).collect();
    let lines: Vec<_> = entries.iter().map(|entry| json(&views::entry(3, entry))).collect();
    assert_eq!((&lines[0]["kind"], &lines[0]["object"]), (&"header".into(), &"roll".into()));
    assert_eq!((&lines[0]["length"], &lines[0]["chunks"]), (&70_005.into(), &2.into()));
    assert_eq!(views::entry(4, &entries[1]), "{\"entry\":4,\"kind\":\"chunk\",\"bytes\":65535}\n");
    assert_eq!(views::entry(0, &[]), "{\"entry\":0,\"kind\":\"unknown\",\"bytes\":0}\n");
    assert_eq!(views::entry(1, &[200, 1]), "{\"entry\":1,\"kind\":\"unknown\",\"bytes\":2}\n");
}

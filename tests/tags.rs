//! The tags of the specification: each is in the source, in `docs/spec`, and in the name of a test.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const FAMILIES: [&str; 8] = ["BALLOT", "KEY", "DECRYPT", "BOARD", "ROLL", "SPOIL", "MIX", "WIDE"];

/// The text of all files below a folder with this ending.
fn texts(folder: &str, ending: &str) -> Vec<String> {
    fn walk(folder: &Path, ending: &str, out: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, ending, out);
            } else if path.to_str().unwrap().ends_with(ending) {
                out.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut out = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), ending, &mut out);
    assert!(!out.is_empty(), "no {ending} in {folder}");
    out
}

/// All tags `[FAMILY.NAME]` in a text.
fn tags(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split('[').skip(1).filter_map(|rest| {
        let (tag, _) = rest.split_once(']')?;
        let (family, name) = tag.split_once('.')?;
        let is_name = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        (FAMILIES.contains(&family) && !name.is_empty() && is_name).then(|| tag.to_string())
    })
}

/// The names of all test functions.
fn tests(text: &str) -> impl Iterator<Item = &str> {
    text.split("#[test]").skip(1).filter_map(|rest| {
        let (_, signature) = rest.split_once("fn ")?;
        signature.split(['(', '<']).next()
    })
}

#[test]
fn every_tag_stands_in_source_specification_and_tests() {
    let source = texts("src", ".rs");
    let in_source: BTreeSet<_> = source.iter().flat_map(|text| tags(text)).collect();
    let specification = texts("docs/spec", ".md");
    let in_specification: BTreeSet<_> = specification.iter().flat_map(|text| tags(text)).collect();
    let more = texts("tests", ".rs");
    let names: Vec<_> = source.iter().chain(&more).flat_map(|text| tests(text)).collect();

    let mut missing: Vec<String> = Vec::new();
    missing.extend(in_source.difference(&in_specification).map(|t| format!("[{t}] in docs/spec")));
    missing.extend(in_specification.difference(&in_source).map(|t| format!("[{t}] in src")));
    for tag in &in_source {
        let prefix = tag.to_lowercase().replace('.', "_") + "_";
        if !names.iter().any(|name| name.starts_with(&prefix)) {
            missing.push(format!("a test of [{tag}], `{prefix}…`"));
        }
    }
    assert!(in_source.len() >= 11, "tags were not found: {in_source:?}");
    assert!(missing.is_empty(), "missing:\n{}", missing.join("\n"));
}

/// Labels that only a verifier's batch absorbs for its weights, or a prover for its nonces, which no second implementation
/// needs; and labels of tests.
const OF_THE_BATCH: [&str; 6] =
    ["batch", "f", "outcome", "shuffle preparation", "test", "z author"];

/// All labels with which a transcript absorbs or draws something, except in comments and tests.
fn labels(text: &str) -> BTreeSet<String> {
    const CALLS: [&str; 13] = [
        " absorb(b\"",
        ".challenges(b\"",
        "append_bytes(b\"",
        "append_u64(b\"",
        "append_element(b\"",
        "append_elements(b\"",
        "append_scalars(b\"",
        ".challenge(b\"",
        ".digest(b\"",
        ".weights(b\"",
        "Transcript::new(b\"",
        "pub const PROTOCOL: &str = \"",
        "pub const SUITE: &str = \"",
    ];
    let text = text.split("mod tests {").next().unwrap_or(text);
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let label = |line: &str| {
        let constant = line.starts_with("pub const ").then_some("&[u8] = b\"");
        let (_, rest) = constant.iter().chain(&CALLS).find_map(|call| line.split_once(call))?;
        rest.split('"').next().map(str::to_string)
    };
    lines.filter_map(label).collect()
}

#[test]
fn every_label_of_a_transcript_stands_in_the_specification() {
    let found: BTreeSet<_> = texts("src", ".rs").iter().flat_map(|text| labels(text)).collect();
    assert!(found.len() >= 50, "labels were not found: {found:?}");
    let specification = texts("docs/spec", ".md").concat();
    let stands = |label: &str| {
        let ends = [" =", ":", "[]", ",", "\"", "`", "\n"];
        let forms = ends
            .iter()
            .flat_map(|end| [" ", "\"", "`", "\n"].map(|start| format!("{start}{label}{end}")));
        OF_THE_BATCH.contains(&label) || { forms }.any(|form| specification.contains(&form))
    };
    let missing: Vec<_> = found.iter().filter(|label| !stands(label)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn tags_and_tests_are_found_in_text() {
    let text = "[KEY.DEAL] a[0] [KEY.] [OTHER.D1] [KEY.deal] [[DECRYPT.D2]](x)";
    assert_eq!(tags(text).collect::<Vec<_>>(), ["KEY.DEAL", "DECRYPT.D2"]);
    let text = "fn a() {} #[test]\n#[ignore]\nfn b() {} #[test] fn c<T>() {}";
    assert_eq!(tests(text).collect::<Vec<_>>(), ["b", "c"]);
}

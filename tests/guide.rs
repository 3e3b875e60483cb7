//! The recipes of docs/guide are compiled as tests of the documentation (`src/lib.rs`). Here: none is forgotten, and all stay short.

use std::{fs, path::Path};

/// The most lines of a program that a reader sees.
const LINES: usize = 50;

#[test]
fn every_recipe_is_listed_compiled_and_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
    let (list, lib) = (read("docs/guide/README.md"), read("src/lib.rs"));
    let (_, compiled) = lib.split_once("recipes! {").unwrap();
    let compiled = compiled.split_once('}').unwrap().0;
    let mut names: Vec<_> = fs::read_dir(root.join("docs/guide"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .map(|name| name.strip_suffix(".md").unwrap().to_owned())
        .collect();
    names.sort();
    let mut expected: Vec<_> = compiled.split_whitespace().collect();
    expected.sort_unstable();
    assert_eq!(names, expected, "docs/guide and recipes! in src/lib.rs");
    for name in &names {
        assert_eq!(list.matches(&format!("({name}.md)")).count(), 1, "{name} in the list");
        let recipe = read(&format!("docs/guide/{name}.md"));
        assert!(recipe.contains("\n## What can go wrong\n"), "{name}");
        let programs: Vec<_> = recipe.split("```rust\n").skip(1).collect();
        assert_eq!(programs.len(), 1, "{name} has one program");
        let program = programs[0].split_once("```").unwrap().0;
        assert!(program.contains("assert"), "{name} asserts something");
        let hidden = |line: &str| line == "#" || line.starts_with("# ");
        let seen = program.lines().filter(|line| !hidden(line.trim_start())).count();
        assert!(seen <= LINES, "{name}: {seen} lines");
    }
}

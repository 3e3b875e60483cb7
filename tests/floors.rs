//! The floors of the house: a file imports only from floors below its own or from its own room, and no files form a circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The rooms of `src` by floor, from the ground up. docs/architecture.md says what each is for.
const FLOORS: [&[&str]; 12] = [
    &["text", "work", "random", "parallel", "trace"],
    &["codec", "mistake"],
    &["crypto", "log", "count", "json"],
    &["contest"],
    &["manifest"],
    &["roll", "keys"],
    &["ballot"],
    &["tally"],
    &["board"],
    &["views"],
    &["record"],
    &["audit"],
];

type Module = Vec<String>;

/// What a file imports from other files.
#[derive(Default)]
struct File {
    name: String,
    imports: Vec<Module>,
    /// Names re-exported from its children, with their modules.
    exports: BTreeMap<String, Module>,
}

struct House(BTreeMap<Module, File>);

impl House {
    fn read() -> Self {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut house = Self(BTreeMap::new());
        house.read_folder(&src, &Vec::new());
        let modules: BTreeSet<Module> = house.0.keys().cloned().collect();
        for (module, file) in &mut house.0 {
            let text = fs::read_to_string(&file.name).unwrap();
            file.parse(module, &code(&text), &modules);
        }
        house
    }

    fn read_folder(&mut self, folder: &Path, module: &Module) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if stem == "tests" {
                continue;
            }
            let mut module = module.clone();
            if path.is_dir() {
                module.push(stem);
                self.read_folder(&path, &module);
            } else if path.extension().is_some_and(|end| end == "rs") && stem != "lib" {
                if stem != "mod" {
                    module.push(stem);
                }
                let name = path.to_str().unwrap().to_owned();
                self.0.insert(module, File { name, ..File::default() });
            }
        }
    }

    /// The module that defines the item with this path.
    fn definition(&self, path: &[String]) -> Option<&Module> {
        let mut module = Vec::new();
        for name in path {
            module.push(name.clone());
            if self.0.contains_key(&module) {
                continue;
            }
            module.pop();
            let exported = self.0.get(&module)?.exports.get(name);
            return match exported {
                Some(path) => self.definition(path),
                None => self.0.get_key_value(&module).map(|(module, _)| module),
            };
        }
        self.0.get_key_value(&module).map(|(module, _)| module)
    }

    fn imports(&self, module: &Module) -> BTreeSet<&Module> {
        let all = self.0[module].imports.iter().filter_map(|path| self.definition(path));
        all.filter(|other| *other != module).collect()
    }
}

impl File {
    fn parse(&mut self, module: &Module, code: &str, modules: &BTreeSet<Module>) {
        let absolute = |path: &[String]| -> Option<Module> {
            let up = path.iter().take_while(|name| *name == "super").count();
            let (base, rest) = match path.first()?.as_str() {
                "crate" => (&[][..], &path[1..]),
                "self" => (&module[..], &path[1..]),
                "super" => (&module[..module.len() - up], &path[up..]),
                child if modules.contains(&[&module[..], &[child.into()]].concat()) => {
                    (&module[..], path)
                }
                _ => return None,
            };
            Some([base, rest].concat())
        };
        let mut rest = code;
        while let Some((before, after)) = rest.split_once("use ") {
            self.inline(before, &absolute);
            let (tree, after) = after.split_once(';').unwrap();
            let line = before.rsplit('\n').next().unwrap();
            for path in flatten(tree) {
                let Some(path) = absolute(&path) else { continue };
                match line.trim_start().starts_with("pub") {
                    true => self.exports.extend(path.last().cloned().map(|name| (name, path))),
                    false => self.imports.push(path),
                }
            }
            rest = after;
        }
        self.inline(rest, &absolute);
    }

    /// Paths in the code itself.
    fn inline(&mut self, code: &str, absolute: &impl Fn(&[String]) -> Option<Module>) {
        for start in ["crate::", "super::"] {
            for (at, _) in code.match_indices(start) {
                let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
                let end = code[at..].find(|c| !is_path(c)).map_or(code.len(), |end| at + end);
                let path: Vec<String> = code[at..end].split("::").map(Into::into).collect();
                self.imports.extend(absolute(&path));
            }
        }
        // A child is referred to by its name alone.
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        for word in code.split(|c| !is_name(c)).filter(|word| word.contains("::")) {
            let path: Vec<String> = word.split("::").map(Into::into).collect();
            if !["crate", "super", "self"].contains(&path[0].as_str()) {
                self.imports.extend(absolute(&path));
            }
        }
    }
}

/// The code without comments and without tests.
fn code(text: &str) -> String {
    let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..tests].lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths in a tree of imports, without aliases.
fn flatten(tree: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    let mut path: Vec<String> = Vec::new();
    let spaced = ["{", "}", ",", "::"]
        .iter()
        .fold(tree.to_owned(), |tree, sign| tree.replace(sign, &format!(" {sign} ")));
    let mut take = |path: &mut Vec<String>, base: &[String]| {
        if !path.is_empty() {
            if path.last().is_some_and(|name| name == "self") {
                path.pop();
            }
            paths.push([base, path].concat());
            path.clear();
        }
    };
    let mut words = spaced.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "::" => {}
            "as" => drop(words.next()),
            "{" => {
                let base = [open.last().unwrap().as_slice(), &path].concat();
                path.clear();
                open.push(base);
            }
            "," => take(&mut path, open.last().unwrap()),
            "}" => {
                take(&mut path, open.last().unwrap());
                open.pop();
            }
            name => path.push(name.into()),
        }
    }
    take(&mut path, open.last().unwrap());
    paths
}

fn floor(module: &Module) -> usize {
    let room = &module[0];
    let floor = FLOORS.iter().position(|rooms| rooms.contains(&room.as_str()));
    floor.unwrap_or_else(|| panic!("the room '{room}' has no floor"))
}

#[test]
fn no_file_imports_from_above() {
    let house = House::read();
    let rooms: BTreeSet<&str> = house.0.keys().map(|module| module[0].as_str()).collect();
    assert!(FLOORS.concat().iter().all(|room| rooms.contains(room)), "a floor has an empty room");
    let mut upwards = Vec::new();
    for module in house.0.keys() {
        for other in house.imports(module) {
            if module[0] != other[0] && floor(other) >= floor(module) {
                upwards.push(format!("{} imports {}", module.join("/"), other.join("/")));
            }
        }
    }
    assert!(upwards.is_empty(), "{upwards:#?}");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let house = House::read();
    // What each file needs, directly or indirectly.
    let mut needs: BTreeMap<&Module, BTreeSet<&Module>> =
        house.0.keys().map(|module| (module, house.imports(module))).collect();
    loop {
        let size =
            |needs: &BTreeMap<_, BTreeSet<_>>| needs.values().map(BTreeSet::len).sum::<usize>();
        let before = size(&needs);
        for module in house.0.keys() {
            let more = needs[module].iter().flat_map(|other| &needs[other]).copied().collect();
            needs.entry(module).or_default().append(&mut BTreeSet::clone(&more));
        }
        if size(&needs) == before {
            break;
        }
    }
    let circles: BTreeSet<Vec<String>> = needs
        .iter()
        .filter(|(module, all)| all.contains(*module))
        .map(|(module, all)| {
            let back = all.iter().filter(|other| needs[*other].contains(module));
            back.map(|other| other.join("/")).collect()
        })
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn imports_are_read_as_they_are_written() {
    let paths = flatten("crate::{a, b::{self, c as d, e::f}, super::g}");
    let paths: Vec<String> = paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["crate::a", "crate::b", "crate::b::c", "crate::b::e::f", "crate::super::g"]);
    let house = House::read();
    let path = ["tally", "Outcome"].map(String::from);
    assert_eq!(house.definition(&path).unwrap().join("/"), "tally/outcome");
    assert!(house.imports(&vec!["board".into(), "live".into()]).len() > 5);
}

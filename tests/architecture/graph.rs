//! The files of the crate and the imports between them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::paths::paths;

/// Source files by their paths below `src`, without those that only hold tests.
pub struct Sources {
    pub files: BTreeMap<String, String>,
}

impl Sources {
    pub fn read(folder: &str) -> Self {
        let mut files = BTreeMap::new();
        add(Path::new(folder), folder, &mut files);
        Self { files }
    }

    /// Returns the file that defines what a path in `file` names, if it is one of this crate. A
    /// re-export leads to the file that it re-exports from.
    pub fn target(&self, file: &str, path: &[String]) -> Option<String> {
        let mut module = module_of(file);
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => (module, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
            }
            child => {
                module.push(child.to_owned());
                self.file_of(&module)?;
                rest = &rest[1..];
            }
        }
        let named = module.len() + rest.len();
        module.extend(rest.iter().cloned());
        // The last segments name an item in the file.
        while !module.is_empty() && self.file_of(&module).is_none() {
            module.pop();
        }
        let found = self.file_of(&module)?;
        let item = path.get(path.len() - (named - module.len())..).and_then(|items| items.first());
        let reexport =
            item.and_then(|item| reexports(&self.files[&found]).into_iter().find(|path| path.last() == Some(item)));
        match reexport {
            Some(path) if found != file => self.target(&found, &path),
            _ => Some(found),
        }
    }

    fn file_of(&self, module: &[String]) -> Option<String> {
        let path = module.join("/");
        let names = if path.is_empty() {
            vec![String::from("lib.rs")]
        } else {
            vec![format!("{path}.rs"), format!("{path}/mod.rs")]
        };
        names.into_iter().find(|name| self.files.contains_key(name))
    }

    /// Returns each file with the files that it imports.
    pub fn imports(&self) -> BTreeMap<&str, BTreeSet<String>> {
        let targets = |file: &String, code: &String| {
            let targets = paths(code).into_iter().filter_map(|path| self.target(file, &path));
            targets.filter(|target| target != file && target != "lib.rs").collect()
        };
        self.files.iter().map(|(file, code)| (file.as_str(), targets(file, code))).collect()
    }
}

fn add(folder: &Path, root: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            add(&path, root, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test(&path) {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// Returns whether the whole file is behind `#[cfg(test)]` where it is declared.
fn is_test(file: &Path) -> bool {
    ["testing.rs", "tests.rs", "strategies.rs"].iter().any(|name| file.ends_with(name))
}

/// Returns the paths in `pub use` statements.
fn reexports(code: &str) -> Vec<Vec<String>> {
    let statements =
        code.split("\npub").skip(1).filter_map(|rest| rest.split_once(" use ")).filter(|(visibility, _)| {
            visibility.is_empty() || visibility.starts_with('(') && !visibility.contains('\n')
        });
    let trees = statements.filter_map(|(_, rest)| rest.split_once(';').map(|(tree, _)| tree));
    trees.flat_map(|tree| paths(&format!("use {tree};"))).collect()
}

/// Returns the segments of a file's module path.
fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" || path == "main" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// Returns the groups of files that import one another, each joined by `<->`.
pub fn cycles(sources: &Sources) -> Vec<String> {
    let imports = sources.imports();
    let reachable: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (*file, reachable_from(file, &imports))).collect();
    let group_of = |file: &str| -> Vec<&str> {
        let together = reachable[file].iter().filter(|other| reachable[**other].contains(file));
        together.copied().collect()
    };
    let groups: BTreeSet<Vec<&str>> =
        imports.keys().map(|file| group_of(file)).filter(|group| group.len() > 1).collect();
    groups.into_iter().map(|group| group.join(" <-> ")).collect()
}

fn reachable_from<'i>(file: &str, imports: &'i BTreeMap<&str, BTreeSet<String>>) -> BTreeSet<&'i str> {
    let mut found = BTreeSet::new();
    let mut open = vec![file];
    while let Some(next) = open.pop() {
        for target in imports.get(next).into_iter().flatten() {
            if found.insert(target.as_str()) {
                open.push(target);
            }
        }
    }
    found
}

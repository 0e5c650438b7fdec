//! Modules are layers, and a module uses only what stands below it. See `ARCHITECTURE.md`.

use std::path::Path;

use crate::helpers::rust_files;

/// Each module with its layer; a module may use modules of lower layers, and those of its own layer where the last
/// column names them.
const LAYERS: &[(&str, u8, &[&str])] = &[
    ("facts", 0, &[]),
    ("policy", 1, &[]),
    ("decide", 2, &[]),
    ("store", 3, &[]),
    ("audit", 4, &[]),
    ("access", 4, &["audit"]),
    ("registry", 5, &[]),
    ("decisions", 6, &["cards"]),
    ("cards", 6, &["decisions"]),
    ("privacy", 6, &["decisions", "cards"]),
    ("batch", 7, &["api"]),
    ("api", 7, &["web", "batch", "notices"]),
    ("web", 7, &["api"]),
    ("notices", 7, &["api", "web"]),
    ("cli", 8, &[]),
];

/// The pure layers know no HTTP, no SQL, no clock, no threads, no log, no files but those compiled in.
const PURE: u8 = 2;
const IMPURE: &[&str] = &[
    "actix_web",
    "diesel",
    "tracing",
    "ureq",
    "std::net",
    "std::time",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "std::thread",
    "std::env",
    "async fn",
    "println!",
    "eprintln!",
];

fn layer(module: &str) -> Option<&'static (&'static str, u8, &'static [&'static str])> {
    LAYERS.iter().find(|(name, ..)| *name == module)
}

/// The modules that a file uses: those after `crate::`, with groups such as `crate::{api::{A, B}, facts::C}`.
fn used_modules(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, marker) in text.match_indices("crate::") {
        let rest = &text[at + marker.len()..];
        match rest.strip_prefix('{') {
            None => used.push(first_name(rest)),
            Some(group) => used.extend(top_level_names(group)),
        }
    }
    used
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first name of each member of a group, up to its closing brace.
fn top_level_names(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut names) = (0, true, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && !c.is_whitespace() => {
                names.push(first_name(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    names
}

/// A file without its comments and without its unit tests, which may reach anywhere.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn no_arrow_points_upward() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (path, text) in rust_files(&root) {
        let inside = path.strip_prefix(&root).expect("a path below src");
        let module = inside.iter().next().and_then(|name| name.to_str()).expect("a name");
        if inside.iter().count() == 1 {
            continue; // main.rs and lib.rs stand above all layers
        }
        let Some((module, own, friends)) = layer(module) else {
            panic!("{module} has no layer: add it above")
        };
        let text = code(&text);
        for used in used_modules(&text) {
            let Some((used, other, _)) = layer(&used) else { continue };
            if used != module && other >= own && !friends.contains(used) {
                wrong.push(format!("{}: {module} must not use {used}", inside.display()));
            }
        }
        if *own <= PURE {
            let impure = IMPURE.iter().filter(|name| text.contains(**name));
            wrong
                .extend(impure.map(|name| format!("{}: {module} is pure and uses {name}", inside.display())));
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_walk_sees_every_form_of_use() {
    let text = "use crate::{\n    api::{AppState, json::Body},\n    facts::Text,\n};\nlet x = crate::store::open(); use crate::decide;";
    assert_eq!(used_modules(text), ["api", "facts", "store", "decide"]);
}

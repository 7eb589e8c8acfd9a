//! docs/providers.md: its files are files that the server takes, and no key is missing.

use postern_auth::oauth::Providers;
use postern_base::Secret;

const GUIDE: &str = include_str!("../../../docs/providers.md");
const KEYS: &str = include_str!("../src/oauth/config/parse.rs");
const PRESETS: &str = include_str!("../src/oauth/presets.rs");

/// The guide's blocks of TOML.
fn blocks() -> Vec<String> {
    let mut lines = GUIDE.lines();
    let mut blocks = Vec::new();
    while lines.by_ref().any(|line| line == "```toml") {
        let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(block.join("\n"));
    }
    blocks
}

#[test]
fn every_file_of_the_guide_is_taken() {
    let secret = |_: &str| Some(Secret::new("of-the-environment".to_owned()));
    let blocks = blocks();

    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let read = Providers::parse(&block, &secret);
        assert!(read.is_ok(), "{:?}\n{block}", read.err());
    }
}

#[test]
fn the_guide_names_every_key() {
    let table = KEYS.split_once("struct Raw {").expect("the table").1;
    let table = table.split_once("\n}\n").expect("its end").0;
    let fields = table.lines().filter_map(|line| line.strip_prefix("    "));
    let names: Vec<_> = fields
        .filter_map(|line| line.split_once(": Option<"))
        .map(|(name, _)| name)
        .filter(|name| name.chars().all(|it| it.is_ascii_lowercase() || it == '_'))
        .collect();

    assert!(names.len() > 15, "{names:?}");
    for name in names {
        assert!(GUIDE.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn the_guide_names_every_preset() {
    let lists = PRESETS
        .split("names: &[")
        .skip(1)
        .filter_map(|it| it.split_once(']'));
    let names: Vec<_> = lists
        .flat_map(|(list, _)| list.split('"').skip(1).step_by(2))
        .collect();

    assert!(names.len() > 15, "{names:?}");
    for name in names {
        assert!(GUIDE.contains(&format!("`{name}`")), "{name}");
    }
}

//! The file layer: `postern.toml`, with the line of every complaint.

use postern_base::Secret;
use postern_catalog::nearest;
use toml_edit::{Document, Item, Table};

use super::error::Problem;
use super::key::{self, KEYS, Key, Kind, SECTIONS};
use super::raw::{Origin, RawConfig, Value};

/// Lays the text of a configuration file over what is there.
pub(super) fn apply(config: &mut RawConfig, path: &str, text: &str) {
    let file = File { path, text };
    match Document::parse(text) {
        Ok(document) => file.apply(config, document.as_table()),
        Err(error) => config.problem(Problem::Syntax {
            place: file.place(error.span()),
            message: error.message().trim().replace('\n', ", "),
        }),
    }
}

struct File<'a> {
    path: &'a str,
    text: &'a str,
}

impl File<'_> {
    fn place(&self, span: Option<std::ops::Range<usize>>) -> Origin {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        Origin::File {
            path: self.path.into(),
            line: self.text.as_bytes()[..start]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1,
        }
    }

    fn place_of(&self, table: &Table, name: &str, item: &Item) -> Origin {
        let key_span = table.key(name).and_then(toml_edit::Key::span);
        self.place(key_span.or_else(|| item.span()))
    }

    fn apply(&self, config: &mut RawConfig, document: &Table) {
        for (section, item) in document {
            let place = self.place_of(document, section, item);
            if !SECTIONS.iter().any(|(name, _)| *name == section) {
                config.problem(Problem::Unknown {
                    place,
                    what: "section",
                    name: section.into(),
                    nearest: nearest(section, SECTIONS.iter().map(|(name, _)| *name))
                        .map(String::from),
                });
            } else if let Some(table) = item.as_table() {
                self.apply_section(config, section, table);
            } else {
                config.problem(Problem::WrongType {
                    place,
                    key: section.into(),
                    expected: format!("a section, written `[{section}]`"),
                    found: item.type_name().into(),
                });
            }
        }
    }

    fn apply_section(&self, config: &mut RawConfig, section: &str, table: &Table) {
        for (name, item) in table {
            let place = self.place_of(table, name, item);
            let path = format!("{section}.{name}");
            let Some(key) = key::find(&path) else {
                config.problem(unknown(place, section, name, &path));
                continue;
            };
            match value(key.kind, item) {
                Some(value) => config.set(&path, value, place),
                None => config.problem(Problem::WrongType {
                    place,
                    key: path,
                    expected: key.kind.expected(),
                    found: found(key, item),
                }),
            }
        }
    }
}

fn unknown(place: Origin, section: &str, name: &str, path: &str) -> Problem {
    let paths: Vec<_> = KEYS.iter().map(|key| key.path()).collect();
    let in_section = KEYS
        .iter()
        .filter(|key| key.section == section)
        .map(|key| key.name);
    let near = nearest(name, in_section)
        .map(|name| format!("{section}.{name}"))
        .or_else(|| same_name_elsewhere(name))
        .or_else(|| nearest(path, paths.iter().map(String::as_str)).map(String::from));
    Problem::Unknown {
        place,
        what: "key",
        name: path.into(),
        nearest: near,
    }
}

/// A key of this name in another section: `api.rows_max` was meant as `limits.rows_max`.
fn same_name_elsewhere(name: &str) -> Option<String> {
    KEYS.iter()
        .find(|key| key.name == name)
        .map(|key| key.path())
}

fn value(kind: Kind, item: &Item) -> Option<Value> {
    let list = || -> Option<Vec<String>> {
        let array = item.as_array()?;
        array
            .iter()
            .map(|item| item.as_str().map(String::from))
            .collect()
    };
    match kind {
        Kind::Text => item.as_str().map(|text| Value::Text(text.into())),
        Kind::Secret => item
            .as_str()
            .map(|text| Value::Secret(Secret::new(text.into()))),
        Kind::TextList => list().map(Value::List),
        Kind::SecretList => {
            list().map(|list| Value::SecretList(list.into_iter().map(Secret::new).collect()))
        }
        Kind::Number { min, max } => item
            .as_integer()
            .and_then(|number| u64::try_from(number).ok())
            .filter(|number| (min..=max).contains(number))
            .map(Value::Number),
        Kind::Switch => item.as_bool().map(Value::Switch),
        Kind::Choice(choices) => item
            .as_str()
            .filter(|text| choices.contains(text))
            .map(|text| Value::Text(text.into())),
    }
}

fn found(key: &Key, item: &Item) -> String {
    let type_name = item.type_name();
    let article = if type_name.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    match item.as_value() {
        Some(value) if !key.is_secret() => {
            format!("the {type_name} `{}`", value.to_string().trim())
        }
        _ => format!("{article} {type_name}"),
    }
}

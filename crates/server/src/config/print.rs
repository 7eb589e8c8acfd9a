//! `postern config`: every key with its effective value and where it came from.

use super::Config;
use super::key::{KEYS, Key, SECTIONS};
use super::raw::{RawConfig, Setting, Value};

impl RawConfig {
    /// The effective values as TOML, each with its origin as a comment; secrets are hidden.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (section, _) in SECTIONS {
            let lines: Vec<_> = KEYS
                .iter()
                .filter(|key| key.section == *section)
                .map(|key| {
                    let setting = self.setting(&key.path());
                    let line = match setting.value.shown() {
                        Some(value) => format!("{} = {value}", key.name),
                        None => format!("# {} is not set", key.name),
                    };
                    (line, setting.origin.to_string())
                })
                .collect();
            let width = lines
                .iter()
                .map(|(line, _)| line.chars().count())
                .max()
                .unwrap_or(0);
            text.push_str(&format!("[{section}]\n"));
            for (line, origin) in lines {
                text.push_str(&format!("{line:width$}  # {origin}\n"));
            }
            text.push('\n');
        }
        text.truncate(text.trim_end().len());
        text
    }
}

impl Config {
    /// The setting of a key of the table.
    pub(crate) fn setting(&self, key: &Key) -> &Setting {
        self.raw.setting(&key.path())
    }
}

impl Value {
    /// The value as TOML; secrets only say that they are there.
    pub(crate) fn shown(&self) -> Option<String> {
        Some(match self {
            Value::Unset => return None,
            Value::Text(text) => format!("{text:?}"),
            Value::Secret(_) => "\"(hidden)\"".into(),
            Value::List(list) => format!("{list:?}"),
            Value::SecretList(list) if list.is_empty() => "[]".into(),
            Value::SecretList(list) => format!("[{}]", vec!["\"(hidden)\""; list.len()].join(", ")),
            Value::Number(number) => number.to_string(),
            Value::Switch(switch) => switch.to_string(),
        })
    }
}

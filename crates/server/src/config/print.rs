//! `postern config`: every key with its effective value and where it came from.

use super::key::{KEYS, SECTIONS};
use super::raw::{RawConfig, Value};

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
                    let line = match shown(&setting.value) {
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

/// A value as TOML; secrets only say that they are there.
fn shown(value: &Value) -> Option<String> {
    Some(match value {
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

//! docs/configuration.md, made of the table of keys.

use super::key::{Default, KEYS, Key, Kind, SECTIONS};

const HEAD: &str = "# Configuration

<!-- Made from the table of keys in crates/server; UPDATE_DOCS=1 cargo test -p postern-server. -->

Each layer overrides the one before: built-in values, the keys that `postern dev` generated,
`postern.toml` in the project folder, environment variables, flags.
An unknown key or `POSTERN_` variable is an error that names the nearest one
(`POSTERN_BIN`, `POSTERN_URL` and `POSTERN_TEST_…` belong to scripts around the binary and configure nothing).
In environment variables lists are separated by commas.
`postern config` prints the effective values and where each came from; secrets stay hidden.
";

/// The configuration reference as Markdown.
pub fn reference() -> String {
    let mut text = String::from(HEAD);
    for (section, about) in SECTIONS {
        text.push_str(&format!("\n## `[{section}]`\n\n{about}\n\n"));
        text.push_str("| key | type | default | environment | meaning |\n");
        text.push_str("|---|---|---|---|---|\n");
        for key in KEYS.iter().filter(|key| key.section == *section) {
            text.push_str(&row(key));
        }
    }
    text
}

fn row(key: &Key) -> String {
    format!(
        "| `{}` | {} | {} | `{}` | {} |\n",
        key.name,
        type_name(key.kind),
        default(key.default),
        key.variable(),
        key.meaning,
    )
}

fn type_name(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".into(),
        Kind::Secret => "secret text".into(),
        Kind::TextList => "list of texts".into(),
        Kind::SecretList => "list of secret texts".into(),
        Kind::Number { min, max } if max == u64::MAX => format!("number from {min}"),
        Kind::Number { min, max } => format!("number, {min} to {max}"),
        Kind::Switch => "`true` or `false`".into(),
        Kind::Choice(choices) => format!("`{}`", choices.join("`, `")),
    }
}

fn default(default: Default) -> String {
    match default {
        Default::Unset => "not set".into(),
        Default::Text(text) => format!("`{text:?}`"),
        Default::Number(number) => format!("`{number}`"),
        Default::Switch(switch) => format!("`{switch}`"),
        Default::List(list) => format!("`{list:?}`"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_reference_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        let expected = super::reference();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &expected).unwrap();
        }

        let found = std::fs::read_to_string(path).unwrap_or_default();

        assert!(
            found == expected,
            "docs/configuration.md is stale; run UPDATE_DOCS=1 cargo test -p postern-server"
        );
    }
}

//! Typed access to a table's keys; whatever is of the wrong type or name is reported.

use postern_catalog::nearest;

use super::node::{Content, Entry, Node};
use crate::Assurance;
use crate::diagnostic::Help;
use crate::report::{Report, Site, Spanned};

/// One table of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    /// What the table is called in messages, such as `rule`.
    what: &'static str,
    entries: &'a [Entry],
    /// The table's own place.
    site: &'a Site,
}

impl<'a> Reader<'a> {
    /// Reads `node` as a table that may hold the `known` keys and no others.
    pub(crate) fn new(
        node: &'a Node,
        what: &'static str,
        known: &[&str],
        report: &mut Report<'_>,
    ) -> Option<Self> {
        let reader = Self::open(node, what, report)?;
        for entry in reader.entries {
            if !known.contains(&entry.key.as_str()) {
                unknown_key(entry, what, known, report);
            }
        }
        Some(reader)
    }

    /// Reads `node` as a table whose keys are names of the author's.
    pub(crate) fn open(
        node: &'a Node,
        what: &'static str,
        report: &mut Report<'_>,
    ) -> Option<Self> {
        match &node.content {
            Content::Table(entries) => Some(Self {
                what,
                entries,
                site: &node.site,
            }),
            _ => {
                wrong_type(node, what, "a table", report);
                None
            }
        }
    }

    /// The table's own place.
    pub(crate) fn site(&self) -> &'a Site {
        self.site
    }

    /// All entries.
    pub(crate) fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries
            .iter()
            .find(|it| it.key == key)
            .map(|it| &it.node)
    }

    /// A string, if the key is there.
    pub(crate) fn text(&self, key: &str, report: &mut Report<'_>) -> Option<Spanned<String>> {
        text(self.get(key)?, key, report)
    }

    /// A string that must be there.
    pub(crate) fn required_text(
        &self,
        key: &str,
        report: &mut Report<'_>,
    ) -> Option<Spanned<String>> {
        if self.get(key).is_none() {
            report.error(
                self.site,
                "missing-key",
                format!("`{key}` is missing in this {}", self.what),
                format!("add `{key} = \"…\"`"),
            );
        }
        self.text(key, report)
    }

    /// A boolean, if the key is there.
    pub(crate) fn bool(&self, key: &str, report: &mut Report<'_>) -> Option<bool> {
        let node = self.get(key)?;
        match node.content {
            Content::Bool(truth) => Some(truth),
            _ => {
                wrong_type(node, key, "`true` or `false`", report);
                None
            }
        }
    }

    /// A count of at least zero, if the key is there.
    pub(crate) fn count(&self, key: &str, report: &mut Report<'_>) -> Option<u64> {
        let node = self.get(key)?;
        let count = match node.content {
            Content::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        };
        if count.is_none() {
            wrong_type(node, key, "an integer of at least 0", report);
        }
        count
    }

    /// An array of strings, if the key is there.
    pub(crate) fn texts(&self, key: &str, report: &mut Report<'_>) -> Option<Vec<Spanned<String>>> {
        let node = self.get(key)?;
        let Content::Array(items) = &node.content else {
            wrong_type(node, key, "an array of strings", report);
            return None;
        };
        Some(
            items
                .iter()
                .filter_map(|it| text(it, key, report))
                .collect(),
        )
    }

    /// The tables of an array, if the key is there.
    pub(crate) fn tables(&self, key: &str, report: &mut Report<'_>) -> &'a [Node] {
        match self.get(key) {
            None => &[],
            Some(Node {
                content: Content::Array(items),
                ..
            }) => items,
            Some(node) => {
                wrong_type(node, key, "an array of tables", report);
                &[]
            }
        }
    }
}

/// Reads a node as a demand on the sign-in; whatever is wrong with it is reported.
pub(crate) fn parse_assurance(
    node: &Node,
    key: &str,
    report: &mut Report<'_>,
) -> Option<Assurance> {
    let text = text(node, key, report)?;
    match Assurance::parse(&text.value) {
        Ok(assurance) => Some(assurance),
        Err(help) => {
            let message = format!("`{key}` cannot be `{}`", text.value);
            report.error(&text.site, "unknown-value", message, help);
            None
        }
    }
}

/// Reads a node as a string without NUL.
pub(crate) fn text(node: &Node, key: &str, report: &mut Report<'_>) -> Option<Spanned<String>> {
    let Content::Text(value) = &node.content else {
        wrong_type(node, key, "a string", report);
        return None;
    };
    if value.contains('\0') {
        report.error(
            &node.site,
            "nul",
            format!("`{key}` holds a NUL character"),
            "Postgres texts cannot hold one; remove it",
        );
        return None;
    }
    Some(Spanned {
        value: value.clone(),
        site: node.site.clone(),
    })
}

/// Reports a value of the wrong type.
pub(crate) fn wrong_type(node: &Node, key: &str, expected: &str, report: &mut Report<'_>) {
    report.error(
        &node.site,
        "wrong-type",
        format!(
            "`{key}` must be {expected}, but this is {}",
            node.type_name()
        ),
        format!("write {expected} here"),
    );
}

/// Reports a key that nobody reads.
pub(crate) fn unknown_key(entry: &Entry, what: &str, known: &[&str], report: &mut Report<'_>) {
    let help = match nearest(&entry.key, known.iter().copied()) {
        Some(near) => Help::meant(&entry.key, near),
        None => format!("a {what} may hold {}", list(known)).into(),
    };
    report.error(
        &entry.key_site,
        "unknown-key",
        format!("unknown key `{}` in this {what}", entry.key),
        help,
    );
}

/// Names in backticks, separated by commas.
pub(crate) fn list<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<_> = names
        .iter()
        .map(|it| format!("`{}`", it.as_ref()))
        .collect();
    quoted.join(", ")
}

//! `_shared.toml`: named predicates, roles, and what holds where a table's file says nothing.

use postern_base::RoleName;

use super::node::Node;
use super::reader::{Reader, list};
use super::table::reference_word;
use crate::predicate::TypeName;
use crate::report::{Report, Site, Spanned};

const KEYS: [&str; 3] = ["predicates", "roles", "defaults"];

/// What `_shared.toml` defines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared {
    pub(crate) predicates: Vec<PredicateEntry>,
    pub(crate) roles: Vec<RoleEntry>,
    /// Whether foreign keys must point to rows that their writer may see, where no file says.
    pub(crate) references_visible: bool,
}

/// One named predicate.
#[derive(Clone, Debug)]
pub(crate) struct PredicateEntry {
    pub(crate) name: Spanned<String>,
    /// Argument names and types.
    pub(crate) arguments: Vec<(String, TypeName)>,
    pub(crate) sql: Spanned<String>,
    /// Whether it may read the columns of the row that the rule decides on.
    pub(crate) on_row: bool,
}

/// One role.
#[derive(Clone, Debug)]
pub(crate) struct RoleEntry {
    pub(crate) name: Spanned<RoleName>,
    pub(crate) inherits: Option<Spanned<RoleName>>,
    pub(crate) when: Option<Spanned<String>>,
}

/// Reads the file's tree.
pub(crate) fn read_shared(root: &Node, report: &mut Report<'_>) -> Shared {
    let mut shared = Shared::default();
    let Some(file) = Reader::new(root, "shared file", &KEYS, report) else {
        return shared;
    };
    if let Some(node) = file.get("predicates")
        && let Some(section) = Reader::open(node, "list of predicates", report)
    {
        for entry in section.entries() {
            shared
                .predicates
                .extend(predicate(&entry.key, &entry.key_site, &entry.node, report));
        }
    }
    if let Some(node) = file.get("roles")
        && let Some(section) = Reader::open(node, "list of roles", report)
    {
        for entry in section.entries() {
            shared
                .roles
                .extend(role(&entry.key, &entry.key_site, &entry.node, report));
        }
    }
    if let Some(node) = file.get("defaults")
        && let Some(defaults) = Reader::new(node, "list of defaults", &["references"], report)
        && let Some(word) = defaults.text("references", report)
    {
        shared.references_visible = reference_word(&word, report).unwrap_or(true);
    }
    shared
}

fn predicate(
    name: &str,
    name_site: &Site,
    node: &Node,
    report: &mut Report<'_>,
) -> Option<PredicateEntry> {
    let reader = Reader::new(node, "predicate", &["args", "sql", "on"], report)?;
    let sql = reader.required_text("sql", report)?;
    let on_row = match reader.text("on", report) {
        None => false,
        Some(on) if on.value == "row" => true,
        Some(on) => {
            report.error(
                &on.site,
                "unknown-value",
                format!("`on` cannot be `{}`", on.value),
                "write `on = \"row\"`, or leave it out for a predicate of its arguments alone",
            );
            return None;
        }
    };
    let mut arguments: Vec<(String, TypeName)> = Vec::new();
    for declared in reader.texts("args", report).unwrap_or_default() {
        let Some(argument) = argument(&declared, report) else {
            continue;
        };
        if arguments.iter().any(|(it, _)| *it == argument.0) {
            report.error(
                &declared.site,
                "duplicate",
                format!("argument `{}` is declared twice", argument.0),
                "give each argument its own name",
            );
        }
        arguments.push(argument);
    }
    Some(PredicateEntry {
        name: Spanned {
            value: name.to_owned(),
            site: name_site.clone(),
        },
        arguments,
        sql,
        on_row,
    })
}

fn argument(declared: &Spanned<String>, report: &mut Report<'_>) -> Option<(String, TypeName)> {
    let text = declared.value.trim();
    let (name, ty) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let is_name = name.starts_with(|it: char| it.is_ascii_lowercase() || it == '_')
        && name
            .chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    match TypeName::parse(ty.trim()) {
        Some(ty) if is_name => Some((name.to_owned(), ty)),
        _ => {
            report.error(
                &declared.site,
                "bad-argument",
                format!("`{text}` is no argument declaration"),
                format!(
                    "write a lower-case name and a type, such as `team int8`; types are {}",
                    list(TypeName::ALL)
                ),
            );
            None
        }
    }
}

fn role(name: &str, name_site: &Site, node: &Node, report: &mut Report<'_>) -> Option<RoleEntry> {
    let reader = Reader::new(node, "role", &["inherits", "when"], report)?;
    if [RoleName::ANON, RoleName::AUTHENTICATED, RoleName::SERVICE].contains(&name) {
        report.error(
            name_site,
            "reserved-role",
            format!("role `{name}` is built in and cannot be defined"),
            "define a role of another name that inherits it",
        );
        return None;
    }
    Some(RoleEntry {
        name: Spanned {
            value: RoleName::new(name),
            site: name_site.clone(),
        },
        inherits: reader.text("inherits", report).map(|it| Spanned {
            value: RoleName::new(it.value),
            site: it.site,
        }),
        when: reader.text("when", report),
    })
}

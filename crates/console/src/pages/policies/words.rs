//! What the editor offers while somebody types: keys, verbs, roles, columns and their values,
//! tables, claims, functions.

use std::collections::BTreeSet;

use postern_base::RelationName;
use postern_catalog::{Relation, TypeKind};
use postern_policy::Verb;
use postern_rest::Snapshot;

use super::matrix::roles;

/// Most tables that are offered with their columns, besides the file's own.
const TABLES_MAX: usize = 200;

/// A word and what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) what: String,
    /// As the editor groups them.
    pub(crate) kind: &'static str,
}

const KEYS: [&str; 27] = [
    "table",
    "note",
    "columns",
    "preset",
    "mask",
    "limits",
    "references",
    "select_check",
    "allow",
    "require",
    "deny",
    "name",
    "roles",
    "for",
    "where",
    "check",
    "when",
    "scope",
    "unless",
    "value",
    "rows",
    "count",
    "aggregates",
    "max_affected",
    "inherits",
    "assurance",
    "on_conflict",
];
const CLAIMS: [(&str, &str); 10] = [
    ("auth.uid()", "the user's id, uuid"),
    ("auth.role()", "the token's role"),
    ("auth.email()", "the user's address"),
    ("auth.jwt()", "the whole token, jsonb"),
    (
        "auth.jwt() ->> 'aal'",
        "how surely they signed in: aal1, aal2",
    ),
    ("auth.jwt() ->> 'session_id'", "the session"),
    (
        "auth.jwt() ->> 'is_anonymous'",
        "whether nobody knows who they are",
    ),
    (
        "auth.jwt() #>> '{app_metadata,role}'",
        "a role that only admins set",
    ),
    (
        "auth.jwt() #>> '{app_metadata,provider}'",
        "how they signed up",
    ),
    ("now()", "the time of the request"),
];

/// Everything that fits into the file of this table.
pub(crate) fn words(snapshot: &Snapshot, own: Option<&RelationName>) -> Vec<Word> {
    let mut words = BTreeSet::new();
    let mut add = |text: &str, what: &str, kind| {
        words.insert(Word {
            text: text.to_owned(),
            what: what.to_owned(),
            kind,
        });
    };
    for key in KEYS {
        add(key, t!("policies.word_key"), "keyword");
    }
    for verb in Verb::ALL {
        add(verb.as_str(), t!("policies.word_verb"), "keyword");
    }
    for role in roles(&snapshot.bundle) {
        add(role.as_str(), t!("policies.word_role"), "type");
    }
    for (claim, what) in CLAIMS {
        add(claim, what, "function");
    }
    let own = own.and_then(|it| snapshot.catalog.relation(it));
    for relation in snapshot.catalog.relations().take(TABLES_MAX) {
        add(
            &relation.name.to_string(),
            t!("policies.word_table"),
            "class",
        );
    }
    let near = own.into_iter().flat_map(|it| &it.foreign_keys);
    let near = near.filter_map(|it| snapshot.catalog.relation(&it.target));
    for relation in own.into_iter().chain(near) {
        for (text, what) in columns(relation) {
            add(&text, &what, "property");
        }
    }
    words.into_iter().collect()
}

/// The columns of a table with their types, and the labels of those that are enums.
fn columns(relation: &Relation) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for column in &relation.columns {
        let ty = column.ty.operator_name();
        all.push((column.name.clone(), format!("{ty}, {}", relation.name.name)));
        let labels = match &column.ty.kind {
            TypeKind::Enum(labels) => labels.as_slice(),
            _ => &[],
        };
        let quoted = labels
            .iter()
            .map(|it| format!("'{}'", it.replace('\'', "''")));
        all.extend(quoted.map(|it| (it, column.name.clone())));
    }
    all
}

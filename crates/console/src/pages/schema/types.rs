//! The types to choose from, the usual ones first.

use postern_db::structure::ColumnType;

/// What the form says for a number that the database counts up by itself.
pub(super) const COUNTED: &str = "bigint generated always as identity";

/// The types that most columns have, in the order in which they are offered.
const USUAL: [&str; 11] = [
    "text",
    COUNTED,
    "bigint",
    "integer",
    "boolean",
    "timestamp with time zone",
    "date",
    "uuid",
    "jsonb",
    "numeric",
    "double precision",
];
/// Lists that are of use.
const LISTS: [&str; 5] = ["text[]", "integer[]", "bigint[]", "uuid[]", "jsonb[]"];

/// The types that a column of this database may have.
pub(super) struct Types {
    own: Vec<String>,
    others: Vec<String>,
}

/// A group of types in the picker.
pub(super) struct Group {
    pub(super) label: &'static str,
    pub(super) options: Vec<Choice>,
}

/// One type in the picker.
pub(super) struct Choice {
    pub(super) sql: String,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

impl Types {
    /// Sorts what the database has.
    pub(super) fn new(all: Vec<ColumnType>) -> Self {
        let (builtin, own): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.is_builtin);
        let is_other = |it: &String| !USUAL.contains(&it.as_str());
        Self {
            own: own.into_iter().map(|it| it.sql).collect(),
            others: builtin
                .into_iter()
                .map(|it| it.sql)
                .filter(is_other)
                .collect(),
        }
    }

    /// Whether a text is one of the types: only then it becomes SQL.
    pub(super) fn has(&self, sql: &str) -> bool {
        let is = |it: &String| it == sql;
        USUAL.contains(&sql)
            || LISTS.contains(&sql)
            || self.own.iter().any(is)
            || self.others.iter().any(is)
    }

    /// The picker of a column that is there: what it is, the usual, and the project's own.
    pub(super) fn for_old(&self, chosen: &str) -> Vec<Group> {
        let mut groups = vec![
            group(t!("ddl.types_usual"), &USUAL, chosen),
            group(t!("ddl.types_own"), &self.own, chosen),
        ];
        // A column cannot begin to count.
        groups[0].options.retain(|it| it.sql != COUNTED);
        let is_chosen = |it: &Group| it.options.iter().any(|it| it.is_chosen);
        if !groups.iter().any(is_chosen) {
            groups.insert(0, group(t!("ddl.types_now"), &[chosen], chosen));
        }
        groups.retain(|it| !it.options.is_empty());
        groups
    }

    /// The picker of a new column.
    pub(super) fn for_new(&self, chosen: &str) -> Vec<Group> {
        let mut groups = vec![
            group(t!("ddl.types_usual"), &USUAL, chosen),
            group(t!("ddl.types_own"), &self.own, chosen),
            group(t!("ddl.types_lists"), &LISTS, chosen),
            group(t!("ddl.types_others"), &self.others, chosen),
        ];
        groups.retain(|it| !it.options.is_empty());
        groups
    }
}

fn group<S: AsRef<str>>(label: &'static str, types: &[S], chosen: &str) -> Group {
    let choice = |it: &S| Choice {
        sql: it.as_ref().to_owned(),
        label: match it.as_ref() {
            COUNTED => t!("ddl.counted").to_owned(),
            sql => sql.to_owned(),
        },
        is_chosen: it.as_ref() == chosen,
    };
    Group {
        label,
        options: types.iter().map(choice).collect(),
    }
}

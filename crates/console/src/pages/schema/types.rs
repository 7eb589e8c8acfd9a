//! The types to choose from, the usual ones first.

mod sized;

use postern_db::structure::ColumnType;

pub(super) use sized::Sized;

/// What the form says for a number that the database counts up by itself.
pub(super) const COUNTED: &str = "bigint generated always as identity";
/// What it says for an id that the database draws.
pub(super) const DRAWN: &str = "uuid default gen_random_uuid()";
/// What it says for a type of the column's own: one of some texts. No type of the database is
/// spelt so: one of this name would stand behind its schema.
pub(super) const CHOICE: &str = "enum";

/// The types that most columns have, in the order in which they are offered.
const USUAL: [&str; 14] = [
    "text",
    COUNTED,
    DRAWN,
    CHOICE,
    "bigint",
    "integer",
    "boolean",
    "timestamp with time zone",
    "date",
    "uuid",
    "jsonb",
    "numeric",
    "character varying",
    "double precision",
];

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

    /// Whether a text is one of the types, with a size that it can have: only then it becomes
    /// SQL.
    pub(super) fn has(&self, sql: &str) -> bool {
        let ty = Sized::read(sql);
        let is = |it: &String| *it == ty.base;
        let is_known = USUAL.contains(&ty.base.as_str())
            || self.own.iter().any(is)
            || self.others.iter().any(is);
        is_known && ty.fits() && !(is_made(&ty.base) && ty.is_list)
    }

    /// The picker of a column that is there: what it is, the usual, and the project's own.
    pub(super) fn for_old(&self, chosen: &str) -> Vec<Group> {
        let mut groups = vec![
            group(t!("ddl.types_usual"), &USUAL, chosen),
            group(t!("ddl.types_own"), &self.own, chosen),
            group(t!("ddl.types_others"), &self.others, chosen),
        ];
        // A column cannot begin to count.
        groups[0].options.retain(|it| !is_made(&it.sql));
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
            group(t!("ddl.types_others"), &self.others, chosen),
        ];
        groups.retain(|it| !it.options.is_empty());
        groups
    }
}

/// Whether the database gives each new row a value of its own.
pub(super) fn is_made(sql: &str) -> bool {
    matches!(sql, COUNTED | DRAWN)
}

fn group<S: AsRef<str>>(label: &'static str, types: &[S], chosen: &str) -> Group {
    let choice = |it: &S| Choice {
        sql: it.as_ref().to_owned(),
        label: match it.as_ref() {
            COUNTED => t!("ddl.counted").to_owned(),
            DRAWN => t!("ddl.drawn").to_owned(),
            CHOICE => t!("ddl.choice").to_owned(),
            sql => sql.to_owned(),
        },
        is_chosen: it.as_ref() == chosen,
    };
    Group {
        label,
        options: types.iter().map(choice).collect(),
    }
}

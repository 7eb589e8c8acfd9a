//! Foreign keys: what they lead to, and what happens to rows when what they lead to goes.

use postern_base::RelationName;

use super::{listed, qualified};

/// A key of another table that columns refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) table: RelationName,
    pub(crate) columns: Vec<String>,
}

/// What happens to rows that refer to one that goes, or whose key changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Action {
    /// The change is refused when the transaction ends.
    #[default]
    Nothing,
    /// The change is refused at once.
    Restrict,
    /// The rows follow.
    Cascade,
    /// Their value is emptied.
    SetNull,
    /// Their value becomes the default.
    SetDefault,
}

impl Action {
    /// All of them, the usual one first.
    pub(crate) const ALL: [Self; 5] = [
        Self::Nothing,
        Self::Restrict,
        Self::Cascade,
        Self::SetNull,
        Self::SetDefault,
    ];

    /// As SQL spells it.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Nothing => "no action",
            Self::Restrict => "restrict",
            Self::Cascade => "cascade",
            Self::SetNull => "set null",
            Self::SetDefault => "set default",
        }
    }

    /// What SQL, or a form, spells so; the usual one where it spells nothing that there is.
    pub(crate) fn read(text: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.sql() == text).unwrap_or_default()
    }
}

/// A foreign key to make: what it leads to, and how it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) target: Target,
    pub(crate) on_delete: Action,
    pub(crate) on_update: Action,
}

impl Reference {
    /// `references …`
    pub(super) fn clause(&self) -> String {
        let Target { table, columns } = &self.target;
        let mut clause = format!("references {} ({})", qualified(table), listed(columns));
        for (event, action) in [("update", self.on_update), ("delete", self.on_delete)] {
            if action != Action::Nothing {
                clause.push_str(&format!(" on {event} {}", action.sql()));
            }
        }
        clause
    }
}

/// A foreign key with the columns that it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) columns: Vec<String>,
    pub(crate) reference: Reference,
}

impl Link {
    /// `foreign key (…) references …`
    pub(super) fn clause(&self) -> String {
        let (columns, reference) = (listed(&self.columns), self.reference.clause());
        format!("foreign key ({columns}) {reference}")
    }
}

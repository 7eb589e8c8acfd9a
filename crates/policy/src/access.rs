//! What one role may do with one table by one verb, ready for the rewriter.

use indexmap::IndexMap;

use crate::{Assurance, Expr};

/// The four verbs of policy files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Verb {
    Select,
    Insert,
    Update,
    Delete,
}

impl Verb {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Select, Self::Insert, Self::Update, Self::Delete];

    /// Reads the word of a policy file.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.as_str() == word)
    }

    /// The word of a policy file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// The combined rules for one `(table, role, verb)`.
///
/// INVARIANT: exists only where at least one `[[allow]]` rule names the role and the verb (for
/// select, insert and update a non-empty column grant as well); its absence means that the table
/// does not exist for that role by that verb.
#[derive(Clone, Debug)]
pub struct Access {
    /// The granted columns in table order; for delete the select grant (what RETURNING may show).
    pub columns: Vec<String>,
    /// The functions of the row that may be read as columns and relationships (select only).
    pub computed: Vec<String>,
    /// Condition on the existing row: (any allow) and every require and no deny.
    /// For insert it is `TRUE`.
    pub filter: Expr,
    /// Condition on the new row; for select and delete it is `TRUE`.
    pub check: Expr,
    /// Masked columns (select only), by name.
    pub masks: IndexMap<String, Mask>,
    /// Columns that the gateway fills itself (insert and update), by name.
    pub presets: IndexMap<String, Preset>,
    /// Foreign key columns whose target row the caller must be able to see (insert and update).
    pub references: Vec<String>,
    /// Whether the new row must satisfy the select policy when the statement reads the table
    /// (native behaviour); false is the relaxed form that lets a row leave the caller's view.
    pub select_check: bool,
    /// The limits on reads and writes.
    pub limits: RowLimits,
    /// How surely and how recently the caller must have signed in.
    pub assurance: Option<Assurance>,
    /// Whether a rule calls an opaque function (`native = true`), which needs the session path.
    pub native: bool,
    /// The rules that took part, for `policy explain`.
    pub rules: Vec<RuleRef>,
}

/// A mask: the column's value where `unless` is not TRUE.
#[derive(Clone, Debug)]
pub struct Mask {
    /// Who sees the real value.
    pub unless: Expr,
    /// What everybody else sees.
    pub value: Expr,
}

/// A value that the gateway sets.
#[derive(Clone, Debug)]
pub struct Preset {
    /// The value; for update it may read the row as it was.
    pub value: Expr,
    /// What happens when the client sends the column too.
    pub on_conflict: OnConflict,
}

/// What a client's own value for a preset column does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// The request is refused.
    Refuse,
    /// It is accepted when equal, refused otherwise.
    Same,
}

/// Limits of one role on one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowLimits {
    /// Most rows in one answer; the server's own limit applies as well.
    pub rows: Option<u64>,
    /// Which counts may be asked for.
    pub counts: Counts,
    /// Whether aggregate functions may be used.
    pub aggregates: bool,
    /// Most rows that one update or delete may touch.
    pub max_affected: Option<u64>,
}

/// Which counts may be asked for: estimates leak statistics, so they are opt-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// `count=exact`.
    pub exact: bool,
    /// `count=planned`.
    pub planned: bool,
    /// `count=estimated`.
    pub estimated: bool,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            exact: true,
            planned: false,
            estimated: false,
        }
    }
}

/// Where a rule stands, for explanations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// `allow`, `require` or `deny`.
    pub kind: &'static str,
    /// The rule's name.
    pub name: String,
    /// The file, relative to the project.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

//! The one form in which a statement on user tables leaves this crate.

mod export;
mod transaction;

use std::sync::Arc;

pub use export::{Counts, Export, Framing};
use postern_base::RoleName;
use postern_policy::{Assurance, Claim};
pub use transaction::Transaction;

use crate::request::{Explain, Format, Preferences};

/// A statement that policies have been applied to, with its parameters.
///
/// INVARIANT: only `rewrite` makes one (private fields, no `Default`, no `Clone`); `db` runs
/// nothing else on user tables. The statement always yields exactly one row of four columns:
/// `body text, page_rows int8, total_rows int8 (null when not counted), inserted_rows int8`.
#[derive(Debug)]
pub struct Rewritten {
    pub(crate) fixed: Arc<Fixed>,
    pub(crate) params: Vec<Param>,
    /// Which parameters are claims of the caller, by index.
    pub(crate) claims: Vec<(usize, Claim)>,
    /// What the rules demand of the caller's sign-in; it was met.
    pub(crate) assurance: Option<Assurance>,
    pub(crate) estimate: Option<Estimate>,
    pub(crate) export: Option<Export>,
}

/// What statements of one shape have in common.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fixed {
    pub(crate) sql: String,
    pub(crate) route: Route,
    pub(crate) mode: Mode,
    pub(crate) native_role: Option<RoleName>,
    pub(crate) transaction: Transaction,
    pub(crate) answer: AnswerShape,
}

impl AsRef<str> for Fixed {
    fn as_ref(&self) -> &str {
        &self.sql
    }
}

/// The question for the planner's estimate of the total: `EXPLAIN (FORMAT JSON)` of the rows that
/// are counted, behind the same policies.
///
/// INVARIANT: made by `rewrite` only, like the statement that it goes with.
#[derive(Debug)]
pub struct Estimate {
    pub(crate) sql: String,
    pub(crate) params: Vec<Param>,
    pub(crate) above: Option<u64>,
}

impl Estimate {
    /// The statement's text.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Its parameters.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The total as far as it was counted stands unless it is larger than this.
    pub fn above(&self) -> Option<u64> {
        self.above
    }
}

impl Rewritten {
    /// A statement that is not kept by its shape.
    pub(crate) fn of(fixed: Fixed, params: Vec<Param>) -> Self {
        Self {
            fixed: Arc::new(fixed),
            params,
            claims: Vec::new(),
            assurance: None,
            estimate: None,
            export: None,
        }
    }

    /// The statement's text with `$n` placeholders; equal for requests of equal shape.
    pub fn sql(&self) -> &str {
        &self.fixed.sql
    }

    /// The same text, for whoever keeps it after the statement is gone; it is shared, not copied.
    pub fn shared_sql(&self) -> Arc<dyn AsRef<str> + Send + Sync> {
        Arc::<Fixed>::clone(&self.fixed)
    }

    /// The parameters in order, all in Postgres's text format.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// Which way the statement goes to the database, and why.
    pub fn route(&self) -> &Route {
        &self.fixed.route
    }

    /// Whether the statement may write.
    pub fn mode(&self) -> Mode {
        self.fixed.mode
    }

    /// The database role to switch to for this statement: functions in native mode, and all
    /// statements where the database decides as well.
    pub fn native_role(&self) -> Option<&RoleName> {
        self.fixed.native_role.as_ref()
    }

    /// What is out of the ordinary about its transaction; anything but the ordinary takes the
    /// session path.
    pub fn transaction(&self) -> &Transaction {
        &self.fixed.transaction
    }

    /// How the total is estimated, where it is not counted to its end.
    pub fn estimate(&self) -> Option<&Estimate> {
        self.estimate.as_ref()
    }

    /// The same rows one by one, where there may be too many to be one value.
    pub fn export(&self) -> Option<&Export> {
        self.export.as_ref()
    }

    /// What the answer looks like, for whoever renders it.
    pub fn answer(&self) -> &AnswerShape {
        &self.fixed.answer
    }
}

/// A bound parameter in text format; the server infers the type from the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Param {
    /// NULL.
    Null,
    /// A value of the request or of the claims.
    Text(String),
    /// A value shared with others, such as the body or the claims object.
    Shared(Arc<str>),
}

/// Which way a statement goes to the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// One prepared statement on a shared pipelined connection.
    Fast,
    /// BEGIN, `set_config`, the statement, COMMIT on a connection of its own.
    Session {
        /// Why, for `policy explain`.
        reason: String,
    },
}

/// Whether a statement may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Mode {
    ReadOnly,
    ReadWrite,
}

/// What kind of request the answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// GET or HEAD on a relation.
    Read,
    /// POST without `resolution`.
    Insert,
    /// POST with `resolution`, or PUT.
    Upsert,
    /// PATCH.
    Update,
    /// DELETE.
    Delete,
    /// `/rpc` returning `void`.
    RpcVoid,
    /// `/rpc` returning one value, or a single composite: the body is that value.
    RpcValue,
    /// `/rpc` returning a set or table: the body is an array.
    RpcRows,
}

/// What the answer looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerShape {
    /// What kind of request it belongs to.
    pub kind: AnswerKind,
    /// The body's format.
    pub format: Format,
    /// `nulls=stripped`
    pub strip_nulls: bool,
    /// The body is the statement's plan.
    pub explain: Option<Explain>,
    /// What a value of [`Format::Value`] is.
    pub media: Option<Media>,
    /// Rows skipped, for Content-Range.
    pub offset: u64,
    /// Whether the client asked for the total.
    pub counted: bool,
    /// Whether rows are returned (reads, `return=representation`, functions).
    pub returns_rows: bool,
    /// The primary key columns for `return=headers-only`: the body is then one JSON object of them.
    pub location: Option<Vec<String>>,
    /// The preferences as understood, for Preference-Applied.
    pub preferences: Preferences,
    /// Which schema answered, for Content-Profile.
    pub schema: String,
}

/// A value that says by the name of its type what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The media type; `*/*` where the function leaves it open.
    pub name: String,
    /// Whether the body is hexadecimal digits of bytes.
    pub is_bytes: bool,
}

/// A statement that is prepared and never run: the type check of a policy's predicate.
#[derive(Debug)]
pub struct Probe {
    pub(crate) sql: String,
}

impl Probe {
    /// The statement's text.
    pub fn sql(&self) -> &str {
        &self.sql
    }
}

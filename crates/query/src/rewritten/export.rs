//! The rows of a read one by one.

use crate::Param;

/// The rows of a read one by one, behind the same policies as the statement that they go with.
///
/// INVARIANT: made by `rewrite` only. The statement yields rows of one column of type text; put
/// together as the framing says, they are the body that the other statement would make.
#[derive(Debug)]
pub struct Export {
    pub(crate) sql: String,
    pub(crate) params: Vec<Param>,
    pub(crate) framing: Framing,
    pub(crate) counts: Option<Counts>,
}

/// What stands around the rows of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framing {
    /// Before the first row.
    pub open: String,
    /// Between two rows.
    pub between: &'static str,
    /// Behind the last row.
    pub close: &'static str,
}

/// The counts of a read without its body: one row, as the whole statement would yield it.
#[derive(Debug)]
pub struct Counts {
    pub(crate) sql: String,
    pub(crate) params: Vec<Param>,
}

impl Export {
    /// The statement's text.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Its parameters.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// What stands around the rows.
    pub fn framing(&self) -> &Framing {
        &self.framing
    }

    /// The counts, where the request asks for them.
    pub fn counts(&self) -> Option<&Counts> {
        self.counts.as_ref()
    }
}

impl Counts {
    /// The statement's text.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Its parameters.
    pub fn params(&self) -> &[Param] {
        &self.params
    }
}

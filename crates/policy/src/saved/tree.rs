//! The closed tree of saved queries. `query` prints it; nothing else is ever sent.

use postern_base::RelationName;

use crate::{Claim, Comparison, JsonOperator, Truth};

/// A query: named subqueries, a body, order and window.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectQuery {
    /// `WITH`, by alias; each sees those before it.
    pub ctes: Vec<(String, SelectQuery)>,
    /// The rows.
    pub body: Body,
    /// `ORDER BY`.
    pub order: Vec<Ordering>,
    /// `LIMIT`.
    pub limit: Option<Term>,
    /// `OFFSET`.
    pub offset: Option<Term>,
}

/// The rows of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A SELECT.
    Select(Box<Select>),
    /// Two of them together.
    Set {
        /// How.
        operator: SetOperator,
        /// Whether doubles stay.
        all: bool,
        /// The first.
        left: Box<Body>,
        /// The second.
        right: Box<Body>,
    },
}

/// How two bodies are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

/// One SELECT.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Select {
    /// `DISTINCT`.
    pub distinct: bool,
    /// The outputs and their names, each name once.
    pub outputs: Vec<(Term, String)>,
    /// The sources, joined from left to right; empty without FROM.
    pub from: Vec<Joined>,
    /// `WHERE`.
    pub filter: Option<Term>,
    /// `GROUP BY`; never a number.
    pub group: Vec<Term>,
    /// `HAVING`.
    pub having: Option<Term>,
}

/// A source and how it hangs on those before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The join.
    pub kind: JoinKind,
    /// Whether it may name the sources before it.
    pub lateral: bool,
    /// The source.
    pub item: Item,
    /// `ON`.
    pub on: Option<Term>,
}

/// Joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum JoinKind {
    /// A comma: also that of the first source.
    Comma,
    Cross,
    Inner,
    Left,
    Right,
    Full,
}

/// A source under an alias of ours.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is.
    pub source: ItemSource,
    /// The alias, unique within the query.
    pub alias: String,
}

/// What a source is.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemSource {
    /// A table, as the caller sees it.
    Relation(RelationName),
    /// A named subquery, by our alias.
    Cte(String),
    /// A subquery in place.
    Query(Box<SelectQuery>),
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordering {
    /// The key.
    pub key: OrderKey,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS FIRST` or `LAST`.
    pub nulls_first: Option<bool>,
}

/// What an order goes by.
#[derive(Clone, Debug, PartialEq)]
pub enum OrderKey {
    /// An output, by its position from 1.
    Output(usize),
    /// A value.
    Term(Term),
}

/// A value or condition.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are those of SQL")]
pub enum Term {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    /// A column of a source, by our alias.
    Column(String, String),
    /// The parameter of this index.
    Param(usize),
    Claim(Claim),
    Not(Box<Term>),
    And(Vec<Term>),
    Or(Vec<Term>),
    Compare(Comparison, Box<Term>, Box<Term>),
    Json(JsonOperator, Box<Term>, Box<Term>),
    /// `+ - * / % ||`, as one of these texts.
    Arithmetic(&'static str, Box<Term>, Box<Term>),
    /// `x IS [NOT] …`
    Is(Box<Term>, Truth, bool),
    /// `x [NOT] IN (…)`
    InList(Box<Term>, Vec<Term>, bool),
    /// `x [NOT] IN (SELECT …)`
    InQuery(Box<Term>, Box<SelectQuery>, bool),
    /// `[NOT] EXISTS (SELECT …)`
    Exists(Box<SelectQuery>, bool),
    Scalar(Box<SelectQuery>),
    /// `x = ANY (array)`
    Any(Comparison, Box<Term>, Box<Term>),
    /// `x [NOT] BETWEEN low AND high`
    Between(Box<Term>, Box<Term>, Box<Term>, bool),
    /// `x [NOT] LIKE pattern`
    Like(Box<Term>, Box<Term>, bool),
    /// `x [NOT] ILIKE pattern`
    ILike(Box<Term>, Box<Term>, bool),
    /// `CASE [operand] WHEN … THEN … ELSE … END`
    Case(Option<Box<Term>>, Vec<(Term, Term)>, Option<Box<Term>>),
    /// A cast to a type of the list.
    Cast(Box<Term>, &'static str),
    /// A function or aggregate of the list.
    Call {
        function: &'static str,
        distinct: bool,
        arguments: Vec<Term>,
    },
    /// `count(*)`
    CountAll,
    /// A call over the rows around.
    Window(Box<Window>),
}

/// A call over the rows around.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// [`Term::Call`] or [`Term::CountAll`].
    pub call: Term,
    /// `PARTITION BY`.
    pub partition: Vec<Term>,
    /// `ORDER BY`, by values.
    pub order: Vec<Ordering>,
    /// Which of the rows.
    pub frame: Option<Frame>,
}

/// Which rows around a call sees.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are those of SQL")]
pub struct Frame {
    pub units: FrameUnits,
    pub start: FrameBound,
    pub end: Option<FrameBound>,
}

/// What a frame counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of SQL")]
pub enum FrameUnits {
    Rows,
    Range,
    Groups,
}

/// An end of a frame.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are those of SQL")]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Term),
    CurrentRow,
    Following(Term),
    UnboundedFollowing,
}

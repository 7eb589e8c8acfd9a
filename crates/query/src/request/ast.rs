//! The parsed request as data.

/// One item of `select=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectItem {
    /// `*`
    Star,
    /// `alias:column->path::cast` or an aggregate of it.
    Field(SelectField),
    /// `alias:relation!hint!inner(…)`, spread when it starts with `...`.
    Embed(SelectEmbed),
}

/// A column or aggregate in `select=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectField {
    /// The column; `None` only for a bare `count()`.
    pub field: Option<Field>,
    /// The cast before the aggregate, as written.
    pub cast: Option<String>,
    /// The aggregate function.
    pub aggregate: Option<Aggregate>,
    /// The cast after the aggregate, as written.
    pub aggregate_cast: Option<String>,
    /// The output name.
    pub alias: Option<String>,
}

/// Aggregate functions of the dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Aggregate {
    Count,
    Sum,
    Avg,
    Min,
    Max,
}

/// An embedded resource in `select=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectEmbed {
    /// The target as written: a relation, a foreign key's name or column.
    pub target: String,
    /// The text after `!` that is no join kind.
    pub hint: Option<String>,
    /// `!inner` or `!left`.
    pub join: Option<Join>,
    /// The output name.
    pub alias: Option<String>,
    /// Whether it is spread into its parent.
    pub spread: bool,
    /// Its own select list; empty for `rel()`.
    pub select: Vec<SelectItem>,
}

impl SelectEmbed {
    /// The name by which filters, orders and limits address it.
    pub fn name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.target)
    }

    /// Whether it shows nothing: no columns, and no embeds that show something.
    pub fn is_empty(&self) -> bool {
        self.select.iter().all(|item| match item {
            SelectItem::Star | SelectItem::Field(_) => false,
            SelectItem::Embed(embed) => embed.is_empty(),
        })
    }
}

/// How an embedded resource bears on its parent's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Parents without a match are dropped.
    Inner,
    /// Parents without a match are kept (the default).
    Left,
}

/// A column with an optional JSON path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The column's name.
    pub name: String,
    /// The path into its JSON value.
    pub path: Vec<JsonStep>,
}

/// One step of a JSON path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonStep {
    /// Whether it is `->>`, which yields text.
    pub as_text: bool,
    /// What it selects.
    pub operand: JsonOperand,
}

/// What a JSON step selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonOperand {
    /// An object's key.
    Key(String),
    /// An array's index; negative ones count from the end.
    Index(i32),
}

/// A filter or a tree of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logic {
    /// `column=op.value`
    Filter(Filter),
    /// `and=(…)`, `or=(…)`, `not.and=(…)`, `not.or=(…)`
    Tree {
        /// Whether `not.` stands in front.
        negated: bool,
        /// Whether it is `or`.
        any: bool,
        /// The branches, never empty.
        children: Vec<Logic>,
    },
}

/// One filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// What is compared.
    pub field: Field,
    /// Whether `not.` stands in front of the operator.
    pub negated: bool,
    /// The comparison.
    pub operation: Operation,
}

/// The comparison of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `eq.5`, `like.*x*`, `cs.{a}` and all others with one value.
    Compare {
        /// The operator.
        operator: Operator,
        /// The value; `*` already turned into `%` for like and ilike.
        value: String,
    },
    /// `eq(any).{1,2}`: the value is a Postgres array literal.
    Quantified {
        /// The operator.
        operator: Operator,
        /// Whether it is `all` rather than `any`.
        all: bool,
        /// The array literal.
        value: String,
    },
    /// `in.(a,b)`
    In(Vec<String>),
    /// `is.null` and the like.
    Is(IsValue),
    /// `isdistinct.5`
    IsDistinct(String),
    /// `fts(english).cat`
    FullText {
        /// Which parser of queries.
        kind: FullText,
        /// The text search configuration.
        config: Option<String>,
        /// The query.
        value: String,
    },
}

/// Operators with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the dialect's")]
pub enum Operator {
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    Like,
    Ilike,
    Match,
    Imatch,
    Contains,
    Contained,
    Overlaps,
    StrictlyLeft,
    StrictlyRight,
    NotRightOf,
    NotLeftOf,
    Adjacent,
}

/// What `is.` compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum IsValue {
    Null,
    NotNull,
    True,
    False,
    Unknown,
}

/// Full-text query parsers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FullText {
    /// `fts`: `to_tsquery`
    Plain,
    /// `plfts`: `plainto_tsquery`
    Words,
    /// `phfts`: `phraseto_tsquery`
    Phrase,
    /// `wfts`: `websearch_to_tsquery`
    Web,
}

/// One term of `order=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderTerm {
    /// The embedded to-one resource to order by, if any: `order=rel(col)`.
    pub relation: Option<String>,
    /// The column.
    pub field: Field,
    /// `asc` or `desc`.
    pub descending: Option<bool>,
    /// `nullsfirst` or `nullslast`.
    pub nulls_first: Option<bool>,
}

/// Which rows: `limit`, `offset`, or the Range header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Rows to skip.
    pub offset: u64,
    /// Most rows to return.
    pub limit: Option<u64>,
}

/// What stands under one embedded path (the empty path is the resource itself).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The filters, all of which must hold.
    pub filters: Vec<Logic>,
    /// The order.
    pub order: Vec<OrderTerm>,
    /// The window.
    pub window: Window,
}

/// The query string of a request on a relation, or on a function's result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryString {
    /// `select=`; a single star when absent.
    pub select: Vec<SelectItem>,
    /// Filters, orders and windows by embedded path, outermost first; the root is always there.
    pub scopes: Vec<(Vec<String>, Scope)>,
    /// `columns=`
    pub columns: Option<Vec<String>>,
    /// `on_conflict=`
    pub on_conflict: Option<Vec<String>>,
    /// For functions: the parameters that are arguments, in order, repeated ones repeated.
    pub arguments: Vec<(String, String)>,
}

/// The `Prefer` header, known preferences only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `resolution=`
    pub resolution: Option<Resolution>,
    /// `missing=default` (true) or `missing=null` (false).
    pub missing_default: Option<bool>,
    /// `return=`
    pub representation: Option<Return>,
    /// `count=`
    pub count: Option<Count>,
    /// `handling=strict` (true) or `lenient` (false).
    pub strict: Option<bool>,
    /// `max-affected=`
    pub max_affected: Option<u64>,
    /// `tx=`; whether it counts is the operator's choice.
    pub tx: Option<Tx>,
    /// `timezone=`; a name that the database does not know is taken out again.
    pub timezone: Option<String>,
    /// Preferences that were not understood, as written.
    pub unknown: Vec<String>,
}

/// How the transaction ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the dialect's")]
pub enum Tx {
    #[default]
    Commit,
    Rollback,
}

/// What an upsert does with a row that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the dialect's")]
pub enum Resolution {
    MergeDuplicates,
    IgnoreDuplicates,
}

/// What a write answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the dialect's")]
pub enum Return {
    Representation,
    Minimal,
    HeadersOnly,
}

/// How the total is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the dialect's")]
pub enum Count {
    Exact,
    Planned,
    Estimated,
}

/// The form of the answer's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Representation {
    /// JSON array, JSON object, or another.
    pub format: Format,
    /// `nulls=stripped`
    pub strip_nulls: bool,
    /// The plan is wanted instead of the answer.
    pub explain: Option<Explain>,
}

/// The format of the answer's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// `application/json`: an array, or a function's value as it is.
    #[default]
    Json,
    /// `application/vnd.pgrst.object+json`: exactly one row.
    Object,
    /// `text/csv`
    Csv,
    /// `application/geo+json`: rows as features; needs PostGIS.
    GeoJson,
    /// A function's value by itself, whose type is named like a media type.
    Value,
    /// What the aggregate of this `pg_proc.oid` makes of the rows.
    Handler(u32),
}

/// How a plan is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Explain {
    /// In JSON rather than as text.
    pub as_json: bool,
    /// What more is told, by the bits of [`Explain::OPTIONS`] in their order.
    pub options: u8,
}

impl Explain {
    /// What more a plan can tell, as requests spell it.
    pub const OPTIONS: [&'static str; 5] = ["analyze", "verbose", "settings", "buffers", "wal"];

    /// The options that were asked for.
    pub fn options(self) -> impl Iterator<Item = &'static str> {
        let all = Self::OPTIONS.into_iter().enumerate();
        all.filter(move |(bit, _)| self.options & (1 << bit) != 0)
            .map(|(_, name)| name)
    }
}

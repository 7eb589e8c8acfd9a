//! The plan: a request bound to the catalogue, as far as it exists for the caller.
//!
//! Names become columns, relations and relationships here; whatever the caller may not see is
//! refused with the words used for what is not there. A plan carries no policy: `rewrite` asks
//! for the grants again and trusts nothing that was decided here.

mod arguments;
mod call;
mod cast;
mod column;
mod count;
mod embed;
mod filter;
mod handler;
mod order;
mod overload;
mod put;
mod read;
mod select;
mod sought;
mod spread;
mod write;

use std::borrow::Cow;
use std::sync::Arc;

use postern_base::RelationName;
use postern_base::limits::Limits;
use postern_catalog::{Function, PgType, Relation, Relationship};

use crate::request::{
    Aggregate, ApiRequest, JsonStep, Method, Operation, Preferences, Representation, Target, Tx,
    Window,
};
use crate::{Error, View};

pub(crate) use arguments::Arguments;
pub(crate) use call::is_result;
pub(crate) use cast::Cast;
pub(crate) use count::may_estimate;
pub(crate) use select::aggregate_name;
pub use sought::{LeftOut, Sought};

/// A request bound to what exists for its caller.
#[derive(Debug)]
pub struct Plan<'a> {
    pub(crate) action: Action<'a>,
    pub(crate) preferences: Preferences,
    pub(crate) representation: Representation,
    pub(crate) schema: String,
    pub(crate) end: Tx,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Action<'a> {
    Read(Box<Read<'a>>),
    Write(Box<Write<'a>>),
    Call(Box<Call<'a>>),
}

/// A read.
#[derive(Debug)]
pub(crate) struct Read<'a> {
    pub(crate) node: Node<'a>,
    /// How the total is found, if it is asked for.
    pub(crate) count: Option<Counted>,
    /// Only the headers are wanted.
    pub(crate) head: bool,
}

/// How the total of a read is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Row by row.
    Exact,
    /// The planner is asked.
    Planned,
    /// Row by row up to this many; beyond it the planner is asked.
    Estimated { most: u64 },
}

/// One relation that is read, with what hangs on it.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    /// The relation; owned where it is a function's result.
    pub(crate) relation: Cow<'a, Relation>,
    /// Makes the aliases of this node unique within the statement.
    pub(crate) index: usize,
    pub(crate) outputs: Vec<Output>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Vec<Order>,
    pub(crate) window: Window,
    pub(crate) embeds: Vec<Embed<'a>>,
}

impl Node<'_> {
    /// Whether rows are grouped: an output is an aggregate.
    pub(crate) fn is_grouped(&self) -> bool {
        self.outputs.iter().any(Output::is_aggregate)
    }
}

/// One output of a node.
#[derive(Debug)]
pub(crate) enum Output {
    /// A column, JSON path or aggregate.
    Value(OutputValue),
    /// The embed of this index, as a JSON value.
    Embed(usize),
    /// One output of a spread embed.
    Spread(SpreadOutput),
}

impl Output {
    /// Whether it is computed over the rows of a group.
    pub(crate) fn is_aggregate(&self) -> bool {
        match self {
            Self::Value(value) => value.aggregate.is_some(),
            Self::Embed(_) => false,
            Self::Spread(spread) => spread.aggregate.is_some(),
        }
    }
}

/// One output of a spread embed, as its parent's.
#[derive(Debug)]
pub(crate) struct SpreadOutput {
    /// The index of the embed.
    pub(crate) embed: usize,
    /// Its name in the embed's row.
    pub(crate) source: String,
    /// Its name in the answer.
    pub(crate) name: String,
    /// What the parent computes of it.
    pub(crate) aggregate: Option<Hoisted>,
    /// Whether it is JSON that the statement makes.
    pub(crate) is_json: bool,
}

/// An aggregate that stands in a spread embed and is computed by its parent.
#[derive(Clone, Debug)]
pub(crate) struct Hoisted {
    pub(crate) aggregate: Aggregate,
    pub(crate) cast: Option<Cast>,
}

/// A column in the output.
#[derive(Debug)]
pub(crate) struct OutputValue {
    /// The column; `None` for `count()`, and for the row that a parent counts.
    pub(crate) column: Option<BoundField>,
    pub(crate) cast: Option<Cast>,
    pub(crate) aggregate: Option<Aggregate>,
    pub(crate) aggregate_cast: Option<Cast>,
    /// The name in the answer.
    pub(crate) name: String,
}

/// A column that exists for the caller, with a path into it.
#[derive(Clone, Debug)]
pub(crate) struct BoundField {
    pub(crate) column: String,
    pub(crate) ty: PgType,
    pub(crate) path: Vec<JsonStep>,
    /// The relation whose row a function computes the value of, where it is no stored column.
    pub(crate) computed: Option<Box<RelationName>>,
}

/// An embedded relation.
#[derive(Debug)]
pub(crate) struct Embed<'a> {
    /// The name in the answer.
    pub(crate) name: String,
    pub(crate) relationship: &'a Relationship,
    /// Rows of the parent without a match are dropped.
    pub(crate) inner: bool,
    pub(crate) spread: bool,
    pub(crate) node: Node<'a>,
    /// Makes the junction's alias unique.
    pub(crate) index: usize,
}

/// A condition of the request on a node's rows.
#[derive(Debug)]
pub(crate) enum Condition {
    Filter {
        field: BoundField,
        negated: bool,
        operation: Operation,
    },
    Tree {
        negated: bool,
        any: bool,
        children: Vec<Condition>,
    },
    /// `rel=is.null` (negated) or `rel=not.is.null`.
    Related { embed: usize, negated: bool },
}

/// One term of an order.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) by: OrderBy,
    pub(crate) descending: Option<bool>,
    pub(crate) nulls_first: Option<bool>,
}

/// What is ordered by.
#[derive(Debug)]
pub(crate) enum OrderBy {
    Field(BoundField),
    /// A column of the to-one embed of this index.
    Related {
        embed: usize,
        field: BoundField,
    },
    /// The output of a spread embed of this name in the embed's row.
    Spread {
        embed: usize,
        source: String,
    },
}

/// An insert, upsert, update or delete.
#[derive(Debug)]
pub(crate) struct Write<'a> {
    pub(crate) kind: WriteKind,
    pub(crate) relation: &'a Relation,
    /// The body, always a JSON array; absent for delete.
    pub(crate) body: Option<Arc<str>>,
    /// The columns that the client sends a value for.
    pub(crate) columns: Vec<String>,
    /// Absent keys take the column's default instead of NULL.
    pub(crate) missing_default: bool,
    /// The request's filters (update and delete).
    pub(crate) conditions: Vec<Condition>,
    /// What a PUT's address says of the one row that the body must be.
    pub(crate) address: Vec<Condition>,
    /// How the written rows are read back; `None` for `return=minimal`.
    pub(crate) returning: Option<Node<'a>>,
    /// The answer holds the primary key only, for the Location header.
    pub(crate) headers_only: bool,
    pub(crate) max_affected: Option<u64>,
    /// Any other number of rows than one undoes the write.
    pub(crate) singular: bool,
}

/// Which write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WriteKind {
    Insert,
    Upsert(Upsert),
    Update,
    Delete,
}

/// How an upsert decides.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Upsert {
    /// The columns of the key that rows meet on.
    pub(crate) target: Vec<String>,
    /// Rows that are there are left alone rather than merged.
    pub(crate) ignore: bool,
}

/// A function call.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) function: &'a Function,
    pub(crate) arguments: Arguments,
    /// How the result is read; for scalars and void a node without outputs.
    pub(crate) node: Option<Node<'a>>,
    /// Which values of a set are returned, where they are no rows with columns.
    pub(crate) window: Window,
    pub(crate) read_only: bool,
    pub(crate) counted: bool,
}

/// Binds a request to what exists for its caller.
///
/// # Errors
/// Refuses unknown (or hidden) relations, columns, functions and relationships with the
/// dialect's codes, and what the caller's role may not do with `42501`.
pub fn plan<'a>(request: ApiRequest, view: &View<'a>, limits: &Limits) -> Result<Plan<'a>, Error> {
    let planner = Planner {
        view,
        limits,
        schema: &request.schema,
        next_index: std::cell::Cell::new(0),
        result_of: std::cell::Cell::new(None),
    };
    let action = match (&request.target, request.method) {
        (Target::Function(name), _) => planner.call(name, &request)?,
        (Target::Relation(name), Method::Get | Method::Head) => planner.read(name, &request)?,
        (Target::Relation(name), _) => planner.write(name, &request)?,
    };
    Ok(Plan {
        action,
        preferences: request.preferences,
        representation: request.representation,
        schema: request.schema,
        end: request.end,
    })
}

/// The state of one planning.
pub(crate) struct Planner<'v, 'a> {
    pub(crate) view: &'v View<'a>,
    pub(crate) limits: &'v Limits,
    /// The schema that the request asks for.
    schema: &'v str,
    next_index: std::cell::Cell<usize>,
    /// The relation whose rows the called function returns.
    result_of: std::cell::Cell<Option<&'a Relation>>,
}

impl Planner<'_, '_> {
    fn fresh_index(&self) -> usize {
        self.next_index.replace(self.next_index.get() + 1)
    }
}

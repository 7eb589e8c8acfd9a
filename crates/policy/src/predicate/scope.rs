//! What names mean at one point of a predicate.

use indexmap::IndexMap;
use postern_catalog::Relation;

use super::Context;
use super::parse::Text;
use crate::Expr;

/// The state of lowering one text.
#[derive(Debug)]
pub(crate) struct Frame<'f> {
    /// What the rule may refer to.
    pub(crate) context: Context<'f>,
    /// The text, for places.
    pub(crate) text: &'f Text<'f>,
    /// The subqueries around this point, innermost last.
    pub(crate) scopes: Vec<Scope>,
    /// The arguments of the named predicate that is being inlined.
    pub(crate) parameters: IndexMap<String, Expr>,
    /// The named predicates that are being inlined, outermost first.
    pub(crate) stack: Vec<String>,
    /// How many nodes are around this point.
    pub(crate) depth: usize,
}

/// The relations of one subquery.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) items: Vec<ScopeItem>,
}

/// One relation of a subquery.
#[derive(Clone, Debug)]
pub(crate) struct ScopeItem {
    /// The name before the point: the author's alias, else the relation's own name.
    pub(crate) qualifier: String,
    /// Whether the author gave an alias, which hides the relation's own name.
    pub(crate) aliased: bool,
    /// Our alias, unique within the bundle.
    pub(crate) alias: String,
    /// The relation.
    pub(crate) relation: Relation,
}

impl<'f> Frame<'f> {
    /// Starts at the top of a text.
    pub(crate) fn new(context: Context<'f>, text: &'f Text<'f>) -> Self {
        Self {
            context,
            text,
            scopes: Vec::new(),
            parameters: IndexMap::new(),
            stack: Vec::new(),
            depth: 0,
        }
    }
}

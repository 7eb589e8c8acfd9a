//! ORDER BY, LIMIT and OFFSET.

use sqlparser::ast::{
    Expr as Tree, Fetch, LimitClause, Offset, OrderBy, OrderByExpr, OrderByKind, OrderByOptions,
    OrderBySort, Spanned,
};
use sqlparser::tokenizer::Span;

use super::scope::{Lowering, folded};
use super::{OrderKey, Ordering, Refusal, Term};

impl Lowering<'_> {
    pub(super) fn order(
        &mut self,
        order_by: Option<&OrderBy>,
        names: &[String],
        keys: Keys,
    ) -> Result<Vec<Ordering>, Refusal> {
        let Some(OrderBy { kind, interpolate }) = order_by else {
            return Ok(Vec::new());
        };
        let OrderByKind::Expressions(terms) = kind else {
            return Err(Refusal::construct(
                order_by.map_or(Span::empty(), Spanned::span),
                "ORDER BY ALL",
                "name the keys",
            ));
        };
        let mut order = Vec::new();
        for term in terms {
            let span = term.expr.span();
            if interpolate.is_some() {
                return Err(Refusal::construct(span, "INTERPOLATE", "remove it"));
            }
            let key = self.order_key(&term.expr, names, keys)?;
            order.push(ordering(term, key, span)?);
        }
        Ok(order)
    }

    fn order_key(
        &mut self,
        tree: &Tree,
        names: &[String],
        keys: Keys,
    ) -> Result<OrderKey, Refusal> {
        if let Tree::Identifier(ident) = tree
            && let Some(index) = names.iter().position(|it| *it == folded(ident))
        {
            return Ok(OrderKey::Output(index + 1));
        }
        if keys == Keys::Outputs {
            let help = "order by the name of an output";
            return Err(Refusal::construct(
                tree.span(),
                "this key of ORDER BY",
                help,
            ));
        }
        match self.term(tree)? {
            // A number would be read as the position of an output, which a parameter never is.
            Term::Number(_) => {
                let help = "order by the name of an output";
                Err(Refusal::construct(
                    tree.span(),
                    "a number in ORDER BY",
                    help,
                ))
            }
            term => Ok(OrderKey::Term(term)),
        }
    }

    /// LIMIT and OFFSET, or FETCH FIRST.
    pub(super) fn bounds(
        &mut self,
        clause: Option<&LimitClause>,
        fetch: Option<&Fetch>,
        span: Span,
    ) -> Result<(Option<Term>, Option<Term>), Refusal> {
        let (limit, offset) = match clause {
            None => (None, None),
            Some(LimitClause::LimitOffset {
                limit,
                offset,
                limit_by,
            }) if limit_by.is_empty() => (limit.as_ref(), offset.as_ref()),
            Some(_) => {
                let help = "write LIMIT n OFFSET m";
                return Err(Refusal::construct(span, "this form of LIMIT", help));
            }
        };
        let limit = match (limit, fetch) {
            (limit, None) => limit,
            (
                None,
                Some(Fetch {
                    with_ties: false,
                    percent: false,
                    quantity: Some(quantity),
                }),
            ) => Some(quantity),
            (_, Some(_)) => {
                let help = "write LIMIT n, or FETCH FIRST n ROWS ONLY";
                return Err(Refusal::construct(span, "this form of FETCH", help));
            }
        };
        let limit = limit.map(|it| self.bound_of(it)).transpose()?;
        let offset = match offset {
            Some(Offset { value, rows: _ }) => Some(self.bound_of(value)?),
            None => None,
        };
        Ok((limit, offset))
    }

    fn bound_of(&mut self, tree: &Tree) -> Result<Term, Refusal> {
        let term = self.term(tree)?;
        if is_constant(&term) {
            return Ok(term);
        }
        let help = "write numbers and parameters, such as `:size * :page`";
        Err(Refusal::construct(tree.span(), "this kind of LIMIT", help))
    }
}

/// Whether a value is made of numbers and parameters alone.
fn is_constant(term: &Term) -> bool {
    match term {
        Term::Number(_) | Term::Param(_) | Term::Null => true,
        Term::Arithmetic(_, one, other) => is_constant(one) && is_constant(other),
        Term::Cast(inner, _) => is_constant(inner),
        Term::Call {
            function: "coalesce" | "greatest" | "least",
            distinct: false,
            arguments,
        } => arguments.iter().all(is_constant),
        _ => false,
    }
}

/// A key with its direction.
pub(super) fn ordering(term: &OrderByExpr, key: OrderKey, span: Span) -> Result<Ordering, Refusal> {
    let OrderByExpr {
        expr: _,
        options: OrderByOptions { sort, nulls_first },
        with_fill,
    } = term;
    if with_fill.is_some() {
        return Err(Refusal::construct(span, "WITH FILL", "remove it"));
    }
    let descending = match sort {
        None | Some(OrderBySort::Asc) => false,
        Some(OrderBySort::Desc) => true,
        Some(OrderBySort::Using(_)) => {
            let help = "use ASC or DESC";
            return Err(Refusal::construct(span, "ORDER BY … USING", help));
        }
    };
    Ok(Ordering {
        key,
        descending,
        nulls_first: *nulls_first,
    })
}

/// What an order may go by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    Any,
    Outputs,
}

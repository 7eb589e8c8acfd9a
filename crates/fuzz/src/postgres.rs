//! What Postgres's own grammar reads in a text: the shape of its tree.
//!
//! A node that no predicate of ours can hold is an [`Unknown`], never a guess.

mod query;

use pg_query::NodeEnum;
use pg_query::protobuf::{
    AExpr, AExprKind, AIndirection, BoolExpr, BoolExprType, BoolTestType, CaseExpr, FuncCall,
    MinMaxOp, Node, NullTestType, SqlValueFunctionOp, TypeCast, TypeName, a_const,
};

pub use query::{conditions, subselect};

use crate::shape::{Naming, Shape};

/// A node that a predicate cannot hold.
#[derive(Debug)]
pub struct Unknown(pub String);

type Read = Result<Shape, Unknown>;

fn unknown(what: impl std::fmt::Debug) -> Unknown {
    Unknown(format!("{what:?}"))
}

/// The node inside of a node.
pub(crate) fn inner(node: Option<&Node>) -> Result<&NodeEnum, Unknown> {
    node.and_then(|it| it.node.as_ref())
        .ok_or_else(|| unknown("nothing"))
}

/// Reads what an optional box holds.
pub(crate) fn boxed(node: &Option<Box<Node>>, naming: Naming) -> Read {
    shape(inner(node.as_deref())?, naming)
}

pub(crate) fn list(nodes: &[Node], naming: Naming) -> Result<Vec<Shape>, Unknown> {
    let items = nodes.iter();
    items.map(|it| shape(inner(Some(it))?, naming)).collect()
}

/// The texts of a list of names.
pub(crate) fn names(nodes: &[Node]) -> Result<Vec<String>, Unknown> {
    let text = |it: &Node| match inner(Some(it))? {
        NodeEnum::String(text) => Ok(text.sval.clone()),
        other => Err(unknown(other)),
    };
    nodes.iter().map(text).collect()
}

/// The shape of an expression.
///
/// # Errors
/// When it holds a node that no predicate can.
pub fn shape(node: &NodeEnum, naming: Naming) -> Read {
    match node {
        NodeEnum::AConst(constant) => match &constant.val {
            _ if constant.isnull => Ok(Shape::leaf("null", "")),
            Some(a_const::Val::Ival(it)) => Ok(Shape::leaf("number", it.ival)),
            Some(a_const::Val::Fval(it)) => Ok(Shape::leaf("number", &it.fval)),
            Some(a_const::Val::Boolval(it)) => Ok(Shape::truth(it.boolval)),
            Some(a_const::Val::Sval(it)) => Ok(Shape::leaf("text", &it.sval)),
            // What prost leaves out is a zero.
            None => Ok(Shape::leaf("number", 0)),
            Some(other) => Err(unknown(other)),
        },
        NodeEnum::ColumnRef(column) => {
            let names = names(&column.fields)?;
            let text = match naming {
                Naming::Qualified => names.join("."),
                Naming::Last => names.last().cloned().unwrap_or_default(),
            };
            Ok(Shape::leaf("column", text))
        }
        NodeEnum::BoolExpr(it) => connective(it, naming),
        NodeEnum::AExpr(it) => operator(it, naming),
        NodeEnum::NullTest(it) => {
            let name = match it.nulltesttype() {
                NullTestType::IsNull => "is null",
                NullTestType::IsNotNull => "is not null",
                NullTestType::Undefined => return Err(unknown(it)),
            };
            Ok(Shape::node(name, vec![boxed(&it.arg, naming)?]))
        }
        NodeEnum::BooleanTest(it) => {
            let name = match it.booltesttype() {
                BoolTestType::IsTrue => "is true",
                BoolTestType::IsNotTrue => "is not true",
                BoolTestType::IsFalse => "is false",
                BoolTestType::IsNotFalse => "is not false",
                BoolTestType::IsUnknown => "is unknown",
                BoolTestType::IsNotUnknown => "is not unknown",
                BoolTestType::Undefined => return Err(unknown(it)),
            };
            Ok(Shape::node(name, vec![boxed(&it.arg, naming)?]))
        }
        NodeEnum::SubLink(it) => query::sublink(it, naming),
        NodeEnum::TypeCast(it) => cast(it, naming),
        NodeEnum::AIndirection(it) => elements(it, naming),
        NodeEnum::CaseExpr(it) => case(it, naming),
        other => call(other, naming),
    }
}

fn connective(it: &BoolExpr, naming: Naming) -> Read {
    let mut parts = list(&it.args, naming)?;
    match it.boolop() {
        BoolExprType::AndExpr => Ok(Shape::all(parts)),
        BoolExprType::OrExpr => Ok(Shape::any(parts)),
        BoolExprType::NotExpr if parts.len() == 1 => Ok(Shape::negation(parts.remove(0))),
        _ => Err(unknown(it)),
    }
}

fn operator(it: &AExpr, naming: Naming) -> Read {
    let name = names(&it.name)?.join(".");
    let right = inner(it.rexpr.as_deref())?;
    let Some(left) = &it.lexpr else {
        return match name.as_str() {
            "-" => Ok(Shape::minus(Shape::number("0"), shape(right, naming)?)),
            "+" => shape(right, naming),
            _ => Err(unknown(it)),
        };
    };
    let left = shape(inner(Some(left))?, naming)?;
    let listed = |node: &NodeEnum| match node {
        NodeEnum::List(items) => list(&items.items, naming),
        other => Err(unknown(other)),
    };
    let pair = |name: &str, left| Ok(Shape::node(name, vec![left, shape(right, naming)?]));
    match it.kind() {
        AExprKind::AexprOp if name == "-" => Ok(Shape::minus(left, shape(right, naming)?)),
        AExprKind::AexprOp | AExprKind::AexprLike | AExprKind::AexprIlike => pair(&name, left),
        AExprKind::AexprDistinct => pair("distinct", left),
        AExprKind::AexprNotDistinct => pair("not distinct", left),
        AExprKind::AexprNullif => pair("call pg_catalog.nullif", left),
        AExprKind::AexprIn => Ok(Shape::membership(name == "<>", left, listed(right)?)),
        AExprKind::AexprBetween | AExprKind::AexprNotBetween => {
            let not = it.kind() == AExprKind::AexprNotBetween;
            let mut parts = vec![left];
            parts.extend(listed(right)?);
            Ok(Shape::node(
                if not { "not between" } else { "between" },
                parts,
            ))
        }
        AExprKind::AexprOpAny => match right {
            NodeEnum::AArrayExpr(array) if name == "=" => {
                let mut items = vec![left];
                items.extend(list(&array.elements, naming)?);
                Ok(Shape::node("in", items))
            }
            other => Ok(Shape::any_of(&name, left, shape(other, naming)?)),
        },
        _ => Err(unknown(it)),
    }
}

/// The last part of a type's name, with brackets for an array.
fn type_name(ty: &TypeName) -> Result<String, Unknown> {
    let brackets = "[]".repeat(ty.array_bounds.len());
    let name = names(&ty.names)?.pop().unwrap_or_default();
    Ok(name + &brackets)
}

fn cast(it: &TypeCast, naming: Naming) -> Read {
    let ty = it.type_name.as_ref().ok_or_else(|| unknown(it))?;
    let ty = type_name(ty)?;
    match inner(it.arg.as_deref())? {
        NodeEnum::ParamRef(_) => Ok(Shape::leaf("claim", ty)),
        other => Ok(Shape::node(
            format!("cast {ty}"),
            vec![shape(other, naming)?],
        )),
    }
}

fn elements(it: &AIndirection, naming: Naming) -> Read {
    let mut value = boxed(&it.arg, naming)?;
    for step in &it.indirection {
        let NodeEnum::AIndices(step) = inner(Some(step))? else {
            return Err(unknown(step));
        };
        if step.is_slice {
            return Err(unknown(step));
        }
        value = Shape::node("element", vec![value, boxed(&step.uidx, naming)?]);
    }
    Ok(value)
}

fn case(it: &CaseExpr, naming: Naming) -> Read {
    let mut parts = Vec::new();
    if it.arg.is_some() {
        parts.push(boxed(&it.arg, naming)?);
    }
    for branch in &it.args {
        let NodeEnum::CaseWhen(branch) = inner(Some(branch))? else {
            return Err(unknown(branch));
        };
        let (when, then) = (boxed(&branch.expr, naming)?, boxed(&branch.result, naming)?);
        parts.push(Shape::node("when", vec![when, then]));
    }
    if it.defresult.is_some() {
        parts.push(Shape::node("else", vec![boxed(&it.defresult, naming)?]));
    }
    Ok(Shape::node("case", parts))
}

/// Calls, and what is a call in our tree and syntax of its own in SQL.
fn call(node: &NodeEnum, naming: Naming) -> Read {
    match node {
        NodeEnum::FuncCall(it) if is_plain(it) => {
            let mut name = names(&it.funcname)?;
            if name.len() == 1 {
                name.insert(0, "pg_catalog".into());
            }
            match name.join(".").as_str() {
                "auth.uid" => Ok(Shape::leaf("claim", "uuid")),
                "auth.role" | "auth.email" => Ok(Shape::leaf("claim", "text")),
                "auth.jwt" => Ok(Shape::leaf("claim", "jsonb")),
                name => Ok(Shape::node(format!("call {name}"), list(&it.args, naming)?)),
            }
        }
        NodeEnum::CoalesceExpr(it) => {
            let name = "call pg_catalog.coalesce";
            Ok(Shape::node(name, list(&it.args, naming)?))
        }
        NodeEnum::MinMaxExpr(it) => {
            let name = match it.op() {
                MinMaxOp::IsGreatest => "call pg_catalog.greatest",
                MinMaxOp::IsLeast => "call pg_catalog.least",
                MinMaxOp::Undefined => return Err(unknown(it)),
            };
            Ok(Shape::node(name, list(&it.args, naming)?))
        }
        NodeEnum::SqlvalueFunction(it) => match it.op() {
            SqlValueFunctionOp::SvfopCurrentDate => {
                Ok(Shape::node("call pg_catalog.current_date", Vec::new()))
            }
            SqlValueFunctionOp::SvfopCurrentTimestamp => {
                Ok(Shape::node("call pg_catalog.now", Vec::new()))
            }
            _ => Err(unknown(it)),
        },
        other => Err(unknown(other)),
    }
}

fn is_plain(it: &FuncCall) -> bool {
    it.agg_order.is_empty()
        && it.agg_filter.is_none()
        && it.over.is_none()
        && !it.agg_within_group
        && !it.agg_star
        && !it.agg_distinct
        && !it.func_variadic
}

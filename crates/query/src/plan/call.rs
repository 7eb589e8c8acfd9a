//! Function calls: which overload is meant, and how its result is read.

use std::borrow::Cow;

use postern_base::{FunctionName, RelationName, codes};
use postern_catalog::{
    Column, Function, Generated, Relation, RelationKind, Returns, SessionNeeds, Triggers,
    Volatility,
};

use super::{Action, Call, Node, Planner};
use crate::Error;
use crate::request::{ApiRequest, Format, Method, Window};

/// The schema name of a function's result, which no real schema can have.
const RESULT_SCHEMA: &str = "";

/// Whether the relation is a function's result rather than a table.
pub(crate) fn is_result(relation: &Relation) -> bool {
    relation.name.schema == RESULT_SCHEMA
}

impl<'a> Planner<'_, 'a> {
    pub(super) fn call(&self, name: &str, request: &ApiRequest) -> Result<Action<'a>, Error> {
        let full = FunctionName::new(&request.schema, name);
        let (function, arguments) = self.overload(&full, request)?;
        require_value(function, request.representation.format)?;
        let reads = matches!(request.method, Method::Get | Method::Head);
        let node = self.result_node(function, request)?;
        self.require_handler(returned(function), request.representation.format)?;
        let strict_max =
            request.preferences.max_affected.is_some() && request.preferences.strict == Some(true);
        if strict_max && !function.returns_set {
            return Err(Error::new(
                &codes::MAX_AFFECTED_RPC,
                "Function must return SETOF or TABLE when max-affected preference is used with \
                 handling=strict",
            ));
        }
        let is_rows = function.returns_set && node.is_some();
        let counted = match &node {
            Some(node) if is_rows => self.is_counted(&node.relation, request.preferences.count)?,
            Some(_) => false,
            None => function.returns_set && request.preferences.count.is_some(),
        };
        let scopes = request.query.scopes.iter();
        let root = scopes.into_iter().find(|(path, _)| path.is_empty());
        let mut window = root.map_or_else(Window::default, |(_, scope)| scope.window);
        let most = self.limits.rows_max;
        window.limit = Some(window.limit.unwrap_or(most).min(most));
        Ok(Action::Call(Box::new(Call {
            window,
            function,
            arguments,
            node,
            read_only: reads || function.volatility != Volatility::Volatile,
            counted,
        })))
    }

    fn result_node(
        &self,
        function: &'a Function,
        request: &ApiRequest,
    ) -> Result<Option<Node<'a>>, Error> {
        let filtered_by = self
            .view
            .function(function)
            .and_then(|it| it.returns.clone());
        let relation = match (&function.returns, filtered_by) {
            (Returns::Void | Returns::Scalar(_) | Returns::Record, _) => return Ok(None),
            (_, Some(name)) => Cow::Borrowed(self.relation(&name.schema, &name.name)?),
            (Returns::Relation(name), None) if self.view.identity().is_service() => {
                Cow::Borrowed(self.relation(&name.schema, &name.name)?)
            }
            (Returns::Relation(name), None) => match self.view.catalog().relation(name) {
                Some(relation) => {
                    self.result_of.set(Some(relation));
                    Cow::Owned(result_relation(function, relation.columns.clone()))
                }
                None => return Ok(None),
            },
            (Returns::Columns(columns), None) => {
                let columns = columns.iter().zip(1..).map(|(column, attnum)| Column {
                    name: column.name.clone(),
                    attnum,
                    ty: column.ty.clone(),
                    nullable: true,
                    default: None,
                    generated: Generated::No,
                    comment: None,
                });
                Cow::Owned(result_relation(function, columns.collect()))
            }
        };
        self.root(relation, &request.query).map(Some)
    }
}

/// Refuses to show as a value by itself what does not say what it is.
fn require_value(function: &Function, format: Format) -> Result<(), Error> {
    if format != Format::Value || function.media_type().is_some() {
        return Ok(());
    }
    Err(Error::new(
        &codes::MEDIA_TYPE,
        "None of these media types are available for the result of this function",
    ))
}

/// The relation whose rows the function returns; a name that no relation has for other results.
fn returned(function: &Function) -> Option<&RelationName> {
    match &function.returns {
        Returns::Relation(name) => Some(name),
        _ => None,
    }
}

fn result_relation(function: &Function, columns: Vec<Column>) -> Relation {
    Relation {
        name: RelationName::new(RESULT_SCHEMA, function.name.name.clone()),
        oid: 0,
        kind: RelationKind::View,
        columns,
        primary_key: Vec::new(),
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        indexed: Vec::new(),
        insertable: false,
        updatable: false,
        deletable: false,
        triggers: Triggers::default(),
        session: SessionNeeds::default(),
        security_invoker: false,
        comment: None,
    }
}

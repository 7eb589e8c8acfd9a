//! Function calls: which overload is meant, and how its result is read.

use std::borrow::Cow;

use postern_base::{FunctionName, RelationName, codes};
use postern_catalog::{
    Column, Function, Generated, Relation, RelationKind, Returns, SessionNeeds, Triggers,
    Volatility, nearest,
};

use super::{Action, Arguments, Call, Node, Planner};
use crate::Error;
use crate::request::{ApiRequest, Method, Payload, Window};

/// The schema name of a function's result, which no real schema can have.
const RESULT_SCHEMA: &str = "";

/// Whether the relation is a function's result rather than a table.
pub(crate) fn is_result(relation: &Relation) -> bool {
    relation.name.schema == RESULT_SCHEMA
}

impl<'a> Planner<'_, 'a> {
    pub(super) fn call(&self, name: &str, request: &ApiRequest) -> Result<Action<'a>, Error> {
        let arguments = arguments(request)?;
        let function = self.overload(&request.schema, name, &arguments)?;
        let reads = matches!(request.method, Method::Get | Method::Head);
        let node = self.result_node(function, request)?;
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

    /// Picks the overload that takes exactly these arguments.
    fn overload(
        &self,
        schema: &str,
        name: &str,
        arguments: &Arguments,
    ) -> Result<&'a Function, Error> {
        let full = FunctionName::new(schema, name);
        let visible: Vec<_> = self
            .view
            .catalog()
            .overloads(&full)
            .iter()
            .filter(|it| self.view.function(it).is_some())
            .collect();
        let names = arguments.names();
        let fitting: Vec<_> = visible.into_iter().filter(|it| takes(it, &names)).collect();
        match fitting.as_slice() {
            [one] => Ok(one),
            [] => Err(self.no_function(&full, arguments)),
            several => Err(ambiguous(several)),
        }
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

    fn no_function(&self, name: &FunctionName, arguments: &Arguments) -> Error {
        let given = arguments.names();
        let with = match given.as_slice() {
            [] => "without parameters".to_owned(),
            [one] => format!("with parameter {one}"),
            several => format!("with parameters {}", several.join(", ")),
        };
        let shown = if given.is_empty() {
            format!("{name} {with}")
        } else {
            format!("{name}({})", given.join(", "))
        };
        let message = format!("Could not find the function {shown} in the schema cache");
        let or_body = match arguments {
            Arguments::Json { .. } => " or with a single unnamed json/jsonb parameter",
            Arguments::Query(_) => "",
        };
        let details = format!(
            "Searched for the function {name} {with}{or_body}, but no matches were found in the \
             schema cache."
        );
        let error = Error::new(&codes::NO_FUNCTION, message).with_details(details);
        match self.nearest_function(name) {
            Some(meant) => {
                error.with_hint(format!("Perhaps you meant to call the function {meant}"))
            }
            None => error,
        }
    }

    fn nearest_function(&self, name: &FunctionName) -> Option<String> {
        let visible: Vec<_> = self
            .view
            .catalog()
            .functions()
            .filter(|it| it.name.schema == name.schema && self.view.function(it).is_some())
            .collect();
        let meant = nearest(&name.name, visible.iter().map(|it| it.name.name.as_str()))?;
        if meant != name.name {
            return Some(format!("{}.{meant}", name.schema));
        }
        let function = visible.iter().find(|it| it.name.name == meant)?;
        let arguments: Vec<_> = function
            .arguments
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        Some(format!("{}.{meant}({})", name.schema, arguments.join(", ")))
    }
}

impl Arguments {
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::Json { names, .. } => names.clone(),
            Self::Query(pairs) => pairs.iter().map(|(name, _)| name.clone()).collect(),
        }
    }
}

fn arguments(request: &ApiRequest) -> Result<Arguments, Error> {
    if matches!(request.method, Method::Get | Method::Head) {
        let mut last: Vec<(String, String)> = Vec::new();
        for (name, value) in &request.query.arguments {
            last.retain(|(known, _)| known != name);
            last.push((name.clone(), value.clone()));
        }
        return Ok(Arguments::Query(last));
    }
    match &request.payload {
        Payload::Json(payload) if payload.rows == 1 => Ok(Arguments::Json {
            body: payload.array.clone(),
            names: payload.keys.clone(),
        }),
        Payload::None => Ok(Arguments::Json {
            body: "[{}]".into(),
            names: Vec::new(),
        }),
        Payload::Json(_) => Err(Error::new(
            &codes::BODY,
            "The arguments must be one JSON object",
        )),
    }
}

fn takes(function: &Function, given: &[String]) -> bool {
    let known = |name: &String| function.arguments.iter().any(|it| it.name == *name);
    let needed = function
        .arguments
        .iter()
        .filter(|it| !it.has_default && !it.variadic);
    given.iter().all(known) && needed.into_iter().all(|it| given.contains(&it.name))
}

fn ambiguous(several: &[&Function]) -> Error {
    let shown: Vec<_> = several.iter().map(|it| shown_signature(it)).collect();
    let message = format!(
        "Could not choose the best candidate function between: {}",
        shown.join(", ")
    );
    Error::new(&codes::AMBIGUOUS_FUNCTION, message).with_hint(
        "Try renaming the parameters or the function itself in the database so function \
         overloading can be resolved",
    )
}

fn shown_signature(function: &Function) -> String {
    let arguments: Vec<_> = function
        .arguments
        .iter()
        .map(|it| format!("{} => {}", it.name, it.ty.sql))
        .collect();
    format!("{}({})", function.name, arguments.join(", "))
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

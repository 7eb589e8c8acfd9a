//! Inserts, upserts, updates and deletes.

use std::borrow::Cow;

use postern_base::codes;
use postern_catalog::{Generated, Relation};
use postern_policy::{OnConflict, Verb};

use super::{Action, Node, Planner, Upsert, Write, WriteKind};
use crate::Error;
use crate::request::{ApiRequest, Format, Method, Payload, Resolution, Return};
use crate::view::Grant;

impl<'a> Planner<'_, 'a> {
    pub(super) fn write(&self, name: &str, request: &ApiRequest) -> Result<Action<'a>, Error> {
        let relation = self.relation(&request.schema, name)?;
        let kind = self.kind(relation, request)?;
        self.require_writes(relation, &kind)?;
        let (body, columns) = self.body(relation, &kind, request)?;
        let returning = self.returning(relation, request)?;
        let preferences = &request.preferences;
        Ok(Action::Write(Box::new(Write {
            conditions: self.write_conditions(relation, &kind, request)?,
            address: self.address(relation, &columns, request)?,
            headers_only: preferences.representation == Some(Return::HeadersOnly),
            missing_default: preferences.missing_default == Some(true),
            max_affected: preferences.max_affected.filter(|_| {
                preferences.strict == Some(true)
                    && matches!(kind, WriteKind::Update | WriteKind::Delete)
            }),
            singular: request.representation.format == Format::Object,
            kind,
            relation,
            body,
            columns,
            returning,
        })))
    }

    fn kind(&self, relation: &Relation, request: &ApiRequest) -> Result<WriteKind, Error> {
        match request.method {
            Method::Patch => return Ok(WriteKind::Update),
            Method::Delete => return Ok(WriteKind::Delete),
            Method::Put => return self.put_kind(relation, request),
            Method::Get | Method::Head | Method::Post => {}
        }
        let Some(resolution) = request.preferences.resolution else {
            return Ok(WriteKind::Insert);
        };
        let target = match &request.query.on_conflict {
            Some(columns) => columns.clone(),
            None => relation.primary_key.clone(),
        };
        for column in &target {
            if !self.readable_columns(relation).contains(column) {
                return Err(super::column::undefined_column(relation, column));
            }
        }
        let ignore = resolution == Resolution::IgnoreDuplicates;
        let upsert = WriteKind::Upsert(Upsert {
            target: target.clone(),
            ignore,
        });
        Ok(if target.is_empty() {
            WriteKind::Insert
        } else {
            upsert
        })
    }

    fn require_writes(&self, relation: &Relation, kind: &WriteKind) -> Result<(), Error> {
        match kind {
            WriteKind::Insert => self.require(relation, Verb::Insert),
            WriteKind::Update => self.require(relation, Verb::Update),
            WriteKind::Delete => self.require(relation, Verb::Delete),
            WriteKind::Upsert(upsert) => {
                self.require(relation, Verb::Insert)?;
                self.require(relation, Verb::Select)?;
                if upsert.ignore {
                    Ok(())
                } else {
                    self.require(relation, Verb::Update)
                }
            }
        }
    }

    /// The body and the columns that it gives a value for.
    fn body(
        &self,
        relation: &'a Relation,
        kind: &WriteKind,
        request: &ApiRequest,
    ) -> Result<(Option<std::sync::Arc<str>>, Vec<String>), Error> {
        let Payload::Json(payload) = &request.payload else {
            return Ok((None, Vec::new()));
        };
        let verb = if *kind == WriteKind::Update {
            Verb::Update
        } else {
            Verb::Insert
        };
        let columns = request.query.columns.as_ref().unwrap_or(&payload.keys);
        for column in columns {
            self.require_assignable(relation, column, verb)?;
        }
        Ok((Some(payload.array.clone()), columns.clone()))
    }

    fn require_assignable(
        &self,
        relation: &'a Relation,
        name: &str,
        verb: Verb,
    ) -> Result<(), Error> {
        let column = relation
            .column(name)
            .filter(|_| self.is_known(relation, name));
        let column = column.ok_or_else(|| no_column(relation, name))?;
        if column.generated == Generated::Stored {
            return Err(generated(relation, name, verb));
        }
        let Some(Grant::Rules(access)) = self.view.grant(&relation.name, verb) else {
            return Ok(());
        };
        let denied = |message: String| Err(Error::new(&codes::DENIED, message));
        let table = &relation.name.name;
        match access.presets.get(name).map(|preset| preset.on_conflict) {
            Some(OnConflict::Same) => Ok(()),
            Some(OnConflict::Refuse) => denied(format!(
                "column \"{name}\" of table \"{table}\" is set by the server"
            )),
            None if access.columns.iter().any(|it| it == name) => Ok(()),
            None => denied(format!(
                "permission denied for column \"{name}\" of table \"{table}\""
            )),
        }
    }

    /// Whether any verb shows the column to the caller; if none does, it is not there.
    fn is_known(&self, relation: &'a Relation, name: &str) -> bool {
        [Verb::Select, Verb::Insert, Verb::Update]
            .iter()
            .any(|verb| {
                self.view.columns(relation, *verb).contains(&name)
                    || matches!(self.view.grant(&relation.name, *verb),
                    Some(Grant::Rules(access)) if access.presets.contains_key(name))
            })
    }

    /// The request's filters, for the verbs that have them.
    fn write_conditions(
        &self,
        relation: &'a Relation,
        kind: &WriteKind,
        request: &ApiRequest,
    ) -> Result<Vec<super::Condition>, Error> {
        if !matches!(kind, WriteKind::Update | WriteKind::Delete) {
            return Ok(Vec::new());
        }
        let filters = request
            .query
            .scopes
            .iter()
            .find(|(path, _)| path.is_empty());
        let Some((_, scope)) = filters else {
            return Ok(Vec::new());
        };
        if !scope.filters.is_empty() {
            self.require(relation, Verb::Select)?;
        }
        self.conditions(&self.bare_node(relation), &scope.filters)
    }

    /// How the written rows are read back.
    fn returning(
        &self,
        relation: &'a Relation,
        request: &ApiRequest,
    ) -> Result<Option<Node<'a>>, Error> {
        match request.preferences.representation {
            Some(Return::Representation) => {}
            Some(Return::HeadersOnly) => return Ok(Some(self.key_node(relation)?)),
            Some(Return::Minimal) | None => return Ok(None),
        }
        self.require(relation, Verb::Select)?;
        let mut query = request.query.clone();
        for (path, scope) in &mut query.scopes {
            if path.is_empty() {
                scope.filters.clear();
            }
        }
        let mut node = self.root(Cow::Borrowed(relation), &query)?;
        node.window = crate::request::Window::default();
        Ok(Some(node))
    }

    /// The primary key alone, for the Location header.
    fn key_node(&self, relation: &'a Relation) -> Result<Node<'a>, Error> {
        self.require(relation, Verb::Select)?;
        let mut node = self.bare_node(relation);
        for name in &relation.primary_key {
            let field = crate::request::Field {
                name: name.clone(),
                path: Vec::new(),
            };
            node.outputs.push(super::Output::Value(super::OutputValue {
                column: Some(self.field(relation, &field)?),
                cast: None,
                aggregate: None,
                aggregate_cast: None,
                name: name.clone(),
            }));
        }
        Ok(node)
    }

    pub(super) fn bare_node(&self, relation: &'a Relation) -> Node<'a> {
        Node {
            relation: Cow::Borrowed(relation),
            index: self.fresh_index(),
            outputs: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            window: crate::request::Window::default(),
            embeds: Vec::new(),
        }
    }
}

fn no_column(relation: &Relation, name: &str) -> Error {
    let table = &relation.name.name;
    Error::new(
        &codes::NO_COLUMN,
        format!("Could not find the '{name}' column of '{table}' in the schema cache"),
    )
}

fn generated(relation: &Relation, name: &str, verb: Verb) -> Error {
    let table = &relation.name.name;
    let message = match verb {
        Verb::Update => format!("column \"{name}\" can only be updated to DEFAULT"),
        _ => format!("cannot insert a non-DEFAULT value into column \"{name}\""),
    };
    let details = format!("Column \"{name}\" of table \"{table}\" is a generated column.");
    Error::new(&codes::GENERATED, message).with_details(details)
}

//! The rewriter: a plan becomes SQL in which every user table stands behind its policy.
//!
//! Reads see a projection subquery of the granted columns and rows, so that a hidden column does
//! not exist for any clause. Writes carry the check inside the first assigned column, so that one
//! statement decides and acts. Claims and client values are parameters, identifiers are quoted,
//! every operand is in parentheses. The semantics are those of native row-level security.

mod body;
mod call;
mod can;
mod check;
mod computed;
mod condition;
mod count;
mod delete;
mod embed;
mod export;
mod expr;
mod insert;
mod leak;
mod needed;
mod node;
mod projection;
mod reads;
mod represent;
mod rules;
mod saved;
mod statement;
pub mod tool;
mod typing;
mod update;
mod upsert;
mod written;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use postern_base::RoleName;
use postern_policy::Verb;

use crate::plan::{Action, Call, Plan, Write, WriteKind};
use crate::request::Format;
use crate::rewritten::{AnswerKind, AnswerShape, Fixed, Media, Mode, Transaction};
use crate::{Error, Rewritten, View};

pub use can::{Can, can};
pub use rules::Rules;
pub use saved::{SavedArguments, SavedProbe, rewrite_saved, saved_probe};
pub(crate) use statement::{Statement, claim_param};

/// Applies the caller's policies to a plan and prints the statement.
///
/// # Errors
/// Fails closed: whatever the view does not grant any more is refused.
pub fn rewrite<'a>(plan: &Plan<'a>, view: &View<'a>) -> Result<Rewritten, Error> {
    rewrite_by(plan, view, Rules::ALL)
}

/// Like [`rewrite`], with some protections taken out, to prove that the tests notice.
///
/// # Errors
/// As [`rewrite`].
#[cfg(feature = "mutants")]
pub fn rewrite_with(plan: &Plan<'_>, view: &View<'_>, rules: Rules) -> Result<Rewritten, Error> {
    rewrite_by(plan, view, rules)
}

fn rewrite_by<'a>(plan: &Plan<'a>, view: &View<'a>, rules: Rules) -> Result<Rewritten, Error> {
    let mut statement = Statement::new(view, rules);
    statement.format = plan.representation.format;
    let mut native_role = None;
    let mode = match &plan.action {
        Action::Read(read) => {
            statement.read(read, plan)?;
            Mode::ReadOnly
        }
        Action::Write(write) => {
            statement.write(write, plan)?;
            Mode::ReadWrite
        }
        Action::Call(call) => {
            native_role = statement.call(call, plan)?;
            if call.read_only {
                Mode::ReadOnly
            } else {
                Mode::ReadWrite
            }
        }
    };
    statement.require_assurance()?;
    let native_role = statement.in_database_role().or(native_role);
    let transaction = Transaction::of(plan);
    if plan.representation.explain.is_some() {
        statement.require_session(|| "the request asks for a plan".to_owned());
    }
    if !transaction.is_ordinary() {
        statement.require_session(|| "the request asks for a transaction of its own".to_owned());
    }
    let estimate = statement.estimate(plan)?;
    let export = statement.export(plan)?;
    let (claims, assurance) = (statement.claims(), statement.assurance());
    let (sql, params, route) = statement.finish();
    let fixed = Fixed {
        sql,
        route,
        mode,
        native_role,
        transaction,
        answer: answer_shape(plan, view),
    };
    Ok(Rewritten {
        fixed: Arc::new(fixed),
        params,
        claims,
        assurance,
        estimate,
        export,
    })
}

impl<'a> Statement<'_, 'a> {
    /// Ends a statement that only asks: it writes nothing, and nothing of it is estimated.
    fn into_question(mut self, answer: AnswerShape) -> Result<Rewritten, Error> {
        self.require_assurance()?;
        let native_role = self.in_database_role();
        let (sql, params, route) = self.finish();
        let fixed = Fixed {
            sql,
            route,
            mode: Mode::ReadOnly,
            native_role,
            transaction: Transaction::default(),
            answer,
        };
        Ok(Rewritten::of(fixed, params))
    }

    /// The role of the database that the statement runs as, where the database decides as well.
    fn in_database_role(&mut self) -> Option<RoleName> {
        let role = self.view.database_role()?.clone();
        self.require_session(|| format!("it runs as the database role `{role}`"));
        Some(role)
    }

    fn write(&mut self, write: &Write<'a>, plan: &Plan<'a>) -> Result<(), Error> {
        match &write.kind {
            WriteKind::Insert | WriteKind::Upsert(_) => self.insert(write, plan),
            WriteKind::Update => self.update(write, plan),
            WriteKind::Delete => self.delete(write, plan),
        }
    }
}

/// What a body is that says so by the name of its type.
fn media(plan: &Plan<'_>, view: &View<'_>) -> Option<Media> {
    let maker = match (&plan.action, plan.representation.format) {
        (Action::Call(call), Format::Value) => Some(call.function),
        (_, Format::Handler(oid)) => view.catalog().handlers().find(|it| it.oid == oid),
        _ => None,
    };
    let ty = maker?.media_type()?;
    Some(Media {
        name: ty.name.clone(),
        is_bytes: ty.operator_name() == "bytea",
    })
}

fn answer_shape(plan: &Plan<'_>, view: &View<'_>) -> AnswerShape {
    let (kind, offset, counted, returns_rows, location) = match &plan.action {
        Action::Read(read) => (
            AnswerKind::Read,
            read.node.window.offset,
            read.count.is_some(),
            true,
            None,
        ),
        Action::Write(write) => {
            let location = write
                .headers_only
                .then(|| write.relation.primary_key.clone());
            let rows = write.returning.is_some() && !write.headers_only;
            (
                write_kind(write),
                0,
                plan.preferences.count.is_some(),
                rows,
                location,
            )
        }
        Action::Call(call) => {
            let offset = call
                .node
                .as_ref()
                .map_or(call.window.offset, |it| it.window.offset);
            (call_kind(call), offset, call.counted, true, None)
        }
    };
    AnswerShape {
        kind,
        format: plan.representation.format,
        strip_nulls: plan.representation.strip_nulls,
        explain: plan.representation.explain,
        media: media(plan, view),
        offset,
        counted,
        returns_rows,
        location,
        preferences: count::applied(plan),
        schema: plan.schema.clone(),
    }
}

fn write_kind(write: &Write<'_>) -> AnswerKind {
    match write.kind {
        WriteKind::Insert => AnswerKind::Insert,
        WriteKind::Upsert(_) => AnswerKind::Upsert,
        WriteKind::Update => AnswerKind::Update,
        WriteKind::Delete => AnswerKind::Delete,
    }
}

fn call_kind(call: &Call<'_>) -> AnswerKind {
    use postern_catalog::Returns;
    match (&call.function.returns, call.function.returns_set) {
        (Returns::Void, _) => AnswerKind::RpcVoid,
        (_, true) => AnswerKind::RpcRows,
        (_, false) => AnswerKind::RpcValue,
    }
}

/// Whether the format wants one row by itself.
fn is_singular(format: Format) -> bool {
    format == Format::Object
}

/// The reason for the session path that a verb on a relation has, if any.
fn session_reason(relation: &postern_catalog::Relation, verb: Verb) -> Option<&String> {
    match verb {
        Verb::Select => relation.session.select.as_ref(),
        Verb::Insert => relation.session.insert.as_ref(),
        Verb::Update => relation.session.update.as_ref(),
        Verb::Delete => relation.session.delete.as_ref(),
    }
}

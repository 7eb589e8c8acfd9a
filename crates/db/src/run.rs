//! Running rewritten statements: the fast path, the session path, and what they answer.

mod estimate;
mod explain;
mod export;
mod fast;
mod limits;
mod param;
mod rehearsal;
mod session;
#[cfg(test)]
mod tests;
mod trial;

use postern_base::Identity;
use postern_query::{AnswerKind, Estimate, Mode, Param, Rewritten, Route, Transaction};
use tokio_postgres::Row;

use crate::admin::quote_identifier;
use crate::config::{Class, Complaints};
use crate::error::Audience;
use crate::{Db, Error};

pub(crate) use export::run as export;
pub use export::{Chunks, Exported};
pub(crate) use rehearsal::rehearse;
pub(crate) use session::ending::Endings;
pub(crate) use trial::{TrialRun, plan_in_trial, run_in_trial, text_in_trial};

/// Who asks, and how: what a transaction on the session path may look at.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The verified identity.
    pub identity: &'a Identity,
    /// The role that the policies gave it, which stands in for a missing `role` claim.
    pub role: &'a str,
    /// The request as SQL may see it.
    pub request: &'a RequestSettings,
}

/// The request as SQL may see it through `current_setting('request.…')`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestSettings {
    /// `request.method`
    pub method: String,
    /// `request.path`
    pub path: String,
    /// `request.headers`: a JSON object with lower-case keys.
    pub headers_json: String,
    /// `request.cookies`: a JSON object.
    pub cookies_json: String,
}

/// The one row that every rewritten statement yields, and what a function asked for besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The body as Postgres made it.
    pub body: Option<String>,
    /// Rows on this page, or rows written.
    pub page_rows: u64,
    /// Rows without the window, when they were counted.
    pub total_rows: Option<u64>,
    /// Rows that an upsert inserted rather than updated.
    pub inserted_rows: u64,
    /// `response.headers` as a function set it.
    pub response_headers: Option<String>,
    /// `response.status` as a function set it.
    pub response_status: Option<String>,
}

/// A statement apart from its type, so that tests inside this module can run their own.
#[derive(Clone, Copy)]
struct Statement<'a> {
    sql: &'a str,
    /// It can only read, and calls no function by its name.
    reads_relations: bool,
    /// What comes back are the lines of a plan.
    explains: bool,
    /// An `EXPLAIN` whose plan goes with the answer, and its parameters.
    question: Option<(&'a str, &'a [Param])>,
    params: &'a [Param],
    mode: Mode,
    /// The schema that answers; first on the search path of the session.
    schema: &'a str,
    native_role: Option<&'a str>,
    transaction: &'a Transaction,
}

/// Runs a statement on the way that the rewriter chose.
pub(crate) async fn run(
    db: &Db,
    rewritten: &Rewritten,
    caller: &Caller<'_>,
) -> Result<Answer, Error> {
    let explained = rewritten.answer().explain;
    let explained = explained.map(|it| explain::statement(it, rewritten.sql()));
    let statement = Statement {
        explains: explained.is_some(),
        sql: explained.as_deref().unwrap_or(rewritten.sql()),
        ..Statement::of(rewritten)
    };
    let question = rewritten.estimate().filter(|_| !statement.explains);
    let statement = Statement {
        question: question.map(|it| (it.sql(), it.params())),
        ..statement
    };
    let Ran { mut answer, plan } = run_statement(db, statement, rewritten.route(), caller).await?;
    if let Some(question) = question {
        estimate::complete(&mut answer, question, async || match plan {
            Some(plan) => Ok(plan),
            None => {
                let asked = statement.asking(question);
                let ran = run_statement(db, asked, rewritten.route(), caller).await;
                ran.map(|it| it.answer)
            }
        })
        .await?;
    }
    Ok(answer)
}

/// What came of a statement.
struct Ran {
    answer: Answer,
    /// The plan that its question asked for, where both ran in one transaction.
    plan: Option<Answer>,
}

impl From<Answer> for Ran {
    fn from(answer: Answer) -> Self {
        Self { answer, plan: None }
    }
}

impl<'a> Statement<'a> {
    fn of(rewritten: &'a Rewritten) -> Self {
        let is_read = rewritten.answer().kind == AnswerKind::Read;
        Self {
            sql: rewritten.sql(),
            reads_relations: is_read && rewritten.mode() == Mode::ReadOnly,
            explains: false,
            question: None,
            params: rewritten.params(),
            mode: rewritten.mode(),
            schema: &rewritten.answer().schema,
            native_role: rewritten.native_role().map(|role| role.as_str()),
            transaction: rewritten.transaction(),
        }
    }

    /// The question as a statement by itself.
    fn asking(self, question: &'a Estimate) -> Self {
        Self {
            sql: question.sql(),
            explains: true,
            question: None,
            params: question.params(),
            ..self
        }
    }
}

async fn run_statement(
    db: &Db,
    statement: Statement<'_>,
    route: &Route,
    caller: &Caller<'_>,
) -> Result<Ran, Error> {
    let class = Class::of(caller.identity);
    let of_role = db.role_settings(statement.native_role);
    let of_role = of_role.as_deref();
    let allowed = limits::allowed(db, statement, of_role, class);
    let patience = limits::patience(db, allowed);
    limits::require_role(db, statement)?;
    let work = async {
        match (route, statement.native_role) {
            (Route::Fast, None) if db.config().pre_request.is_none() => {
                let answer = fast::run(db, statement, class, caller).await;
                answer.map(Ran::from)
            }
            // SECURITY: a role can only be switched in a transaction of its own, and what is
            // called before the statement must be in the same one.
            (Route::Session { .. } | Route::Fast, _) => {
                // On the heap: it is large, and would be moved with each request that has no need
                // of it.
                Box::pin(session::run(db, statement, (allowed, of_role), caller)).await
            }
        }
    };
    tokio::time::timeout(patience, work)
        .await
        .unwrap_or(Err(Error::Busy))
}

/// The `search_path` of a request: its schema, then the configured ones, all quoted.
pub(crate) fn search_path(schema: Option<&str>, configured: &[String]) -> String {
    let mut names: Vec<&str> = schema.into_iter().collect();
    for name in configured {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let quoted: Vec<String> = names.into_iter().map(quote_identifier).collect();
    quoted.join(",")
}

fn audience<'a>(db: &Db, caller: &Caller<'_>, params: &'a [Param]) -> Audience<'a> {
    let passthrough = db.config().passthrough.as_ref();
    let whole = passthrough.is_some_and(|it| it.complaints == Complaints::Whole);
    Audience {
        service: whole || caller.identity.is_service(),
        anonymous: caller.identity.is_anonymous(),
        params,
    }
}

/// Reads the four columns of `Rewritten`'s contract.
fn answer(row: Option<Row>) -> Result<Answer, Error> {
    let shape = |reason| Error::Shape { reason };
    let row = row.ok_or(shape("a statement yielded no row"))?;
    let count = |index: usize| -> Result<Option<u64>, Error> {
        let value: Option<i64> = row
            .try_get(index)
            .map_err(|_| shape("a count is not of type int8"))?;
        Ok(value.and_then(|it| u64::try_from(it).ok()))
    };
    Ok(Answer {
        body: row
            .try_get(0)
            .map_err(|_| shape("the body is not of type text"))?,
        page_rows: count(1)?.unwrap_or(0),
        total_rows: count(2)?,
        inserted_rows: count(3)?.unwrap_or(0),
        response_headers: None,
        response_status: None,
    })
}

//! Beginning a run, looking at it, stopping it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::rt;
use askama::Template as _;
use futures_util::future;
use postern_auth::admins::SqlNote;
use postern_base::Identity;
use postern_db::console::{SqlAnswer, SqlMode, SqlWish, TypedSql};
use uuid::Uuid;

use super::kept::{Outcome, Run, Wish};
use super::table::Results;
use super::{asked, desk};
use crate::answer::{Answer, page, see};
use crate::console::Console;
use crate::failure::Failure;
use crate::pages::policies::caller::CallerForm;
use crate::place::UNKEPT;
use crate::visit::Visit;

/// How long a run is waited for before the page says that it goes on.
const WAIT: Duration = Duration::from_millis(700);
/// What the form says for a run in somebody's name.
const ASKED: &str = "asked";
/// How many rows may be asked for, the usual number first.
pub(super) const ROWS: [usize; 2] = [100, 1_000];

/// `POST /console/sql/run`
pub(crate) async fn read(visit: &Visit) -> Answer {
    begin(visit, SqlMode::ReadOnly).await
}

/// `POST /console/sql/write`
pub(crate) async fn write(visit: &Visit) -> Answer {
    begin(visit, SqlMode::Write).await
}

/// `GET /console/sql/{id}/runs/{run}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let run = find(visit)?;
    if visit.wants_part() {
        return page(&results(visit, &run)?);
    }
    desk::show_run(visit, &run, results(visit, &run)?).await
}

/// `POST /console/sql/{id}/runs/{run}/stop`
pub(crate) async fn stop(visit: &Visit) -> Answer {
    let run = find(visit)?;
    run.stop.stop().await;
    see(&run.place())
}

/// The run of this address.
pub(super) fn find(visit: &Visit) -> Result<Arc<Run>, Failure> {
    let run = visit.console.runs.find(visit.segment("run"));
    let run = run.ok_or(Failure::Missing)?;
    let snippet = run.snippet().map(|it| it.to_string());
    match visit.segment("id") == snippet.as_deref().unwrap_or(UNKEPT) {
        true => Ok(run),
        false => Err(Failure::Missing),
    }
}

fn results<'r>(visit: &Visit, run: &'r Run) -> Result<Results<'r>, Failure> {
    let session = visit.session()?;
    Ok(Results::new(
        run,
        visit.console.auth.admin_form_token(session),
    ))
}

async fn begin(visit: &Visit, mode: SqlMode) -> Answer {
    let mut wish = wish(visit, mode)?;
    let identity = match visit.form.text("answer") == ASKED && mode == SqlMode::ReadOnly {
        true => {
            let snapshot = visit.console.rest.snapshot();
            let form = CallerForm::read(visit);
            let caller = form.caller(visit, &snapshot.bundle).await;
            let caller = caller.map_err(postern_auth::Error::invalid)?;
            wish.caller = Some(caller.name);
            Some(caller.identity)
        }
        false => None,
    };
    let note = SqlNote {
        writes: mode == SqlMode::Write,
        caller: wish.caller.as_deref().unwrap_or("project"),
        sql: &wish.sql,
    };
    // What cannot be noted does not run.
    visit.console.auth.note_sql(note, &visit.context).await?;
    let run = visit.console.runs.enter(wish);
    let work = rt::spawn(work(Arc::clone(&visit.console), Arc::clone(&run), identity));
    future::select(work, Box::pin(rt::time::sleep(WAIT))).await;
    if !visit.wants_part() {
        return see(&run.place());
    }
    let text = results(visit, &run)?.render();
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("HX-Push-Url", run.place().to_string()))
        .body(text.map_err(|_| Failure::Broken)?))
}

fn wish(visit: &Visit, mode: SqlMode) -> Result<Wish, Failure> {
    let form = &visit.form;
    let snippet: Option<Uuid> = form.text("snippet").parse().ok();
    let version = form.text("version").parse().unwrap_or(0);
    let rows = form.text("rows").parse().ok();
    Ok(Wish {
        of: snippet.map(|id| (id, version)),
        name: form.text("name").to_owned(),
        // Browsers send line ends as CR LF; places are counted without.
        sql: form.text("sql").replace("\r\n", "\n"),
        mode,
        answer: match form.text("answer") {
            "plan" => SqlAnswer::Plan,
            "measured" => SqlAnswer::MeasuredPlan,
            _ => SqlAnswer::Rows,
        },
        rows_max: rows.filter(|it| ROWS.contains(it)).unwrap_or(ROWS[0]),
        caller: None,
        by: visit.session()?.admin.email.clone(),
        began: visit.context.now,
    })
}

async fn work(console: Arc<Console>, run: Arc<Run>, identity: Option<Identity>) {
    let wish = &run.wish;
    if let Some(identity) = identity {
        run.end(asked::ask(&console, wish, &identity).await);
        return;
    }
    // The one place where somebody's own SQL becomes something that can run; see ADR 0031.
    #[allow(
        clippy::disallowed_methods,
        reason = "the route has asked for an editor, or for an owner with a fresh proof"
    )]
    let sql = TypedSql::by_an_admin(wish.sql.clone());
    let asked = SqlWish {
        sql,
        mode: wish.mode,
        answer: wish.answer,
        rows_max: wish.rows_max,
    };
    run.end(match console.sql.run(&asked, &run.stop).await {
        Ok(report) => Outcome::Ran(report),
        Err(error) => Outcome::Refused(error),
    });
}

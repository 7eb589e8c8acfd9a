//! From a confirmed form to a migration, and what the admin is told of it.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::rt::time::{sleep, timeout};
use postern_base::RelationName;
use serde_json::{Map, json};

use super::fields::Notice;
use super::plan::Plan;
use super::targets::Targets;
use super::types::Types;
use crate::answer::{Answer, see_other};
use crate::backstage::{BuildError, Draft};
use crate::failure::{Failure, sentence};
use crate::form::address;
use crate::place::{Place, TablePage};
use crate::visit::Visit;

/// How long to wait until what was changed is served; the page is right without, only older.
const SERVED_WITHIN: Duration = Duration::from_secs(20);
/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// What a form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// One more column.
    Column,
    /// One more index.
    Index,
    /// One more foreign key over several columns.
    Link,
    /// One more check.
    Check,
    /// The SQL, to be looked at.
    Look,
    /// The SQL, to be run.
    Run,
    /// The SQL as a file.
    File,
    /// The SQL as a draft beside the migrations.
    Keep,
}

impl Step {
    /// What the button says that was pressed.
    pub(super) fn of(visit: &Visit) -> Self {
        match visit.form.text("step") {
            "column" => Self::Column,
            "index" => Self::Index,
            "link" => Self::Link,
            "check" => Self::Check,
            "run" => Self::Run,
            "file" => Self::File,
            "keep" => Self::Keep,
            _ => Self::Look,
        }
    }
}

/// What the fields are looked up in.
pub(super) async fn lists(visit: &Visit) -> Result<(Types, Targets), Failure> {
    let console = &visit.console;
    let types = Types::new(console.db.column_types().await?);
    Ok((types, Targets::new(&console.rest.snapshot().catalog)))
}

/// What came of a step: an answer, or something to say above the form.
pub(super) enum Came {
    Done(HttpResponse),
    Told(Notice),
    Nothing,
}

/// Does what a step asks for; `table` is the table as it is called before. `may_destroy` says
/// whether the proof was given that a plan needs under which values go.
pub(super) async fn act(
    visit: &Visit,
    step: Step,
    plan: &Plan,
    table: &RelationName,
    may_destroy: MayDestroy,
) -> Result<Came, Failure> {
    let is_ready = plan.problems.is_empty() && !plan.sql.is_empty();
    match step {
        Step::File if is_ready => Ok(Came::Done(file(plan))),
        Step::Keep if is_ready => Ok(Came::Told(keep(visit, plan).await)),
        Step::Run if is_ready => {
            // What runs is what was seen: browsers send line ends of their own.
            let seen = visit.form.text("shown").replace("\r\n", "\n");
            if seen != plan.sql {
                return Ok(Came::Told(Notice {
                    is_bad: false,
                    title: t!("ddl.changed").to_owned(),
                    text: String::new(),
                    offers_draft: false,
                }));
            }
            if plan.is_destructive && may_destroy == MayDestroy::No {
                return Ok(Came::Nothing);
            }
            run(visit, plan, table).await
        }
        _ => Ok(Came::Nothing),
    }
}

/// Whether values may go: the address that the form was sent to asks for the password, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MayDestroy {
    Yes,
    No,
}

async fn run(visit: &Visit, plan: &Plan, table: &RelationName) -> Result<Came, Failure> {
    let before = visit.console.rest.snapshot().catalog.version();
    let draft = draft(plan);
    let name = match visit.console.backstage.migrate(draft).await {
        Ok(name) => name,
        Err(error) => return Ok(Came::Told(refused(error))),
    };
    let traits = [
        ("migration", json!(name)),
        ("table", json!(format!("{}.{}", table.schema, table.name))),
    ];
    let traits = traits.map(|(name, it)| (name.to_owned(), it));
    let traits = Map::from_iter(traits);
    let context = &visit.context;
    visit
        .console
        .auth
        .note_admin("schema_changed", traits, context)
        .await?;
    if plan.is_seen {
        // Whoever waits in vain sees the old picture for a moment, which is no failure.
        timeout(SERVED_WITHIN, served_after(visit, before))
            .await
            .ok();
    }
    let page = match &plan.table {
        Some(table) => Place::Table(table.clone(), TablePage::Tab("structure")),
        None => Place::Tables,
    };
    let applied = address(&page.to_string(), &[("applied", &name)]);
    Ok(Came::Done(see_other(&applied)))
}

async fn served_after(visit: &Visit, before: u64) {
    while visit.console.rest.snapshot().catalog.version() == before {
        sleep(LOOK_EVERY).await;
    }
}

fn draft(plan: &Plan) -> Draft {
    Draft {
        slug: match plan.slug.as_str() {
            "" => "change".to_owned(),
            slug => slug.to_owned(),
        },
        sql: plan.sql.clone(),
    }
}

fn refused(error: BuildError) -> Notice {
    let (title, text) = match error {
        BuildError::Refused { line, message } => {
            let told = match line {
                Some(line) => t!("ddl.refused_line", line, message),
                None => message,
            };
            (
                t!("ddl.refused"),
                format!("{} {}", sentence(&told), t!("ddl.refused_text")),
            )
        }
        BuildError::NoFolder | BuildError::Blocked(_) | BuildError::Failed(_) => {
            (t!("ddl.blocked"), sentence(&error.to_string()))
        }
    };
    Notice {
        is_bad: true,
        title: title.to_owned(),
        text,
        offers_draft: true,
    }
}

async fn keep(visit: &Visit, plan: &Plan) -> Notice {
    match visit.console.backstage.keep(draft(plan)).await {
        Ok(name) => Notice {
            is_bad: false,
            title: t!("ddl.kept", name),
            text: t!("ddl.kept_text").to_owned(),
            offers_draft: false,
        },
        Err(error) => Notice {
            offers_draft: false,
            ..refused(error)
        },
    }
}

/// The SQL as a file. Its name has no number: the folder is elsewhere, and knows the next one.
fn file(plan: &Plan) -> HttpResponse {
    let name = format!("attachment; filename=\"{}.sql\"", draft(plan).slug);
    HttpResponse::Ok()
        .content_type("application/sql; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, name))
        .body(plan.sql.clone())
}

/// The page after a step: what was refused says so in its status as well.
pub(super) fn status(notice: Option<&Notice>) -> StatusCode {
    match notice {
        Some(notice) if notice.is_bad => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    }
}

/// A page that a step came to.
pub(super) fn shown(page: &impl askama::Template, status: StatusCode) -> Answer {
    crate::answer::html(status, page)
}

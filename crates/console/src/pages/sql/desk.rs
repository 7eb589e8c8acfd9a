//! The desk: the list of kept texts, one text to work on, and below it what came of its run.

use actix_web::http::StatusCode;
use askama::Template;
use postern_auth::admins::{Kept, Snippet, SnippetDraft};
use uuid::Uuid;

use super::kept::Run;
use super::runs::ROWS;
use super::table::Results;
use crate::answer::{Answer, html, page, see};
use crate::chrome::{Chrome, Spot};
use crate::place::{Place, SqlPlace};
use crate::visit::Visit;

/// Most names that the editor offers.
const WORDS_MAX: usize = 3_000;

#[derive(Template)]
#[template(path = "sql.html")]
struct Page<'r> {
    chrome: Chrome,
    nonce: String,
    /// What the editor offers while somebody types: tables and their columns.
    words: Vec<String>,
    /// Whether the password was given lately enough for a run that changes something.
    is_proved: bool,
    snippets: Vec<Snippet>,
    desk: Desk,
    versions: Vec<Snippet>,
    results: Option<Results<'r>>,
}

/// What the template asks for.
impl Page<'_> {
    fn empty_desk(&self) -> Place {
        Place::Sql(SqlPlace::Desk)
    }

    fn reading(&self) -> Place {
        Place::Sql(SqlPlace::Read)
    }

    fn writing(&self) -> Place {
        Place::Sql(SqlPlace::Write)
    }

    fn proving(&self) -> Place {
        Place::Reauth(self.chrome.here.clone())
    }

    fn kept(&self, snippet: &Snippet) -> Place {
        Place::Sql(SqlPlace::Snippet(snippet.id))
    }

    fn version(&self, snippet: &Snippet) -> Place {
        Place::Sql(SqlPlace::Version(snippet.id, snippet.version))
    }

    fn forgetting(&self) -> Option<Place> {
        self.desk.id().map(|id| Place::Sql(SqlPlace::Drop(id)))
    }

    fn is_current(&self, snippet: &Snippet) -> bool {
        self.desk.id() == Some(snippet.id)
    }

    fn is_wanted(&self, rows: &usize) -> bool {
        self.desk.rows_max == *rows
    }
}

/// What lies on the desk.
struct Desk {
    /// The kept text, and the number that this one began with.
    of: Option<(Uuid, i32)>,
    name: String,
    sql: String,
    rows_max: usize,
    /// What somebody else has saved meanwhile.
    newer: Option<Snippet>,
    /// Whether this is a text of the past.
    is_older: bool,
}

impl Desk {
    fn empty() -> Self {
        Self {
            of: None,
            name: String::new(),
            sql: String::new(),
            rows_max: ROWS[0],
            newer: None,
            is_older: false,
        }
    }

    fn id(&self) -> Option<Uuid> {
        self.of.map(|(id, _)| id)
    }

    /// What a draft in the browser is filed under.
    fn key(&self) -> String {
        self.id().map_or_else(|| "new".into(), |it| it.to_string())
    }

    fn keep(&self) -> Place {
        Place::Sql(self.id().map_or(SqlPlace::Desk, SqlPlace::Snippet))
    }
}

/// `GET /console/sql`
pub(crate) async fn show(visit: &Visit) -> Answer {
    page(&on_desk(visit, Desk::empty(), None).await?)
}

/// `GET /console/sql/{id}?version=…`
pub(crate) async fn show_kept(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    let now = auth.snippet(id, None).await?;
    let wish: Option<i32> = visit.query.text("version").parse().ok();
    let wish = wish.filter(|it| *it != now.version);
    let shown = match wish {
        Some(version) => auth.snippet(id, Some(version)).await?,
        None => now.clone(),
    };
    let desk = Desk {
        // An older text that is saved becomes the newest.
        of: Some((id, now.version)),
        name: shown.name,
        sql: shown.body,
        is_older: wish.is_some(),
        ..Desk::empty()
    };
    page(&on_desk(visit, desk, None).await?)
}

/// `POST /console/sql`
pub(crate) async fn keep(visit: &Visit) -> Answer {
    save(visit, None).await
}

/// `POST /console/sql/{id}`
pub(crate) async fn keep_again(visit: &Visit) -> Answer {
    let version = visit.form.text("version").parse().unwrap_or(0);
    save(visit, Some((visit.id()?, version))).await
}

/// `POST /console/sql/{id}/delete`
pub(crate) async fn forget(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    auth.drop_snippet(visit.id()?, &visit.context).await?;
    see(&Place::Sql(SqlPlace::Desk))
}

/// The page of a run: its text on the desk, its results below.
pub(super) async fn show_run(visit: &Visit, run: &Run, results: Results<'_>) -> Answer {
    let desk = Desk {
        of: run.wish.of,
        name: run.wish.name.clone(),
        sql: run.wish.sql.clone(),
        rows_max: run.wish.rows_max,
        ..Desk::empty()
    };
    page(&on_desk(visit, desk, Some(results)).await?)
}

async fn save(visit: &Visit, of: Option<(Uuid, i32)>) -> Answer {
    let form = &visit.form;
    let body = form.text("sql").replace("\r\n", "\n");
    let draft = SnippetDraft {
        name: form.text("name"),
        body: &body,
        of,
    };
    let auth = &visit.console.auth;
    match auth.keep_snippet(draft, &visit.context).await? {
        Kept::Saved(snippet) => see(&Place::Sql(SqlPlace::Snippet(snippet.id))),
        Kept::Stale(newer) => {
            let desk = Desk {
                // Saved once more, it replaces what it has been shown beside.
                of: Some((newer.id, newer.version)),
                name: form.text("name").to_owned(),
                newer: Some(newer),
                sql: body,
                ..Desk::empty()
            };
            html(StatusCode::CONFLICT, &on_desk(visit, desk, None).await?)
        }
    }
}

async fn on_desk<'r>(
    visit: &Visit,
    desk: Desk,
    results: Option<Results<'r>>,
) -> Result<Page<'r>, crate::failure::Failure> {
    let auth = &visit.console.auth;
    let versions = match desk.id() {
        Some(id) => auth.snippet_versions(id).await?,
        None => Vec::new(),
    };
    let title = match desk.name.trim() {
        "" => t!("sql.title").to_owned(),
        name => name.to_owned(),
    };
    let session = visit.session()?;
    let mut chrome = Chrome::new(visit, title, Spot::Sql);
    if desk.id().is_some() {
        chrome = chrome.below(Place::Sql(SqlPlace::Desk), t!("sql.title"));
    }
    Ok(Page {
        chrome,
        nonce: visit.nonce.clone(),
        words: words(visit),
        is_proved: session.is_proved(visit.context.now),
        snippets: auth.snippets().await?,
        versions,
        desk,
        results,
    })
}

/// The names of tables and columns, as many as an editor can offer without being slow.
fn words(visit: &Visit) -> Vec<String> {
    let snapshot = visit.console.rest.snapshot();
    let mut words = std::collections::BTreeSet::new();
    for relation in snapshot.catalog.relations() {
        words.insert(relation.name.name.clone());
        words.extend(relation.columns.iter().map(|it| it.name.clone()));
        if words.len() > WORDS_MAX {
            break;
        }
    }
    words.into_iter().collect()
}

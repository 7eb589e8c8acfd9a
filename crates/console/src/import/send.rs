//! Sends rows through the data API, in process and under the service identity.
//!
//! SECURITY: the request is written in the API's own grammar, so that the statement is one that
//! the rewriter made; values travel as one bound parameter.

use postern_base::Identity;
use postern_db::RequestSettings;
use postern_query::request::{Method, RawBody, RawRequest, Representation, Target};
use postern_rest::RestService;
use url::form_urlencoded;

use super::Import;
use crate::pages::tables::ask;
use crate::refusal::Refusal;

/// A row that is ready: its line, and its values as a JSON object.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) json: String,
}

/// How a statement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// What it did stays.
    Kept,
    /// It is taken back.
    Undone,
}

/// Where the rows of an import go.
pub(super) struct Sender<'a> {
    rest: &'a RestService,
    import: &'a Import,
    query: String,
}

impl<'a> Sender<'a> {
    /// Rows with values for these columns.
    pub(super) fn new<'c>(
        rest: &'a RestService,
        import: &'a Import,
        columns: impl Iterator<Item = &'c str>,
    ) -> Self {
        let names: Vec<_> = columns.map(ask::name).collect();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("columns", &names.join(","));
        Self {
            rest,
            import,
            query: query.finish(),
        }
    }

    /// Sends rows as one statement, unless the admin wants no more of it. What was kept is kept;
    /// what was tried before they wanted it is told of as stopped.
    pub(super) async fn send(&self, rows: &[&Row], end: End) -> Result<(), Refusal> {
        if self.import.is_stopped() {
            return Err(stopped());
        }
        let sent = self.statement(rows, end).await;
        match end {
            End::Undone if self.import.is_stopped() => Err(stopped()),
            _ => sent,
        }
    }

    async fn statement(&self, rows: &[&Row], end: End) -> Result<(), Refusal> {
        if rows.is_empty() {
            return Ok(());
        }
        let bytes: usize = rows.iter().map(|it| it.json.len() + 1).sum();
        let mut body = String::with_capacity(bytes + 2);
        for row in rows {
            body.push(if body.is_empty() { '[' } else { ',' });
            body.push_str(&row.json);
        }
        body.push(']');
        let table = &self.import.table;
        let request = RawRequest {
            method: Method::Post,
            target: Target::Relation(table.name.clone()),
            schema: &table.schema,
            query: &self.query,
            // A value that is not given is the column's default.
            prefer: vec!["missing=default", "return=minimal"],
            range: None,
            representation: Representation::default(),
            body: Some(RawBody::from(body)),
        };
        let settings = || RequestSettings {
            method: "POST".to_owned(),
            path: format!("/{}", table.name),
            headers_json: "{}".to_owned(),
            cookies_json: "{}".to_owned(),
        };
        let identity = Identity::service();
        let answered = match end {
            End::Kept => self.rest.answer(&identity, &request, settings).await,
            End::Undone => self.rest.try_out(&identity, &request, settings).await,
        };
        answered.map(|_| ()).map_err(Refusal::of)
    }
}

/// Why nothing more is sent.
fn stopped() -> Refusal {
    let mut refusal = Refusal::gone();
    t!("import.stopped").clone_into(&mut refusal.message);
    refusal
}

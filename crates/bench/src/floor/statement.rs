//! The SQL that Postern would send, with the places of the values that change.
//!
//! Each operation is rewritten once at start with marked values; a parameter that equals a mark is
//! filled per request, every other one is a constant.

use std::error::Error;

use anyhow::{Context, Result, anyhow, bail};
use bytes::BytesMut;
use postern_base::limits::Limits;
use postern_base::{Claims, Identity, RoleName, Secret, Trust};
use postern_db::{Db, DbConfig};
use postern_policy::SourceFile;
use postern_query::request::{Method, RawRequest, Representation, Target};
use postern_query::{Param, View};
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

use crate::operation::{EMBED, LIST, POINT};
use crate::servers::project_folder;
use crate::tokens::claims;

/// Marks that no constant of a statement can equal.
const SUBJECT: &str = "fedcba98-0000-4000-8000-000000000001";
const TASK: &str = "7234567890123";
const BODY: &str = r#"{"title":"marked","priority":1}"#;

/// Who decides about rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decides {
    /// The policy files: conditions are in the statement.
    Policies,
    /// The database: the statement runs as the caller's role.
    Database,
}

/// The statements of all operations.
pub(super) struct HandStatements {
    pub(super) point: Statement,
    pub(super) list: Statement,
    pub(super) embed: Statement,
    pub(super) insert: Statement,
}

/// A statement with the places of its values.
pub(super) struct Statement {
    pub(super) sql: String,
    slots: Vec<Slot>,
}

enum Slot {
    Constant(Option<String>),
    Subject,
    Task,
    Body,
}

/// The values of one request.
pub(super) struct Bound<'a> {
    pub(super) subject: &'a str,
    pub(super) task: &'a str,
    pub(super) body: &'a str,
}

impl Statement {
    /// The parameters for one request.
    pub(super) fn params<'a>(&'a self, values: &Bound<'a>) -> Vec<Text<'a>> {
        let param = |slot: &'a Slot| match slot {
            Slot::Constant(text) => Text(text.as_deref()),
            Slot::Subject => Text(Some(values.subject)),
            Slot::Task => Text(Some(values.task)),
            Slot::Body => Text(Some(values.body)),
        };
        self.slots.iter().map(param).collect()
    }
}

/// The form in which the driver takes parameters.
pub(super) fn references<'a>(params: &'a [Text<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|it| it as &(dyn ToSql + Sync)).collect()
}

impl HandStatements {
    /// Asks the rewriter once for each operation; for the database's own rules where it decides.
    pub(super) async fn derive(database_url: &str, decides: Decides) -> Result<Self> {
        let db = Db::connect(&DbConfig::new(Secret::new(database_url.to_owned()))).await?;
        let catalog = db.introspect(&["public"], &[]).await?;
        let loaded = postern_policy::load(&policy_files()?, &catalog, None)
            .map_err(|found| anyhow!("the bench's policies do not load: {found:?}"))?;
        let claims = claims(SUBJECT).as_object().cloned().unwrap_or_default();
        let identity = Identity::from_verified(Claims::new(claims), Trust::Project)
            .map_err(|role| anyhow!("`{role}` was refused"))?;
        let view = match decides {
            Decides::Policies => View::new(&catalog, &loaded.bundle, &identity)?,
            Decides::Database => {
                let role = RoleName::new(RoleName::AUTHENTICATED);
                View::native(&catalog, &loaded.bundle, &identity, role)
            }
        };
        let read = |query: &str| statement(&view, &request(Method::Get, query));
        let mut insert = request(Method::Post, "");
        insert.prefer = vec!["return=minimal"];
        insert.body = Some(BODY.into());
        Ok(Self {
            point: read(&format!("{POINT}{TASK}"))?,
            list: read(LIST)?,
            embed: read(EMBED)?,
            insert: statement(&view, &insert)?,
        })
    }
}

fn policy_files() -> Result<Vec<SourceFile>> {
    let folder = project_folder().join("policies");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().context("a policy file has a name")?;
        files.push(SourceFile {
            path: name.to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path)?,
        });
    }
    Ok(files)
}

fn request(method: Method, query: &str) -> RawRequest<'_> {
    RawRequest {
        method,
        target: Target::Relation("tasks".into()),
        schema: "public",
        query,
        prefer: Vec::new(),
        range: None,
        representation: Representation::default(),
        body: None,
    }
}

fn statement(view: &View<'_>, request: &RawRequest<'_>) -> Result<Statement> {
    let limits = Limits::default();
    let parsed = postern_query::parse(request, &limits)?;
    let plan = postern_query::plan(parsed, view, &limits)?;
    let rewritten = postern_query::rewrite(&plan, view)?;
    let slots = rewritten
        .params()
        .iter()
        .map(slot)
        .collect::<Result<Vec<_>>>()?;
    Ok(Statement {
        sql: rewritten.sql().to_owned(),
        slots,
    })
}

fn slot(param: &Param) -> Result<Slot> {
    let text: &str = match param {
        Param::Null => return Ok(Slot::Constant(None)),
        Param::Text(text) => text,
        Param::Shared(text) => text,
    };
    match text {
        SUBJECT => Ok(Slot::Subject),
        TASK => Ok(Slot::Task),
        BODY => Ok(Slot::Body),
        other if other.contains(SUBJECT) => bail!("a parameter holds more than the subject"),
        other => Ok(Slot::Constant(Some(other.to_owned()))),
    }
}

/// A parameter in text format, as Postern sends it.
#[derive(Debug)]
pub(super) struct Text<'a>(Option<&'a str>);

impl ToSql for Text<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            None => Ok(IsNull::Yes),
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

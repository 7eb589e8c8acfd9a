//! SQL that admins keep: shared among them, saved on purpose, every saved text under a number.
//!
//! A save says which number it began with. When somebody else has saved meanwhile nothing is
//! written, and the caller gets what is there now, so that no text is lost.

use postern_base::codes::auth as codes;
use postern_db::own;
use postern_db::own::{OwnTx, Row};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::audit::{Actor, Deed};
use crate::{AuthService, Context, Error, Result};

/// Longest name in characters.
const NAME_CHARS_MAX: usize = 120;
/// Longest text in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Most of a statement that the audit log repeats, in characters.
const AUDITED_CHARS_MAX: usize = 2_000;

/// A kept text.
#[derive(Clone, Debug)]
pub struct Snippet {
    /// The id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// The number of this text, from 1.
    pub version: i32,
    /// The text.
    pub body: String,
    /// When it was saved.
    pub saved_at: OffsetDateTime,
    /// The address of the admin who saved it.
    pub saved_by: String,
}

impl Snippet {
    fn from_row(row: &Row) -> Self {
        Self {
            id: row.get("snippet_id"),
            name: row.get("name"),
            version: row.get("version"),
            body: row.get("body"),
            saved_at: row.get("saved_at"),
            saved_by: row.get("saved_by"),
        }
    }
}

/// A text that is to be kept.
#[derive(Clone, Copy, Debug)]
pub struct SnippetDraft<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The text.
    pub body: &'a str,
    /// The snippet and the number that it began with; none for a new one.
    pub of: Option<(Uuid, i32)>,
}

/// What came of a save.
#[derive(Clone, Debug)]
pub enum Kept {
    /// It is kept.
    Saved(Snippet),
    /// Somebody has saved this meanwhile; nothing was written.
    Stale(Snippet),
}

/// A run of typed SQL, for the audit log.
#[derive(Clone, Copy, Debug)]
pub struct SqlNote<'a> {
    /// Whether it may change something.
    pub writes: bool,
    /// In whose name it runs.
    pub caller: &'a str,
    /// The text.
    pub sql: &'a str,
}

impl AuthService {
    /// Every snippet by its name, without older texts.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn snippets(&self) -> Result<Vec<Snippet>> {
        let list = own!(
            "select v.* from postern.snippets s join postern.snippet_versions v \
             on v.snippet_id = s.id and v.version = s.version \
             order by lower(s.name), s.created_at limit 500"
        );
        let rows = self.db.query(list, &[]).await?;
        Ok(rows.iter().map(Snippet::from_row).collect())
    }

    /// A snippet as it is now, or as it was under a number.
    ///
    /// # Errors
    /// When there is none, or the database cannot be reached.
    pub async fn snippet(&self, id: Uuid, version: Option<i32>) -> Result<Snippet> {
        let find = own!(
            "select v.* from postern.snippets s join postern.snippet_versions v \
             on v.snippet_id = s.id and v.version = coalesce($2, s.version) where s.id = $1"
        );
        let row = self.db.query_opt(find, &[&id, &version]).await?;
        row.as_ref().map(Snippet::from_row).ok_or_else(missing)
    }

    /// The texts that a snippet has had, the newest first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn snippet_versions(&self, id: Uuid) -> Result<Vec<Snippet>> {
        let list = own!(
            "select * from postern.snippet_versions where snippet_id = $1 \
             order by version desc limit 200"
        );
        let rows = self.db.query(list, &[&id]).await?;
        Ok(rows.iter().map(Snippet::from_row).collect())
    }

    /// Keeps a text.
    ///
    /// # Errors
    /// When it has no name or is too long, its snippet is gone, or the database cannot be reached.
    pub async fn keep_snippet(&self, draft: SnippetDraft<'_>, context: &Context) -> Result<Kept> {
        let name = draft.name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err(Error::invalid(
                "A query needs a name of at most 120 characters",
            ));
        }
        if draft.body.len() > BODY_BYTES_MAX {
            return Err(Error::invalid("A query has 64 kB at most"));
        }
        let tx = self.db.begin().await?;
        let (id, version) = match draft.of {
            None => (insert(&tx, name, context.now).await?, 1),
            Some((id, version)) => {
                if !raise(&tx, (id, version), name).await? {
                    // The transaction ends unused.
                    return Ok(Kept::Stale(self.snippet(id, None).await?));
                }
                (id, version + 1)
            }
        };
        let by = admin_of(context);
        let add = own!(
            "insert into postern.snippet_versions \
             (snippet_id, version, name, body, saved_at, saved_by) \
             values ($1, $2, $3, $4, $5, $6) returning *"
        );
        let values: [postern_db::own::Value<'_>; 6] =
            [&id, &version, &name, &draft.body, &context.now, &by];
        let row = tx.query_opt(add, &values).await?.ok_or_else(missing)?;
        let traits = [
            ("snippet_id", json!(id)),
            ("name", json!(name)),
            ("version", json!(version)),
        ];
        self.note_in(&tx, "snippet_saved", traits, context).await?;
        tx.commit().await?;
        Ok(Kept::Saved(Snippet::from_row(&row)))
    }

    /// Forgets a snippet with all its texts.
    ///
    /// # Errors
    /// When there is none, or the database cannot be reached.
    pub async fn drop_snippet(&self, id: Uuid, context: &Context) -> Result<()> {
        let tx = self.db.begin().await?;
        let gone = own!("delete from postern.snippets where id = $1 returning name");
        let row = tx.query_opt(gone, &[&id]).await?.ok_or_else(missing)?;
        let name: String = row.get("name");
        let traits = [("snippet_id", json!(id)), ("name", json!(name))];
        self.note_in(&tx, "snippet_deleted", traits, context)
            .await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Notes that an admin runs SQL, before it runs.
    ///
    /// # Errors
    /// When the database cannot be reached: what cannot be noted does not run.
    pub async fn note_sql(&self, note: SqlNote<'_>, context: &Context) -> Result<()> {
        let action = match note.writes {
            true => "sql_written",
            false => "sql_read",
        };
        let text: String = note.sql.chars().take(AUDITED_CHARS_MAX).collect();
        let traits = [("caller", json!(note.caller)), ("sql", json!(text))];
        let tx = self.db.begin().await?;
        self.note_in(&tx, action, traits, context).await?;
        tx.commit().await.map_err(Error::from)
    }

    async fn note_in<const COUNT: usize>(
        &self,
        tx: &OwnTx,
        action: &str,
        traits: [(&str, Value); COUNT],
        context: &Context,
    ) -> Result<()> {
        let traits = traits.map(|(name, it)| (name.to_owned(), it));
        let deed = Deed {
            action,
            actor: context.admin.clone().unwrap_or(Actor::SecretKey),
            subject: None,
            traits: Map::from_iter(traits),
        };
        self.audit_deed(tx, deed, context).await
    }
}

async fn insert(tx: &OwnTx, name: &str, now: OffsetDateTime) -> Result<Uuid> {
    let id = Uuid::new_v4();
    let insert =
        own!("insert into postern.snippets (id, name, version, created_at) values ($1, $2, 1, $3)");
    tx.execute(insert, &[&id, &name, &now]).await?;
    Ok(id)
}

/// Whether the number was the snippet's; it is the next one then.
async fn raise(tx: &OwnTx, (id, version): (Uuid, i32), name: &str) -> Result<bool> {
    let raise = own!(
        "update postern.snippets set version = version + 1, name = $3 \
         where id = $1 and version = $2"
    );
    Ok(tx.execute(raise, &[&id, &version, &name]).await? == 1)
}

fn admin_of(context: &Context) -> String {
    match &context.admin {
        Some(Actor::Admin { email, .. }) => email.clone(),
        _ => String::new(),
    }
}

fn missing() -> Error {
    Error::new(&codes::NOT_FOUND, "There is no such query")
}

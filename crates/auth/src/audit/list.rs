//! `GET /admin/audit`: the log, the newest entry first.

use postern_db::own;
use postern_db::own::Row;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::admin::{Page, PageWish};
use crate::wire::timestamp;
use crate::{AuthService, Error, Result};

/// An entry as the clients read it.
#[derive(Clone, Debug, Serialize)]
pub struct AuditOut {
    /// The id.
    pub id: Uuid,
    /// What happened, in the words of the dialect.
    pub payload: Value,
    /// When.
    pub created_at: Option<String>,
    /// From where.
    pub ip_address: String,
    /// The entry's number in the chain, once it is sealed.
    pub seq: Option<i64>,
}

/// Which entries to show: `scope:text` as the dialect has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    author: Option<String>,
    action: Option<String>,
    kind: Option<String>,
}

impl AuditQuery {
    /// Entries by all of these at once; what is empty does not narrow.
    pub fn narrowed(author: &str, action: &str, kind: &str) -> Self {
        let given = |text: &str| Some(text.to_owned()).filter(|it| !it.is_empty());
        Self {
            author: given(author),
            action: given(action),
            kind: given(kind),
        }
    }
}

impl AuditQuery {
    /// Reads the parameter `query`.
    ///
    /// # Errors
    /// When the scope is none of `author`, `action` and `type`.
    pub fn parse(text: Option<&str>) -> Result<Self> {
        let Some(text) = text.filter(|it| !it.is_empty()) else {
            return Ok(Self::default());
        };
        let refused = || Error::invalid("query must be author:…, action:… or type:…");
        let (scope, value) = text.split_once(':').ok_or_else(refused)?;
        let value = Some(value.to_owned());
        let mut query = Self::default();
        match scope {
            "author" => query.author = value,
            "action" => query.action = value,
            "type" => query.kind = value,
            _ => return Err(refused()),
        }
        Ok(query)
    }
}

impl AuditOut {
    fn from_row(row: &Row) -> Self {
        Self {
            id: row.get("id"),
            payload: row.get::<_, Option<Value>>("payload").unwrap_or_default(),
            created_at: row
                .get::<_, Option<OffsetDateTime>>("created_at")
                .map(timestamp),
            ip_address: row.get("ip_address"),
            seq: row.get("seq"),
        }
    }
}

impl AuthService {
    /// What one user did, and what was done to them: the newest entries, at most so many.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn audit_of_user(&self, user: Uuid, entries_max: i64) -> Result<Vec<AuditOut>> {
        // Two halves, so that each can use its index.
        let found = own!(
            "select id, payload, created_at, ip_address, seq from auth.audit_log_entries a \
             where a.id in ( \
             (select b.id from auth.audit_log_entries b where b.payload ->> 'actor_id' = $1 \
             order by b.created_at desc limit $2) union \
             (select c.id from auth.audit_log_entries c \
             where c.payload -> 'traits' ->> 'user_id' = $1 \
             order by c.created_at desc limit $2)) \
             order by a.created_at desc, a.id limit $2"
        );
        let rows = self
            .db
            .query(found, &[&user.to_string(), &entries_max])
            .await?;
        Ok(rows.iter().map(AuditOut::from_row).collect())
    }

    /// A page of the audit log.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn audit_page(&self, query: &AuditQuery, wish: PageWish) -> Result<Page<AuditOut>> {
        // Counted by itself: beside the rows it would have all of them sorted for one page.
        let some = own!(
            "select id, payload, created_at, ip_address, seq from auth.audit_log_entries \
             where ($1::text is null or strpos(lower(payload ->> 'actor_username'), lower($1)) > 0) \
             and ($2::text is null or payload ->> 'action' = $2) \
             and ($3::text is null or payload ->> 'log_type' = $3) \
             order by created_at desc, id limit $4 offset $5"
        );
        let narrow: [own::Value<'_>; 3] = [&query.author, &query.action, &query.kind];
        let (limit, offset) = (wish.per_page(), wish.offset());
        let paged = [narrow.as_slice(), &[&limit, &offset]].concat();
        let rows = self.db.query(some, &paged).await?;
        let count = own!(
            "select count(*) as total from auth.audit_log_entries \
             where ($1::text is null or strpos(lower(payload ->> 'actor_username'), lower($1)) > 0) \
             and ($2::text is null or payload ->> 'action' = $2) \
             and ($3::text is null or payload ->> 'log_type' = $3)"
        );
        let total = self.db.query_opt(count, &narrow).await?;
        let total = total.map_or(0, |row| row.get("total"));
        Ok(Page {
            items: rows.iter().map(AuditOut::from_row).collect(),
            total,
            wish,
        })
    }
}

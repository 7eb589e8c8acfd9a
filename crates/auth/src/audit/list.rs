//! `GET /admin/audit`: the log, the newest entry first.

use postern_db::own;
use postern_db::own::Row;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::admin::{Page, PageWish};
use crate::wire::timestamp;
use crate::{AuthService, Context, Error, Result};

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
    subject: Option<String>,
    since: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
}

/// A stretch of the log, and where the next one begins.
#[derive(Debug)]
pub struct AuditStretch {
    /// The entries, the newest first.
    pub entries: Vec<AuditOut>,
    /// The time and the id of the last one.
    pub last: Option<(OffsetDateTime, Uuid)>,
}

impl AuditQuery {
    /// Of these, the entries about somebody or something: a part of an address, a table, a file.
    #[must_use]
    pub fn about(mut self, subject: &str) -> Self {
        self.subject = Some(subject.to_owned()).filter(|it| !it.is_empty());
        self
    }

    /// Of these, the entries from one time on and before another.
    #[must_use]
    pub fn between(mut self, since: Option<OffsetDateTime>, until: Option<OffsetDateTime>) -> Self {
        (self.since, self.until) = (since, until);
        self
    }

    /// Entries by all of these at once; what is empty does not narrow.
    pub fn narrowed(author: &str, action: &str, kind: &str) -> Self {
        let given = |text: &str| Some(text.to_owned()).filter(|it| !it.is_empty());
        Self {
            author: given(author),
            action: given(action),
            kind: given(kind),
            ..Self::default()
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
             and ($4::text is null \
             or strpos(lower((payload -> 'traits')::text), lower($4)) > 0) \
             and ($5::timestamptz is null or created_at >= $5) \
             and ($6::timestamptz is null or created_at < $6) \
             order by created_at desc, id limit $7 offset $8"
        );
        let narrow: [own::Value<'_>; 6] = [
            &query.author,
            &query.action,
            &query.kind,
            &query.subject,
            &query.since,
            &query.until,
        ];
        let (limit, offset) = (wish.per_page(), wish.offset());
        let paged = [narrow.as_slice(), &[&limit, &offset]].concat();
        let rows = self.db.query(some, &paged).await?;
        let count = own!(
            "select count(*) as total from auth.audit_log_entries \
             where ($1::text is null or strpos(lower(payload ->> 'actor_username'), lower($1)) > 0) \
             and ($2::text is null or payload ->> 'action' = $2) \
             and ($3::text is null or payload ->> 'log_type' = $3) \
             and ($4::text is null \
             or strpos(lower((payload -> 'traits')::text), lower($4)) > 0) \
             and ($5::timestamptz is null or created_at >= $5) \
             and ($6::timestamptz is null or created_at < $6)"
        );
        let total = self.db.query_opt(count, &narrow).await?;
        let total = total.map_or(0, |row| row.get("total"));
        Ok(Page {
            items: rows.iter().map(AuditOut::from_row).collect(),
            total,
            wish,
        })
    }

    /// The entries before one, the newest first, for whoever reads all of them. An entry whose
    /// time nobody wrote down has no place in that order and is left out.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn audit_before(
        &self,
        query: &AuditQuery,
        before: Option<(OffsetDateTime, Uuid)>,
        entries_max: i64,
    ) -> Result<AuditStretch> {
        let some = own!(
            "select id, payload, created_at, ip_address, seq from auth.audit_log_entries \
             where ($1::text is null or strpos(lower(payload ->> 'actor_username'), lower($1)) > 0) \
             and ($2::text is null or payload ->> 'action' = $2) \
             and ($3::text is null or payload ->> 'log_type' = $3) \
             and ($4::text is null \
             or strpos(lower((payload -> 'traits')::text), lower($4)) > 0) \
             and ($5::timestamptz is null or created_at >= $5) \
             and ($6::timestamptz is null or created_at < $6) \
             and ($7::timestamptz is null or (created_at, id) < ($7, $8::uuid)) \
             and created_at is not null order by created_at desc, id desc limit $9"
        );
        let (at, id) = before.unzip();
        let rows = self
            .db
            .query(
                some,
                &[
                    &query.author,
                    &query.action,
                    &query.kind,
                    &query.subject,
                    &query.since,
                    &query.until,
                    &at,
                    &id,
                    &entries_max,
                ],
            )
            .await?;
        Ok(AuditStretch {
            entries: rows.iter().map(AuditOut::from_row).collect(),
            last: rows
                .last()
                .map(|row| (row.get("created_at"), row.get("id"))),
        })
    }

    /// Notes that somebody took the log along.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn note_audit_export(&self, context: &Context) -> Result<()> {
        self.note_trial("admin_audit_exported", "csv", context)
            .await
    }
}

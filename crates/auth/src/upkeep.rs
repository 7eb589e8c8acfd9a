//! What admins do to the project itself: findings that they live with, letters that they try.

use postern_db::own;
use postern_db::own::Row;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::audit::{Actor, Deed};
use crate::{AuthService, Context, Error, Result};

/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 500;
/// Longest finding, in bytes.
const FINDING_BYTES_MAX: usize = 2000;

/// A finding of doctor that somebody chose to live with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredFinding {
    /// The finding in its own words.
    pub finding: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub admin_email: String,
    /// Since when.
    pub created_at: OffsetDateTime,
}

impl IgnoredFinding {
    fn from_row(row: &Row) -> Self {
        Self {
            finding: row.get("finding"),
            reason: row.get("reason"),
            admin_email: row.get("admin_email"),
            created_at: row.get("created_at"),
        }
    }
}

impl AuthService {
    /// The findings that somebody chose to live with.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn ignored_findings(&self) -> Result<Vec<IgnoredFinding>> {
        let all = own!(
            "select finding, reason, admin_email, created_at from postern.ignored_findings \
             order by created_at desc, finding"
        );
        let rows = self.db.query(all, &[]).await?;
        Ok(rows.iter().map(IgnoredFinding::from_row).collect())
    }

    /// Takes a finding out of what is to be put right, for a reason.
    ///
    /// # Errors
    /// When there is no reason, or the database cannot be reached.
    pub async fn ignore_finding(
        &self,
        finding: &str,
        reason: &str,
        context: &Context,
    ) -> Result<()> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            let message = format!("Say why in at most {REASON_CHARS_MAX} characters");
            return Err(Error::invalid(message));
        }
        if finding.is_empty() || finding.len() > FINDING_BYTES_MAX {
            return Err(Error::invalid("There is no such finding"));
        }
        let (id, email) = match &context.admin {
            Some(Actor::Admin { id, email }) => (Some(*id), email.as_str()),
            _ => (None, ""),
        };
        let tx = self.db.begin().await?;
        let insert = own!(
            "insert into postern.ignored_findings \
             (finding, reason, admin_id, admin_email, created_at) values ($1, $2, $3, $4, $5) \
             on conflict (finding) do update set reason = excluded.reason, \
             admin_id = excluded.admin_id, admin_email = excluded.admin_email, \
             created_at = excluded.created_at"
        );
        tx.execute(insert, &[&finding, &reason, &id, &email, &context.now])
            .await?;
        let traits = [("finding", finding), ("reason", reason)];
        let deed = deed("admin_finding_ignored", &traits, context);
        self.audit_deed(&tx, deed, context).await?;
        Ok(tx.commit().await?)
    }

    /// Puts a finding back among what is to be put right.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn heed_finding(&self, finding: &str, context: &Context) -> Result<()> {
        let tx = self.db.begin().await?;
        let delete = own!("delete from postern.ignored_findings where finding = $1");
        if tx.execute(delete, &[&finding]).await? > 0 {
            let deed = deed("admin_finding_heeded", &[("finding", finding)], context);
            self.audit_deed(&tx, deed, context).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Notes that an admin sent a letter to see whether letters go out.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn note_test_letter(&self, to: &str, context: &Context) -> Result<()> {
        let tx = self.db.begin().await?;
        let deed = deed("admin_test_letter", &[("to", to)], context);
        self.audit_deed(&tx, deed, context).await?;
        Ok(tx.commit().await?)
    }
}

fn deed<'a>(action: &'a str, traits: &[(&str, &str)], context: &Context) -> Deed<'a> {
    let traits = traits.iter();
    let traits: Map<String, Value> = traits
        .map(|(name, text)| ((*name).to_owned(), Value::from(*text)))
        .collect();
    Deed {
        action,
        actor: context.admin.clone().unwrap_or(Actor::SecretKey),
        subject: None,
        traits,
    }
}

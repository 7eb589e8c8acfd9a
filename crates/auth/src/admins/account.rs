//! An admin's own account: the password, and where they are signed in.

use postern_base::Secret;
use postern_db::own;
use postern_db::own::OwnTx;
use serde_json::{Map, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AdminSession, Admins, check, factors};
use crate::audit::Deed;
use crate::identifier::{Identifier, parse_email};
use crate::{AuthService, Context, Error, Limit, Result, impersonation};

/// A session of an admin, as its owner sees it.
#[derive(Clone, Debug)]
pub struct AdminSessionOut {
    /// The id.
    pub id: Uuid,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was seen last.
    pub seen_at: OffsetDateTime,
    /// From where.
    pub ip_address: String,
    /// The client, as it calls itself.
    pub user_agent: String,
}

impl AuthService {
    /// Where an admin is signed in, the session that was seen last first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn admin_sessions_of(&self, admin: Uuid) -> Result<Vec<AdminSessionOut>> {
        let found = own!(
            "select * from postern.admin_sessions where admin_id = $1 order by seen_at desc, id"
        );
        let rows = self.db.query(found, &[&admin]).await?;
        let out = rows.iter().map(|row| AdminSessionOut {
            id: row.get("id"),
            created_at: row.get("created_at"),
            seen_at: row.get("seen_at"),
            ip_address: row.get("ip_address"),
            user_agent: row.get("user_agent"),
        });
        Ok(out.collect())
    }

    /// Ends another session of the same admin.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn end_own_admin_session(
        &self,
        session: &AdminSession,
        id: Uuid,
        context: &Context,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        let end = own!("delete from postern.admin_sessions where id = $1 and admin_id = $2");
        if tx.execute(end, &[&id, &session.admin.id]).await? == 1 {
            let deed = Deed {
                action: "admin_session_ended",
                actor: session.actor(),
                subject: None,
                traits: Map::from_iter([("session_id".into(), json!(id))]),
            };
            self.audit_deed(&tx, deed, context).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Gives an admin another password; other sessions end.
    ///
    /// # Errors
    /// When the present one is wrong, or the new one weak.
    pub async fn change_admin_password(
        &self,
        session: &AdminSession,
        (present, new): (&Secret<String>, &Secret<String>),
        context: &Context,
    ) -> Result<()> {
        self.count_request(Limit::SignIn, context).await?;
        let email = &session.admin.email;
        let identifier = Identifier::parse(Some(email), None)?;
        self.prove_admin(&identifier, present, context).await?;
        check(new, email)?;
        let hash = self.passwords.hash(new).await?;
        let tx = self.db.begin().await?;
        factors::lock(&tx, session.admin.id).await?;
        let update = own!("update postern.admins set password_hash = $2 where id = $1");
        tx.execute(update, &[&session.admin.id, &hash]).await?;
        factors::end_others(&tx, session).await?;
        let deed = Deed {
            action: "admin_password_changed",
            actor: session.actor(),
            subject: None,
            traits: Map::new(),
        };
        self.audit_deed(&tx, deed, context).await?;
        Ok(tx.commit().await?)
    }
}

/// What an admin lost by a reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactorsReset {
    /// Authenticator apps and passkeys.
    pub factors: u64,
    /// Recovery codes, used ones included.
    pub codes: u64,
    /// Sessions that ended.
    pub sessions: u64,
}

impl Admins {
    /// Takes all factors from an admin who has lost them, and ends every session, the borrowed
    /// ones of users included. The password stays.
    ///
    /// # Errors
    /// When there is no such admin.
    pub async fn reset_factors(&self, email: &str) -> Result<FactorsReset> {
        let email = parse_email(email)?.as_str().to_owned();
        let now = crate::service::now(&*self.clock);
        let tx = self.begin_alone().await?;
        let found = own!("select * from postern.admins where email = $1 for update");
        let row = tx.query_opt(found, &[&email]).await?;
        let admin = row.as_ref().map(super::Admin::from_row);
        let admin = admin.ok_or_else(super::no_such_admin)?;
        if self.asked_by.as_ref().and_then(|it| it.admin.as_ref()) == Some(&actor_of(&admin)) {
            return Err(Error::invalid(
                "Another owner resets your factors; remove one yourself",
            ));
        }
        let reset = take_all(&tx, admin.id).await?;
        impersonation::end_all_of(&tx, admin.id).await?;
        self.note(&tx, "admin_factors_reset", &admin, now).await?;
        tx.commit().await?;
        Ok(reset)
    }
}

async fn take_all(tx: &OwnTx, admin: Uuid) -> Result<FactorsReset> {
    let challenges = own!("delete from postern.admin_challenges where admin_id = $1");
    tx.execute(challenges, &[&admin]).await?;
    let factors = own!("delete from postern.admin_factors where admin_id = $1");
    let codes = own!("delete from postern.admin_recovery_codes where admin_id = $1");
    let sessions = own!("delete from postern.admin_sessions where admin_id = $1");
    Ok(FactorsReset {
        factors: tx.execute(factors, &[&admin]).await?,
        codes: tx.execute(codes, &[&admin]).await?,
        sessions: tx.execute(sessions, &[&admin]).await?,
    })
}

fn actor_of(admin: &super::Admin) -> crate::audit::Actor {
    crate::audit::Actor::Admin {
        id: admin.id,
        email: admin.email.clone(),
    }
}

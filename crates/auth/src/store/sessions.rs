//! `auth.sessions` and the methods (`amr`) by which each was authenticated.
//!
//! A deleted row is a revoked session: a trigger tells every gateway.

use std::net::IpAddr;

use postern_db::own;
use postern_db::own::{Label, OwnDb, OwnTx, Row};
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Context, Result};

/// How surely the user was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Aal {
    /// By one factor.
    Aal1,
    /// By a second factor, or a passkey that verified the user.
    Aal2,
}

impl Aal {
    /// As claims spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
        }
    }

    fn parse(text: &str) -> Self {
        // Whatever is unknown counts as the weakest.
        if text == "aal2" || text == "aal3" {
            Self::Aal2
        } else {
            Self::Aal1
        }
    }
}

/// A session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The `session_id` of its tokens.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// The factor that lifted it.
    pub factor_id: Option<Uuid>,
    /// How surely the user was authenticated.
    pub aal: Aal,
    /// When it ends, whatever happens.
    pub not_after: Option<OffsetDateTime>,
    /// The last refresh.
    pub refreshed_at: Option<OffsetDateTime>,
    /// The client, as it called itself.
    pub user_agent: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The sealed key of its refresh tokens.
    pub sealed_key: Option<String>,
    /// Which refresh token is the current one.
    pub counter: i64,
    /// The last token that came late, after its successor had been made.
    pub late_parent: Option<i64>,
}

/// One way in which a session's user was authenticated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AmrEntry {
    /// `password`, `otp`, `totp`, `oauth`, …
    pub method: String,
    /// When, in seconds since the Unix epoch.
    pub timestamp: i64,
    /// Which provider, for `sso/saml` and `oauth`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

impl Session {
    pub(crate) fn from_row(row: &Row) -> Self {
        // Supabase's column may be empty, and so may be its counter.
        let aal: Option<Label> = row.get("aal");
        Self {
            id: row.get("id"),
            user_id: row.get("user_id"),
            created_at: row.get("created_at"),
            factor_id: row.get("factor_id"),
            aal: Aal::parse(aal.as_ref().map_or("", |it| &it.0)),
            not_after: row.get("not_after"),
            refreshed_at: row.get("refreshed_at"),
            user_agent: row.get("user_agent"),
            ip: row.get("ip"),
            sealed_key: row.get("refresh_token_hmac_key"),
            counter: row
                .get::<_, Option<i64>>("refresh_token_counter")
                .unwrap_or_default(),
            late_parent: row.get("refresh_token_late_parent"),
        }
    }

    /// Begins a session; its id is always a new one.
    pub async fn insert(&self, tx: &OwnTx, context: &Context) -> Result<()> {
        let insert = own!(
            "insert into auth.sessions (id, user_id, created_at, updated_at, factor_id, aal, \
             not_after, refreshed_at, user_agent, ip, refresh_token_hmac_key, \
             refresh_token_counter) values ($1, $2, $3, $3, $4, $5::text, $6, $3, $7, $8, $9, $10)"
        );
        tx.execute(
            insert,
            &[
                &self.id,
                &self.user_id,
                &context.now,
                &self.factor_id,
                &self.aal.as_str(),
                &self.not_after,
                &context.user_agent,
                &context.ip,
                &self.sealed_key,
                &self.counter,
            ],
        )
        .await?;
        Ok(())
    }

    /// Finds a session.
    pub async fn find(db: &OwnDb, id: Uuid) -> Result<Option<Self>> {
        let found = own!("select * from auth.sessions where id = $1");
        Ok(db
            .query_opt(found, &[&id])
            .await?
            .as_ref()
            .map(Self::from_row))
    }

    /// Finds a session and keeps others from changing it until the transaction ends.
    pub async fn lock(tx: &OwnTx, id: Uuid) -> Result<Option<Self>> {
        let found = own!("select * from auth.sessions where id = $1 for update");
        Ok(tx
            .query_opt(found, &[&id])
            .await?
            .as_ref()
            .map(Self::from_row))
    }

    /// Moves on to the next refresh token.
    pub async fn advance(&mut self, tx: &OwnTx, context: &Context) -> Result<()> {
        let update = own!(
            "update auth.sessions set refresh_token_counter = refresh_token_counter + 1, \
             refreshed_at = $2, updated_at = $2, ip = $3, user_agent = $4 where id = $1"
        );
        tx.execute(
            update,
            &[&self.id, &context.now, &context.ip, &context.user_agent],
        )
        .await?;
        self.counter += 1;
        self.refreshed_at = Some(context.now);
        Ok(())
    }

    /// Notes that the token before the current one came late.
    pub async fn note_late_parent(&mut self, tx: &OwnTx) -> Result<()> {
        let late = self.counter - 1;
        let update = own!("update auth.sessions set refresh_token_late_parent = $2 where id = $1");
        tx.execute(update, &[&self.id, &late]).await?;
        self.late_parent = Some(late);
        Ok(())
    }

    /// Lifts the session to a higher assurance.
    pub async fn lift(
        &mut self,
        tx: &OwnTx,
        factor: Option<Uuid>,
        now: OffsetDateTime,
    ) -> Result<()> {
        let update = own!(
            "update auth.sessions set aal = 'aal2', factor_id = $2, updated_at = $3 where id = $1"
        );
        tx.execute(update, &[&self.id, &factor, &now]).await?;
        self.aal = Aal::Aal2;
        self.factor_id = factor;
        Ok(())
    }

    /// Ends a session; returns whether there was one.
    pub async fn end(tx: &OwnTx, id: Uuid) -> Result<Vec<Uuid>> {
        let delete = own!("delete from auth.sessions where id = $1 returning id");
        Ok(ids(&tx.query(delete, &[&id]).await?))
    }

    /// Ends all sessions of a user but one, or all; returns those that were ended.
    pub async fn end_all(tx: &OwnTx, user: Uuid, except: Option<Uuid>) -> Result<Vec<Uuid>> {
        let delete = own!(
            "delete from auth.sessions where user_id = $1 and ($2::uuid is null or id <> $2) \
             returning id"
        );
        Ok(ids(&tx.query(delete, &[&user, &except]).await?))
    }

    /// Notes how the user was authenticated; a second time renews the first.
    pub async fn note_method(
        &self,
        tx: &OwnTx,
        method: &str,
        provider: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<()> {
        let insert = own!(
            "insert into auth.mfa_amr_claims (id, session_id, authentication_method, provider, \
             created_at, updated_at) values ($1, $2, $3, $4, $5, $5) \
             on conflict on constraint mfa_amr_claims_session_id_authentication_method_pkey \
             do update set updated_at = excluded.updated_at, provider = excluded.provider"
        );
        tx.execute(
            insert,
            &[&Uuid::new_v4(), &self.id, &method, &provider, &now],
        )
        .await?;
        Ok(())
    }

    /// How the user was authenticated, newest first.
    pub async fn methods(&self, tx: &OwnTx) -> Result<Vec<AmrEntry>> {
        let found = own!(
            "select authentication_method, provider, updated_at from auth.mfa_amr_claims \
             where session_id = $1 order by updated_at desc, authentication_method"
        );
        let rows = tx.query(found, &[&self.id]).await?;
        Ok(rows
            .iter()
            .map(|row| AmrEntry {
                method: row.get(0),
                provider: row.get(1),
                timestamp: row.get::<_, OffsetDateTime>(2).unix_timestamp(),
            })
            .collect())
    }
}

fn ids(rows: &[Row]) -> Vec<Uuid> {
    rows.iter().map(|row| row.get(0)).collect()
}

//! Sessions of the console: a row for each, and a cookie whose value the row knows by its MAC.
//!
//! They are none of the app's sessions: no token of `auth.sessions` opens the console, and the
//! console's cookie opens nothing else. A session ends twelve hours after it was last seen, a
//! week after it began, with its admin's ban, and by signing out.

use postern_base::{Random, Secret};
use postern_db::own;
use postern_db::own::Row;
use postern_password::{Rehash, Verdict};
use serde_json::{Map, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Admin, AdminEntry};
use crate::audit::{Actor, Deed};
use crate::identifier::Identifier;
use crate::limits::Tried;
use crate::sign_in::invalid_credentials;
use crate::{AuthService, Context, Error, Limit, Result};

/// How long a session lasts that nobody uses.
const IDLE: Duration = Duration::hours(12);
/// How long a session lasts at most.
const LIFE: Duration = Duration::days(7);
/// How long a proof of presence is good for dangerous actions.
const PROOF: Duration = Duration::minutes(10);
/// How often a use is written down.
const SEEN_EVERY: Duration = Duration::minutes(1);
/// Random bytes of a cookie's value.
const TOKEN_BYTES: usize = 32;
/// Longest value of a cookie that is looked up, in bytes.
const TOKEN_BYTES_MAX: usize = 128;
/// What cookies' values are made into MACs for.
const COOKIE: &str = "admin-session";
/// What the tokens of forms are MACs for.
const FORM: &str = "admin-form";

/// An admin who is signed in to the console.
#[derive(Clone, Debug)]
pub struct AdminSession {
    /// The session's id.
    pub id: Uuid,
    /// Who it is.
    pub admin: Admin,
    /// When the admin proved last who they are.
    pub proved_at: OffsetDateTime,
    seen_at: OffsetDateTime,
}

impl AdminSession {
    fn from_row(row: &Row) -> Self {
        Self {
            id: row.get("session_id"),
            admin: Admin::from_row(row),
            proved_at: row.get("proved_at"),
            seen_at: row.get("seen_at"),
        }
    }

    /// Whether the admin has proved who they are lately enough for dangerous actions.
    pub fn is_proved(&self, now: OffsetDateTime) -> bool {
        now - self.proved_at < PROOF
    }

    /// The admin as the audit log names who did something.
    pub fn actor(&self) -> Actor {
        Actor::Admin {
            id: self.admin.id,
            email: self.admin.email.clone(),
        }
    }
}

impl AuthService {
    /// Takes an admin's password: signs them in, or asks for the second factor that they have.
    ///
    /// # Errors
    /// When address and password do not belong together, the admin is banned, or there were too
    /// many tries.
    pub async fn sign_in_admin(
        &self,
        email: &str,
        password: &Secret<String>,
        context: &Context,
    ) -> Result<AdminEntry> {
        self.count_request(Limit::SignIn, context).await?;
        let identifier = Identifier::parse(Some(email), None).map_err(|_| invalid_credentials())?;
        let admin = self.prove_admin(&identifier, password, context).await?;
        self.enter_admin(admin, context).await
    }

    /// Begins a session of an admin who has just proved who they are; the secret is the cookie's
    /// value, and always a new one.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_admin_session(
        &self,
        admin: Admin,
        context: &Context,
    ) -> Result<(AdminSession, Secret<String>)> {
        let token = postern_vault::token::<TOKEN_BYTES>(&*self.random as &dyn Random);
        let mac = self.vault.mac(COOKIE, token.as_bytes()).to_vec();
        let session = AdminSession {
            id: Uuid::new_v4(),
            admin,
            proved_at: context.now,
            seen_at: context.now,
        };
        let tx = self.db.begin().await?;
        let insert = own!(
            "insert into postern.admin_sessions (id, admin_id, mac, created_at, seen_at, \
             proved_at, ip_address, user_agent) values ($1, $2, $3, $4, $4, $4, $5, $6)"
        );
        let (admin, ip) = (session.admin.id, context.ip.to_string());
        tx.execute(
            insert,
            &[
                &session.id,
                &admin,
                &mac,
                &context.now,
                &ip,
                &context.user_agent,
            ],
        )
        .await?;
        let deed = deed_of("admin_signed_in", &session);
        self.audit_deed(&tx, deed, context).await?;
        tx.commit().await?;
        Ok((session, Secret::new(token)))
    }

    /// The session of a cookie's value; none when it has ended or its admin is banned.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn admin_session(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<Option<AdminSession>> {
        if token.is_empty() || token.len() > TOKEN_BYTES_MAX {
            return Ok(None);
        }
        let macs = self.vault.macs(COOKIE, token.as_bytes());
        let macs: Vec<Vec<u8>> = macs.iter().map(|it| it.to_vec()).collect();
        let found = own!(
            "select s.id as session_id, s.proved_at, s.seen_at, a.id, a.email, a.role, \
             a.created_at, a.banned_at \
             from postern.admin_sessions s join postern.admins a on a.id = s.admin_id \
             where s.mac = any($1) and s.seen_at > $2 and s.created_at > $3 \
             and a.banned_at is null"
        );
        let row = self
            .db
            .query_opt(found, &[&macs, &(now - IDLE), &(now - LIFE)])
            .await?;
        let Some(session) = row.as_ref().map(AdminSession::from_row) else {
            return Ok(None);
        };
        if now - session.seen_at >= SEEN_EVERY {
            let seen = own!("update postern.admin_sessions set seen_at = $2 where id = $1");
            self.db.execute(seen, &[&session.id, &now]).await?;
        }
        Ok(Some(session))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn end_admin_session(&self, session: &AdminSession, context: &Context) -> Result<()> {
        let tx = self.db.begin().await?;
        let end = own!("delete from postern.admin_sessions where id = $1");
        tx.execute(end, &[&session.id]).await?;
        let deed = deed_of("admin_signed_out", session);
        self.audit_deed(&tx, deed, context).await?;
        Ok(tx.commit().await?)
    }

    /// What the forms of a session carry: nobody else can know it, and it opens nothing alone.
    pub fn admin_form_token(&self, session: &AdminSession) -> String {
        let mac = self.vault.mac(FORM, session.id.as_bytes());
        mac.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a form was made for this session.
    pub fn is_admin_form(&self, session: &AdminSession, token: &str) -> bool {
        postern_vault::same(self.admin_form_token(session).as_bytes(), token.as_bytes())
    }

    /// Removes sessions that have ended by themselves.
    pub(crate) async fn sweep_admin_sessions(&self, now: OffsetDateTime) -> Result<()> {
        let ended =
            own!("delete from postern.admin_sessions where seen_at < $1 or created_at < $2");
        self.db
            .execute(ended, &[&(now - IDLE), &(now - LIFE)])
            .await?;
        Ok(())
    }

    /// SECURITY: an unknown address costs a hash and a try as well, and is answered in the same
    /// words as a wrong password (attack 38).
    pub(super) async fn prove_admin(
        &self,
        identifier: &Identifier,
        password: &Secret<String>,
        context: &Context,
    ) -> Result<Admin> {
        let counted = self
            .count_try(Tried::AdminPassword, identifier, context)
            .await?;
        let found = own!("select * from postern.admins where email = $1");
        let row = self.db.query_opt(found, &[&identifier.as_str()]).await?;
        let stored: Option<String> = row.as_ref().map(|row| row.get("password_hash"));
        let verdict = self.passwords.verify(password, stored.as_deref()).await?;
        let (Some(row), Verdict::Match { rehash }) = (row, verdict) else {
            return Err(invalid_credentials());
        };
        self.proved(counted, context).await?;
        let admin = Admin::from_row(&row);
        if admin.banned_at.is_some() {
            // One answer for all who may not come in.
            return Err(invalid_credentials());
        }
        if rehash == Rehash::Needed {
            self.rehash_admin(&admin, password, stored.as_deref())
                .await?;
        }
        Ok(admin)
    }

    /// Stores the hash at today's cost, unless the password was changed meanwhile.
    async fn rehash_admin(
        &self,
        admin: &Admin,
        password: &Secret<String>,
        stored: Option<&str>,
    ) -> Result<(), Error> {
        let hash = self.passwords.hash(password).await?;
        let update = own!(
            "update postern.admins set password_hash = $3 where id = $1 and password_hash = $2"
        );
        self.db
            .execute(update, &[&admin.id, &stored, &hash])
            .await?;
        Ok(())
    }
}

pub(super) fn deed_of(action: &'static str, session: &AdminSession) -> Deed<'static> {
    Deed {
        action,
        actor: session.actor(),
        subject: None,
        traits: Map::from_iter([("admin_role".into(), json!(session.admin.role.as_str()))]),
    }
}

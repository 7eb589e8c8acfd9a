//! An admin sees what a user sees: a token of the user that says who really holds it.
//!
//! The token carries the claim `act` (RFC 8693, section 4.1), so that policies, logs and this
//! service can tell it from the user's own. It hangs on a session of its own that lasts a quarter
//! of an hour, has no refresh token and ends with a click; ending it refuses the token at once.
//!
//! SECURITY: with such a token this service shows the account and ends the session, and does
//! nothing else: whoever borrows an account changes none of the ways into it. The level of
//! assurance is the lowest, so that what a policy keeps for second factors stays closed.

use postern_base::codes::auth as codes;
use postern_db::own;
use postern_db::own::{OwnTx, Row};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::admins::{Admin, AdminSession};
use crate::bearer::Caller;
use crate::session::Begun;
use crate::store::{Aal, AmrEntry, Session, User};
use crate::{AuthService, Context, Error, Result, service};

/// How long an admin may be somebody else.
const LIFE: Duration = Duration::minutes(15);
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 200;
/// The claim that names who acts.
pub(crate) const ACTOR: &str = "act";
/// How the user was "authenticated".
const METHOD: &str = "impersonation";

/// A session of a user that an admin holds.
#[derive(Clone, Debug)]
pub struct Impersonation {
    /// The session.
    pub session: Uuid,
    /// Who holds it.
    pub admin_email: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub created_at: OffsetDateTime,
    /// Until when.
    pub ends_at: OffsetDateTime,
}

/// A token of a user in an admin's hands.
pub struct Borrowed {
    /// The token; nothing keeps it.
    pub access_token: String,
    /// The session that it hangs on.
    pub session: Uuid,
    /// Until when it is good.
    pub ends_at: OffsetDateTime,
}

/// Says nothing of the token.
impl std::fmt::Debug for Borrowed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Borrowed")
    }
}

impl AuthService {
    /// Makes a token of a user for an admin, who says why.
    ///
    /// # Errors
    /// When there is no such user, the user may not come in, or no reason is given.
    pub async fn impersonate(
        &self,
        id: Uuid,
        (admin, reason): (&AdminSession, &str),
        context: &Context,
    ) -> Result<Borrowed> {
        let reason: String = reason.trim().chars().take(REASON_CHARS_MAX).collect();
        if reason.is_empty() {
            return Err(Error::invalid("Say why, for the audit log"));
        }
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let user = User::lock(&tx, id).await?;
        let user = user.ok_or_else(|| Error::new(&codes::USER_NOT_FOUND, "User not found"))?;
        self.check_ban(&user, context.now)?;
        // Revocations are remembered for as long as the usual token lives, so that no other may
        // live longer.
        let usual = Duration::seconds(self.settings.sessions.access_token_secs);
        let life = LIFE.min(usual);
        let ends_at = context.now + life;
        let session = new_session(&user, ends_at, context);
        session.insert(&tx, context).await?;
        session.note_method(&tx, METHOD, None, context.now).await?;
        let traits = Map::from_iter([
            ("session_id".into(), json!(session.id)),
            ("reason".into(), json!(reason)),
        ]);
        insert(&tx, &session, (&admin.admin, &reason), context.now).await?;
        self.audit_admin(&tx, "user_impersonated", &user, traits, context)
            .await?;
        tx.commit().await?;
        let methods = vec![AmrEntry {
            method: METHOD.into(),
            timestamp: context.now.unix_timestamp(),
            provider: None,
        }];
        let begun = Begun {
            session,
            user,
            methods,
            ended: Vec::new(),
        };
        let access_token = self.borrowed_token(&begun, &admin.admin, context).await?;
        Ok(Borrowed {
            access_token,
            session: begun.session.id,
            ends_at,
        })
    }

    /// The token as a sign-in would make it, hooks included, and who holds it.
    async fn borrowed_token(
        &self,
        begun: &Begun,
        admin: &Admin,
        context: &Context,
    ) -> Result<String> {
        let issued = self.issued_for(begun.user.id, context.now).await?;
        let ends_at = begun.session.not_after.unwrap_or(context.now);
        let lifetime = ends_at.unix_timestamp() - issued;
        let mut claims = self.claims(begun, issued, lifetime);
        let actor = json!({ "sub": admin.id, "email": admin.email });
        claims.insert(ACTOR.into(), actor);
        // A hook cannot take the claim away: it is one of the reserved ones.
        let claims = self.customised(claims, begun, context).await?;
        let ring = self.keys.ring()?;
        ring.sign(&claims)
            .map_err(|error| Error::internal("The token could not be signed", error))
    }

    /// Who is somebody just now.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn impersonations_of(
        &self,
        user: Uuid,
        now: OffsetDateTime,
    ) -> Result<Vec<Impersonation>> {
        let found = own!(
            "select i.* from postern.impersonations i join auth.sessions s on s.id = i.session_id \
             where s.user_id = $1 and i.ends_at > $2 order by i.created_at"
        );
        let rows = self.db.query(found, &[&user, &now]).await?;
        Ok(rows.iter().map(Impersonation::from_row).collect())
    }

    /// Ends sessions of impersonations whose time is over.
    pub(crate) async fn sweep_impersonations(&self, now: OffsetDateTime) -> Result<()> {
        let over = own!(
            "delete from auth.sessions where id in (select session_id \
             from postern.impersonations where ends_at < $1)"
        );
        self.db.execute(over, &[&now]).await?;
        Ok(())
    }

    /// Ends the session of a borrowed token, by that token.
    pub(crate) async fn end_borrowed(&self, caller: &Caller, context: &Context) -> Result<()> {
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        User::lock(&tx, caller.user.id).await?;
        let ended = Session::end(&tx, caller.session.id).await?;
        let traits = Map::from_iter([
            ("session_id".into(), json!(caller.session.id)),
            (ACTOR.into(), caller.actor().cloned().unwrap_or(Value::Null)),
        ]);
        self.audit_admin(&tx, "impersonation_ended", &caller.user, traits, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(())
    }
}

impl Impersonation {
    fn from_row(row: &Row) -> Self {
        Self {
            session: row.get("session_id"),
            admin_email: row.get("admin_email"),
            reason: row.get("reason"),
            created_at: row.get("created_at"),
            ends_at: row.get("ends_at"),
        }
    }
}

impl Caller {
    /// Who holds the user's token in the user's place.
    pub fn actor(&self) -> Option<&Value> {
        self.claims.as_value().get(ACTOR)
    }

    /// The address of the admin who does.
    pub(crate) fn actor_name(&self) -> Option<&str> {
        let actor = self.actor()?;
        actor.get("email").and_then(Value::as_str).or(Some("?"))
    }
}

/// Ends everything that an admin holds, who may not any more.
pub(crate) async fn end_all_of(tx: &OwnTx, admin: Uuid) -> Result<()> {
    let end = own!(
        "delete from auth.sessions where id in (select session_id \
         from postern.impersonations where admin_id = $1)"
    );
    tx.execute(end, &[&admin]).await?;
    Ok(())
}

/// What a borrowed token is told where the owner of the account alone may do something.
pub(crate) fn not_the_user() -> Error {
    let message = "An admin who acts for a user can look, and changes nothing of the account";
    Error::new(&codes::NO_AUTHORIZATION, message).with_status(403)
}

fn new_session(user: &User, ends_at: OffsetDateTime, context: &Context) -> Session {
    Session {
        id: Uuid::new_v4(),
        user_id: user.id,
        created_at: context.now,
        factor_id: None,
        aal: Aal::Aal1,
        not_after: Some(ends_at),
        refreshed_at: None,
        user_agent: Some(context.user_agent.clone()),
        ip: Some(context.ip),
        // Without a key there is no refresh token.
        sealed_key: None,
        counter: 0,
        late_parent: None,
    }
}

async fn insert(
    tx: &OwnTx,
    session: &Session,
    (admin, reason): (&Admin, &str),
    now: OffsetDateTime,
) -> Result<()> {
    let insert = own!(
        "insert into postern.impersonations (session_id, admin_id, admin_email, reason, \
         created_at, ends_at) values ($1, $2, $3, $4, $5, $6)"
    );
    let ends_at = session.not_after.unwrap_or(now);
    tx.execute(
        insert,
        &[
            &session.id,
            &admin.id,
            &admin.email,
            &reason,
            &now,
            &ends_at,
        ],
    )
    .await?;
    Ok(())
}

//! The claims that a user's next token would carry, for whoever tries policies out.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::session::Begun;
use crate::store::{Aal, AmrEntry, Session, User};
use crate::{AuthService, Context, Error, Result};
use postern_base::codes::auth as codes;

impl AuthService {
    /// Makes the claims of a sign-in by password that does not take place: the very way that a
    /// token takes, the project's hook included. No session is begun, nothing is signed.
    ///
    /// # Errors
    /// When there is no such user, the hook refuses, or the database cannot be reached.
    pub async fn rehearse_claims(
        &self,
        user: Uuid,
        context: &Context,
    ) -> Result<Map<String, Value>> {
        let found = User::find(&self.db, user).await?;
        let user = found.ok_or_else(|| Error::new(&codes::USER_NOT_FOUND, "User not found"))?;
        let begun = Begun {
            session: Session {
                id: Uuid::new_v4(),
                user_id: user.id,
                created_at: context.now,
                factor_id: None,
                aal: Aal::Aal1,
                not_after: None,
                refreshed_at: None,
                user_agent: None,
                ip: None,
                sealed_key: None,
                counter: 0,
                late_parent: None,
            },
            user,
            methods: vec![AmrEntry {
                method: "password".into(),
                timestamp: context.now.unix_timestamp(),
                provider: None,
            }],
            ended: Vec::new(),
        };
        let lifetime = self.settings.sessions.access_token_secs;
        let claims = self.claims(&begun, context.now.unix_timestamp(), lifetime);
        self.customised(claims, &begun, context).await
    }
}

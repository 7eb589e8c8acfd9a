//! Proving once more who holds a session, before something dangerous.
//!
//! SECURITY: whoever has a factor proves with it here as well. A stolen cookie and a stolen
//! password together are not enough to take the factor away (attack 20).

use postern_base::Secret;
use postern_db::own;
use serde_json::json;

use super::{AdminSession, session};
use crate::identifier::Identifier;
use crate::{AuthService, Context, Limit, Result};

impl AuthService {
    /// Takes the password once more, and a code where the admin has a factor: six digits of an
    /// app, or a recovery code.
    ///
    /// # Errors
    /// When either is wrong, was used, or there were too many tries.
    pub async fn reprove_admin(
        &self,
        session: &AdminSession,
        (password, code): (&Secret<String>, &str),
        context: &Context,
    ) -> Result<()> {
        self.count_request(Limit::SignIn, context).await?;
        let identifier = Identifier::parse(Some(&session.admin.email), None)?;
        self.prove_admin(&identifier, password, context).await?;
        let admin = session.admin.id;
        // Read now, and not from the form: what the page asked for counts for nothing.
        if self.admin_factors(admin).await?.is_empty() {
            return self.note_admin_proof(session, "password", context).await;
        }
        let counted = self.check_second_factor(admin, code, context).await?;
        self.proved(counted, context).await?;
        let how = "password and code";
        self.note_admin_proof(session, how, context).await
    }

    /// Lets a session reach far from now on, for a while.
    pub(super) async fn note_admin_proof(
        &self,
        session: &AdminSession,
        how: &str,
        context: &Context,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        let proved = own!("update postern.admin_sessions set proved_at = $2 where id = $1");
        tx.execute(proved, &[&session.id, &context.now]).await?;
        let mut deed = session::deed_of("admin_reauthenticated", session);
        deed.traits.insert("proof".into(), json!(how));
        self.audit_deed(&tx, deed, context).await?;
        Ok(tx.commit().await?)
    }
}

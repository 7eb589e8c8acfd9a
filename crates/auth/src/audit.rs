//! What happened to whom: entries of `auth.audit_log_entries`, written with what they tell of.

use postern_db::own;
use postern_db::own::OwnTx;
use serde_json::json;
use uuid::Uuid;

use crate::store::User;
use crate::{AuthService, Context, Result};

impl AuthService {
    /// Notes what a user did, or what was done to a user.
    pub(crate) async fn audit(
        &self,
        tx: &OwnTx,
        action: &str,
        user: &User,
        context: &Context,
    ) -> Result<()> {
        let insert = own!(
            "insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address) \
             values ('00000000-0000-0000-0000-000000000000', $1, $2, $3, $4)"
        );
        let payload = json!({
            "action": action,
            "actor_id": user.id,
            "request_id": context.request_id,
            "user_agent": context.user_agent,
        });
        let address = context.ip.to_string();
        tx.execute(insert, &[&Uuid::new_v4(), &payload, &context.now, &address])
            .await?;
        Ok(())
    }
}

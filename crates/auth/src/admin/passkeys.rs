//! A user's passkeys in an admin's hands.

use postern_base::codes::auth as codes;
use postern_db::own;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::user_not_found;
use crate::store::{Session, User};
use crate::wire::timestamp;
use crate::{AuthService, Context, Error, Result, service};

impl AuthService {
    /// A user's passkeys.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn list_passkeys_of(&self, user: Uuid) -> Result<Vec<Value>> {
        self.find_live(user).await?;
        let all = own!(
            "select id, friendly_name, created_at, last_used_at from auth.webauthn_credentials \
             where user_id = $1 order by created_at, id"
        );
        let rows = self.db.query(all, &[&user]).await?;
        let out = rows.iter().map(|row| {
            let mut out = json!({
                "id": row.get::<_, Uuid>("id"),
                "created_at": timestamp(row.get("created_at")),
            });
            if let Some(name) = row.get::<_, Option<String>>("friendly_name") {
                out["friendly_name"] = json!(name);
            }
            if let Some(at) = row.get::<_, Option<OffsetDateTime>>("last_used_at") {
                out["last_used_at"] = json!(timestamp(at));
            }
            out
        });
        Ok(out.collect())
    }

    /// Takes a passkey away. All sessions of the user end: which of them it began is not known,
    /// and an admin who takes it away does not trust it.
    ///
    /// # Errors
    /// When the user has no such passkey.
    pub async fn delete_passkey_of(&self, user: Uuid, id: Uuid, context: &Context) -> Result<()> {
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let owner = User::lock(&tx, user).await?.ok_or_else(user_not_found)?;
        let delete = own!("delete from auth.webauthn_credentials where user_id = $1 and id = $2");
        if tx.execute(delete, &[&user, &id]).await? == 0 {
            return Err(Error::new(
                &codes::WEBAUTHN_CREDENTIAL_NOT_FOUND,
                "Passkey not found",
            ));
        }
        let ended = Session::end_all(&tx, user, None).await?;
        let traits = Map::from_iter([("passkey_id".into(), json!(id))]);
        self.audit_admin(&tx, "passkey_deleted", &owner, traits, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(())
    }
}

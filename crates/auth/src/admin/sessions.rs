//! A user's sessions in an admin's hands.

use postern_db::own;
use serde_json::{Map, json};
use uuid::Uuid;

use super::user_not_found;
use crate::store::{Session, User};
use crate::{AuthService, Context, Result, service};

/// Most sessions that are listed.
const SESSIONS_MAX: i64 = 100;

impl AuthService {
    /// A user's sessions, the one used last first; at most a hundred.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn sessions_of_user(&self, user: Uuid) -> Result<Vec<Session>> {
        let found = own!(
            "select * from auth.sessions where user_id = $1 \
             order by refreshed_at desc nulls last, created_at desc, id limit $2"
        );
        let rows = self.db.query(found, &[&user, &SESSIONS_MAX]).await?;
        Ok(rows.iter().map(Session::from_row).collect())
    }

    /// Ends all sessions of a user; their tokens are refused at once. Returns how many there were.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn end_sessions_of_user(&self, id: Uuid, context: &Context) -> Result<usize> {
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let user = User::lock(&tx, id).await?.ok_or_else(user_not_found)?;
        let ended = Session::end_all(&tx, id, None).await?;
        let traits = Map::from_iter([("sessions".into(), json!(ended.len()))]);
        self.audit_admin(&tx, "sessions_ended", &user, traits, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(ended.len())
    }

    /// Ends one session of a user; its tokens are refused at once.
    ///
    /// # Errors
    /// When there is no such user; a session that is gone already is none.
    pub async fn end_session_of_user(
        &self,
        id: Uuid,
        session: Uuid,
        context: &Context,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let user = User::lock(&tx, id).await?.ok_or_else(user_not_found)?;
        // Of this user only: the address of a page names both.
        let end = own!("delete from auth.sessions where id = $1 and user_id = $2 returning id");
        let rows = tx.query(end, &[&session, &id]).await?;
        let ended: Vec<Uuid> = rows.iter().map(|row| row.get("id")).collect();
        if ended.is_empty() {
            return Ok(());
        }
        let traits = Map::from_iter([("session_id".into(), json!(session))]);
        self.audit_admin(&tx, "session_ended", &user, traits, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(())
    }

    /// Finds a user's row, also of one who was deleted softly.
    ///
    /// # Errors
    /// When there is none.
    pub async fn get_user(&self, id: Uuid) -> Result<User> {
        User::find_any(&self.db, id)
            .await?
            .ok_or_else(user_not_found)
    }
}

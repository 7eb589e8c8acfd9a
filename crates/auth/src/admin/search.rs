//! Statements that only admins need: pages of users, users that were deleted softly.

use std::collections::HashMap;

use postern_db::own;
use postern_db::own::{OwnDb, OwnTx};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use super::PageWish;
use crate::store::{Identity, User};
use crate::{Error, Result};

/// The constraint that a statement ran into.
pub(super) fn constraint(error: &Error) -> Option<&str> {
    error
        .inner()
        .and_then(|inner| inner.downcast_ref::<postern_db::Error>())
        .and_then(postern_db::Error::constraint)
}

impl User {
    /// Finds a user, also one that was deleted softly.
    pub(super) async fn find_any(db: &OwnDb, id: Uuid) -> Result<Option<Self>> {
        let found = own!("select * from auth.users where id = $1");
        let row = db.query_opt(found, &[&id]).await?;
        Ok(row.as_ref().map(Self::from_row))
    }

    /// Locks a user, also one that was deleted softly.
    pub(crate) async fn lock_any(tx: &OwnTx, id: Uuid) -> Result<Option<Self>> {
        let found = own!("select * from auth.users where id = $1 for update");
        let row = tx.query_opt(found, &[&id]).await?;
        Ok(row.as_ref().map(Self::from_row))
    }

    /// A page of users, the newest first, and how many there are on all pages.
    pub(super) async fn page(
        db: &OwnDb,
        filter: Option<&str>,
        wish: PageWish,
    ) -> Result<(Vec<Self>, i64)> {
        let some = own!(
            "select * from auth.users where $1::text is null \
             or strpos(lower(email), lower($1)) > 0 or strpos(phone, $1) > 0 or id::text = $1 \
             order by created_at desc, id limit $2 offset $3"
        );
        let rows = db
            .query(some, &[&filter, &wish.per_page(), &wish.offset()])
            .await?;
        let count = own!(
            "select count(*) as total from auth.users where $1::text is null \
             or strpos(lower(email), lower($1)) > 0 or strpos(phone, $1) > 0 or id::text = $1"
        );
        let total = db.query_opt(count, &[&filter]).await?;
        let total = total.map_or(0, |row| row.get("total"));
        Ok((rows.iter().map(Self::from_row).collect(), total))
    }

    /// Removes a user and everything that hangs on the row.
    pub(crate) async fn delete(tx: &OwnTx, id: Uuid) -> Result<()> {
        let delete = own!("delete from auth.users where id = $1");
        tx.execute(delete, &[&id]).await?;
        Ok(())
    }

    /// Makes every gateway look whether the user is there, banned or deleted.
    pub(super) async fn tell_of(tx: &OwnTx, id: Uuid) -> Result<()> {
        let tell = own!("select pg_notify('postern_revoked', $1)");
        tx.query(tell, &[&format!("user {id} 0")]).await?;
        Ok(())
    }
}

impl Identity {
    /// The identities of several users at once.
    pub(super) async fn of_users(db: &OwnDb, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Self>>> {
        let found =
            own!("select * from auth.identities where user_id = any($1) order by created_at, id");
        let mut all: HashMap<Uuid, Vec<Self>> = HashMap::new();
        for row in db.query(found, &[&ids]).await? {
            let identity = Self::from_row(&row);
            all.entry(identity.user_id).or_default().push(identity);
        }
        Ok(all)
    }

    /// Changes what an identity says; no sign-in.
    pub(super) async fn rewrite(
        tx: &OwnTx,
        id: Uuid,
        data: Map<String, Value>,
        now: OffsetDateTime,
    ) -> Result<()> {
        let update =
            own!("update auth.identities set identity_data = $2, updated_at = $3 where id = $1");
        tx.execute(update, &[&id, &Value::Object(data), &now])
            .await?;
        Ok(())
    }

    /// Unlinks everything.
    pub(super) async fn unlink_all(tx: &OwnTx, user: Uuid) -> Result<()> {
        let delete = own!("delete from auth.identities where user_id = $1");
        tx.execute(delete, &[&user]).await?;
        Ok(())
    }
}

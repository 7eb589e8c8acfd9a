//! `auth.webauthn_credentials`: passkeys, and `auth.webauthn_challenges`: their ceremonies.
//!
//! What is kept of a passkey is public: an id and a key that verifies. The table's unique
//! constraint on the id keeps one passkey from belonging to two users.

use postern_db::own;
use postern_db::own::{OwnDb, OwnTx, Row};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Result;
use crate::wire::timestamp;

/// A passkey.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// The id of the row.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// The id that the authenticator gave it.
    pub credential_id: Vec<u8>,
    /// The credential itself.
    pub credential: Value,
    /// What the user calls it.
    pub friendly_name: Option<String>,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// When it last signed in.
    pub last_used_at: Option<OffsetDateTime>,
}

impl Passkey {
    fn from_row(row: &Row) -> Self {
        Self {
            id: row.get("id"),
            user_id: row.get("user_id"),
            credential_id: row.get("credential_id"),
            credential: row.get("credential"),
            friendly_name: row.get("friendly_name"),
            created_at: row.get("created_at"),
            last_used_at: row.get("last_used_at"),
        }
    }

    /// The passkey as the clients read it.
    pub fn to_wire(&self) -> Value {
        let mut out = json!({ "id": self.id });
        if let Some(name) = &self.friendly_name {
            out["friendly_name"] = json!(name);
        }
        out["created_at"] = json!(timestamp(self.created_at));
        if let Some(at) = self.last_used_at {
            out["last_used_at"] = json!(timestamp(at));
        }
        out
    }

    /// All passkeys of a user, oldest first.
    pub async fn of_user(db: &OwnDb, user: Uuid) -> Result<Vec<Self>> {
        let found = own!(
            "select * from auth.webauthn_credentials where user_id = $1 order by created_at, id"
        );
        let rows = db.query(found, &[&user]).await?;
        Ok(rows.iter().map(Self::from_row).collect())
    }

    /// How many passkeys a user has.
    pub async fn count(tx: &OwnTx, user: Uuid) -> Result<usize> {
        let found = own!("select count(*) from auth.webauthn_credentials where user_id = $1");
        let row = tx.query_opt(found, &[&user]).await?;
        let count = row.map_or(0, |row| row.get::<_, i64>(0));
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Finds a user's passkey by the authenticator's id, and keeps others from using it until
    /// the transaction ends.
    pub async fn lock(tx: &OwnTx, user: Uuid, credential_id: &[u8]) -> Result<Option<Self>> {
        let found = own!(
            "select * from auth.webauthn_credentials where user_id = $1 and credential_id = $2 \
             for update"
        );
        let row = tx.query_opt(found, &[&user, &credential_id]).await?;
        Ok(row.as_ref().map(Self::from_row))
    }

    /// Stores a new passkey; returns whether nobody had it yet.
    pub async fn insert(&self, tx: &OwnTx) -> Result<bool> {
        let insert = own!(
            "insert into auth.webauthn_credentials (id, user_id, credential_id, credential, \
             friendly_name, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6) \
             on conflict (credential_id) do nothing"
        );
        let stored = tx
            .execute(
                insert,
                &[
                    &self.id,
                    &self.user_id,
                    &self.credential_id,
                    &self.credential,
                    &self.friendly_name,
                    &self.created_at,
                ],
            )
            .await?;
        Ok(stored == 1)
    }

    /// Notes a sign-in, and the authenticator's new counter.
    pub async fn note_use(&self, tx: &OwnTx, now: OffsetDateTime) -> Result<()> {
        let update = own!(
            "update auth.webauthn_credentials set credential = $2, last_used_at = $3, \
             updated_at = $3 where id = $1"
        );
        tx.execute(update, &[&self.id, &self.credential, &now])
            .await?;
        Ok(())
    }

    /// Renames a passkey of a user.
    pub async fn rename(
        db: &OwnDb,
        (user, id): (Uuid, Uuid),
        name: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Option<Self>> {
        let update = own!(
            "update auth.webauthn_credentials set friendly_name = $3, updated_at = $4 \
             where user_id = $1 and id = $2 returning *"
        );
        let row = db.query_opt(update, &[&user, &id, &name, &now]).await?;
        Ok(row.as_ref().map(Self::from_row))
    }

    /// Removes a passkey of a user. What it means for sessions is the caller's to say.
    pub async fn delete(tx: &OwnTx, user: Uuid, id: Uuid) -> Result<Option<Self>> {
        let delete = own!(
            "delete from auth.webauthn_credentials where user_id = $1 and id = $2 returning *"
        );
        let row = tx.query_opt(delete, &[&user, &id]).await?;
        Ok(row.as_ref().map(Self::from_row))
    }

    /// Removes all passkeys of a user: whoever registered them was not proved to be the
    /// account's owner.
    pub async fn delete_all(tx: &OwnTx, user: Uuid) -> Result<()> {
        let delete = own!("delete from auth.webauthn_credentials where user_id = $1");
        tx.execute(delete, &[&user]).await?;
        Ok(())
    }
}

/// What a ceremony is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyKind {
    /// Making a passkey.
    Registration,
    /// Signing in with one.
    Authentication,
}

impl CeremonyKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Authentication => "authentication",
        }
    }
}

/// A ceremony that was begun.
#[derive(Clone, Debug)]
pub struct PasskeyCeremony {
    /// The id of its challenge.
    pub id: Uuid,
    /// Who began it; nobody yet when signing in.
    pub user_id: Option<Uuid>,
    /// What it is for.
    pub kind: CeremonyKind,
    /// Its sealed state.
    pub sealed_state: String,
    /// When it was begun.
    pub created_at: OffsetDateTime,
    /// How long it may take.
    pub expires_at: OffsetDateTime,
}

impl PasskeyCeremony {
    /// Stores a ceremony and forgets those that expired long ago.
    pub async fn store(&self, db: &OwnDb) -> Result<()> {
        // Kept a while beyond their time, so that who comes late is told so.
        let sweep = own!("delete from auth.webauthn_challenges where expires_at < $1");
        let long_ago = self.created_at - time::Duration::hours(1);
        db.query(sweep, &[&long_ago]).await?;
        let insert = own!(
            "insert into auth.webauthn_challenges (id, user_id, kind, sealed_state, created_at, \
             expires_at) values ($1, $2, $3, $4, $5, $6)"
        );
        let params: [postern_db::own::Value<'_>; 6] = [
            &self.id,
            &self.user_id,
            &self.kind.as_str(),
            &self.sealed_state,
            &self.created_at,
            &self.expires_at,
        ];
        db.query(insert, &params).await?;
        Ok(())
    }

    /// Takes a ceremony away to end it; of many at once exactly one gets it.
    pub async fn take(
        db: &OwnDb,
        id: Uuid,
        kind: CeremonyKind,
        user: Option<Uuid>,
    ) -> Result<Option<Self>> {
        let delete = own!(
            "delete from auth.webauthn_challenges where id = $1 and kind = $2 \
             and coalesce(user_id = $3, user_id is null and $3 is null) returning *"
        );
        let row = db.query_opt(delete, &[&id, &kind.as_str(), &user]).await?;
        Ok(row.map(|row| Self {
            id: row.get("id"),
            user_id: row.get("user_id"),
            kind,
            sealed_state: row.get("sealed_state"),
            created_at: row.get("created_at"),
            expires_at: row.get("expires_at"),
        }))
    }
}

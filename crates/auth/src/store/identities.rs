//! `auth.identities`: through whom a user is known. Its key is (provider, subject).

use postern_db::own;
use postern_db::own::{Own, OwnDb, OwnTx, Row};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Result;

/// A way in which a user is known.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The row.
    pub id: Uuid,
    /// The subject, as the provider names it; the user's own id for `email` and `phone`.
    pub provider_id: String,
    /// Whose identity it is.
    pub user_id: Uuid,
    /// What the provider says about the user.
    pub data: Map<String, Value>,
    /// `email`, `phone`, or a configured provider's name.
    pub provider: String,
    /// The last sign-in through it.
    pub last_sign_in_at: Option<OffsetDateTime>,
    /// When it was linked.
    pub created_at: OffsetDateTime,
    /// The last change.
    pub updated_at: OffsetDateTime,
    /// The address in `data`, lower-cased.
    pub email: Option<String>,
}

/// An identity to be linked.
#[derive(Clone, Debug)]
pub struct NewIdentity {
    /// Whose it is.
    pub user_id: Uuid,
    /// The provider.
    pub provider: String,
    /// The subject.
    pub provider_id: String,
    /// What the provider says.
    pub data: Map<String, Value>,
}

impl Identity {
    /// All identities of a user, oldest first.
    pub(crate) const OF_USER: Own = own!(
        "select * from auth.identities where user_id = $1 order by created_at, \
         provider_id <> user_id::text, id"
    );

    pub(crate) fn from_rows(rows: &[Row]) -> Vec<Self> {
        rows.iter().map(Self::from_row).collect()
    }

    pub(crate) fn from_row(row: &Row) -> Self {
        Self {
            id: row.get("id"),
            provider_id: row.get("provider_id"),
            user_id: row.get("user_id"),
            data: match row.get("identity_data") {
                Value::Object(object) => object,
                _ => Map::new(),
            },
            provider: row.get("provider"),
            last_sign_in_at: row.get("last_sign_in_at"),
            created_at: row.get("created_at"),
            updated_at: row.get("updated_at"),
            email: row.get("email"),
        }
    }

    /// All identities of a user, oldest first.
    pub async fn of_user(db: &OwnDb, user: Uuid) -> Result<Vec<Self>> {
        Ok(Self::from_rows(&db.query(Self::OF_USER, &[&user]).await?))
    }

    /// All identities of a user, as a transaction sees them.
    pub async fn of_user_in(tx: &OwnTx, user: Uuid) -> Result<Vec<Self>> {
        Ok(Self::from_rows(&tx.query(Self::OF_USER, &[&user]).await?))
    }

    /// Whose the identity of a provider's subject is, without keeping others from changing it.
    pub async fn owner(tx: &OwnTx, provider: &str, subject: &str) -> Result<Option<Uuid>> {
        let found =
            own!("select user_id from auth.identities where provider = $1 and provider_id = $2");
        let row = tx.query_opt(found, &[&provider, &subject]).await?;
        Ok(row.map(|row| row.get(0)))
    }

    /// Finds the identity of a provider's subject.
    pub async fn find(tx: &OwnTx, provider: &str, subject: &str) -> Result<Option<Self>> {
        let found = own!(
            "select * from auth.identities where provider = $1 and provider_id = $2 for update"
        );
        let row = tx.query_opt(found, &[&provider, &subject]).await?;
        Ok(row.as_ref().map(Self::from_row))
    }

    /// Links an identity, or brings a linked one of the same user up to date. The constraint
    /// `identities_provider_id_provider_unique` tells that somebody else has it.
    pub async fn link(tx: &OwnTx, new: NewIdentity, now: OffsetDateTime) -> Result<()> {
        let insert = own!(
            "insert into auth.identities (id, provider_id, user_id, identity_data, provider, \
             last_sign_in_at, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6, $6)"
        );
        let data = Value::Object(new.data);
        let id = Uuid::new_v4();
        tx.execute(
            insert,
            &[
                &id,
                &new.provider_id,
                &new.user_id,
                &data,
                &new.provider,
                &now,
            ],
        )
        .await?;
        Ok(())
    }

    /// Notes a sign-in and what the provider says by now.
    pub async fn refresh(
        tx: &OwnTx,
        id: Uuid,
        data: Map<String, Value>,
        now: OffsetDateTime,
    ) -> Result<()> {
        let update = own!(
            "update auth.identities set identity_data = $2, last_sign_in_at = $3, updated_at = $3 \
             where id = $1"
        );
        tx.execute(update, &[&id, &Value::Object(data), &now])
            .await?;
        Ok(())
    }

    /// Unlinks all identities of a user but those by address and number.
    pub async fn unlink_foreign(tx: &OwnTx, user: Uuid) -> Result<()> {
        let delete = own!("delete from auth.identities where user_id = $1 and provider_id <> $2");
        tx.execute(delete, &[&user, &user.to_string()]).await?;
        Ok(())
    }

    /// Unlinks an identity.
    pub async fn unlink(tx: &OwnTx, id: Uuid) -> Result<()> {
        let delete = own!("delete from auth.identities where id = $1");
        tx.execute(delete, &[&id]).await?;
        Ok(())
    }
}

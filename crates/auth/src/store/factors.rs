//! `auth.mfa_factors`: what a user proves to have beside the password.
//!
//! A TOTP secret is sealed, a WebAuthn credential is public data. A user's recovery codes hang on
//! a factor as well, of the kind `recovery_code`, since clients look for it among the factors.

use postern_db::own;
use postern_db::own::{Label, Own, OwnDb, OwnTx, Row};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::RecoveryCodes;
use crate::Result;
use crate::wire::timestamp;

/// What a factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorKind {
    /// An app that counts time.
    Totp,
    /// A phone that gets texts.
    Phone,
    /// A key that signs challenges.
    WebAuthn,
    /// Codes on paper.
    RecoveryCode,
}

impl FactorKind {
    /// As the table and the wire spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Phone => "phone",
            Self::WebAuthn => "webauthn",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// Reads a kind.
    pub fn parse(text: &str) -> Option<Self> {
        let kinds = [Self::Totp, Self::Phone, Self::WebAuthn, Self::RecoveryCode];
        kinds.into_iter().find(|it| it.as_str() == text)
    }

    /// As the claim `amr` spells the use of it.
    pub fn method(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Phone => "mfa/phone",
            Self::WebAuthn => "mfa/webauthn",
            Self::RecoveryCode => "mfa/recovery_code",
        }
    }
}

/// A factor.
#[derive(Clone, Debug)]
pub struct Factor {
    /// The id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What it is.
    pub kind: FactorKind,
    /// Whether the user has shown to have it; only then it counts.
    pub is_verified: bool,
    /// What the user calls it; unlike the names of the user's other factors.
    pub friendly_name: Option<String>,
    /// The sealed secret of a TOTP factor.
    pub sealed_secret: Option<String>,
    /// The number of a phone factor.
    pub phone: Option<String>,
    /// The credential of a WebAuthn factor.
    pub credential: Option<Value>,
    /// When it was enrolled.
    pub created_at: OffsetDateTime,
    /// The last change.
    pub updated_at: OffsetDateTime,
    /// When it was last challenged.
    pub last_challenged_at: Option<OffsetDateTime>,
}

impl Factor {
    /// All factors of a user, oldest first.
    pub(crate) const OF_USER: Own =
        own!("select * from auth.mfa_factors where user_id = $1 order by created_at, id");

    pub(crate) fn from_rows(rows: &[Row]) -> Vec<Self> {
        rows.iter().filter_map(Self::from_row).collect()
    }

    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            id: row.get("id"),
            user_id: row.get("user_id"),
            kind: FactorKind::parse(&row.get::<_, Label>("factor_type").0)?,
            is_verified: row.get::<_, Label>("status").0 == "verified",
            friendly_name: row
                .get::<_, Option<String>>("friendly_name")
                .filter(|it| !it.is_empty()),
            sealed_secret: row.get("secret"),
            phone: row.get("phone"),
            credential: row.get("web_authn_credential"),
            created_at: row.get("created_at"),
            updated_at: row.get("updated_at"),
            last_challenged_at: row.get("last_challenged_at"),
        })
    }

    /// The factor as the clients read it; says nothing secret.
    pub fn to_wire(&self) -> Value {
        let mut out = json!({
            "id": self.id,
            "created_at": timestamp(self.created_at),
            "updated_at": timestamp(self.updated_at),
            "status": if self.is_verified { "verified" } else { "unverified" },
            "factor_type": self.kind.as_str(),
        });
        if let Some(name) = &self.friendly_name {
            out["friendly_name"] = json!(name);
        }
        if let Some(phone) = &self.phone {
            out["phone"] = json!(phone);
        }
        if let Some(at) = self.last_challenged_at {
            out["last_challenged_at"] = json!(timestamp(at));
        }
        out
    }

    /// All factors of a user, oldest first.
    pub async fn of_user(db: &OwnDb, user: Uuid) -> Result<Vec<Self>> {
        Ok(Self::from_rows(&db.query(Self::OF_USER, &[&user]).await?))
    }

    /// The same inside a transaction that has locked the user's row.
    pub async fn of_locked_user(tx: &OwnTx, user: Uuid) -> Result<Vec<Self>> {
        Ok(Self::from_rows(&tx.query(Self::OF_USER, &[&user]).await?))
    }

    /// Finds a factor of a user.
    pub async fn find(db: &OwnDb, user: Uuid, id: Uuid) -> Result<Option<Self>> {
        let found = own!("select * from auth.mfa_factors where user_id = $1 and id = $2");
        let row = db.query_opt(found, &[&user, &id]).await?;
        Ok(row.as_ref().and_then(Self::from_row))
    }

    /// Stores a new factor. The unique index `mfa_factors_user_friendly_name_unique` tells of
    /// another of the same name.
    pub async fn insert(&self, tx: &OwnTx) -> Result<()> {
        let insert = own!(
            "insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, \
             created_at, updated_at, secret, phone, web_authn_credential) \
             values ($1, $2, $3, $4::text, $5::text, $6, $6, $7, $8, $9)"
        );
        let status = if self.is_verified {
            "verified"
        } else {
            "unverified"
        };
        tx.execute(
            insert,
            &[
                &self.id,
                &self.user_id,
                &self.friendly_name,
                &self.kind.as_str(),
                &status,
                &self.created_at,
                &self.sealed_secret,
                &self.phone,
                &self.credential,
            ],
        )
        .await?;
        Ok(())
    }

    /// Notes that the factor was shown.
    pub async fn note_verified(&self, tx: &OwnTx, now: OffsetDateTime) -> Result<bool> {
        let update =
            own!("update auth.mfa_factors set status = 'verified', updated_at = $2 where id = $1");
        Ok(tx.execute(update, &[&self.id, &now]).await? == 1)
    }

    /// Uses up a step of time, and all before it; of many uses at once one gets `true`.
    pub async fn use_step(&self, tx: &OwnTx, step: i64) -> Result<bool> {
        let update = own!(
            "update auth.mfa_factors set last_used_step = $2 \
             where id = $1 and (last_used_step is null or last_used_step < $2)"
        );
        Ok(tx.execute(update, &[&self.id, &step]).await? == 1)
    }

    /// Keeps the credential of a WebAuthn factor.
    pub async fn keep_credential(&self, tx: &OwnTx, credential: &Value) -> Result<()> {
        let update = own!("update auth.mfa_factors set web_authn_credential = $2 where id = $1");
        tx.execute(update, &[&self.id, credential]).await?;
        Ok(())
    }

    /// Removes the row of a factor; its challenges go with it.
    pub(crate) async fn delete_row(tx: &OwnTx, user: Uuid, id: Uuid) -> Result<Option<Self>> {
        let delete =
            own!("delete from auth.mfa_factors where user_id = $1 and id = $2 returning *");
        let row = tx.query_opt(delete, &[&user, &id]).await?;
        Ok(row.as_ref().and_then(Self::from_row))
    }

    /// Removes a factor of a user whose row is locked. Recovery codes go with the last of the
    /// others: they never stay alone. What it means for sessions is the caller's to say.
    pub async fn delete(tx: &OwnTx, user: Uuid, id: Uuid) -> Result<Option<Self>> {
        let Some(factor) = Self::delete_row(tx, user, id).await? else {
            return Ok(None);
        };
        let left = Self::of_locked_user(tx, user).await?;
        let is_real = |it: &Self| it.is_verified && it.kind != FactorKind::RecoveryCode;
        if factor.kind == FactorKind::RecoveryCode {
            RecoveryCodes::delete(tx, user).await?;
        } else if factor.is_verified && !left.iter().any(is_real) {
            Self::delete_all(tx, user).await?;
        }
        Ok(Some(factor))
    }

    /// Removes factors that were begun before some time and never shown.
    pub async fn delete_unverified(tx: &OwnTx, user: Uuid, before: OffsetDateTime) -> Result<()> {
        let delete = own!(
            "delete from auth.mfa_factors where user_id = $1 and status = 'unverified' \
             and created_at < $2"
        );
        tx.execute(delete, &[&user, &before]).await?;
        Ok(())
    }

    /// Removes all factors of a user, and the recovery codes: whoever enrolled them was not
    /// proved to be the account's owner.
    pub async fn delete_all(tx: &OwnTx, user: Uuid) -> Result<()> {
        RecoveryCodes::delete(tx, user).await?;
        let delete = own!("delete from auth.mfa_factors where user_id = $1");
        tx.execute(delete, &[&user]).await?;
        Ok(())
    }

    /// Whether a user has shown to have any factor.
    pub async fn any_verified(db: &OwnDb, user: Uuid) -> Result<bool> {
        let found = own!(
            "select 1 from auth.mfa_factors where user_id = $1 and status = 'verified' limit 1"
        );
        Ok(db.query_opt(found, &[&user]).await?.is_some())
    }
}

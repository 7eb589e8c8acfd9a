//! `auth.users`.

use postern_db::own;
use postern_db::own::{OwnDb, OwnTx, Row};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Result;

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Whom tokens are about.
    pub id: Uuid,
    /// The audience of the user's tokens.
    pub aud: String,
    /// The role of the user's tokens.
    pub role: String,
    /// The address, normalised; none for phone and anonymous users.
    pub email: Option<String>,
    /// The number in E.164 without the plus sign.
    pub phone: Option<String>,
    /// The password's hash.
    pub encrypted_password: Option<String>,
    /// When the address was proved.
    pub email_confirmed_at: Option<OffsetDateTime>,
    /// When the number was proved.
    pub phone_confirmed_at: Option<OffsetDateTime>,
    /// When the first of both was proved.
    pub confirmed_at: Option<OffsetDateTime>,
    /// When an invitation was sent.
    pub invited_at: Option<OffsetDateTime>,
    /// When the last confirmation was sent.
    pub confirmation_sent_at: Option<OffsetDateTime>,
    /// When the last recovery or magic link was sent.
    pub recovery_sent_at: Option<OffsetDateTime>,
    /// When the last change of address was begun.
    pub email_change_sent_at: Option<OffsetDateTime>,
    /// When the last change of number was begun.
    pub phone_change_sent_at: Option<OffsetDateTime>,
    /// When the last reauthentication nonce was sent.
    pub reauthentication_sent_at: Option<OffsetDateTime>,
    /// The address that the user wants to have.
    pub email_change: Option<String>,
    /// Which halves of a change of address are done: 0 none, 1 one of two.
    pub email_change_confirm_status: i16,
    /// The number that the user wants to have.
    pub phone_change: Option<String>,
    /// The last sign-in.
    pub last_sign_in_at: Option<OffsetDateTime>,
    /// What the project knows about the user; not the user's to write.
    pub app_metadata: Map<String, Value>,
    /// What the user says about themselves.
    pub user_metadata: Map<String, Value>,
    /// When the user was made.
    pub created_at: OffsetDateTime,
    /// The last change.
    pub updated_at: OffsetDateTime,
    /// Until when the user is banned.
    pub banned_until: Option<OffsetDateTime>,
    /// When the user was deleted softly.
    pub deleted_at: Option<OffsetDateTime>,
    /// Whether the user has proved nothing yet.
    pub is_anonymous: bool,
    /// Whether the address is confirmed by a setting alone, and nobody has proved it.
    pub is_email_unproved: bool,
    /// Whether the number is.
    pub is_phone_unproved: bool,
}

/// What a new user begins with.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// The id; a random one when absent.
    pub id: Option<Uuid>,
    /// The role; `authenticated` when absent.
    pub role: Option<String>,
    /// The normalised address.
    pub email: Option<String>,
    /// The number.
    pub phone: Option<String>,
    /// The password's hash.
    pub encrypted_password: Option<String>,
    /// Whether the address needs no proof.
    pub email_confirmed_at: Option<OffsetDateTime>,
    /// Whether the number needs no proof.
    pub phone_confirmed_at: Option<OffsetDateTime>,
    /// `provider` and `providers`, and what the project adds.
    pub app_metadata: Map<String, Value>,
    /// What the user says about themselves.
    pub user_metadata: Map<String, Value>,
    /// Until when the user is banned.
    pub banned_until: Option<OffsetDateTime>,
    /// Whether the user has proved nothing yet.
    pub is_anonymous: bool,
    /// Whether the address is confirmed by a setting alone.
    pub is_email_unproved: bool,
    /// Whether the number is.
    pub is_phone_unproved: bool,
}

impl User {
    /// Reads a row of `select *`.
    pub(crate) fn from_row(row: &Row) -> Self {
        let object = |column: &str| match row.get::<_, Option<Value>>(column) {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        };
        // Supabase keeps "nothing" as an empty text in some of these columns.
        let text = |column: &str| {
            row.get::<_, Option<String>>(column)
                .filter(|it| !it.is_empty())
        };
        Self {
            id: row.get("id"),
            aud: text("aud").unwrap_or_else(|| "authenticated".into()),
            role: text("role").unwrap_or_else(|| "authenticated".into()),
            email: text("email"),
            phone: text("phone"),
            encrypted_password: text("encrypted_password"),
            email_confirmed_at: row.get("email_confirmed_at"),
            phone_confirmed_at: row.get("phone_confirmed_at"),
            confirmed_at: row.get("confirmed_at"),
            invited_at: row.get("invited_at"),
            confirmation_sent_at: row.get("confirmation_sent_at"),
            recovery_sent_at: row.get("recovery_sent_at"),
            email_change_sent_at: row.get("email_change_sent_at"),
            phone_change_sent_at: row.get("phone_change_sent_at"),
            reauthentication_sent_at: row.get("reauthentication_sent_at"),
            email_change: text("email_change"),
            email_change_confirm_status: row
                .get::<_, Option<i16>>("email_change_confirm_status")
                .unwrap_or_default(),
            phone_change: text("phone_change"),
            last_sign_in_at: row.get("last_sign_in_at"),
            app_metadata: object("raw_app_meta_data"),
            user_metadata: object("raw_user_meta_data"),
            created_at: row.get("created_at"),
            updated_at: row.get("updated_at"),
            banned_until: row.get("banned_until"),
            deleted_at: row.get("deleted_at"),
            is_anonymous: row.get("is_anonymous"),
            is_email_unproved: row.get("is_email_unproved"),
            is_phone_unproved: row.get("is_phone_unproved"),
        }
    }

    /// Whether the user may not sign in now.
    pub fn is_banned(&self, now: OffsetDateTime) -> bool {
        self.banned_until.is_some_and(|until| until > now)
    }

    /// Whether somebody has shown that the address is theirs.
    pub fn has_proved_email(&self) -> bool {
        self.email_confirmed_at.is_some() && !self.is_email_unproved
    }

    /// Whether somebody has shown that the number is theirs.
    pub fn has_proved_phone(&self) -> bool {
        self.phone_confirmed_at.is_some() && !self.is_phone_unproved
    }

    /// Whether address or number was confirmed, if only by a setting.
    pub fn is_confirmed(&self) -> bool {
        self.email_confirmed_at.is_some() || self.phone_confirmed_at.is_some()
    }

    /// Finds a user who was not deleted.
    pub async fn find(db: &OwnDb, id: Uuid) -> Result<Option<Self>> {
        let found = own!("select * from auth.users where id = $1 and deleted_at is null");
        Ok(db
            .query_opt(found, &[&id])
            .await?
            .as_ref()
            .map(Self::from_row))
    }

    /// Finds a user by address.
    pub async fn find_by_email(db: &OwnDb, email: &str) -> Result<Option<Self>> {
        let found = own!(
            "select * from auth.users where email = $1 and not is_sso_user and deleted_at is null"
        );
        Ok(db
            .query_opt(found, &[&email])
            .await?
            .as_ref()
            .map(Self::from_row))
    }

    /// Finds a user by number.
    pub async fn find_by_phone(db: &OwnDb, phone: &str) -> Result<Option<Self>> {
        let found = own!("select * from auth.users where phone = $1 and deleted_at is null");
        Ok(db
            .query_opt(found, &[&phone])
            .await?
            .as_ref()
            .map(Self::from_row))
    }

    /// Finds a user and keeps others from changing the row until the transaction ends.
    pub async fn lock(tx: &OwnTx, id: Uuid) -> Result<Option<Self>> {
        let found =
            own!("select * from auth.users where id = $1 and deleted_at is null for update");
        Ok(tx
            .query_opt(found, &[&id])
            .await?
            .as_ref()
            .map(Self::from_row))
    }

    /// Whether somebody has the address.
    pub async fn has_email(tx: &OwnTx, email: &str) -> Result<bool> {
        let found = own!("select 1 from auth.users where email = $1 and not is_sso_user");
        Ok(tx.query_opt(found, &[&email]).await?.is_some())
    }

    /// Finds a user by address and keeps others from changing the row until the transaction ends.
    pub async fn lock_by_email(tx: &OwnTx, email: &str) -> Result<Option<Self>> {
        let found = own!(
            "select * from auth.users where email = $1 and not is_sso_user and deleted_at is null \
             for update"
        );
        Ok(tx
            .query_opt(found, &[&email])
            .await?
            .as_ref()
            .map(Self::from_row))
    }

    /// Makes a user. The unique constraints `users_email_partial_key` and `users_phone_key` tell
    /// of others who were faster.
    pub async fn insert(tx: &OwnTx, new: NewUser, now: OffsetDateTime) -> Result<Self> {
        let insert = own!(
            "insert into auth.users (instance_id, id, aud, role, email, phone, encrypted_password, \
             email_confirmed_at, phone_confirmed_at, raw_app_meta_data, raw_user_meta_data, \
             banned_until, is_anonymous, is_email_unproved, is_phone_unproved, created_at, \
             updated_at) values ('00000000-0000-0000-0000-000000000000', $1, 'authenticated', $2, \
             $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14) returning *"
        );
        let id = new.id.unwrap_or_else(Uuid::new_v4);
        let role = new.role.unwrap_or_else(|| "authenticated".into());
        let row = tx
            .query_opt(
                insert,
                &[
                    &id,
                    &role,
                    &new.email,
                    &new.phone,
                    &new.encrypted_password,
                    &new.email_confirmed_at,
                    &new.phone_confirmed_at,
                    &Value::Object(new.app_metadata),
                    &Value::Object(new.user_metadata),
                    &new.banned_until,
                    &new.is_anonymous,
                    &new.is_email_unproved,
                    &new.is_phone_unproved,
                    &now,
                ],
            )
            .await?;
        row.as_ref()
            .map(Self::from_row)
            .ok_or_else(|| crate::Error::internal("The user was not stored", "no row came back"))
    }

    /// Writes everything that may change back to the row; call it on a row that is locked.
    pub async fn save(&self, tx: &OwnTx, now: OffsetDateTime) -> Result<()> {
        let update = own!(
            "update auth.users set role = $2, email = $3, phone = $4, encrypted_password = $5, \
             email_confirmed_at = $6, phone_confirmed_at = $7, invited_at = $8, \
             confirmation_sent_at = $9, recovery_sent_at = $10, email_change_sent_at = $11, \
             phone_change_sent_at = $12, reauthentication_sent_at = $13, \
             email_change = coalesce($14, ''), email_change_confirm_status = $15, \
             phone_change = coalesce($16, ''), last_sign_in_at = $17, raw_app_meta_data = $18, \
             raw_user_meta_data = $19, banned_until = $20, deleted_at = $21, is_anonymous = $22, \
             updated_at = $23, is_email_unproved = $24, is_phone_unproved = $25 where id = $1"
        );
        tx.execute(
            update,
            &[
                &self.id,
                &self.role,
                &self.email,
                &self.phone,
                &self.encrypted_password,
                &self.email_confirmed_at,
                &self.phone_confirmed_at,
                &self.invited_at,
                &self.confirmation_sent_at,
                &self.recovery_sent_at,
                &self.email_change_sent_at,
                &self.phone_change_sent_at,
                &self.reauthentication_sent_at,
                &self.email_change,
                &self.email_change_confirm_status,
                &self.phone_change,
                &self.last_sign_in_at,
                &Value::Object(self.app_metadata.clone()),
                &Value::Object(self.user_metadata.clone()),
                &self.banned_until,
                &self.deleted_at,
                &self.is_anonymous,
                &now,
                &self.is_email_unproved,
                &self.is_phone_unproved,
            ],
        )
        .await?;
        Ok(())
    }
}

//! Statements of the import: they leave those alone who are there.

use postern_db::own;
use postern_db::own::OwnTx;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::fields::for_ever;
use super::person::{Person, PersonIdentity};
use crate::Result;

/// Makes a user with all that is known; says whether nobody was in the way.
pub(super) async fn insert(
    tx: &OwnTx,
    person: &Person,
    providers: &[&str],
    now: OffsetDateTime,
) -> Result<bool> {
    let insert = own!(
        "insert into auth.users (instance_id, id, aud, role, email, phone, encrypted_password, \
         email_confirmed_at, phone_confirmed_at, invited_at, last_sign_in_at, raw_app_meta_data, \
         raw_user_meta_data, created_at, updated_at, banned_until, deleted_at, is_sso_user, \
         is_anonymous, is_email_unproved, is_phone_unproved) values \
         ('00000000-0000-0000-0000-000000000000', $1, 'authenticated', $2, $3, $4, $5, $6, $7, $8, \
         $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
         on conflict do nothing"
    );
    let mut app_metadata = person.app_metadata.clone();
    if let Some(first) = providers.first() {
        app_metadata
            .entry("provider")
            .or_insert_with(|| json!(first));
        app_metadata.insert("providers".into(), json!(providers));
    }
    let banned_until = match person.is_banned {
        true => Some(for_ever(now)),
        false => person.banned_until,
    };
    let made = tx
        .execute(
            insert,
            &[
                &person.id,
                &person.role,
                &person.email,
                &person.phone,
                &person.hash,
                &person.email_confirmed_at,
                &person.phone_confirmed_at,
                &person.invited_at,
                &person.last_sign_in_at,
                &Value::Object(app_metadata),
                &Value::Object(person.user_metadata.clone()),
                &person.created_at.unwrap_or(now),
                &now,
                &banned_until,
                &person.deleted_at,
                &person.is_sso,
                &person.is_anonymous,
                &person.is_email_unproved,
                &person.is_phone_unproved,
            ],
        )
        .await?;
    Ok(made == 1)
}

/// Links an identity; says whether it was linked to nobody before.
pub(super) async fn link(
    tx: &OwnTx,
    identity: &PersonIdentity,
    now: OffsetDateTime,
) -> Result<bool> {
    let insert = own!(
        "insert into auth.identities (id, provider_id, user_id, identity_data, provider, \
         last_sign_in_at, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8) \
         on conflict do nothing"
    );
    let made = tx
        .execute(
            insert,
            &[
                &Uuid::new_v4(),
                &identity.subject,
                &identity.user,
                &Value::Object(identity.data.clone()),
                &identity.provider,
                &identity.last_sign_in_at,
                &identity.created_at.unwrap_or(now),
                &now,
            ],
        )
        .await?;
    Ok(made == 1)
}

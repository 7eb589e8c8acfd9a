//! What goes over the wire: users and identities as the clients read them.

use postern_db::own::Row;
use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::store::{Factor, Identity, User};

/// A user, as the clients read it. Absent is not the same as empty here: address and number are
/// empty texts, times are left out.
#[derive(Clone, Debug, Serialize)]
pub struct UserOut {
    /// The id.
    pub id: String,
    aud: String,
    role: String,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_confirmed_at: Option<String>,
    phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_confirmed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation_sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invited_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_change_sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_change_sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reauthentication_sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in_at: Option<String>,
    app_metadata: Map<String, Value>,
    user_metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    factors: Vec<Value>,
    identities: Vec<IdentityOut>,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    banned_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<String>,
    is_anonymous: bool,
}

/// An identity, as the clients read it.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityOut {
    identity_id: String,
    id: String,
    user_id: String,
    identity_data: Map<String, Value>,
    provider: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in_at: Option<String>,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

impl UserOut {
    /// Renders a user with rows of [`Identity::OF_USER`] and [`Factor::OF_USER`].
    pub(crate) fn read(user: &User, identities: &[Row], factors: &[Row]) -> Self {
        let factors = Factor::from_rows(factors);
        let factors: Vec<_> = factors.iter().map(Factor::to_wire).collect();
        Self::new(user, &Identity::from_rows(identities), &factors)
    }

    /// Renders a user with identities and factors.
    pub fn new(user: &User, identities: &[Identity], factors: &[Value]) -> Self {
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        Self {
            id: user.id.to_string(),
            aud: user.aud.clone(),
            role: user.role.clone(),
            email: text(&user.email),
            email_confirmed_at: user.email_confirmed_at.map(timestamp),
            phone: text(&user.phone),
            phone_confirmed_at: user.phone_confirmed_at.map(timestamp),
            confirmation_sent_at: user.confirmation_sent_at.map(timestamp),
            confirmed_at: user.confirmed_at.map(timestamp),
            invited_at: user.invited_at.map(timestamp),
            recovery_sent_at: user.recovery_sent_at.map(timestamp),
            new_email: user.email_change.clone(),
            email_change_sent_at: user.email_change_sent_at.map(timestamp),
            new_phone: user.phone_change.clone(),
            phone_change_sent_at: user.phone_change_sent_at.map(timestamp),
            reauthentication_sent_at: user.reauthentication_sent_at.map(timestamp),
            last_sign_in_at: user.last_sign_in_at.map(timestamp),
            app_metadata: user.app_metadata.clone(),
            user_metadata: user.user_metadata.clone(),
            factors: factors.to_vec(),
            identities: identities.iter().map(IdentityOut::new).collect(),
            created_at: timestamp(user.created_at),
            updated_at: timestamp(user.updated_at),
            banned_until: user.banned_until.map(timestamp),
            deleted_at: user.deleted_at.map(timestamp),
            is_anonymous: user.is_anonymous,
        }
    }
}

impl IdentityOut {
    /// Renders an identity.
    pub fn new(identity: &Identity) -> Self {
        Self {
            identity_id: identity.id.to_string(),
            id: identity.provider_id.clone(),
            user_id: identity.user_id.to_string(),
            identity_data: identity.data.clone(),
            provider: identity.provider.clone(),
            last_sign_in_at: identity.last_sign_in_at.map(timestamp),
            created_at: timestamp(identity.created_at),
            updated_at: timestamp(identity.updated_at),
            email: identity.email.clone(),
        }
    }
}

/// A time as the clients read it.
pub(crate) fn timestamp(time: OffsetDateTime) -> String {
    // Only years beyond 9999 cannot be written; they mean "never" here.
    time.format(&Rfc3339)
        .unwrap_or_else(|_| "9999-12-31T23:59:59Z".into())
}

//! One entry: who did what to whom, from where, in the words of the dialect.

use postern_db::own;
use postern_db::own::OwnTx;
use postern_vault::Vault;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::chain::ENTRY;
use crate::store::User;
use crate::{Context, Error, Result};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A user of the app.
    User {
        /// The user.
        id: Uuid,
        /// The address or number.
        name: Option<String>,
    },
    /// One of the people who run the project, through the console.
    Admin {
        /// The admin.
        id: Uuid,
        /// The address.
        email: String,
    },
    /// The holder of the secret key.
    SecretKey,
    /// Somebody at the machine's command line.
    CommandLine,
}

/// To whom it was done; copied, because the user may be gone when somebody reads it.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    id: Uuid,
    email: Option<String>,
    phone: Option<String>,
}

/// What is to be noted.
#[derive(Clone, Debug)]
pub(crate) struct Deed<'a> {
    pub(crate) action: &'a str,
    pub(crate) actor: Actor,
    pub(crate) subject: Option<Subject>,
    pub(crate) traits: Map<String, Value>,
}

impl Subject {
    pub(crate) fn of(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.clone(),
            phone: user.phone.clone(),
        }
    }
}

impl Deed<'_> {
    /// Writes the entry in the transaction of the deed.
    pub(crate) async fn write(self, tx: &OwnTx, vault: &Vault, context: &Context) -> Result<()> {
        let insert = own!(
            "insert into auth.audit_log_entries (instance_id, id, payload, created_at, \
             ip_address, mac) \
             values ('00000000-0000-0000-0000-000000000000', $1, $2, $3, $4, $5)"
        );
        let id = Uuid::new_v4();
        let payload = self.payload(context);
        let address = context.ip.to_string();
        let text = serde_json::to_string(&payload)
            .map_err(|error| Error::internal("The audit entry could not be written", error))?;
        let mac = vault
            .mac(ENTRY, &canonical(id, context.now, &address, &text))
            .to_vec();
        tx.execute(insert, &[&id, &payload, &context.now, &address, &mac])
            .await?;
        Ok(())
    }

    fn payload(self, context: &Context) -> Value {
        let (actor_id, actor_name) = match &self.actor {
            Actor::User { id, name } => (*id, name.as_deref().unwrap_or_default()),
            Actor::Admin { id, email } => (*id, email.as_str()),
            Actor::SecretKey => (Uuid::nil(), "service_role"),
            Actor::CommandLine => (Uuid::nil(), "command line"),
        };
        let mut traits = Map::new();
        if let Some(subject) = self.subject {
            traits.insert("user_id".into(), json!(subject.id));
            traits.insert(
                "user_email".into(),
                json!(subject.email.unwrap_or_default()),
            );
            traits.insert(
                "user_phone".into(),
                json!(subject.phone.unwrap_or_default()),
            );
        }
        traits.extend(self.traits);
        json!({
            "action": self.action,
            "actor_id": actor_id,
            "actor_username": actor_name,
            "actor_via_sso": false,
            "log_type": log_type(self.action),
            "traits": traits,
            "request_id": context.request_id,
            "user_agent": context.user_agent,
        })
    }
}

/// An entry's content as bytes: each part with its length in front, so that no two entries are
/// the same bytes.
pub(super) fn canonical(id: Uuid, at: OffsetDateTime, address: &str, payload: &str) -> Vec<u8> {
    let micros = at.unix_timestamp_nanos() / 1_000;
    let mut bytes = Vec::with_capacity(payload.len() + address.len() + 64);
    for part in [
        id.as_bytes().as_slice(),
        &micros.to_be_bytes(),
        address.as_bytes(),
        payload.as_bytes(),
    ] {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part);
    }
    bytes
}

/// The group that the dialect files an action under.
fn log_type(action: &str) -> &'static str {
    match action {
        "login" | "logout" | "invite_accepted" => "account",
        "user_signedup" | "user_invited" | "user_deleted" => "team",
        "token_refreshed" | "token_revoked" => "token",
        "signing_keys_rotated" => "admin",
        "schema_changed" | "rows_imported" => "data",
        _ if action.starts_with("admin_") => "admin",
        _ if action.starts_with("row") => "data",
        _ if action.contains("factor") || action.starts_with("challenge") => "factor",
        _ => "user",
    }
}

//! What is known about a user, in an admin's hands: metadata as a whole, identities.

use postern_base::codes::auth as codes;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::user_not_found;
use crate::store::{Code, Identity, Session, User};
use crate::{AuthService, Context, Error, Result, identities, metadata, service};

/// What of the project's metadata the service keeps itself.
const KEPT: [&str; 2] = ["provider", "providers"];

/// Which metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// What the project knows about the user.
    App,
    /// What the user says.
    User,
}

impl Metadata {
    /// As addresses and the audit log spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app_metadata",
            Self::User => "user_metadata",
        }
    }

    /// Reads it.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::App, Self::User]
            .into_iter()
            .find(|it| it.as_str() == text)
    }

    /// What a user has of it.
    pub fn of(self, user: &User) -> &Map<String, Value> {
        match self {
            Self::App => &user.app_metadata,
            Self::User => &user.user_metadata,
        }
    }
}

impl AuthService {
    /// What marks metadata as it is now, so that a form can tell whether it is still the same.
    pub fn metadata_mark(&self, user: &User, which: Metadata) -> String {
        let text = json!([which.as_str(), user.id, which.of(user)]).to_string();
        let mac = self.vault.mac("metadata-mark", text.as_bytes());
        mac.iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Puts metadata in the place of what was there when somebody looked, which `mark` tells.
    ///
    /// # Errors
    /// When there is no such user, the metadata is too large, or it was changed since.
    pub async fn replace_metadata(
        &self,
        id: Uuid,
        (which, mut new): (Metadata, Map<String, Value>),
        mark: &str,
        context: &Context,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let mut user = User::lock(&tx, id).await?.ok_or_else(user_not_found)?;
        if !postern_vault::same(self.metadata_mark(&user, which).as_bytes(), mark.as_bytes()) {
            let message = "Somebody else has changed this metadata since the page was loaded";
            return Err(Error::new(&codes::CONFLICT, message));
        }
        match which {
            Metadata::App => {
                for name in KEPT {
                    match user.app_metadata.get(name) {
                        Some(kept) => new.insert(name.into(), kept.clone()),
                        None => new.remove(name),
                    };
                }
                metadata::check_app(&new)?;
                user.app_metadata = new;
            }
            Metadata::User => {
                metadata::check_user(&new)?;
                user.user_metadata = new;
            }
        }
        user.save(&tx, context.now).await?;
        // The log keeps the names of the keys and not what they say.
        let keys: Vec<_> = which.of(&user).keys().collect();
        let changes = json!({ which.as_str(): { "keys": keys } });
        let traits = Map::from_iter([("changes".into(), changes)]);
        self.audit_admin(&tx, "user_modified", &user, traits, context)
            .await?;
        tx.commit().await?;
        if which == Metadata::App {
            // Tokens that say what no longer holds are refused.
            let second = context.now.unix_timestamp();
            self.revocations().outdate_user(user.id, second);
        }
        Ok(())
    }

    /// A user's identities.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn identities_of_user(&self, user: Uuid) -> Result<Vec<Identity>> {
        Identity::of_user(&self.db, user).await
    }

    /// Takes an identity away. Everybody who came in that way is out, with all sessions.
    ///
    /// # Errors
    /// When the user has no such identity, or no other.
    pub async fn unlink_identity_of(&self, user: Uuid, id: Uuid, context: &Context) -> Result<()> {
        let tx = self.db.begin().await?;
        service::tell_time(&tx, context.now).await?;
        let mut owner = User::lock(&tx, user).await?.ok_or_else(user_not_found)?;
        let before = owner.clone();
        let gone = identities::take_away(&tx, &mut owner, id).await?;
        self.save_providers(&tx, &mut owner, context).await?;
        Code::void_all(&tx, user).await?;
        let ended = Session::end_all(&tx, user, None).await?;
        let traits = Map::from_iter([("provider".into(), json!(gone.provider))]);
        self.audit_admin(&tx, "identity_unlinked", &before, traits, context)
            .await?;
        tx.commit().await?;
        self.revoke_here(&ended);
        Ok(())
    }
}

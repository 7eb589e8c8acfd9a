//! The signed-in user's own account.

use postern_db::own;
use serde_json::{Value, json};

use crate::store::{Factor, Identity, User};
use crate::wire::UserOut;
use crate::{AuthService, Result};

impl AuthService {
    /// Renders a user with identities and factors.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn user_out(&self, user: &User) -> Result<UserOut> {
        let about: [own::Value<'_>; 1] = [&user.id];
        let [identities, factors] = self
            .db
            .query_each([(Identity::OF_USER, &about), (Factor::OF_USER, &about)])
            .await?;
        Ok(UserOut::read(user, &identities, &factors))
    }

    /// What a client may know before anybody signs in.
    pub fn public_settings(&self) -> Value {
        let signup = &self.settings.signup;
        let mut external = json!({
            "anonymous_users": signup.anonymous.is_yes(),
            "email": signup.email.is_yes(),
            "phone": signup.phone.is_yes(),
        });
        for provider in self.settings.providers.iter() {
            external[provider.name()] = provider.is_enabled().into();
        }
        json!({
            "external": external,
            "disable_signup": !signup.new_users.is_yes(),
            "mailer_autoconfirm": signup.email_autoconfirm.is_yes(),
            "phone_autoconfirm": signup.phone_autoconfirm.is_yes(),
            "sms_provider": "",
            "saml_enabled": false,
            "saml_private_key_next_configured": false,
            "passkeys_enabled": self.settings.factors.passkeys.is_yes(),
        })
    }
}

//! Trying what the operator wrote down, from the console: an identity provider, a hook.
//!
//! SECURITY: calls go out through the one guarded client, to addresses of the configuration alone;
//! nothing of a request chooses where to (attack 63).

use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::audit::{Actor, Deed};
use crate::hooks::{HookPoint, HookTarget};
use crate::oauth::{Provider, fetch_document};
use crate::{AuthService, Context, Error, Result};

/// One step of a trial.
#[derive(Clone, Debug)]
pub struct Step {
    /// What was asked, and where.
    pub what: String,
    /// What came back; the error says why nothing of use did.
    pub outcome: std::result::Result<String, String>,
}

impl AuthService {
    /// Fetches what a provider publishes, now and past every cache.
    ///
    /// # Errors
    /// When the project has no such provider.
    pub async fn try_provider(&self, name: &str, context: &Context) -> Result<Vec<Step>> {
        let provider = self.settings.providers.get(name);
        let provider = provider.ok_or_else(|| Error::invalid("There is no such provider"))?;
        self.note_trial("provider_checked", name, context).await?;
        let mut steps = Vec::new();
        let mut metadata = provider.endpoints.clone();
        if let Some(address) = provider.discovery_url() {
            let found = fetch_document(&self.outbound, &address).await;
            let found = found.and_then(|it| provider.check_metadata(it));
            let is_found = found.is_ok();
            let outcome = found.map(|it| {
                metadata = it;
                metadata.issuer.clone().unwrap_or_default()
            });
            steps.push(step(address, outcome));
            if !is_found {
                return Ok(steps);
            }
        }
        if let Some(address) = metadata.jwks_uri {
            let keys: Result<CoreJsonWebKeySet> = fetch_document(&self.outbound, &address).await;
            let count = keys.map(|it| it.keys().len());
            let outcome = count.and_then(|count| match count {
                0 => Err(Error::invalid("It publishes no key")),
                count => Ok(format!("keys: {count}")),
            });
            steps.push(step(address, outcome));
        }
        Ok(steps)
    }

    /// Calls a hook with made-up values, signed as always. It decides about nobody.
    ///
    /// # Errors
    /// When there is no hook at this place.
    pub async fn try_hook(&self, name: &str, context: &Context) -> Result<Step> {
        let point = HookPoint::ALL.iter().copied().find(|it| it.key() == name);
        let point = point.filter(|it| self.hooks.has(*it));
        let point = point.ok_or_else(|| Error::invalid("There is no such hook"))?;
        self.note_trial("hook_tried", name, context).await?;
        let payload = sample(point);
        let answer = self.hooks.call(point, payload, &context.into()).await;
        let outcome = answer.map(|it| {
            let answer = it.unwrap_or_default();
            serde_json::to_string_pretty(&answer).unwrap_or_default()
        });
        Ok(step(name.to_owned(), outcome))
    }

    /// Where the project's hooks are, each with a place that may be shown.
    pub fn hook_places(&self) -> Vec<(HookPoint, Option<String>)> {
        let targets = &self.settings.hooks.targets;
        let place = |point: &HookPoint| {
            let shown = targets.get(point).map(|target| match target {
                // A path or query may be a secret.
                HookTarget::Http { url, .. } => url::Url::parse(url)
                    .ok()
                    .map_or_else(String::new, |it| it.origin().ascii_serialization()),
                HookTarget::Function { schema, name } => format!("{schema}.{name}()"),
            });
            (*point, shown)
        };
        HookPoint::ALL.iter().map(place).collect()
    }

    pub(crate) async fn note_trial(
        &self,
        action: &str,
        name: &str,
        context: &Context,
    ) -> Result<()> {
        let deed = Deed {
            action,
            actor: context.admin.clone().unwrap_or(Actor::SecretKey),
            subject: None,
            traits: Map::from_iter([("name".into(), json!(name))]),
        };
        let tx = self.db.begin().await?;
        self.audit_deed(&tx, deed, context).await?;
        Ok(tx.commit().await?)
    }
}

impl Provider {
    /// How it tells who somebody is, in a word.
    pub fn protocol_name(&self) -> &'static str {
        match self.protocol {
            crate::oauth::Protocol::Oidc => "OpenID Connect",
            crate::oauth::Protocol::OAuth => "OAuth 2.0",
        }
    }

    /// Who it is, as the operator wrote it down.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

/// What failed inside is for the operator to read.
fn step(what: String, outcome: Result<String>) -> Step {
    let outcome = outcome.map_err(|error| match error.inner() {
        Some(inner) => format!("{}: {inner}", error.message()),
        None => error.message().to_owned(),
    });
    Step { what, outcome }
}

/// Made-up values of a place: the user is nobody.
fn sample(point: HookPoint) -> Value {
    let id = Uuid::nil();
    let user = json!({
        "id": id, "aud": "authenticated", "role": "authenticated", "email": "ada@example.com",
        "phone": "", "app_metadata": { "provider": "email", "providers": ["email"] },
        "user_metadata": {}, "identities": [], "is_anonymous": false,
    });
    match point {
        HookPoint::CustomAccessToken => json!({
            "user_id": id,
            "authentication_method": "password",
            "claims": {
                "iss": "https://example.com/auth/v1", "sub": id, "aud": "authenticated",
                "exp": 4_102_444_800_i64, "iat": 4_102_441_200_i64, "role": "authenticated",
                "aal": "aal1", "session_id": id, "email": "ada@example.com", "phone": "",
                "is_anonymous": false, "app_metadata": {}, "user_metadata": {},
                "amr": [{ "method": "password", "timestamp": 4_102_441_200_i64 }],
            },
        }),
        HookPoint::SendEmail => json!({
            "user": user,
            "email_data": {
                "to": "ada@example.com", "token": "483920", "token_hash": "sample",
                "redirect_to": "", "email_action_type": "magiclink", "site_url": "",
            },
        }),
        HookPoint::SendSms => json!({
            "user": user,
            "sms": { "otp": "483920", "phone": "15550100000", "channel": "sms" },
        }),
        HookPoint::PasswordVerificationAttempt => json!({ "user_id": id, "valid": true }),
        HookPoint::MfaVerificationAttempt => json!({
            "user_id": id, "factor_id": id, "factor_type": "totp", "valid": true,
        }),
        HookPoint::BeforeUserCreated | HookPoint::AfterUserCreated => json!({ "user": user }),
        HookPoint::BeforeSignIn | HookPoint::BeforeTokenRefresh => json!({
            "user": user, "user_id": id, "authentication_method": "password",
        }),
    }
}

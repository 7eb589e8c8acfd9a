//! `providers.toml`: the identity providers that the project trusts, a table each.
//!
//! SECURITY: whatever cannot be understood refuses the whole file, because a provider that is half
//! understood lets the wrong people in (attack 29). What is trusted is written here by the
//! operator; nothing of it is learnt from a token.

mod parse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use postern_base::Secret;
use serde::Deserialize;
use serde_json::Value;

use super::remote::{Metadata, failed};
use crate::settings::Allowed;
use crate::{Error, Result};

/// What a tenant's place in an issuer looks like for providers of many tenants.
const TENANT_ID: &str = "{tenantid}";

/// The providers of a project; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    by_name: Arc<BTreeMap<String, Provider>>,
}

/// Why the file is refused, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigFault {
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// An identity provider.
#[derive(Clone, Debug)]
pub struct Provider {
    pub(crate) name: String,
    pub(crate) enabled: Allowed,
    pub(crate) protocol: Protocol,
    /// The app's ids at the provider: the first is ours, others are those of native apps.
    pub(crate) client_ids: Vec<String>,
    pub(crate) secret: Option<Secret<String>>,
    pub(crate) issuer: Option<String>,
    pub(crate) endpoints: Metadata,
    pub(crate) emails: Option<EmailsList>,
    pub(crate) scopes: Vec<String>,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) token_auth: Option<TokenAuth>,
    pub(crate) nonce: NonceRule,
    pub(crate) trust: Trust,
    pub(crate) email_optional: Allowed,
    pub(crate) claims: Claims,
}

/// How a provider tells who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// By a signed `id_token`.
    Oidc,
    /// At an address of its own.
    OAuth,
}

/// How we prove ourselves at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenAuth {
    /// By the `Authorization` header.
    Basic,
    /// In the form.
    Body,
}

/// Whether an `id_token` must repeat a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NonceRule {
    /// It must.
    Demanded,
    /// The provider does not send any, or the operator says so.
    Skipped,
}

/// When a provider's word about an address counts as proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Trust {
    /// When its claim is `true`, and neither `"true"` nor absent (attack 24).
    Claim,
    /// When its claim is the number 1.
    #[serde(skip)]
    One,
    /// Always: the operator knows that it only tells verified addresses.
    Always,
    /// Never.
    Never,
}

/// A list of addresses that a provider keeps apart from its users.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EmailsList {
    pub(crate) url: &'static str,
    pub(crate) list: &'static str,
    pub(crate) email: &'static str,
    pub(crate) primary: &'static str,
    pub(crate) verified: &'static str,
}

/// Where in a provider's answer things stand, as JSON pointers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mapping {
    pub(crate) sub: &'static str,
    pub(crate) email: &'static str,
    pub(crate) email_verified: &'static str,
    pub(crate) name: &'static str,
    pub(crate) user_name: &'static str,
    pub(crate) picture: &'static str,
}

impl Mapping {
    /// The standard claims of OpenID Connect.
    pub(crate) const OIDC: Self = Self {
        sub: "/sub",
        email: "/email",
        email_verified: "/email_verified",
        name: "/name",
        user_name: "/preferred_username",
        picture: "/picture",
    };
}

/// A mapping that the operator may have changed.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) email: String,
    pub(crate) email_verified: String,
    pub(crate) name: String,
    pub(crate) user_name: String,
    pub(crate) picture: String,
}

impl Providers {
    /// Reads the file. `variable` finds what `secret_env` names.
    ///
    /// # Errors
    /// When anything in it cannot be understood.
    pub fn parse(
        text: &str,
        variable: &dyn Fn(&str) -> Option<Secret<String>>,
    ) -> Result<Self, ConfigFault> {
        let by_name = parse::providers(text, variable)?;
        Ok(Self {
            by_name: Arc::new(by_name),
        })
    }

    /// The provider of that name, switched on or off.
    pub(crate) fn get(&self, name: &str) -> Option<&Provider> {
        self.by_name.get(name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.by_name.values()
    }

    /// The addresses that the operator wrote down, which may lie in the operator's own network.
    pub fn written_urls(&self) -> impl Iterator<Item = &str> {
        self.iter().flat_map(|it| {
            let at = &it.endpoints;
            let urls = [
                &it.issuer,
                &at.authorization_endpoint,
                &at.token_endpoint,
                &at.userinfo_endpoint,
                &at.jwks_uri,
            ];
            urls.into_iter().filter_map(|url| url.as_deref())
        })
    }
}

impl Provider {
    /// Its name in the project's file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether users may sign in through it.
    pub fn is_enabled(&self) -> bool {
        self.enabled.is_yes()
    }

    /// Our own id at the provider.
    pub(crate) fn client_id(&self) -> &str {
        self.client_ids
            .first()
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// Whether a nonce is sent along.
    pub(crate) fn wants_nonce(&self) -> bool {
        self.protocol == Protocol::Oidc && self.nonce == NonceRule::Demanded
    }

    /// Where its discovery document is, if something is not written down.
    pub(crate) fn discovery_url(&self) -> Option<String> {
        let at = &self.endpoints;
        let knows_all = at.authorization_endpoint.is_some()
            && at.token_endpoint.is_some()
            && at.jwks_uri.is_some();
        let issuer = self
            .issuer
            .as_deref()
            .filter(|_| self.protocol == Protocol::Oidc && !knows_all)?;
        let issuer = issuer.replace(TENANT_ID, "common");
        let issuer = issuer.trim_end_matches('/');
        Some(format!("{issuer}/.well-known/openid-configuration"))
    }

    /// Believes a discovery document that names the configured issuer; what the operator wrote
    /// down stays.
    pub(crate) fn check_metadata(&self, found: Metadata) -> Result<Metadata> {
        if found.issuer != self.issuer {
            return Err(failed("the discovery document names another issuer"));
        }
        let at = self.endpoints.clone();
        Ok(Metadata {
            issuer: found.issuer,
            authorization_endpoint: at.authorization_endpoint.or(found.authorization_endpoint),
            token_endpoint: at.token_endpoint.or(found.token_endpoint),
            userinfo_endpoint: at.userinfo_endpoint.or(found.userinfo_endpoint),
            jwks_uri: at.jwks_uri.or(found.jwks_uri),
            ..found
        })
    }

    /// The issuer that a token must name: the configured one. Of a provider with many tenants
    /// each is an issuer of its own, below the configured address.
    pub(crate) fn expected_issuer(&self, unverified: &Value) -> Result<String> {
        let issuer = self.issuer.as_deref();
        let issuer = issuer.ok_or_else(|| Error::invalid("This provider has no id_tokens"))?;
        if !issuer.contains(TENANT_ID) {
            return Ok(issuer.to_owned());
        }
        let tenant = unverified
            .get("tid")
            .and_then(Value::as_str)
            .unwrap_or_default();
        // Only an id may stand there, so that nothing else of the address can change.
        let tenant = tenant.parse::<uuid::Uuid>().map(|it| it.to_string());
        let tenant = tenant.map_err(|_| Error::invalid("Bad ID token: no tenant"))?;
        Ok(issuer.replace(TENANT_ID, &tenant))
    }

    /// How we prove ourselves at the token endpoint.
    pub(crate) fn token_auth(&self, metadata: &Metadata) -> TokenAuth {
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|it| it == method);
        self.token_auth.unwrap_or_else(|| {
            if takes("client_secret_post") && !takes("client_secret_basic") {
                TokenAuth::Body
            } else {
                TokenAuth::Basic
            }
        })
    }
}

//! Signing in through identity providers: OpenID Connect first, plain OAuth 2.0 where there is
//! nothing better.
//!
//! A browser leaves for a provider with a state of its own ([`authorize`]) and comes back with a
//! code ([`callback`]); the code buys tokens ([`exchange`]), the tokens tell who it is
//! ([`profile`]), and [`account`] finds or makes the user.
//!
//! SECURITY: what a provider may say about whom is fixed by the project's file alone: issuer,
//! keys, client and whether its word about addresses counts. A state is good for one return, in
//! the browser that left, from the provider that it left for (attacks 25 and 26).

mod account;
mod authorize;
mod cache;
mod callback;
pub mod config;
mod exchange;
mod journey;
mod newcomer;
mod presets;
mod profile;
mod remote;

pub(crate) use account::already_linked;
pub use authorize::{Departure, Wish};
pub use callback::{Answer, Landing};
pub(crate) use config::Protocol;
pub use config::{ConfigFault, Provider, Providers};
pub(crate) use profile::Profile;
pub(crate) use remote::{Freshness, Remotes, fetch as fetch_document};

use postern_base::codes::auth as codes;

use crate::{AuthService, Error, Result};

/// What the cookie that ties a journey to its browser is called over https; the prefix keeps
/// other hosts of the same site from setting it.
const COOKIE: &str = "__Host-postern-journey";
/// The same over plain http, where browsers refuse the prefix.
const COOKIE_PLAIN: &str = "postern-journey";

impl AuthService {
    /// Finds a provider that is switched on, without asking the database (attack 30).
    ///
    /// # Errors
    /// When there is none of that name, or it is switched off.
    pub(crate) fn provider(&self, name: &str) -> Result<&Provider> {
        let unsupported = |why: String| Error::invalid(format!("Unsupported provider: {why}"));
        let Some(provider) = self.settings.providers.get(name) else {
            let name: String = name
                .chars()
                .filter(|it| !it.is_control())
                .take(40)
                .collect();
            return Err(unsupported(format!("Provider {name} could not be found")));
        };
        if !provider.enabled.is_yes() {
            return Err(unsupported("provider is not enabled".into()));
        }
        Ok(provider)
    }

    /// The name of the cookie that ties a journey to its browser.
    pub fn journey_cookie(&self) -> &'static str {
        if self.is_https() {
            COOKIE
        } else {
            COOKIE_PLAIN
        }
    }

    /// The `Set-Cookie` header that ties a browser to its journeys.
    pub fn journey_cookie_header(&self, value: &str) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            self.journey_cookie(),
            journey::SECS_MAX,
        )
    }

    fn is_https(&self) -> bool {
        self.settings.external_url.starts_with("https://")
    }

    fn callback_url(&self) -> String {
        self.own_url("callback")
    }
}

/// The provider's answer lacks something or contradicts what was asked.
fn bad_callback(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(&codes::BAD_OAUTH_CALLBACK, message)
}

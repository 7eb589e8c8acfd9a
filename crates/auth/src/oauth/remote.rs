//! What providers publish about themselves: discovery documents and signing keys.
//!
//! SECURITY: a document is believed only as far as its issuer is the configured one, and read
//! within bounds; keys come from its address alone, never from a token's header (attack 3).

use std::collections::HashMap;
use std::sync::Arc;

use openidconnect::core::CoreJsonWebKeySet;
use postern_outbound::{Outbound, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::{Duration, OffsetDateTime};

use super::cache::Cache;
use super::config::{Provider, Providers};
use crate::{AuthService, Error, Result};

/// Largest document in bytes; those of large providers have 10 kB.
const BYTES_MAX: usize = 128 * 1024;
/// Most keys that a provider may publish.
const KEYS_MAX: usize = 64;
/// Longest time of a fetch.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);
/// How long a discovery document is good.
const METADATA_AGE: Duration = Duration::HOUR;
/// How long keys are good.
const KEYS_AGE: Duration = Duration::minutes(10);
/// How soon keys are fetched again for a token whose key is unknown.
const KEYS_AGE_UNKNOWN: Duration = Duration::minutes(1);

/// Where a provider is spoken to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Metadata {
    /// Who it says it is.
    pub(crate) issuer: Option<String>,
    /// Where browsers go.
    pub(crate) authorization_endpoint: Option<String>,
    /// Where codes become tokens.
    pub(crate) token_endpoint: Option<String>,
    /// Where a token tells about its user.
    pub(crate) userinfo_endpoint: Option<String>,
    /// Where the keys are.
    pub(crate) jwks_uri: Option<String>,
    /// Whether its answers always name it (RFC 9207).
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
    /// How a client proves itself at the token endpoint.
    #[serde(default)]
    pub(crate) token_endpoint_auth_methods_supported: Vec<String>,
}

/// How new keys must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// As usual.
    Usual,
    /// A token's key was not among the known ones.
    KeyUnknown,
}

/// The documents of all providers.
pub(crate) struct Remotes {
    by_provider: HashMap<String, Remote>,
}

#[derive(Default)]
struct Remote {
    metadata: Cache<Metadata>,
    keys: Cache<CoreJsonWebKeySet>,
}

impl Remotes {
    /// Makes empty places for the documents.
    pub(crate) fn new(providers: &Providers) -> Self {
        let names = providers.iter().map(|it| it.name.clone());
        Self {
            by_provider: names.map(|it| (it, Remote::default())).collect(),
        }
    }
}

impl AuthService {
    /// Where a provider is spoken to: by the project's file, the rest by discovery.
    pub(crate) async fn metadata(
        &self,
        provider: &Provider,
        now: OffsetDateTime,
    ) -> Result<Arc<Metadata>> {
        let Some(address) = provider.discovery_url() else {
            return Ok(Arc::new(provider.endpoints.clone()));
        };
        let remote = self.remote(provider)?;
        let fetch = || async {
            let found: Metadata = fetch(&self.outbound, &address).await?;
            provider.check_metadata(found)
        };
        remote.metadata.get((now, METADATA_AGE), fetch).await
    }

    /// The keys that a provider signs with.
    pub(crate) async fn provider_keys(
        &self,
        provider: &Provider,
        freshness: Freshness,
        now: OffsetDateTime,
    ) -> Result<Arc<CoreJsonWebKeySet>> {
        let metadata = self.metadata(provider, now).await?;
        let address = metadata.jwks_uri.as_deref();
        let address = address.ok_or_else(|| Error::invalid("This provider has no id_tokens"))?;
        let age = match freshness {
            Freshness::Usual => KEYS_AGE,
            Freshness::KeyUnknown => KEYS_AGE_UNKNOWN,
        };
        let fetch = || async {
            let keys: CoreJsonWebKeySet = fetch(&self.outbound, address).await?;
            if keys.keys().len() > KEYS_MAX {
                return Err(failed("the provider publishes too many keys"));
            }
            Ok(keys)
        };
        self.remote(provider)?.keys.get((now, age), fetch).await
    }

    fn remote(&self, provider: &Provider) -> Result<&Remote> {
        let remote = self.remotes.by_provider.get(&provider.name);
        remote.ok_or_else(|| failed("the provider is unknown"))
    }
}

/// Fetches what a provider publishes.
pub(crate) async fn fetch<T: DeserializeOwned>(outbound: &Outbound, address: &str) -> Result<T> {
    let request = Request::get(address)
        .accept_json()
        .timeout(TIMEOUT)
        .response_bytes_max(BYTES_MAX);
    let answer = outbound.request(request).await.map_err(failed)?;
    answer.success().map_err(failed)?.json().map_err(failed)
}

/// The provider let us down; the log says how.
pub(crate) fn failed(inner: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("The provider cannot be reached", inner)
}

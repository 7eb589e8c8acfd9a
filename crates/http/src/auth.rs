//! From a request's `Authorization` and `apikey` headers to the caller's identity.
//!
//! Rules, as the Supabase clients expect them: a user's bearer token decides; a bearer that
//! starts with `sb_` is no token but a key, so the role comes from `apikey` or, without one, from
//! that bearer; no header at all is the anonymous role. An `apikey` that is not one of the
//! project's is refused, whatever the bearer says.

mod cache;
mod error;
mod headers;
mod refresh;

use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use arc_swap::ArcSwap;
use postern_base::{Claims, Clock, Identity, Trust};
use tokio::sync::Notify;

pub use error::{AuthError, ClaimsFault, DecodeFault};

use self::cache::{TokenCache, Verified};
use self::headers::Credentials;
use crate::keys::{ApiKeys, AuthSettings, KeyError, KeyFetcher, KeyRole, KeySet, project_keys};
use crate::token::{ClaimRules, lifetime, verify};

/// Makes identities of keys and tokens; shared by all workers.
pub struct Authenticator {
    settings: AuthSettings,
    rules: ClaimRules,
    api_keys: ApiKeys,
    keys: ArcSwap<KeySet>,
    fetcher: KeyFetcher,
    stale: Notify,
    cache: TokenCache,
    clock: Arc<dyn Clock>,
    anonymous: Identity,
    service: Identity,
}

impl Authenticator {
    /// Makes an authenticator with the keys that are at hand; keys at an address come with
    /// [`Self::refresh`].
    ///
    /// # Errors
    /// Names the key that cannot be used.
    pub fn new(settings: AuthSettings, clock: Arc<dyn Clock>) -> Result<Self, KeyError> {
        let fetcher = KeyFetcher::new(&settings.issuers)?;
        let mut keys = project_keys(&settings.jwt_secrets)?;
        for (index, issuer) in settings.issuers.iter().enumerate() {
            keys.extend(refresh::tagged(fetcher.load_local(issuer)?, index));
        }
        Ok(Self {
            rules: ClaimRules {
                audience: settings.audience.clone(),
                require_expiry: settings.require_expiry,
            },
            api_keys: ApiKeys::new(&settings.publishable_keys, &settings.secret_keys)?,
            keys: ArcSwap::from_pointee(KeySet {
                keys,
                generation: 0,
            }),
            fetcher,
            stale: Notify::new(),
            cache: TokenCache::new(),
            clock,
            anonymous: Identity::anonymous(),
            service: Identity::service(),
            settings,
        })
    }

    /// Finds out who is asking.
    ///
    /// # Errors
    /// Says why the caller is refused, in PostgREST's words where it has words.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, AuthError> {
        let credentials = Credentials::read(headers)?;
        let key_holder = self.key_holder(&credentials)?;
        match credentials.token() {
            Some(token) => self.verified(token).map(|it| it.identity.clone()),
            None => key_holder.map_or_else(|| self.nobody(), Ok),
        }
    }

    /// How many verified tokens are kept.
    pub fn cached_tokens(&self) -> u64 {
        self.cache.len()
    }

    /// The identity of the API key, when one was shown.
    fn key_holder(&self, credentials: &Credentials<'_>) -> Result<Option<Identity>, AuthError> {
        let Some(key) = credentials.key() else {
            return if self.settings.require_api_key {
                Err(AuthError::KeyMissing)
            } else {
                Ok(None)
            };
        };
        match self.api_keys.role_of(key.as_bytes()) {
            Some(KeyRole::Service) => Ok(Some(self.service.clone())),
            Some(KeyRole::Anonymous) => Ok(Some(self.anonymous.clone())),
            None => self.legacy_holder(key).map(Some),
        }
    }

    /// The identity of a legacy key: a token of the project's own for `anon` or `service_role`.
    fn legacy_holder(&self, key: &str) -> Result<Identity, AuthError> {
        let verified = self.verified(key).map_err(|_| AuthError::UnknownKey)?;
        match verified.identity {
            Identity::User(_) => Err(AuthError::UnknownKey),
            _ if verified.trust == Trust::Foreign => Err(AuthError::UnknownKey),
            ref identity => Ok(identity.clone()),
        }
    }

    fn nobody(&self) -> Result<Identity, AuthError> {
        if self.settings.refuse_anonymous {
            Err(AuthError::AnonymousOff)
        } else {
            Ok(self.anonymous.clone())
        }
    }

    /// Verifies a token, or finds it among those verified before.
    fn verified(&self, token: &str) -> Result<Arc<Verified>, AuthError> {
        let now = self.clock.now_unix_secs();
        let keys = self.keys.load();
        let slot = TokenCache::slot(token, keys.generation)?;
        if let Some(known) = self.cache.get(&slot) {
            // A cached token still expires; `nbf` and `iat` can only become more valid.
            return if known.expires.is_some_and(|end| end < now) {
                Err(ClaimsFault::Expired.into())
            } else {
                Ok(known)
            };
        }
        let fresh = Arc::new(self.verify(token, &keys, now)?);
        self.cache.insert(slot, Arc::clone(&fresh));
        Ok(fresh)
    }

    fn verify(&self, token: &str, keys: &KeySet, now: i64) -> Result<Verified, AuthError> {
        let (claims, key) = verify(token, keys).inspect_err(|error| {
            // The key may be a new one: look, at the rate that `watch_keys` allows.
            if matches!(error, AuthError::Decode(DecodeFault::UnknownKeyId)) {
                self.stale.notify_one();
            }
        })?;
        let expires = lifetime(&claims, key, &self.rules, now)?;
        let identity = Identity::from_verified(Claims::new(claims), key.trust)
            .map_err(|_| ClaimsFault::RoleNotAllowed)?;
        Ok(Verified {
            identity,
            trust: key.trust,
            expires,
        })
    }
}

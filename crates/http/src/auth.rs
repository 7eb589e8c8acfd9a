//! From a request's `Authorization` and `apikey` headers to the caller's identity.
//!
//! Rules, as the Supabase clients expect them: a user's bearer token decides; a bearer that
//! starts with `sb_` is no token but a key, so the role comes from `apikey` or, without one, from
//! that bearer; no header at all is the anonymous role. An `apikey` that is not one of the
//! project's is refused, whatever the bearer says.

mod cache;
mod error;
mod headers;
mod project;
mod refresh;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use arc_swap::ArcSwap;
use postern_base::limits::ACCESS_TOKEN_SECS_MAX;
use postern_base::{Claims, Clock, Identity, Trust};
use tokio::sync::Notify;

pub use error::{AuthError, ClaimsFault, DecodeFault};

use self::cache::{TokenCache, Verified};
use self::headers::Credentials;
use crate::keys::{
    ApiKeys, AuthSettings, KeyError, KeyFetcher, KeyRole, KeySet, KeySource, VerifyKey, secret_keys,
};
use crate::revocation::{Holder, RevocationList};
use crate::token::{ClaimRules, lifetime, verify};

/// Makes identities of keys and tokens; shared by all workers.
pub struct Authenticator {
    settings: AuthSettings,
    rules: ClaimRules,
    api_keys: ApiKeys,
    keys: ArcSwap<KeySet>,
    /// Held while `keys` is replaced, so that no writer undoes another's change.
    replacing: Mutex<()>,
    fetcher: KeyFetcher,
    stale: Notify,
    cache: TokenCache,
    revocations: Arc<RevocationList>,
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
        let mut keys = secret_keys(&settings.jwt_secrets)?;
        for (index, issuer) in settings.issuers.iter().enumerate() {
            keys.extend(fetcher.load_local(issuer, index)?);
        }
        let longest_life = Duration::from_secs(ACCESS_TOKEN_SECS_MAX);
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
            replacing: Mutex::new(()),
            fetcher,
            stale: Notify::new(),
            cache: TokenCache::new(),
            revocations: Arc::new(RevocationList::new(Arc::clone(&clock), longest_life)),
            clock,
            anonymous: Identity::anonymous(),
            service: Identity::service(),
            settings,
        })
    }

    /// Shares a revocation list with those who end sessions; without it, the list is its own.
    #[must_use]
    pub fn with_revocations(mut self, revocations: Arc<RevocationList>) -> Self {
        self.revocations = revocations;
        self
    }

    /// Who may not come in any more, though their tokens have not expired.
    pub fn revocations(&self) -> &Arc<RevocationList> {
        &self.revocations
    }

    /// The time by which tokens are judged, and by which sign-ins are recent.
    pub fn now_unix_secs(&self) -> i64 {
        self.clock.now_unix_secs()
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
    ///
    /// SECURITY: the revocation list is asked each time, because a token that was verified once
    /// stays in the cache longer than its session may live.
    fn verified(&self, token: &str) -> Result<Arc<Verified>, AuthError> {
        let verified = self.verified_once(token)?;
        if let Some(holder) = &verified.holder {
            self.revocations.check(holder)?;
        }
        Ok(verified)
    }

    fn verified_once(&self, token: &str) -> Result<Arc<Verified>, AuthError> {
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
        // SECURITY: key pairs sign for users; whatever a hook put into the claims of a session,
        // the service role is not reached by signing in.
        if identity.is_service() && is_session(identity.claims(), key) {
            return Err(ClaimsFault::RoleNotAllowed.into());
        }
        // Ids of a foreign issuer's users and sessions are not ours, so we cannot have ended them.
        let holder = (key.trust == Trust::Project).then(|| Holder::of(identity.claims()));
        Ok(Verified {
            identity,
            holder,
            trust: key.trust,
            expires,
        })
    }
}

/// Whether claims belong to somebody who signed in with the project's auth service.
fn is_session(claims: &Claims, key: &VerifyKey) -> bool {
    key.source == KeySource::KeyPair && claims.as_value().get("session_id").is_some()
}

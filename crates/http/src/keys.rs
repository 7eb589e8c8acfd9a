//! The keys that an authenticator accepts: opaque API keys, shared secrets, public keys.
//!
//! Each verification key is bound to one algorithm when it is loaded, so the algorithm that a
//! token names can only choose among keys of that algorithm and never changes how a key is used.

mod api_key;
mod fetch;
mod generate;
mod own;
mod public;
mod set;

use std::path::PathBuf;

use postern_base::Secret;

pub(crate) use api_key::{ApiKeys, KeyRole};
pub(crate) use fetch::KeyFetcher;
pub use generate::{generate_jwt_secret, generate_publishable_key, generate_secret_key};
pub(crate) use own::own_keys;
pub(crate) use set::{KeySet, KeySource, VerifyKey, secret_keys};

/// Shortest shared secret in bytes: HS256 wants as many bits as its hash has.
pub(crate) const JWT_SECRET_BYTES_MIN: usize = 32;
/// Most keys that one JWKS may hold.
pub(crate) const JWKS_KEYS_MAX: usize = 32;
/// Largest JWKS document in bytes.
pub(crate) const JWKS_BYTES_MAX: usize = 256 * 1024;

/// What an [`crate::Authenticator`] is made of.
#[derive(Clone, Debug, Default)]
pub struct AuthSettings {
    /// `sb_publishable_…` keys: the anonymous role.
    pub publishable_keys: Vec<Secret<String>>,
    /// `sb_secret_…` keys: the service role.
    pub secret_keys: Vec<Secret<String>>,
    /// The project's HS256 secrets, the current one first; older ones stay for rotation.
    pub jwt_secrets: Vec<Secret<String>>,
    /// Issuers whose public keys are accepted for user tokens.
    pub issuers: Vec<Issuer>,
    /// The `iss` that tokens of the project's own key pairs must carry.
    pub project_issuer: Option<String>,
    /// The audience that tokens which name one must name.
    pub audience: Option<String>,
    /// Whether a request without any API key is refused.
    pub require_api_key: bool,
    /// Whether anonymous callers are refused.
    pub refuse_anonymous: bool,
    /// Whether the project's own tokens must expire; those of other issuers always must.
    pub require_expiry: bool,
}

/// An issuer of user tokens, known by its public keys. Its tokens never reach the service role.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Where its keys come from.
    pub keys: IssuerKeys,
    /// The `iss` that its tokens must carry.
    pub issuer: Option<String>,
    /// The `aud` that its tokens must carry; the general audience when absent.
    pub audience: Option<String>,
}

/// Where an issuer's public keys come from.
#[derive(Clone, Debug)]
pub enum IssuerKeys {
    /// A PEM public key or a JWKS, as text.
    Inline(String),
    /// A file with a PEM public key or a JWKS; read again in the background.
    File(PathBuf),
    /// A JWKS address, `https` unless on this machine; fetched again in the background.
    Url(String),
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A shared secret has too few bytes.
    #[error(
        "a JWT secret has {0} bytes; HS256 needs at least {JWT_SECRET_BYTES_MIN} (`postern keys` makes one)"
    )]
    ShortSecret(usize),
    /// A shared secret is a public key's text, which anybody may know.
    #[error("a JWT secret holds a PEM key or a JWKS; configure public keys as an issuer")]
    SecretIsPublicKey,
    /// An API key does not look like one.
    #[error("an API key does not start with `{0}`, or is shorter than 32 characters")]
    ApiKey(&'static str),
    /// A public key of the project's own that cannot be used.
    #[error("the project's key `{kid}` is unusable: {reason}")]
    Own {
        /// The key's id, empty when it has none.
        kid: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A private key that cannot be made or read.
    #[error("the signing key is unusable: {0}")]
    Signing(&'static str),
    /// Text that is neither a PEM public key nor a JWKS.
    #[error("the issuer's keys are unusable: {0}")]
    PublicKey(String),
    /// A file that cannot be read.
    #[error("cannot read the issuer's keys from `{path}`: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An address that is not allowed.
    #[error("the JWKS address `{0}` must be https (http only on this machine) without credentials")]
    Address(String),
    /// An address that did not answer with keys.
    #[error("cannot fetch the JWKS from `{address}`: {reason}")]
    Fetch {
        /// The address.
        address: String,
        /// What went wrong.
        reason: String,
    },
}

//! The set of verification keys in force, swapped whole when an issuer's keys change.

use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use postern_base::{Secret, Trust};

use super::{JWT_SECRET_BYTES_MIN, KeyError};

/// One key, bound to one algorithm.
#[derive(Clone)]
pub(crate) struct VerifyKey {
    pub(crate) kid: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
    pub(crate) trust: Trust,
    /// The `iss` that its tokens must carry.
    pub(crate) issuer: Option<String>,
    /// The `aud` that its tokens must carry.
    pub(crate) audience: Option<String>,
    pub(crate) source: KeySource,
}

/// Where a verification key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// A shared secret of the settings.
    Secret,
    /// The project's own key pairs.
    KeyPair,
    /// One of the configured issuers, by its position.
    Issuer(usize),
}

impl VerifyKey {
    /// Whether two keys verify the same tokens.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        use DecodingKeyKind::{RsaModulusExponent as Rsa, SecretOrDer as Bytes};
        let material = match (self.key.kind(), other.key.kind()) {
            (Bytes(one), Bytes(two)) => one == two,
            (Rsa { n: n1, e: e1 }, Rsa { n: n2, e: e2 }) => n1 == n2 && e1 == e2,
            _ => false,
        };
        material
            && self.kid == other.kid
            && self.algorithm == other.algorithm
            && self.source == other.source
            && self.issuer == other.issuer
    }
}

/// All verification keys: of the secrets, of the key pairs, of the issuers. `generation` grows
/// with each change, so that cached tokens of an older set are never found again.
#[derive(Default)]
pub(crate) struct KeySet {
    pub(crate) keys: Vec<VerifyKey>,
    pub(crate) generation: u64,
}

impl KeySet {
    /// This set with the keys of some sources taken from elsewhere; none when nothing changes,
    /// so that an unchanged set keeps its generation and the tokens that were verified.
    pub(crate) fn with(
        &self,
        keep: impl Fn(KeySource) -> bool,
        mut fresh: Vec<VerifyKey>,
    ) -> Option<Self> {
        fresh.extend(self.keys.iter().filter(|it| keep(it.source)).cloned());
        let within = |some: &[VerifyKey], all: &[VerifyKey]| {
            some.iter().all(|one| all.iter().any(|it| it.is_same(one)))
        };
        if within(&fresh, &self.keys) && within(&self.keys, &fresh) {
            return None;
        }
        Some(Self {
            keys: fresh,
            generation: self.generation + 1,
        })
    }

    /// The keys that may verify a token with this algorithm and key id: those with the same id,
    /// and those without one. The project's key pairs are bound to their ids: its tokens name one.
    pub(crate) fn candidates<'keys, 'kid>(
        &'keys self,
        algorithm: Algorithm,
        kid: Option<&'kid str>,
    ) -> impl Iterator<Item = &'keys VerifyKey> + use<'keys, 'kid> {
        self.keys
            .iter()
            .filter(move |it| it.algorithm == algorithm)
            .filter(move |it| match (&it.kid, kid) {
                (Some(own), Some(asked)) => own == asked,
                (Some(_), None) => it.source != KeySource::KeyPair,
                (None, _) => true,
            })
    }
}

/// Makes verification keys of the project's shared secrets.
pub(crate) fn secret_keys(secrets: &[Secret<String>]) -> Result<Vec<VerifyKey>, KeyError> {
    secrets
        .iter()
        .map(|secret| {
            let text = secret.expose();
            if text.len() < JWT_SECRET_BYTES_MIN {
                return Err(KeyError::ShortSecret(text.len()));
            }
            // SECURITY: a public key as HMAC secret is what key confusion attacks hope for.
            if text.contains("-----BEGIN") || text.contains("\"kty\"") {
                return Err(KeyError::SecretIsPublicKey);
            }
            Ok(VerifyKey {
                kid: None,
                algorithm: Algorithm::HS256,
                key: DecodingKey::from_secret(text.as_bytes()),
                trust: Trust::Project,
                issuer: None,
                audience: None,
                source: KeySource::Secret,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_secret_is_refused() {
        assert!(matches!(
            secret_keys(&[Secret::new("secret".into())]),
            Err(KeyError::ShortSecret(6))
        ));
    }

    #[test]
    fn attack_02_a_public_key_is_no_secret() {
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}", "A".repeat(64));

        assert!(matches!(
            secret_keys(&[Secret::new(pem)]),
            Err(KeyError::SecretIsPublicKey)
        ));
    }
}

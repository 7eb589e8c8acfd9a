//! One private key and the tokens that it signs.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_base::Secret;
use serde_json::{Map, Value, json};

use super::Algorithm;
use crate::keys::KeyError;
use crate::token::MintError;

/// Bytes of one coordinate of a P-256 point.
const P256_COORDINATE_BYTES: usize = 32;

/// A private key with the id that its tokens name.
pub struct SigningKey {
    kid: String,
    pair: Pair,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Makes a new key out of the operating system's random numbers.
    ///
    /// # Errors
    /// Fails when the machine has no random numbers.
    pub fn generate(algorithm: Algorithm, kid: impl Into<String>) -> Result<Self, KeyError> {
        let failed = |_| KeyError::Signing("it cannot be made");
        let pair = match algorithm {
            Algorithm::Es256 => Pair::P256(
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?,
            ),
            Algorithm::EdDsa => Pair::Ed25519(Ed25519KeyPair::generate().map_err(failed)?),
        };
        Self::new(kid.into(), pair)
    }

    /// Reads a key that [`Self::to_pkcs8`] wrote.
    ///
    /// # Errors
    /// Refuses bytes that are no PKCS#8 document of a key of this algorithm.
    pub fn from_pkcs8(
        algorithm: Algorithm,
        kid: impl Into<String>,
        document: &Secret<Vec<u8>>,
    ) -> Result<Self, KeyError> {
        let bytes = document.expose();
        let refused = |_| KeyError::Signing("it is no PKCS#8 document of its algorithm");
        let pair = match algorithm {
            Algorithm::Es256 => Pair::P256(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes)
                    .map_err(refused)?,
            ),
            Algorithm::EdDsa => Pair::Ed25519(Ed25519KeyPair::from_pkcs8(bytes).map_err(refused)?),
        };
        Self::new(kid.into(), pair)
    }

    /// The private key as PKCS#8 DER, to be sealed by the caller.
    ///
    /// # Errors
    /// Fails when the library cannot write the document.
    pub fn to_pkcs8(&self) -> Result<Secret<Vec<u8>>, KeyError> {
        let document = match &self.pair {
            Pair::P256(pair) => pair.to_pkcs8v1(),
            Pair::Ed25519(pair) => pair.to_pkcs8(),
        };
        document
            .map(|it| Secret::new(it.as_ref().to_vec()))
            .map_err(|_| KeyError::Signing("it cannot be written"))
    }

    /// The id that tokens name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm that the key is bound to.
    pub fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::P256(_) => Algorithm::Es256,
            Pair::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// The public half as a JWK (RFC 7517), with `kid`, `alg` and `use`.
    pub fn public_jwk(&self) -> Value {
        let alg = self.algorithm().name();
        match &self.pair {
            Pair::P256(pair) => {
                // An uncompressed point: 0x04, x, y.
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at(P256_COORDINATE_BYTES);
                json!({
                    "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y),
                    "kid": self.kid, "alg": alg, "use": "sig", "key_ops": ["verify"],
                })
            }
            Pair::Ed25519(pair) => json!({
                "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()),
                "kid": self.kid, "alg": alg, "use": "sig", "key_ops": ["verify"],
            }),
        }
    }

    /// Signs claims; `typ` says what kind of token it is (`JWT` for an access token), and the
    /// gateway refuses all kinds but access tokens.
    ///
    /// # Errors
    /// Fails when the library cannot sign.
    pub fn sign(&self, claims: &Map<String, Value>, typ: &str) -> Result<String, MintError> {
        let header = json!({ "alg": self.algorithm().name(), "kid": self.kid, "typ": typ });
        let payload = serde_json::to_vec(claims).map_err(|_| MintError::Refused)?;
        let mut token = text(header.to_string().as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign(&SystemRandom::new(), token.as_bytes()),
            Pair::Ed25519(pair) => pair.try_sign(token.as_bytes()),
        };
        let signature = signature.map_err(|_| MintError::Refused)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        Ok(token)
    }

    fn new(kid: String, pair: Pair) -> Result<Self, KeyError> {
        if kid.is_empty() || kid.len() > crate::token::KID_BYTES_MAX {
            return Err(KeyError::Signing("its `kid` is empty or too long"));
        }
        Ok(Self { kid, pair })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Map<String, Value> {
        let claims = json!({ "sub": "s", "aud": "authenticated" });
        claims.as_object().expect("an object").clone()
    }

    /// Verifies with the JWT library from the public JWK alone, as any client would.
    fn verifies(token: &str, jwk: &Value) -> bool {
        let jwk = serde_json::from_value(jwk.clone()).expect("a JWK");
        let key = jsonwebtoken::DecodingKey::from_jwk(&jwk).expect("a key");
        let header = jsonwebtoken::decode_header(token).expect("a header");
        let (message, signature) = token.rsplit_once('.').expect("three parts");
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, header.alg)
            .expect("a verdict")
    }

    #[test]
    fn what_a_key_signs_its_public_half_verifies() {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            let key = SigningKey::generate(algorithm, "k1").expect("a key");
            let other = SigningKey::generate(algorithm, "k1").expect("a key");

            let token = key.sign(&claims(), "JWT").expect("a token");

            let header = jsonwebtoken::decode_header(&token).expect("a header");
            assert_eq!(header.kid.as_deref(), Some("k1"));
            assert_eq!(header.typ.as_deref(), Some("JWT"));
            assert!(verifies(&token, &key.public_jwk()));
            assert!(!verifies(&token, &other.public_jwk()));
        }
    }

    #[test]
    fn a_key_survives_being_stored() {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            let key = SigningKey::generate(algorithm, "k1").expect("a key");
            let document = key.to_pkcs8().expect("a document");

            let again = SigningKey::from_pkcs8(algorithm, "k1", &document).expect("a key");

            assert_eq!(again.public_jwk(), key.public_jwk());
            assert_eq!(again.public_jwk()["alg"], algorithm.name());
            let token = again.sign(&claims(), "JWT").expect("a token");
            assert!(verifies(&token, &key.public_jwk()));
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let key = SigningKey::generate(Algorithm::Es256, "k1").expect("a key");
        let document = key.to_pkcs8().expect("a document");

        assert!(SigningKey::from_pkcs8(Algorithm::EdDsa, "k1", &document).is_err());
        assert!(SigningKey::from_pkcs8(Algorithm::Es256, "", &document).is_err());
        let rubbish = Secret::new(vec![0; 64]);
        assert!(SigningKey::from_pkcs8(Algorithm::Es256, "k1", &rubbish).is_err());
    }

    #[test]
    fn debug_output_and_jwk_hide_the_private_half() {
        let key = SigningKey::generate(Algorithm::EdDsa, "k1").expect("a key");

        assert_eq!(
            format!("{key:?}"),
            r#"SigningKey { kid: "k1", algorithm: EdDsa, .. }"#
        );
        assert!(key.public_jwk().get("d").is_none());
    }
}

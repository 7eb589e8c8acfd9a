//! A project with every sort of key, a clock that stands still, and tokens of all kinds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use postern_base::{Clock, Identity, Secret};
use postern_http::signing::{self, KeyState, ProjectKey, SigningKey};
use postern_http::{AuthError, AuthSettings, Authenticator, Issuer, IssuerKeys, mint};
use serde_json::{Map, Value, json};

/// The second at which the tests' clock stands.
pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const SUB: &str = "b7e0f3a2-0000-4000-8000-000000000001";
pub(crate) const SESSION: &str = "5e550000-0000-4000-8000-000000000001";
pub(crate) const SECRET: &str = "a-secret-of-the-project-with-32-bytes-and-more";
pub(crate) const PUBLISHABLE: &str = "sb_publishable_0123456789abcdef0123456789";
pub(crate) const SECRET_KEY: &str = "sb_secret_0123456789abcdef0123456789abcd";

/// A clock that is moved by hand.
#[derive(Default)]
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now_unix_secs(&self) -> i64 {
        NOW + self.0.load(Ordering::Relaxed)
    }
}

/// A signing key of an issuer.
pub(crate) struct Signer {
    algorithm: Algorithm,
    key: EncodingKey,
    /// The public key as PEM.
    pub(crate) pem: String,
    /// The public key as a JWK with the id `k1`.
    pub(crate) jwk: Value,
}

impl Signer {
    pub(crate) fn p256() -> Self {
        let random = SystemRandom::new();
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())
            .expect("a key");
        let public = pair.public_key().as_der().expect("a public key");
        let key = EncodingKey::from_ec_der(pkcs8.as_ref());
        Self::new(Algorithm::ES256, key, public.as_ref())
    }

    pub(crate) fn ed25519() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a key");
        let public = pair.public_key().as_der().expect("a public key");
        // The library wants the document without the public half.
        let private = pair.to_pkcs8v1().expect("a document");
        let key = EncodingKey::from_ed_der(private.as_ref());
        Self::new(Algorithm::EdDSA, key, public.as_ref())
    }

    pub(crate) fn rsa() -> Self {
        let pair = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).expect("a key");
        let public = pair.public_key().as_der().expect("a public key");
        let pkcs8: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().expect("a document");
        let pem = pem_of("PRIVATE KEY", pkcs8.as_ref());
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
        Self::new(Algorithm::RS256, key, public.as_ref())
    }

    fn new(algorithm: Algorithm, key: EncodingKey, public: &[u8]) -> Self {
        let jwk = Jwk::from_encoding_key(&key, algorithm).expect("a JWK");
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["kid"] = json!("k1");
        Self {
            algorithm,
            key,
            pem: pem_of("PUBLIC KEY", public),
            jwk,
        }
    }

    pub(crate) fn jwks(&self) -> String {
        json!({ "keys": [self.jwk] }).to_string()
    }

    /// The signature over a header and a payload that were written by hand.
    pub(crate) fn signature(&self, message: &str) -> String {
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm).expect("signed")
    }

    pub(crate) fn sign(&self, claims: &Value, kid: Option<&str>) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &self.key).expect("a token")
    }
}

fn pem_of(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// A project with all its keys, asked through the headers of a request.
pub(crate) struct Project {
    pub(crate) auth: Arc<Authenticator>,
    pub(crate) clock: Arc<Hand>,
}

impl Project {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn trusting(keys: String) -> Self {
        Self::with(|settings| settings.issuers.push(issuer(keys)))
    }

    pub(crate) fn with(change: impl FnOnce(&mut AuthSettings)) -> Self {
        let mut settings = AuthSettings {
            publishable_keys: vec![Secret::new(PUBLISHABLE.into())],
            secret_keys: vec![Secret::new(SECRET_KEY.into())],
            jwt_secrets: vec![Secret::new(SECRET.into())],
            ..AuthSettings::default()
        };
        change(&mut settings);
        let clock = Arc::new(Hand::default());
        let auth = Authenticator::new(settings, clock.clone()).expect("usable settings");
        Self {
            auth: Arc::new(auth),
            clock,
        }
    }

    pub(crate) fn ask(&self, headers: &[(&str, &str)]) -> Result<Identity, AuthError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::try_from(*name).expect("a name"),
                HeaderValue::from_str(value).expect("a value"),
            );
        }
        self.auth.authenticate(&map)
    }

    pub(crate) fn bearer(&self, token: &str) -> Result<Identity, AuthError> {
        self.ask(&[("authorization", &format!("Bearer {token}"))])
    }

    /// Asserts that a token is refused with this code.
    #[track_caller]
    pub(crate) fn refuses(&self, token: &str, code: &str) {
        let error = self.bearer(token).expect_err("the token must be refused");
        assert_eq!(error.code().code, code, "{error}");
        assert_eq!(error.code().status, 401);
    }
}

/// The `iss` of tokens that the project's key pairs sign.
pub(crate) const PROJECT_ISSUER: &str = "https://project.example.com/auth/v1";

/// A key pair of the project, in use.
pub(crate) fn key_pair(kid: &str) -> SigningKey {
    SigningKey::generate(signing::Algorithm::Es256, kid).expect("a key")
}

/// The public half of a key pair.
pub(crate) fn public(key: &SigningKey, state: KeyState) -> ProjectKey {
    ProjectKey {
        jwk: key.public_jwk(),
        state,
    }
}

/// A project whose tokens this key pair signs.
pub(crate) fn project_of(key: &SigningKey) -> Project {
    let project = Project::with(|it| it.project_issuer = Some(PROJECT_ISSUER.into()));
    let keys = [public(key, KeyState::InUse)];
    project.auth.set_project_keys(&keys).expect("usable keys");
    project
}

/// The access token of a session, its claims changed by `extra`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "each call makes the value for it"
)]
pub(crate) fn session_token(key: &SigningKey, extra: Value) -> String {
    let mut all = claims(json!({
        "iss": PROJECT_ISSUER, "aud": "authenticated", "iat": NOW, "session_id": SESSION,
    }));
    for (name, value) in extra.as_object().expect("an object") {
        all[name] = value.clone();
    }
    let all = all.as_object().expect("an object");
    key.sign(all, "JWT").expect("a token")
}

pub(crate) fn issuer(keys: String) -> Issuer {
    Issuer {
        keys: IssuerKeys::Inline(keys),
        issuer: None,
        audience: None,
    }
}

/// The claims of a user, changed by `extra` (null takes a claim away).
#[expect(
    clippy::needless_pass_by_value,
    reason = "each call makes the value for it"
)]
pub(crate) fn claims(extra: Value) -> Value {
    let mut claims = json!({ "sub": SUB, "role": "authenticated", "exp": NOW + 3600 });
    for (name, value) in extra.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims
}

/// Signs claims with the project's secret.
pub(crate) fn signed(claims: &Value) -> String {
    let claims: &Map<String, Value> = claims.as_object().expect("an object");
    mint(&Secret::new(SECRET.into()), claims).expect("a token")
}

/// A token with this header and the project's HS256 signature over it.
pub(crate) fn with_header(header: &Value, claims: &Value, secret: &str) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("signed");
    format!("{message}.{signature}")
}

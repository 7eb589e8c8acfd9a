//! Tokens that say who somebody is: verified against what the project wrote down.
//!
//! SECURITY: issuer, audiences and algorithms are the configuration's, keys are the provider's
//! published ones (attacks 1 to 7 and 23). A shared secret never verifies anything, so that a
//! public key cannot serve as one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, Nonce,
    SignatureVerificationError,
};
use postern_base::codes::auth as codes;
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::oauth::config::{NonceRule, Provider};
use crate::oauth::{Freshness, Profile};
use crate::session::{SignIn, TokenPair};
use crate::store::Aal;
use crate::{AuthService, Caller, Context, Error, Result};

/// Longest `id_token` in bytes.
const TOKEN_BYTES_MAX: usize = 32 * 1024;
/// How far a provider's clock may be ahead of ours, in seconds.
const CLOCK_SKEW_SECS: i64 = 300;

/// What a token's nonce must be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExpectedNonce<'a> {
    /// This one: it was sent to the provider.
    Exactly(&'a str),
    /// The one that a client says it used, itself or hashed; none when it used none.
    Told(Option<&'a str>),
    /// Whatever stands there.
    Any,
}

/// What a client sends to sign in with a provider's token.
#[derive(Clone, Debug)]
pub struct IdTokenGrant {
    /// The provider's name.
    pub provider: String,
    /// The token.
    pub id_token: String,
    /// The access token that came with it.
    pub access_token: Option<String>,
    /// The nonce that the token was asked for with.
    pub nonce: Option<String>,
}

impl AuthService {
    /// `grant_type=id_token`: signs in with a token that an app got from a provider itself. With
    /// a caller, the identity is linked to the caller's account.
    ///
    /// # Errors
    /// When the token is not one that the configured provider made for this project.
    pub async fn sign_in_with_id_token(
        &self,
        grant: &IdTokenGrant,
        caller: Option<&Caller>,
        context: &Context,
    ) -> Result<TokenPair> {
        let provider = self.provider(&grant.provider)?;
        if caller.is_some() {
            self.check_manual_linking()?;
        }
        let nonce = match provider.nonce {
            NonceRule::Demanded => ExpectedNonce::Told(grant.nonce.as_deref()),
            NonceRule::Skipped => ExpectedNonce::Any,
        };
        let access = grant.access_token.as_deref();
        let claims = self
            .verify_id_token(provider, &grant.id_token, (nonce, access), context.now)
            .await?;
        let profile = Profile::read(provider, &claims)?;
        if let Some(caller) = caller {
            let (user, session) = (caller.user.id, caller.session.id);
            return self
                .link_and_enter(provider, &profile, (user, session), context)
                .await;
        }
        self.enter(provider, &profile, context).await
    }

    /// Verifies an `id_token` and returns its claims.
    pub(crate) async fn verify_id_token(
        &self,
        provider: &Provider,
        text: &str,
        (nonce, access_token): (ExpectedNonce<'_>, Option<&str>),
        now: OffsetDateTime,
    ) -> Result<Value> {
        let unverified = payload(text).ok_or_else(|| bad_token("it is no signed JWT"))?;
        let token: CoreIdToken = text.parse().map_err(|_| bad_token("it is no id_token"))?;
        let issuer = provider.expected_issuer(&unverified)?;
        let client = audience(provider, &unverified)?;
        let mut freshness = Freshness::Usual;
        loop {
            let keys = self.provider_keys(provider, freshness, now).await?;
            let issuer = IssuerUrl::new(issuer.clone());
            let issuer = issuer.map_err(|error| Error::internal("A bad issuer", error))?;
            let client = ClientId::new(client.to_owned());
            let verifier = CoreIdTokenVerifier::new_public_client(client, issuer, (*keys).clone())
                .set_allowed_algs(algorithms())
                .set_other_audience_verifier_fn(|it| provider.client_ids.contains(it))
                .set_time_fn(move || calendar(now))
                .set_issue_time_verifier_fn(move |issued| {
                    let is_future = issued.timestamp() > now.unix_timestamp() + CLOCK_SKEW_SECS;
                    (!is_future)
                        .then_some(())
                        .ok_or_else(|| "issued in the future".into())
                });
            let check = |found: Option<&Nonce>| check_nonce(nonce, found);
            match token.claims(&verifier, check) {
                Ok(claims) => {
                    if let (Some(hash), Some(access)) = (claims.access_token_hash(), access_token) {
                        check_access_token(&token, &verifier, hash, access)?;
                    }
                    return Ok(unverified);
                }
                // The provider may have rotated its keys since we looked.
                Err(ClaimsVerificationError::SignatureVerification(
                    SignatureVerificationError::NoMatchingKey,
                )) if freshness == Freshness::Usual => freshness = Freshness::KeyUnknown,
                Err(error) => return Err(refusal(&error)),
            }
        }
    }
}

/// The claims as they stand there. They are believed only after the verifier has looked at the
/// same text.
fn payload(text: &str) -> Option<Value> {
    if text.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let mut parts = text.split('.');
    let (_, body, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let body = URL_SAFE_NO_PAD.decode(body).ok()?;
    let claims: Value = serde_json::from_slice(&body).ok()?;
    claims.is_object().then_some(claims)
}

/// Which of our clients the token was made for.
fn audience<'a>(provider: &'a Provider, unverified: &Value) -> Result<&'a str> {
    let names = |client: &str| match unverified.get("aud") {
        Some(Value::String(audience)) => audience == client,
        Some(Value::Array(all)) => all.iter().any(|it| it == client),
        _ => false,
    };
    let ours = provider.client_ids.iter().find(|it| names(it));
    ours.map(String::as_str).ok_or_else(|| {
        Error::new(
            &codes::UNEXPECTED_AUDIENCE,
            "Unacceptable audience in id_token",
        )
    })
}

/// Signatures by key pairs alone.
fn algorithms() -> [CoreJwsSigningAlgorithm; 9] {
    use CoreJwsSigningAlgorithm as Alg;
    [
        Alg::EcdsaP256Sha256,
        Alg::EcdsaP384Sha384,
        Alg::EdDsa,
        Alg::RsaSsaPkcs1V15Sha256,
        Alg::RsaSsaPkcs1V15Sha384,
        Alg::RsaSsaPkcs1V15Sha512,
        Alg::RsaSsaPssSha256,
        Alg::RsaSsaPssSha384,
        Alg::RsaSsaPssSha512,
    ]
}

fn calendar(now: OffsetDateTime) -> DateTime<Utc> {
    // Beyond the calendar's end every token has expired.
    DateTime::from_timestamp(now.unix_timestamp(), 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn check_nonce(expected: ExpectedNonce<'_>, found: Option<&Nonce>) -> Result<(), String> {
    let found = found.map(|it| it.secret().as_str());
    let is_right = match (expected, found) {
        (ExpectedNonce::Any, _) | (ExpectedNonce::Told(None), None) => true,
        (ExpectedNonce::Exactly(sent), Some(found)) => same(sent, found),
        (ExpectedNonce::Told(Some(told)), Some(found)) => is_made_of(told, found),
        _ => false,
    };
    is_right.then_some(()).ok_or_else(|| "nonces differ".into())
}

/// Apps send the nonce to us, and to the provider its SHA-256 (as Apple's and Google's libraries
/// make it: in hex), or itself.
fn is_made_of(told: &str, found: &str) -> bool {
    let hash = Sha256::digest(told.as_bytes());
    let hex: String = hash.iter().map(|it| format!("{it:02x}")).collect();
    same(&hex, found) || same(&URL_SAFE_NO_PAD.encode(hash), found) || same(told, found)
}

fn same(left: &str, right: &str) -> bool {
    postern_vault::same(left.as_bytes(), right.as_bytes())
}

fn check_access_token(
    token: &CoreIdToken,
    verifier: &CoreIdTokenVerifier<'_>,
    hash: &AccessTokenHash,
    access_token: &str,
) -> Result<()> {
    let wrong = |_| bad_token("its at_hash cannot be checked");
    let algorithm = token.signing_alg().map_err(wrong)?;
    let key = token.signing_key(verifier).map_err(wrong)?;
    let access = AccessToken::new(access_token.to_owned());
    let made = AccessTokenHash::from_token(&access, algorithm, key);
    let made = made.map_err(|_| bad_token("its at_hash cannot be checked"))?;
    if !same(made.as_str(), hash.as_str()) {
        return Err(bad_token(
            "the access token is not the one that came with it",
        ));
    }
    Ok(())
}

fn refusal(error: &ClaimsVerificationError) -> Error {
    match error {
        ClaimsVerificationError::Expired(_) => bad_token("it has expired, or is not yet valid"),
        ClaimsVerificationError::InvalidIssuer(_) => bad_token("its issuer is not the provider's"),
        ClaimsVerificationError::InvalidNonce(_) => bad_token("nonces differ"),
        ClaimsVerificationError::InvalidAudience(_) => Error::new(
            &codes::UNEXPECTED_AUDIENCE,
            "Unacceptable audience in id_token",
        ),
        _ => bad_token("its signature is not the provider's"),
    }
}

fn bad_token(why: &'static str) -> Error {
    Error::new(&codes::INVALID_CREDENTIALS, format!("Bad ID token: {why}"))
}

/// How a sign-in through a provider is noted.
pub(crate) fn by_provider(provider: &Provider) -> SignIn<'_> {
    SignIn {
        method: "oauth",
        provider: Some(provider.name()),
        aal: Aal::Aal1,
    }
}

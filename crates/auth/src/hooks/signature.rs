//! Standard Webhooks, version one: `webhook-signature: v1,base64(HMAC-SHA256(id.time.body))`.
//!
//! Several secrets sign at once, so that one can be replaced while the receiver still knows the
//! other.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use postern_base::Secret;

use super::HookError;

/// What a symmetric secret begins with.
const PREFIX: &str = "v1,whsec_";
/// Bytes of a secret, as the standard has them.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The keys that a hook's calls are signed with.
#[derive(Clone)]
pub struct SigningKeys(Vec<hmac::Key>);

impl SigningKeys {
    /// Reads `v1,whsec_…`, with `|` between several.
    ///
    /// # Errors
    /// When one of them has another form.
    pub fn parse(secrets: &Secret<String>) -> Result<Self, HookError> {
        let keys = secrets.expose().split('|').map(|secret| {
            let encoded = secret
                .trim()
                .strip_prefix(PREFIX)
                .ok_or(HookError::Secret)?;
            let bytes = STANDARD.decode(encoded).map_err(|_| HookError::Secret)?;
            if !SECRET_BYTES.contains(&bytes.len()) {
                return Err(HookError::Secret);
            }
            Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The value of `webhook-signature`.
    pub(crate) fn sign(&self, id: &str, unix_secs: i64, body: &[u8]) -> String {
        let mut message = format!("{id}.{unix_secs}.").into_bytes();
        message.extend_from_slice(body);
        let signatures = self.0.iter().map(|key| {
            let tag = hmac::sign(key, &message);
            format!("v1,{}", STANDARD.encode(tag.as_ref()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKeys({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard's own libraries.
    #[test]
    fn the_standards_example_is_signed_like_there() {
        let secret = Secret::new("v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let keys = SigningKeys::parse(&secret).expect("keys");

        let signature = keys.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );

        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_sign_twice() {
        let one = "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let keys = SigningKeys::parse(&Secret::new(format!("{one}|{one}"))).expect("keys");

        assert_eq!(keys.sign("a", 1, b"{}").split(' ').count(), 2);
    }
}

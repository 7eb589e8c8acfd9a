//! Who somebody is, as a provider says it.

use postern_mail::Address;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::bad_callback;
use super::config::{Provider, Trust};
use crate::Result;

/// Longest subject in bytes.
const SUB_BYTES_MAX: usize = 255;
/// Longest name or picture's address in bytes; longer ones are left out.
const TEXT_BYTES_MAX: usize = 2048;

/// What is taken from a provider's answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// The provider's name in the project's file.
    pub(crate) provider: String,
    /// The subject: never an address, which may change hands.
    pub(crate) sub: String,
    /// The address, normalised.
    pub(crate) email: Option<String>,
    /// Whether the provider's word proves it.
    pub(crate) is_email_verified: bool,
    /// What is kept with the identity, under the names that clients know.
    pub(crate) data: Map<String, Value>,
}

impl Profile {
    /// Reads a provider's answer, be it the claims of an `id_token` or a page about a user.
    ///
    /// # Errors
    /// When it names no subject.
    pub(crate) fn read(provider: &Provider, answer: &Value) -> Result<Self> {
        let claims = &provider.claims;
        let sub = match answer.pointer(&claims.sub) {
            Some(Value::String(sub)) => sub.clone(),
            Some(Value::Number(sub)) => sub.to_string(),
            _ => String::new(),
        };
        if sub.is_empty() || sub.len() > SUB_BYTES_MAX || sub.contains('\0') {
            return Err(bad_callback("The provider does not say who the user is"));
        }
        let text = |pointer: &str| {
            let text = answer.pointer(pointer).and_then(Value::as_str);
            text.filter(|it| !it.is_empty() && it.len() <= TEXT_BYTES_MAX && !it.contains('\0'))
        };
        // SECURITY: an address that we read otherwise than the provider is none (attack 28).
        let email = text(&claims.email).and_then(|it| Address::parse(it).ok());
        let email = email.map(|it| it.as_str().to_owned());
        let is_email_verified = email.is_some() && is_trusted(provider.trust, answer, provider);
        let mut data = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                data.insert(name.into(), value);
            }
        };
        put("iss", provider.issuer.clone().map(Value::from));
        put("sub", Some(json!(sub)));
        put("provider_id", Some(json!(sub)));
        put("email", email.clone().map(Value::from));
        put("email_verified", Some(json!(is_email_verified)));
        put("phone_verified", Some(json!(false)));
        for (names, pointer) in [
            (["name", "full_name"], &claims.name),
            (["user_name", "preferred_username"], &claims.user_name),
            (["picture", "avatar_url"], &claims.picture),
        ] {
            let value = text(pointer).map(Value::from);
            for name in names {
                put(name, value.clone());
            }
        }
        Ok(Self {
            provider: provider.name.clone(),
            sub,
            email,
            is_email_verified,
            data,
        })
    }

    /// Adds a name that came beside the tokens; what the provider signed goes first.
    pub(super) fn add_name(&mut self, name: &str) {
        let name = name.trim();
        if !name.is_empty() && name.len() <= TEXT_BYTES_MAX && !name.contains('\0') {
            for field in ["name", "full_name"] {
                self.data.entry(field).or_insert_with(|| json!(name));
            }
        }
    }
}

/// Whether the answer proves its address. Anything but the exact value is a no (attack 24).
fn is_trusted(trust: Trust, answer: &Value, provider: &Provider) -> bool {
    let claim = answer.pointer(&provider.claims.email_verified);
    match trust {
        Trust::Claim => claim == Some(&Value::Bool(true)),
        Trust::One => claim.and_then(Value::as_u64) == Some(1),
        Trust::Always => true,
        Trust::Never => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::Providers;

    fn read(file: &str, answer: &Value) -> Result<Profile> {
        let providers = Providers::parse(file, &|_| None).expect("a fine file");
        let provider = providers.iter().next().expect("a provider").clone();
        Profile::read(&provider, answer)
    }

    const GOOGLE: &str = "[google]\nclient_id = 'us'\n";

    #[test]
    fn attack_24_only_the_boolean_true_verifies_an_address() {
        for (value, expected) in [
            (json!(true), true),
            (json!("true"), false),
            (json!("false"), false),
            (json!(1), false),
            (json!(null), false),
            (json!([true]), false),
        ] {
            let answer = json!({ "sub": "1", "email": "a@example.com", "email_verified": value });
            let profile = read(GOOGLE, &answer).expect("a profile");
            assert_eq!(profile.is_email_verified, expected, "{value}");
        }
        let missing = json!({ "sub": "1", "email": "a@example.com" });
        assert!(!read(GOOGLE, &missing).expect("a profile").is_email_verified);
    }

    #[test]
    fn attack_28_odd_addresses_are_no_addresses() {
        for odd in [
            "a@example.com,b@example.com",
            "a@example.com\r\nBcc: x@example.com",
            "a@@example.com",
            "a\u{ff20}example.com",
            "\"a b\"@example.com",
            "a@example.com ",
        ] {
            let answer = json!({ "sub": "1", "email": odd, "email_verified": true });
            let profile = read(GOOGLE, &answer).expect("a profile");
            let is_plain = profile.email.as_deref() == Some("a@example.com");
            assert!(profile.email.is_none() || is_plain, "{odd}: {profile:?}");
        }
    }

    #[test]
    fn numbers_are_subjects_and_nothing_is_none() {
        let github = "[github]\nclient_id = 'us'\n";
        let profile = read(github, &json!({ "id": 583_231, "login": "octocat" }));
        let profile = profile.expect("a profile");
        assert_eq!(profile.sub, "583231");
        assert_eq!(profile.data["user_name"], "octocat");
        for nobody in [
            json!({}),
            json!({ "id": "" }),
            json!({ "id": null }),
            json!([]),
        ] {
            assert!(read(github, &nobody).is_err());
        }
    }
}

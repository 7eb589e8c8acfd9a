//! Exports of Firebase: the JSON of `firebase auth:export`, and the project's hash parameters.

use postern_base::Secret;
use serde_json::{Map, Value, json};

use super::fields::{Record, flag, hash, id, list, object, text, time};
use super::person::{Person, PersonIdentity};
use crate::admin::parse_role;

/// What a project's password hashes were made with, as its console shows it.
#[derive(Clone, Debug)]
pub struct HashConfig {
    signer_key: Secret<String>,
    salt_separator: String,
    rounds: u32,
    mem_cost: u32,
}

impl HashConfig {
    /// Reads the text that the console shows: `hash_config { algorithm: SCRYPT, … }`.
    ///
    /// # Errors
    /// Says what is missing; never quotes the key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let find = |name: &str| {
            text.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                let key = key.trim().trim_matches('"');
                let is_it = key == name || key.strip_prefix("base64_") == Some(name);
                let value = value.trim().trim_end_matches(',').trim().trim_matches('"');
                is_it.then(|| value.to_owned())
            })
        };
        let need =
            |name: &str| find(name).ok_or_else(|| format!("the hash parameters lack `{name}`"));
        let number = |name: &str| {
            let text = need(name)?;
            text.parse()
                .map_err(|_| format!("`{name}` of the hash parameters is no number"))
        };
        if find("algorithm").is_some_and(|it| it != "SCRYPT") {
            return Err("the hash parameters are of another algorithm than SCRYPT".into());
        }
        Ok(Self {
            signer_key: Secret::new(plain(&need("signer_key")?)),
            salt_separator: plain(&need("salt_separator")?),
            rounds: number("rounds")?,
            mem_cost: number("mem_cost")?,
        })
    }

    fn hash_of(&self, salt: &str, digest: &str) -> String {
        format!(
            "$fbscrypt$v=1,n={},r={},p=1,ss={},sk={}${}${}",
            self.mem_cost,
            self.rounds,
            self.salt_separator,
            self.signer_key.expose(),
            plain(salt),
            plain(digest)
        )
    }
}

/// Base64 without padding, which has a meaning of its own in a hash's settings.
fn plain(text: &str) -> String {
    text.trim_end_matches('=').to_owned()
}

/// Reads a user.
pub(super) fn person(record: &Record, config: Option<&HashConfig>) -> Result<Person, String> {
    let old_id = text(record, "localId").ok_or("it has no `localId`")?;
    let created_at = time(record, "createdAt")?;
    let proved_at = created_at.or(Some(time::OffsetDateTime::UNIX_EPOCH));
    let mut person = Person {
        id: id("firebase", old_id),
        role: parse_role("").unwrap_or_default(),
        last_sign_in_at: time(record, "lastSignedInAt")?.or(time(record, "lastLoginAt")?),
        created_at,
        is_banned: flag(record, "disabled"),
        app_metadata: object(record, "customAttributes")?,
        ..Person::default()
    };
    person.take_addresses(record, "email", "phoneNumber")?;
    if person.email.is_some() && flag(record, "emailVerified") {
        person.email_confirmed_at = proved_at;
    }
    if person.phone.is_some() {
        // Firebase knows numbers only by a code that was typed.
        person.phone_confirmed_at = proved_at;
    }
    person.say("full_name", text(record, "displayName"));
    person.say("name", text(record, "displayName"));
    person.say("avatar_url", text(record, "photoUrl"));
    if let (Some(digest), Some(salt)) = (text(record, "passwordHash"), text(record, "salt")) {
        let config = config.ok_or(
            "it has a password hash; give the project's hash parameters with --hash-config",
        )?;
        person.hash = Some(hash(&config.hash_of(salt, digest))?);
    }
    for provider in list(record, "providerUserInfo")? {
        person.identities.extend(identity(&person, &provider));
    }
    person.is_anonymous =
        person.email.is_none() && person.phone.is_none() && person.identities.is_empty();
    person.check()
}

/// An identity at a provider; those of address and number are made from the row.
fn identity(person: &Person, value: &Value) -> Option<PersonIdentity> {
    let info = value.as_object()?;
    let provider = match text(info, "providerId")? {
        "password" | "phone" => return None,
        "microsoft.com" => "azure",
        other => other.strip_suffix(".com").unwrap_or(other),
    };
    let subject = text(info, "rawId")?;
    let mut data = Map::new();
    data.insert("sub".into(), json!(subject));
    for (here, there) in [
        ("email", "email"),
        ("full_name", "displayName"),
        ("avatar_url", "photoUrl"),
    ] {
        if let Some(said) = text(info, there) {
            data.insert(here.into(), json!(said));
        }
    }
    Some(PersonIdentity {
        user: person.id,
        provider: provider.into(),
        subject: subject.into(),
        data,
        last_sign_in_at: None,
        created_at: person.created_at,
    })
}

#[cfg(test)]
mod tests {
    use super::HashConfig;

    const SHOWN: &str = "hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: abcd==,\n  \
        base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}\n";

    #[test]
    fn the_consoles_text_is_read() {
        let config = HashConfig::parse(SHOWN).expect("complete");

        assert_eq!(
            config.hash_of("c2FsdA==", "ZGlnZXN0"),
            "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw,sk=abcd$c2FsdA$ZGlnZXN0"
        );
        assert!(!format!("{config:?}").contains("abcd"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let lacking = SHOWN.replace("rounds", "turns");
        let error = HashConfig::parse(&lacking).expect_err("incomplete");

        assert!(error.contains("`rounds`"), "{error}");
        assert!(HashConfig::parse(&SHOWN.replace("SCRYPT", "MD5")).is_err());
    }
}

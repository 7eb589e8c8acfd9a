//! What a mail template may see; there is nothing else.

use std::collections::BTreeMap;

use minijinja::Value;
use postern_base::Secret;
use serde_json::Map;

use crate::{Address, clean};

/// Longest name, label or metadata text in characters; longer ones are cut.
const TEXT_CHARS_MAX: usize = 300;
/// Longest description of a device; it is made from what the browser says of itself.
const DEVICE_CHARS_MAX: usize = 60;
/// Deepest nesting of metadata; what lies deeper is left out.
const DATA_DEPTH_MAX: usize = 8;
/// Most entries of one list or object in the metadata; more are left out.
const DATA_ENTRIES_MAX: usize = 100;

/// The values of one mail. What is `None` is undefined in the template, and printing it an error.
#[derive(Clone, Debug)]
pub struct Values {
    /// The name of the site, as its users know it.
    pub site_name: String,
    /// The address of the site.
    pub site_url: Option<String>,
    /// The account's address.
    pub email: Address,
    /// The address that the account moves to, or has moved to.
    pub new_email: Option<Address>,
    /// The phone number in question.
    pub phone: Option<String>,
    /// The identity provider in question, such as `github`.
    pub provider: Option<String>,
    /// The second factor in question, such as `totp`, or the name of a passkey.
    pub factor: Option<String>,
    /// The one-time code.
    pub code: Option<Secret<String>>,
    /// The link, made from the configured address of the site and nothing that a request says.
    pub link: Option<Secret<String>>,
    /// How long code and link are valid.
    pub minutes: Option<u32>,
    /// From where it was asked for, such as "Firefox on Linux".
    pub device: Option<String>,
    /// The account's user metadata: chosen by the user, trusted in nothing.
    pub data: Map<String, serde_json::Value>,
}

impl Values {
    /// Values of a mail about an account; the rest is added field by field.
    pub fn new(site_name: impl Into<String>, email: Address) -> Self {
        Self {
            site_name: site_name.into(),
            site_url: None,
            email,
            new_email: None,
            phone: None,
            provider: None,
            factor: None,
            code: None,
            link: None,
            minutes: None,
            device: None,
            data: Map::new(),
        }
    }

    /// Made-up values, for previews and for trying templates when they are loaded.
    pub fn sample() -> Self {
        let address = |text| {
            Address::parse(text).expect("INVARIANT: the sample addresses are written correctly")
        };
        let link = "https://example.com/auth/v1/verify?token=sample&type=signup";
        Self {
            site_url: Some("https://example.com".into()),
            new_email: Some(address("ada.new@example.com")),
            phone: Some("+49 30 901820".into()),
            provider: Some("github".into()),
            factor: Some("totp".into()),
            code: Some(Secret::new("483920".into())),
            link: Some(Secret::new(link.into())),
            minutes: Some(60),
            device: Some("Firefox on Linux".into()),
            ..Self::new("Example", address("ada@example.com"))
        }
    }

    /// The variables of the template.
    pub(crate) fn context(&self, locale: &str) -> Value {
        let line = |text: &str| Value::from(clean::one_line(text, TEXT_CHARS_MAX));
        let device = |text: &str| Value::from(clean::one_line(text, DEVICE_CHARS_MAX));
        let secret = |it: &Secret<String>| Value::from(it.expose().as_str());
        let optional = [
            ("site_url", self.site_url.as_deref().map(line)),
            (
                "new_email",
                self.new_email.as_ref().map(|it| Value::from(it.as_str())),
            ),
            ("phone", self.phone.as_deref().map(line)),
            ("provider", self.provider.as_deref().map(line)),
            ("factor", self.factor.as_deref().map(line)),
            ("code", self.code.as_ref().map(secret)),
            ("link", self.link.as_ref().map(secret)),
            ("minutes", self.minutes.map(Value::from)),
            ("device", self.device.as_deref().map(device)),
        ];
        let mut variables = BTreeMap::from([
            ("locale", Value::from(locale)),
            ("site_name", line(&self.site_name)),
            ("email", Value::from(self.email.as_str())),
            ("data", object(&self.data, 0)),
        ]);
        variables.extend(
            optional
                .into_iter()
                .filter_map(|(name, it)| Some((name, it?))),
        );
        Value::from_pairs(variables)
    }
}

fn object(entries: &Map<String, serde_json::Value>, depth: usize) -> Value {
    Value::from_pairs(entries.iter().take(DATA_ENTRIES_MAX).map(|(name, it)| {
        let name = clean::one_line(name, TEXT_CHARS_MAX);
        (name, value(it, depth + 1))
    }))
}

fn value(json: &serde_json::Value, depth: usize) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::from(()),
        Json::Bool(it) => Value::from(*it),
        Json::Number(it) => number(it),
        Json::String(it) => Value::from(clean::one_line(it, TEXT_CHARS_MAX)),
        Json::Array(_) | Json::Object(_) if depth >= DATA_DEPTH_MAX => Value::from(()),
        Json::Array(it) => {
            let kept = it.iter().take(DATA_ENTRIES_MAX);
            kept.map(|it| value(it, depth + 1)).collect()
        }
        Json::Object(it) => object(it, depth),
    }
}

fn number(number: &serde_json::Number) -> Value {
    let whole = number.as_i64().map(Value::from);
    let whole = whole.or_else(|| number.as_u64().map(Value::from));
    // What fits neither is a fraction, or a number that JSON readers disagree on.
    whole.unwrap_or_else(|| Value::from(number.as_f64().unwrap_or_default()))
}

//! Who else has a say: captchas, hooks, vendors of text messages.

use std::collections::HashMap;

use postern_base::Secret;

use crate::hooks::{HookPoint, HookTarget};

/// Who tells people from programs.
#[derive(Clone, Debug)]
pub struct Captcha {
    /// Where a token is verified.
    pub verify_url: String,
    /// Our secret there.
    pub secret: Secret<String>,
}

impl Captcha {
    /// Cloudflare's Turnstile.
    pub const TURNSTILE: &str = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
    /// hCaptcha.
    pub const HCAPTCHA: &str = "https://api.hcaptcha.com/siteverify";
}

/// The project's hooks, each at its place.
#[derive(Clone, Debug, Default)]
pub struct Hooks {
    /// Where each place calls.
    pub targets: HashMap<HookPoint, HookTarget>,
}

/// Text messages.
#[derive(Clone, Debug)]
pub struct Sms {
    /// Numbers, without the plus sign, that get no message, with the code that is good for each.
    pub test_codes: HashMap<String, String>,
    /// What a message says; `{code}` and `{site_name}` are filled in.
    pub template: String,
    /// Who sends messages; without one none are sent.
    pub vendor: Option<SmsVendor>,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            test_codes: HashMap::new(),
            template: "Your code for {site_name} is {code}".into(),
            vendor: None,
        }
    }
}

/// Who sends text messages, and our account there.
#[derive(Clone, Debug)]
pub struct SmsVendor {
    /// Which one.
    pub kind: SmsVendorKind,
    /// Where its API is; the vendor's own address when absent.
    pub url: Option<String>,
    /// The account: an account SID, or an API key.
    pub account: String,
    /// The secret: an auth token, an API secret, an access key, or the hook's signing secrets.
    pub secret: Secret<String>,
    /// Who sends: a number, a name, or the SID of a service.
    pub sender: String,
}

/// The vendors whose APIs are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsVendorKind {
    /// Twilio's Messaging.
    Twilio,
    /// Twilio's Verify, told our own code.
    TwilioVerify,
    /// Vonage's SMS API.
    Vonage,
    /// The vendor `MessageBird`.
    MessageBird,
    /// Any address that takes signed JSON.
    Http,
}

impl SmsVendorKind {
    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "twilio" => Self::Twilio,
            "twilio-verify" => Self::TwilioVerify,
            "vonage" => Self::Vonage,
            "messagebird" => Self::MessageBird,
            "http" => Self::Http,
            _ => return None,
        })
    }

    /// The name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Twilio => "twilio",
            Self::TwilioVerify => "twilio-verify",
            Self::Vonage => "vonage",
            Self::MessageBird => "messagebird",
            Self::Http => "http",
        }
    }
}

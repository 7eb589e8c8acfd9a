//! What each vendor's API wants to be sent: forms, and who we are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use postern_outbound::{Error, Request, Response};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::outbox::Undeliverable;
use crate::settings::{SmsVendor, SmsVendorKind};

/// A text to be sent.
pub(super) struct Text<'a> {
    /// The number, without the plus sign.
    pub(super) to: &'a str,
    /// The whole message.
    pub(super) words: &'a str,
    /// The code alone, for vendors with templates of their own.
    pub(super) code: &'a str,
    /// Whether it goes by `WhatsApp` instead of SMS.
    pub(super) is_whatsapp: bool,
}

/// The request that sends a text.
pub(super) fn request(vendor: &SmsVendor, text: &Text<'_>) -> Result<Request, Error> {
    match vendor.kind {
        SmsVendorKind::Twilio => twilio(vendor, text),
        SmsVendorKind::TwilioVerify => twilio_verify(vendor, text),
        SmsVendorKind::Vonage => Ok(vonage(vendor, text)),
        SmsVendorKind::MessageBird => message_bird(vendor, text),
        // Sent as a signed hook, never as a form.
        SmsVendorKind::Http => Err(Error::Url),
    }
}

/// Twilio's Messaging API; a sender that begins with `MG` is a messaging service.
fn twilio(vendor: &SmsVendor, text: &Text<'_>) -> Result<Request, Error> {
    let base = base(vendor, "https://api.twilio.com");
    let url = format!(
        "{base}/2010-04-01/Accounts/{}/Messages.json",
        vendor.account
    );
    let channel = if text.is_whatsapp { "whatsapp:" } else { "" };
    let is_service = vendor.sender.starts_with("MG");
    let from = if is_service {
        "MessagingServiceSid"
    } else {
        "From"
    };
    let prefix = if is_service { "" } else { channel };
    let fields = [
        ("To", format!("{channel}+{}", text.to)),
        (from, format!("{prefix}{}", vendor.sender)),
        ("Body", text.words.to_owned()),
    ];
    basic(form(&url, &fields), vendor)
}

/// Twilio Verify with our own code: the account must be allowed to bring codes along.
fn twilio_verify(vendor: &SmsVendor, text: &Text<'_>) -> Result<Request, Error> {
    let base = base(vendor, "https://verify.twilio.com");
    let url = format!("{base}/v2/Services/{}/Verifications", vendor.sender);
    let channel = if text.is_whatsapp { "whatsapp" } else { "sms" };
    let fields = [
        ("To", format!("+{}", text.to)),
        ("Channel", channel.to_owned()),
        ("CustomCode", text.code.to_owned()),
    ];
    basic(form(&url, &fields), vendor)
}

fn vonage(vendor: &SmsVendor, text: &Text<'_>) -> Request {
    let url = format!("{}/sms/json", base(vendor, "https://rest.nexmo.com"));
    let kind = if text.words.is_ascii() {
        "text"
    } else {
        "unicode"
    };
    let fields = [
        ("api_key", vendor.account.clone()),
        ("api_secret", vendor.secret.expose().clone()),
        ("from", vendor.sender.clone()),
        ("to", text.to.to_owned()),
        ("text", text.words.to_owned()),
        ("type", kind.to_owned()),
    ];
    form(&url, &fields)
}

fn message_bird(vendor: &SmsVendor, text: &Text<'_>) -> Result<Request, Error> {
    let url = format!("{}/messages", base(vendor, "https://rest.messagebird.com"));
    let fields = [
        ("originator", vendor.sender.clone()),
        ("recipients", text.to.to_owned()),
        ("body", text.words.to_owned()),
        ("type", "sms".to_owned()),
        ("datacoding", "auto".to_owned()),
    ];
    authorized(
        form(&url, &fields),
        format!("AccessKey {}", vendor.secret.expose()),
    )
}

/// Reads what Vonage answers: one entry per part, `0` for accepted.
pub(super) fn judge_vonage(answer: &Response) -> Result<(), Undeliverable> {
    #[derive(Deserialize)]
    struct Answer {
        messages: Vec<Part>,
    }
    #[derive(Deserialize)]
    struct Part {
        status: String,
    }
    let unreadable = |_| Undeliverable::Later("Vonage's answer cannot be read".into());
    let answer: Answer = answer.json().map_err(unreadable)?;
    let failed = answer.messages.iter().find(|it| it.status != "0");
    match failed.map(|it| it.status.as_str()) {
        None if answer.messages.is_empty() => Err(Undeliverable::Later(
            "Vonage says nothing of the message".into(),
        )),
        None => Ok(()),
        // Throttled, an error inside, or a carrier that does not answer.
        Some(status @ ("1" | "5" | "8" | "10")) => Err(Undeliverable::Later(format!(
            "Vonage answered with status {status}"
        ))),
        Some(status) => {
            let number: String = status
                .chars()
                .filter(char::is_ascii_digit)
                .take(4)
                .collect();
            Err(Undeliverable::Never(format!(
                "Vonage answered with status {number}"
            )))
        }
    }
}

fn base<'a>(vendor: &'a SmsVendor, usual: &'a str) -> &'a str {
    vendor.url.as_deref().unwrap_or(usual).trim_end_matches('/')
}

fn form(url: &str, fields: &[(&str, String)]) -> Request {
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    Request::post(url)
        .accept_json()
        .header(CONTENT_TYPE, kind)
        .body(body)
}

fn basic(request: Request, vendor: &SmsVendor) -> Result<Request, Error> {
    let pair = format!("{}:{}", vendor.account, vendor.secret.expose());
    authorized(request, format!("Basic {}", STANDARD.encode(pair)))
}

fn authorized(request: Request, value: String) -> Result<Request, Error> {
    let mut value = HeaderValue::try_from(value).map_err(|_| Error::Header)?;
    value.set_sensitive(true);
    Ok(request.header(AUTHORIZATION, value))
}

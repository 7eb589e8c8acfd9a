//! Sends a text by the vendor of the settings, and judges what the vendor answers.

use std::sync::Arc;

use http::StatusCode;
use postern_base::Clock;
use postern_outbound::{Error as OutboundError, Outbound, Response};
use serde_json::json;
use uuid::Uuid;

use super::vendors::{self, Text};
use crate::AuthService;
use crate::hooks::{HookCaller, Message, SigningKeys};
use crate::outbox::{Delivery, TextLetter, TextSender, Undeliverable};
use crate::settings::{SmsVendor, SmsVendorKind};

/// Sends texts.
pub(super) struct Sender {
    outbound: Outbound,
    hooks: HookCaller,
    clock: Arc<dyn Clock>,
    vendor: SmsVendor,
    /// The keys of the `http` vendor.
    keys: Option<SigningKeys>,
    template: String,
    site_name: String,
}

impl Sender {
    /// Makes the sender, or says what the account lacks.
    pub(super) fn new(service: &AuthService, vendor: SmsVendor) -> Result<Self, String> {
        let needs_account = match vendor.kind {
            SmsVendorKind::Twilio | SmsVendorKind::TwilioVerify | SmsVendorKind::Vonage => true,
            SmsVendorKind::MessageBird | SmsVendorKind::Http => false,
        };
        let is_http = vendor.kind == SmsVendorKind::Http;
        for (name, is_missing) in [
            ("sms.account", needs_account && vendor.account.is_empty()),
            ("sms.secret", vendor.secret.expose().is_empty()),
            ("sms.sender", !is_http && vendor.sender.is_empty()),
            ("sms.url", is_http && vendor.url.is_none()),
        ] {
            if is_missing {
                return Err(format!("`{name}` is missing"));
            }
        }
        let keys = match is_http {
            true => Some(
                SigningKeys::parse(&vendor.secret)
                    .map_err(|error| format!("`sms.secret` {error}"))?,
            ),
            false => None,
        };
        Ok(Self {
            outbound: service.outbound.clone(),
            hooks: service.hooks.clone(),
            clock: Arc::clone(&service.clock),
            vendor,
            keys,
            template: service.settings.sms.template.clone(),
            site_name: service.settings.site_name.clone(),
        })
    }

    async fn deliver(&self, letter: &TextLetter) -> Result<(), Undeliverable> {
        let words = self.template.replace("{site_name}", &self.site_name);
        let words = words.replace("{code}", &letter.code);
        if let (Some(keys), Some(url)) = (&self.keys, &self.vendor.url) {
            return self.post(url, keys, letter, &words).await;
        }
        let text = Text {
            to: &letter.to,
            words: &words,
            code: &letter.code,
            is_whatsapp: letter.channel == "whatsapp",
        };
        let request = vendors::request(&self.vendor, &text);
        let request = request.map_err(|error| Undeliverable::Never(error.to_string()))?;
        let answer = self.outbound.request(request).await;
        judge(self.vendor.kind, &answer.map_err(unanswered)?)
    }

    async fn post(
        &self,
        url: &str,
        keys: &SigningKeys,
        letter: &TextLetter,
        words: &str,
    ) -> Result<(), Undeliverable> {
        let message = Message {
            id: Uuid::new_v4().to_string(),
            now: crate::service::now(&*self.clock),
            payload: json!({
                "phone": letter.to,
                "otp": letter.code,
                "text": words,
                "channel": letter.channel,
            }),
        };
        let posted = self.hooks.post(url, keys, &message).await;
        let failed = |reason: String| Undeliverable::Later(reason);
        let answer = posted.map_err(|error| failed(error.code().to_owned()))?;
        match answer.get("error").filter(|it| !it.is_null()) {
            None => Ok(()),
            Some(_) => Err(Undeliverable::Never("the receiver refused it".into())),
        }
    }
}

impl TextSender for Sender {
    fn send<'a>(&'a self, letter: &'a TextLetter) -> Delivery<'a> {
        Box::pin(self.deliver(letter))
    }
}

/// Reads a vendor's answer. Only its numbers are repeated: its words may quote the message.
fn judge(kind: SmsVendorKind, answer: &Response) -> Result<(), Undeliverable> {
    let status = answer.status;
    if !status.is_success() {
        let reason = format!("{} answered {status}", answer.host());
        let may_pass = status.is_server_error()
            || matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
            );
        return Err(match may_pass {
            true => Undeliverable::Later(reason),
            false => Undeliverable::Never(reason),
        });
    }
    match kind {
        // Vonage says 200 to everything and means what stands inside.
        SmsVendorKind::Vonage => vendors::judge_vonage(answer),
        _ => Ok(()),
    }
}

fn unanswered(error: OutboundError) -> Undeliverable {
    match error {
        OutboundError::Timeout { .. }
        | OutboundError::Connect { .. }
        | OutboundError::Exchange { .. }
        | OutboundError::NoAddress { .. } => Undeliverable::Later(error.to_string()),
        other => Undeliverable::Never(other.to_string()),
    }
}

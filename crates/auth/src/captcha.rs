//! Captchas: a provider says whether a person sent the request.
//!
//! A provider that does not answer lets nobody pass. The holder of the secret key is not asked.

use postern_base::codes::auth as codes;
use serde::Deserialize;

use crate::settings::Captcha;
use crate::{AuthService, Context, Error, Result};

/// Longest token that is passed on, in bytes; Turnstile's and hCaptcha's stay well below.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// What Turnstile and hCaptcha answer.
#[derive(Deserialize)]
struct Verdict {
    success: bool,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
}

impl AuthService {
    /// Asks the provider about a token; nothing is asked where no captcha is set up.
    ///
    /// # Errors
    /// `captcha_failed` without a token or with one that is not accepted; 500 when the provider
    /// does not answer.
    pub async fn check_captcha(&self, token: Option<&str>, context: &Context) -> Result<()> {
        let Some(captcha) = &self.settings.captcha else {
            return Ok(());
        };
        let token = token.unwrap_or_default().trim();
        if token.is_empty() || token.len() > TOKEN_BYTES_MAX {
            return Err(failed("no captcha_token found in request"));
        }
        let verdict = self.ask_provider(captcha, token, context).await?;
        if verdict.success {
            return Ok(());
        }
        let reasons: Vec<_> = verdict.error_codes.iter().map(|it| known(it)).collect();
        tracing::info!(
            request.id = context.request_id,
            ?reasons,
            "a captcha was not accepted"
        );
        Err(failed("captcha protection: request disallowed"))
    }

    async fn ask_provider(
        &self,
        captcha: &Captcha,
        token: &str,
        context: &Context,
    ) -> Result<Verdict> {
        let ip = context.ip.to_string();
        let fields = [
            ("secret", captcha.secret.expose().as_str()),
            ("response", token),
            ("remoteip", &ip),
        ];
        let unanswered = |error| Error::internal("captcha verification process failed", error);
        let answer = self.outbound.post_form(&captcha.verify_url, &fields).await;
        let answer = answer.and_then(|it| it.success()).map_err(unanswered)?;
        answer.json().map_err(unanswered)
    }
}

/// A reason as the log shows it: the providers' own words, and nothing else that they may send.
fn known(reason: &str) -> &str {
    let is_word = |it: char| it.is_ascii_lowercase() || it == '-';
    if reason.len() <= 64 && reason.chars().all(is_word) {
        reason
    } else {
        "?"
    }
}

fn failed(message: &'static str) -> Error {
    Error::new(&codes::CAPTCHA_FAILED, message)
}

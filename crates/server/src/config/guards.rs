//! What the configuration says about limits, captchas, hooks and text messages.

use std::collections::HashMap;

use postern_auth::hooks::{HookPoint, HookTarget};
use postern_auth::settings::{Captcha, Hooks, Limits, Sms, SmsVendor, SmsVendorKind};
use postern_base::Secret;
use postern_http::TrustedProxies;

use super::people::Wrong;
use super::raw::RawConfig;

/// How often things may be asked for, and by whose word about the client's address.
pub(super) fn rates(raw: &RawConfig) -> Result<Limits, Wrong> {
    let proxies = TrustedProxies::parse(raw.list("api.trusted_proxies"));
    Ok(Limits {
        on: raw.switch("rates.enabled").into(),
        signup_per_5_min: raw.size("rates.signup_per_5_min"),
        verify_per_5_min: raw.size("rates.verify_per_5_min"),
        refresh_per_5_min: raw.size("rates.refresh_per_5_min"),
        sign_in_per_5_min: raw.size("rates.sign_in_per_5_min"),
        anonymous_per_hour: raw.size("rates.anonymous_per_hour"),
        account_failures_per_hour: raw.size("rates.account_failures_per_hour"),
        mails_per_hour: raw.size("rates.mails_per_hour"),
        texts_per_hour: raw.size("rates.texts_per_hour"),
        trusted_proxies: proxies
            .map_err(|error| ("api.trusted_proxies", format!("has a wrong entry: {error}")))?,
    })
}

/// Who tells people from programs.
pub(super) fn captcha(raw: &RawConfig) -> Result<Option<Captcha>, Wrong> {
    let usual = match raw.text("captcha.provider").as_deref() {
        Some("turnstile") => Captcha::TURNSTILE,
        Some("hcaptcha") => Captcha::HCAPTCHA,
        _ => return Ok(None),
    };
    let missing = || {
        (
            "captcha.secret",
            "is needed by `captcha.provider`".to_owned(),
        )
    };
    Ok(Some(Captcha {
        verify_url: raw
            .text("captcha.verify_url")
            .unwrap_or_else(|| usual.into()),
        secret: raw.secret("captcha.secret").ok_or_else(missing)?,
    }))
}

/// The project's hooks. One that cannot be used is an error: what it was to refuse would pass.
pub(super) fn hooks(raw: &RawConfig) -> Result<Hooks, Wrong> {
    let mut targets = HashMap::new();
    for point in HookPoint::ALL {
        let (key, secrets) = keys_of(*point);
        let Some(uri) = raw.text(key) else { continue };
        let secrets = raw.secret(secrets);
        let target = HookTarget::parse(&uri, secrets.as_ref());
        let target = target.map_err(|error| (key, error.to_string()))?;
        targets.insert(*point, target);
    }
    Ok(Hooks { targets })
}

fn keys_of(point: HookPoint) -> (&'static str, &'static str) {
    macro_rules! pair {
        ($name:literal) => {
            (
                concat!("hooks.", $name),
                concat!("hooks.", $name, "_secrets"),
            )
        };
    }
    match point {
        HookPoint::CustomAccessToken => pair!("custom_access_token"),
        HookPoint::SendEmail => pair!("send_email"),
        HookPoint::SendSms => pair!("send_sms"),
        HookPoint::PasswordVerificationAttempt => pair!("password_verification_attempt"),
        HookPoint::MfaVerificationAttempt => pair!("mfa_verification_attempt"),
        HookPoint::BeforeUserCreated => pair!("before_user_created"),
        HookPoint::AfterUserCreated => pair!("after_user_created"),
        HookPoint::BeforeSignIn => pair!("before_sign_in"),
        HookPoint::BeforeTokenRefresh => pair!("before_token_refresh"),
    }
}

/// How texts are sent. An account that is not complete stops texts, not the server (attack 75).
pub(super) fn sms(raw: &RawConfig) -> Result<Sms, Wrong> {
    let pairs = raw.list("sms.test_codes").into_iter().map(|pair| {
        let (number, code) = pair.split_once('=').ok_or_else(|| {
            let reason = format!("holds `{pair}`; expected `15550100=123456`");
            ("sms.test_codes", reason)
        })?;
        let number = number.trim().trim_start_matches('+');
        Ok((number.to_owned(), code.trim().to_owned()))
    });
    Ok(Sms {
        test_codes: pairs.collect::<Result<_, Wrong>>()?,
        template: raw.text("sms.template").unwrap_or_default(),
        vendor: raw
            .text("sms.vendor")
            .and_then(|name| SmsVendorKind::parse(&name))
            .map(|kind| SmsVendor {
                kind,
                url: raw.text("sms.url"),
                account: raw.text("sms.account").unwrap_or_default(),
                secret: raw
                    .secret("sms.secret")
                    .unwrap_or_else(|| Secret::new(String::new())),
                sender: raw.text("sms.sender").unwrap_or_default(),
            }),
    })
}

//! What the configuration says about the auth service, in that service's own words.

use std::path::{Path, PathBuf};
use std::time::Duration;

use postern_auth::oauth::Providers;
use postern_auth::settings::{
    Allowed, Codes, Factors, LeakedCheck, PasswordSettings, Sessions, Settings, Signup,
};
use postern_base::Secret;
use postern_http::signing::Algorithm;
use postern_mail::{Address, Security, SmtpSettings};
use postern_outbound::{AllowList, OutboundSettings};
use postern_password::Params;
use postern_password::strength::{CharacterClass, Rules};

use super::guards;
use super::raw::RawConfig;

/// The auth service's configuration.
#[derive(Clone, Debug)]
pub struct People {
    /// The operator's choices about signing in.
    pub settings: Settings,
    /// The master key; without one the service stays off.
    pub master_key: Option<Secret<String>>,
    /// Master keys of before.
    pub older_master_keys: Vec<Secret<String>>,
    /// Whether the service is wanted.
    pub enabled: Allowed,
    /// Its database login, where it has one of its own.
    pub database_url: Option<Secret<String>>,
    /// Most connections.
    pub database_connections: usize,
    /// What new signing keys are for.
    pub algorithm: Algorithm,
    /// Where mails go.
    pub mail: MailConfig,
    /// The project's own mail templates.
    pub templates_dir: PathBuf,
    /// How the outside may be called.
    pub outbound: OutboundSettings,
}

/// Where mails go.
#[derive(Clone, Debug)]
pub enum MailConfig {
    /// Nowhere.
    Off,
    /// Into the mailbox of `postern dev`.
    Dev,
    /// To a mail server.
    Smtp(Box<SmtpSettings>),
}

impl MailConfig {
    /// Whether mails stay on this machine.
    pub fn is_dev(&self) -> bool {
        matches!(self, Self::Dev)
    }
}

/// Which key is wrong, and why.
pub(super) type Wrong = (&'static str, String);

/// Reads it all.
pub(super) fn people(folder: &Path, raw: &RawConfig) -> Result<People, Wrong> {
    let templates = raw.text("mail.templates_dir").unwrap_or_default();
    let providers = providers(folder, raw)?;
    let outbound = outbound(raw, &providers)?;
    Ok(People {
        settings: settings(raw, providers)?,
        master_key: raw.secret("keys.master_key"),
        older_master_keys: raw.secrets("keys.older_master_keys"),
        enabled: raw.switch("auth.enabled").into(),
        database_url: raw.secret("auth.database_url"),
        database_connections: raw.size("auth.database_connections"),
        algorithm: raw
            .text("auth.signing_algorithm")
            .and_then(|name| Algorithm::parse(&name))
            .unwrap_or_default(),
        mail: mail(raw)?,
        templates_dir: folder.join(templates),
        outbound,
    })
}

fn settings(raw: &RawConfig, providers: Providers) -> Result<Settings, Wrong> {
    let site_url = raw.text("auth.site_url").unwrap_or_default();
    check_address("auth.site_url", &site_url)?;
    if let Some(external) = raw.text("api.external_url") {
        check_address("api.external_url", &external)?;
    }
    Ok(Settings {
        providers,
        external_url: external_url(raw),
        site_url,
        site_name: raw.text("auth.site_name").unwrap_or_default(),
        redirect_urls: raw.list("auth.redirect_urls"),
        signup: signup(raw),
        password: password(raw)?,
        sessions: sessions(raw),
        codes: codes(raw),
        factors: factors(raw),
        sms: guards::sms(raw)?,
        limits: guards::rates(raw)?,
        captcha: guards::captcha(raw)?,
        hooks: guards::hooks(raw)?,
    })
}

/// Where the server is reached from outside, without a trailing slash.
fn external_url(raw: &RawConfig) -> String {
    let configured = raw.text("api.external_url");
    let url = configured.unwrap_or_else(|| {
        let host = raw.text("api.host").unwrap_or_default();
        let host = match host.as_str() {
            "0.0.0.0" | "::" => "127.0.0.1".to_owned(),
            name if name.contains(':') => format!("[{name}]"),
            _ => host,
        };
        format!("http://{host}:{}", raw.number("api.port"))
    });
    url.trim_end_matches('/').to_owned()
}

fn check_address(key: &'static str, text: &str) -> Result<(), Wrong> {
    match url::Url::parse(text) {
        Ok(url) if url.has_host() => Ok(()),
        _ => Err((
            key,
            format!("is `{text}`; expected something like `https://app.example.com`"),
        )),
    }
}

fn signup(raw: &RawConfig) -> Signup {
    let switch = |name: &str| Allowed::from(raw.switch(&format!("signup.{name}")));
    Signup {
        new_users: switch("enabled"),
        email: switch("email"),
        phone: switch("phone"),
        anonymous: switch("anonymous"),
        email_autoconfirm: switch("email_autoconfirm"),
        phone_autoconfirm: switch("phone_autoconfirm"),
        manual_linking: switch("manual_linking"),
        double_email_change: switch("double_email_change"),
    }
}

fn password(raw: &RawConfig) -> Result<PasswordSettings, Wrong> {
    let params = Params::new(
        raw.size("passwords.memory_kib"),
        raw.size("passwords.passes"),
        1,
    );
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let url = raw.text("passwords.leaked_url");
    let check = raw.text("passwords.leaked_check").unwrap_or_default();
    let leaked_check = match (check.as_str(), url) {
        ("off" | "", _) => LeakedCheck::Off,
        (_, None) => {
            let reason = "is on, but `passwords.leaked_url` does not say where the list is";
            return Err(("passwords.leaked_check", reason.into()));
        }
        ("fail-open", Some(url)) => LeakedCheck::FailOpen { url },
        (_, Some(url)) => LeakedCheck::FailClosed { url },
    };
    let required = raw.text("passwords.required_characters");
    Ok(PasswordSettings {
        params: params.map_err(|error| ("passwords.memory_kib", error.to_string()))?,
        slots: match raw.size("passwords.slots") {
            0 => cores.div_ceil(2),
            slots => slots,
        },
        rules: Rules {
            min_chars: raw.size("passwords.min_chars"),
            required: required.map_or_else(Vec::new, |it| CharacterClass::parse_list(&it)),
            ..Rules::default()
        },
        reauthentication: raw.switch("passwords.reauthentication").into(),
        current_password: raw.switch("passwords.require_current").into(),
        leaked_check,
    })
}

fn sessions(raw: &RawConfig) -> Sessions {
    let limit = |key: &str| Some(raw.size(key)).filter(|secs| *secs > 0);
    Sessions {
        access_token_secs: raw.size("sessions.access_token_secs"),
        reuse_interval_secs: raw.size("sessions.reuse_interval_secs"),
        timebox_secs: limit("sessions.timebox_secs"),
        inactivity_secs: limit("sessions.inactivity_secs"),
        single_per_user: raw.switch("sessions.single_per_user").into(),
        implicit_flow: raw.switch("sessions.implicit_flow").into(),
    }
}

fn codes(raw: &RawConfig) -> Codes {
    Codes {
        digits: raw.size("codes.digits"),
        email_code_secs: raw.size("codes.email_code_secs"),
        email_link_secs: raw.size("codes.email_link_secs"),
        invite_secs: raw.size("codes.invite_secs"),
        sms_code_secs: raw.size("codes.sms_code_secs"),
        email_pause_secs: raw.size("codes.email_pause_secs"),
        sms_pause_secs: raw.size("codes.sms_pause_secs"),
        ..Settings::default().codes
    }
}

fn factors(raw: &RawConfig) -> Factors {
    let switch = |name: &str| Allowed::from(raw.switch(&format!("factors.{name}")));
    Factors {
        totp: switch("totp"),
        phone: switch("phone"),
        webauthn: switch("webauthn"),
        passkeys: switch("passkeys"),
        recovery_codes: switch("recovery_codes"),
        other_address: switch("other_address"),
        per_user_max: raw.size("factors.per_user_max"),
        challenge_secs: raw.size("factors.challenge_secs"),
        rp_id: raw.text("factors.rp_id"),
        rp_name: raw.text("factors.rp_name"),
        rp_origins: raw.list("factors.rp_origins"),
    }
}

fn mail(raw: &RawConfig) -> Result<MailConfig, Wrong> {
    match raw.text("mail.transport").as_deref() {
        Some("smtp") => {}
        Some("dev") => return Ok(MailConfig::Dev),
        _ => return Ok(MailConfig::Off),
    }
    let needed = |key: &'static str| {
        let missing = || (key, "is needed by `mail.transport = \"smtp\"`".to_owned());
        raw.text(key).ok_or_else(missing)
    };
    let from = needed("mail.from")?;
    Ok(MailConfig::Smtp(Box::new(SmtpSettings {
        host: needed("mail.host")?,
        port: raw.size("mail.port"),
        user: raw.text("mail.user"),
        password: raw.secret("mail.password"),
        security: match raw.text("mail.security").as_deref() {
            Some("tls") => Security::Tls,
            Some("none") => Security::None,
            _ => Security::Starttls,
        },
        authority_pem: None,
        from: Address::parse(&from).map_err(|error| ("mail.from", error.to_string()))?,
        from_name: raw.text("mail.from_name"),
        headers: Vec::new(),
        timeout: Duration::from_millis(raw.number("mail.timeout_ms")),
    })))
}

/// Reads the file of identity providers; none is no provider, half a one is no start.
fn providers(folder: &Path, raw: &RawConfig) -> Result<Providers, Wrong> {
    let path = folder.join(raw.text("auth.providers_file").unwrap_or_default());
    let wrong = |reason: String| ("auth.providers_file", reason);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Providers::default());
        }
        Err(error) => {
            return Err(wrong(format!(
                "cannot be read at {}: {error}",
                path.display()
            )));
        }
    };
    let variable = |name: &str| std::env::var(name).ok().map(Secret::new);
    Providers::parse(&text, &variable).map_err(|fault| {
        let (path, line) = (path.display(), fault.line);
        wrong(format!("is not valid: {path}:{line}: {fault}"))
    })
}

fn outbound(raw: &RawConfig, providers: &Providers) -> Result<OutboundSettings, Wrong> {
    let allow = raw.list("outbound.allow");
    let wrong = |error: postern_outbound::AllowError| ("outbound.allow", error.to_string());
    let mut allow = AllowList::parse(&allow).map_err(wrong)?;
    for url in providers.written_urls() {
        // An operator who writes an address down wants it to be called.
        allow.allow_configured_url(url).map_err(wrong)?;
    }
    Ok(OutboundSettings {
        allow,
        ..OutboundSettings::default()
    })
}

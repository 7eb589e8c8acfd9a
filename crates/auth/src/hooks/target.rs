//! Where a hook is: an address that is called with a signature, or a function in the database.

use std::fmt;

use postern_base::Secret;

use super::signature::SigningKeys;

/// Longest name of a schema or function, as Postgres has it.
const NAME_BYTES_MAX: usize = 63;

/// The places at which the project may have a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookPoint {
    /// May add claims to an access token.
    CustomAccessToken,
    /// Sends mails in the place of templates and mail server.
    SendEmail,
    /// Sends texts in the place of a vendor.
    SendSms,
    /// Hears of tries at passwords, and may refuse.
    PasswordVerificationAttempt,
    /// Hears of tries at second factors, and may refuse.
    MfaVerificationAttempt,
    /// May refuse a new user.
    BeforeUserCreated,
    /// Hears of a new user.
    AfterUserCreated,
    /// May refuse a sign-in of any method.
    BeforeSignIn,
    /// May refuse a refresh.
    BeforeTokenRefresh,
}

impl HookPoint {
    /// Every place.
    pub const ALL: &[Self] = &[
        Self::CustomAccessToken,
        Self::SendEmail,
        Self::SendSms,
        Self::PasswordVerificationAttempt,
        Self::MfaVerificationAttempt,
        Self::BeforeUserCreated,
        Self::AfterUserCreated,
        Self::BeforeSignIn,
        Self::BeforeTokenRefresh,
    ];

    /// The name in the configuration.
    pub fn key(self) -> &'static str {
        match self {
            Self::CustomAccessToken => "custom_access_token",
            Self::SendEmail => "send_email",
            Self::SendSms => "send_sms",
            Self::PasswordVerificationAttempt => "password_verification_attempt",
            Self::MfaVerificationAttempt => "mfa_verification_attempt",
            Self::BeforeUserCreated => "before_user_created",
            Self::AfterUserCreated => "after_user_created",
            Self::BeforeSignIn => "before_sign_in",
            Self::BeforeTokenRefresh => "before_token_refresh",
        }
    }

    /// The name in `metadata.name`.
    pub fn wire_name(self) -> String {
        self.key().replace('_', "-")
    }
}

/// Where a hook is.
#[derive(Clone)]
pub enum HookTarget {
    /// An address that takes signed JSON.
    Http {
        /// The address.
        url: String,
        /// What calls are signed with.
        keys: SigningKeys,
    },
    /// A function in the project's database that takes and returns `jsonb`.
    Function {
        /// Its schema.
        schema: String,
        /// Its name.
        name: String,
    },
}

/// Why a hook cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// The address is of no known form.
    #[error("is neither `https://…` nor `pg-functions://postgres/<schema>/<function>`")]
    Address,
    /// A function's name is none that can be written without quotes.
    #[error("names a schema or function with other characters than letters, digits and `_`")]
    Name,
    /// An address without secrets would take anybody's word.
    #[error("needs the secrets that its calls are signed with (`v1,whsec_…`, `|` between two)")]
    NoSecret,
    /// A secret is of no known form.
    #[error("has a signing secret that is not `v1,whsec_` and 24 to 64 bytes in base64")]
    Secret,
}

impl HookTarget {
    /// Reads an address, and the secrets that go with one of the web.
    ///
    /// # Errors
    /// Says what is wrong with which of them.
    pub fn parse(uri: &str, secrets: Option<&Secret<String>>) -> Result<Self, HookError> {
        if let Some(path) = uri.strip_prefix("pg-functions://") {
            let mut parts = path.split('/');
            let (Some(_database), Some(schema), Some(name), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return Err(HookError::Address);
            };
            if !is_name(schema) || !is_name(name) {
                return Err(HookError::Name);
            }
            return Ok(Self::Function {
                schema: schema.into(),
                name: name.into(),
            });
        }
        // Plain http is let through to hosts that the operator allows; the guard of all calls to
        // the outside decides it.
        let url = url::Url::parse(uri).map_err(|_| HookError::Address)?;
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err(HookError::Address);
        }
        Ok(Self::Http {
            url: uri.into(),
            keys: SigningKeys::parse(secrets.ok_or(HookError::NoSecret)?)?,
        })
    }
}

/// Says where, without what may be secret in a path or query.
impl fmt::Debug for HookTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { url, .. } => {
                let url = url::Url::parse(url).ok();
                let host = url.as_ref().and_then(url::Url::host_str);
                write!(formatter, "Http({})", host.unwrap_or("?"))
            }
            Self::Function { schema, name } => write!(formatter, "Function({schema}.{name})"),
        }
    }
}

fn is_name(text: &str) -> bool {
    let is_letter = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(uri: &str, secret: Option<&str>) -> Result<HookTarget, HookError> {
        HookTarget::parse(uri, secret.map(|it| Secret::new(it.to_owned())).as_ref())
    }

    #[test]
    fn functions_are_named_by_schema_and_name() {
        let target = parse("pg-functions://postgres/public/my_hook", None).expect("a target");

        assert_eq!(format!("{target:?}"), "Function(public.my_hook)");
    }

    #[test]
    fn what_is_no_hook_is_refused() {
        let secret = Some("v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        for (uri, secret, expected) in [
            ("pg-functions://postgres/public", None, HookError::Address),
            ("pg-functions://postgres/a/b/c", None, HookError::Address),
            ("pg-functions://postgres/public/f\"(", None, HookError::Name),
            ("pg-functions://postgres/public/", None, HookError::Name),
            ("ftp://hooks.test/", secret, HookError::Address),
            ("hooks.test", secret, HookError::Address),
            ("https://hooks.test/", None, HookError::NoSecret),
            ("https://hooks.test/", Some("whsec_MfKQ"), HookError::Secret),
            ("https://hooks.test/", Some("v1,whsec_!"), HookError::Secret),
        ] {
            assert_eq!(parse(uri, secret).err(), Some(expected), "{uri}");
        }
        assert!(parse("https://hooks.test/a", secret).is_ok());
    }
}

//! How often: requests of an address, letters to a destination, tries against an account.
//!
//! All gateways count together in `postern.rate_limits`, by GCRA: a bucket is one timestamp, and
//! one statement moves it. What counts is told apart by a MAC, so the table names nobody. When the
//! database does not answer, nothing passes (503): every class here guards an account.
//!
//! Requests are counted by network address ([`Limit`]), because a body can be made up (attack 17);
//! letters by where they go ([`Letters`]), whether an account exists there or not, so that the
//! limit tells nothing (attack 38); tries at passwords and codes by account ([`Tried`]).

mod bucket;
mod overview;
mod refused;
mod subject;
mod tries;

use postern_base::codes::Code;
use postern_base::codes::auth as codes;
use time::{Duration, OffsetDateTime};

pub use bucket::Standing;
pub(crate) use bucket::{Class, Rate};
pub use overview::{LimitClass, LimitOf};
pub(crate) use refused::Refused;
pub(crate) use subject::Account;
pub(crate) use tries::{Tried, Try};

use crate::identifier::Identifier;
use crate::{AuthService, Context, Error, Result};

const FIVE_MINUTES: Duration = Duration::minutes(5);
const HOUR: Duration = Duration::hours(1);

/// Mails to one address.
const MAILS: Class = Class {
    kind: "letters",
    name: "mails",
};
/// Texts to one number.
const TEXTS: Class = Class {
    kind: "letters",
    name: "texts",
};

/// The classes of requests that are counted by network address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Sign-ups, codes, links, recoveries, invitations: whatever may send a letter.
    Signup,
    /// Codes and links that are tried, of mails, texts and factors.
    Verify,
    /// Sign-ins by password, provider, passkey or code of an exchange.
    SignIn,
    /// Refreshes.
    Refresh,
    /// Users without any proof.
    Anonymous,
}

/// The occasions on which letters are sent; each has a pause of its own, and all letters to one
/// destination share its hourly limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// Confirms a new account.
    Confirmation,
    /// Signs in: a code, a link, a recovery.
    SignIn,
    /// Confirms a change of address or number.
    Change,
    /// Proves presence once more.
    Reauthentication,
    /// Invites somebody.
    Invite,
    /// A second factor's code.
    Factor,
}

impl Limit {
    const ALL: [Self; 5] = [
        Self::SignIn,
        Self::Signup,
        Self::Verify,
        Self::Refresh,
        Self::Anonymous,
    ];

    fn class(self) -> Class {
        let name = self.name();
        Class {
            kind: "request",
            name,
        }
    }

    /// The name in `RateLimit` headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Verify => "verify",
            Self::SignIn => "sign-in",
            Self::Refresh => "refresh",
            Self::Anonymous => "anonymous",
        }
    }

    fn things(self) -> &'static str {
        match self {
            Self::Signup => "sign-ups, codes and recoveries",
            Self::Verify => "verifications",
            Self::SignIn => "sign-ins",
            Self::Refresh => "refreshes",
            Self::Anonymous => "anonymous sign-ins",
        }
    }
}

impl Letters {
    const ALL: [Self; 6] = [
        Self::Confirmation,
        Self::SignIn,
        Self::Change,
        Self::Reauthentication,
        Self::Invite,
        Self::Factor,
    ];

    fn class(self) -> Class {
        let name = self.name();
        Class {
            kind: "pause",
            name,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::SignIn => "sign-in",
            Self::Change => "change",
            Self::Reauthentication => "reauthentication",
            Self::Invite => "invite",
            Self::Factor => "factor",
        }
    }
}

impl AuthService {
    /// Counts a request of the context's address; [`Standing`] is for the answer's headers.
    ///
    /// # Errors
    /// `over_request_rate_limit`, with the limit's name and a pause; 503 without a database.
    pub async fn count_request(&self, limit: Limit, context: &Context) -> Result<Option<Standing>> {
        if !self.settings.limits.on.is_yes() {
            return Ok(None);
        }
        let rate = self.rate_of(limit);
        let network = subject::network(context.ip);
        let bucket = self.bucket(limit.class(), &network);
        match self.take(&bucket, rate, context.now).await? {
            Ok(left) => Ok(Some(Standing::new(limit.name(), rate, left))),
            Err(pause) => {
                let what = format!("{} from one network address", limit.things());
                Err(over(&codes::OVER_REQUEST_RATE_LIMIT, &what, rate, pause))
            }
        }
    }

    /// Counts a letter to an address or number; call it before it is known whether an account
    /// is there, and do not call it where no letter can come of it.
    ///
    /// # Errors
    /// `over_email_send_rate_limit` or `over_sms_send_rate_limit`, with a pause.
    pub async fn count_letter(
        &self,
        letters: Letters,
        to: &Identifier,
        context: &Context,
    ) -> Result<()> {
        if !self.settings.limits.on.is_yes() {
            return Ok(());
        }
        let (limits, pauses) = (&self.settings.limits, &self.settings.codes);
        let (class, code, things, per_hour, pause_secs) = match to {
            Identifier::Email(_) => (
                MAILS,
                &codes::OVER_EMAIL_SEND_RATE_LIMIT,
                "mails to one address",
                limits.mails_per_hour,
                pauses.email_pause_secs,
            ),
            Identifier::Phone(_) => (
                TEXTS,
                &codes::OVER_SMS_SEND_RATE_LIMIT,
                "texts to one number",
                limits.texts_per_hour,
                pauses.sms_pause_secs,
            ),
        };
        if pause_secs > 0 {
            // `+tag` addresses are mailboxes of their own here: people test with them.
            let bucket = self.bucket(letters.class(), to.as_str());
            let rate = pause(pause_secs);
            if let Err(pause) = self.take(&bucket, rate, context.now).await? {
                let message = format!(
                    "For security purposes, you can only request this after {pause} seconds."
                );
                return Err(Error::new(code, message).retry_after(pause));
            }
        }
        let rate = Rate::new(per_hour, HOUR);
        let bucket = self.bucket(class, &Account::from(to).base());
        let taken = self.take(&bucket, rate, context.now).await?;
        taken
            .map(drop)
            .map_err(|pause| over(code, things, rate, pause))
    }

    /// Whether the next mail to an account may go.
    pub(crate) fn mail_pause_is_over(
        &self,
        last: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> bool {
        let pause = Duration::seconds(self.settings.codes.email_pause_secs);
        last.is_none_or(|last| now - last >= pause)
    }

    fn rate_of(&self, limit: Limit) -> Rate {
        let limits = &self.settings.limits;
        match limit {
            Limit::Signup => Rate::new(limits.signup_per_5_min, FIVE_MINUTES),
            Limit::Verify => Rate::new(limits.verify_per_5_min, FIVE_MINUTES),
            Limit::SignIn => Rate::new(limits.sign_in_per_5_min, FIVE_MINUTES),
            Limit::Refresh => Rate::new(limits.refresh_per_5_min, FIVE_MINUTES),
            Limit::Anonymous => Rate::new(limits.anonymous_per_hour, HOUR),
        }
    }
}

/// One, and the next when the pause is over.
fn pause(secs: i64) -> Rate {
    Rate::new(1, Duration::seconds(secs))
}

/// The refusal that names the limit which was hit.
fn over(code: &'static Code, things: &str, rate: Rate, pause: u64) -> Error {
    let message =
        format!("Too many requests: {things} are limited to {rate}; try again in {pause} seconds");
    Error::new(code, message).retry_after(pause)
}

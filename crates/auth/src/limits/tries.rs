//! Wrong passwords and codes, counted against the account from wherever they come (attack 16).
//!
//! A try is counted before the proof is looked at, so that a hundred at once are a hundred, and
//! put back when the proof was right. Ten thousand addresses share the account's few tries.
//!
//! Somebody who keeps guessing must not keep the owner out. So passwords, codes and factors are
//! counted apart, links of mails are not counted at all (they cannot be guessed), and networks
//! from which the account was entered lately have a count of their own.

use postern_base::codes::auth as codes;
use postern_db::own;
use time::Duration;

use super::bucket::{Bucket, Class, Rate};
use super::{Account, HOUR, over, subject};
use crate::{AuthService, Context, Result};

/// How long a network stays known after a sign-in.
const KNOWN: Duration = Duration::days(30);

/// Where an account was entered from lately; it holds nobody up.
const KNOWN_FROM: Class = Class {
    kind: "known",
    name: "",
};

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// A password.
    Password,
    /// An admin's password; counted apart, because a user of the app may have the same address.
    AdminPassword,
    /// An admin's second factor.
    AdminFactor,
    /// A mailed or texted code.
    Code,
    /// A second factor.
    Factor,
    /// A recovery code; counted apart, so that who guesses at a factor does not lock the owner's
    /// way out.
    RecoveryCode,
}

impl Tried {
    pub(super) const ALL: [Self; 6] = [
        Self::Password,
        Self::Code,
        Self::Factor,
        Self::RecoveryCode,
        Self::AdminPassword,
        Self::AdminFactor,
    ];

    /// What its buckets count.
    pub(super) fn class(self) -> Class {
        let name = self.name();
        Class {
            kind: "tries",
            name,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::AdminPassword => "admin-password",
            Self::AdminFactor => "admin-factor",
            Self::Code => "code",
            Self::Factor => "factor",
            Self::RecoveryCode => "recovery-code",
        }
    }

    fn things(self) -> &'static str {
        match self {
            Self::Password | Self::AdminPassword => "wrong passwords for one account",
            Self::Code => "wrong codes for one account",
            Self::Factor | Self::AdminFactor => "wrong second factors for one account",
            Self::RecoveryCode => "wrong recovery codes for one account",
        }
    }
}

/// A try that was counted; hand it to [`AuthService::proved`] when the proof was right.
#[derive(Debug)]
#[must_use = "a right proof must be put back"]
pub(crate) struct Try {
    counted: Option<(Bucket, Bucket)>,
}

impl AuthService {
    /// Counts a try against an account, whether it exists or not; call it before the proof is
    /// looked at.
    ///
    /// # Errors
    /// `over_request_rate_limit` when there were too many; 503 without a database.
    pub(crate) async fn count_try<'a>(
        &self,
        tried: Tried,
        account: impl Into<Account<'a>> + Send,
        context: &Context,
    ) -> Result<Try> {
        if !self.settings.limits.on.is_yes() {
            return Ok(Try { counted: None });
        }
        let base = account.into().base();
        let pair = format!("{base}\n{}", subject::network(context.ip));
        let known = self.bucket(KNOWN_FROM, &pair);
        let is_known = own!("select 1 from postern.rate_limits where bucket = $1 and arrival > $2");
        let found = self
            .db
            .query_opt(is_known, &[&known.key.as_slice(), &context.now])
            .await?;
        let subject = if found.is_some() { &pair } else { &base };
        let bucket = self.bucket(tried.class(), subject);
        let rate = self.rate_of_tries();
        match self.take(&bucket, rate, context.now).await? {
            Ok(_) => Ok(Try {
                counted: Some((bucket, known)),
            }),
            Err(pause) => Err(over(
                &codes::OVER_REQUEST_RATE_LIMIT,
                tried.things(),
                rate,
                pause,
            )),
        }
    }

    /// Puts a try back that was right, and remembers from where.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn proved(&self, right: Try, context: &Context) -> Result<()> {
        let Some((bucket, known)) = right.counted else {
            return Ok(());
        };
        self.put_back(&bucket, self.rate_of_tries()).await?;
        let remember = own!(
            "insert into postern.rate_limits (bucket, arrival, class) values ($1, $2, $3) \
             on conflict (bucket) do update set arrival = excluded.arrival"
        );
        let until = context.now + KNOWN;
        self.db
            .execute(
                remember,
                &[&known.key.as_slice(), &until, &known.class.to_string()],
            )
            .await?;
        Ok(())
    }

    pub(super) fn rate_of_tries(&self) -> Rate {
        Rate::new(self.settings.limits.account_failures_per_hour, HOUR)
    }
}

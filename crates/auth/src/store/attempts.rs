//! `postern.factor_attempts`: how often the proof of a second factor failed, each account.
//!
//! SECURITY: an attempt is counted before it is looked at, by one statement that also refuses
//! it, and taken back when it was right. So neither many addresses nor many challenges nor many
//! requests at once get more tries (attack 16).

use postern_db::own;
use postern_db::own::{OwnDb, OwnTx};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::Result;

/// How long failures are remembered.
const WINDOW: Duration = Duration::hours(1);

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Codes of TOTP and phone factors, which are short.
    Factor,
    /// Recovery codes. They are long and counted apart, so that somebody who guesses at a factor
    /// does not lock the owner's way out.
    RecoveryCode,
}

impl Counted {
    fn as_str(self) -> &'static str {
        match self {
            Self::Factor => "factor",
            Self::RecoveryCode => "recovery_code",
        }
    }
}

/// Whether an attempt may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It may.
    Counted,
    /// There were too many; the account is locked for this many seconds.
    Locked(u64),
}

impl Attempt {
    /// Counts an attempt of an account, unless there were `max` of them already.
    pub async fn count(
        db: &OwnDb,
        (user, kind): (Uuid, Counted),
        max: u32,
        now: OffsetDateTime,
    ) -> Result<Self> {
        let count = own!(
            "insert into postern.factor_attempts as known (user_id, kind, began_at, failures) \
             values ($1, $2, $3, 1) on conflict (user_id, kind) do update set \
             failures = case when known.began_at <= $4 then 1 else known.failures + 1 end, \
             began_at = case when known.began_at <= $4 then excluded.began_at \
             else known.began_at end where known.began_at <= $4 or known.failures < $5 \
             returning failures"
        );
        let max = i32::try_from(max).unwrap_or(i32::MAX);
        let params: [postern_db::own::Value<'_>; 5] =
            [&user, &kind.as_str(), &now, &(now - WINDOW), &max];
        if db.query_opt(count, &params).await?.is_some() {
            return Ok(Self::Counted);
        }
        let found =
            own!("select began_at from postern.factor_attempts where user_id = $1 and kind = $2");
        let row = db.query_opt(found, &[&user, &kind.as_str()]).await?;
        let began = row.map_or(now, |row| row.get::<_, OffsetDateTime>(0));
        let left = (began + WINDOW - now).whole_seconds();
        Ok(Self::Locked(u64::try_from(left).unwrap_or(0).max(1)))
    }

    /// Takes the last attempt back, which was right.
    pub async fn forgive(tx: &OwnTx<'_>, user: Uuid, kind: Counted) -> Result<()> {
        let update = own!(
            "update postern.factor_attempts set failures = greatest(failures - 1, 0) \
             where user_id = $1 and kind = $2"
        );
        tx.execute(update, &[&user, &kind.as_str()]).await?;
        Ok(())
    }

    /// Forgets all attempts of an account, as new codes make the old guesses worthless.
    pub async fn forget(tx: &OwnTx<'_>, user: Uuid, kind: Counted) -> Result<()> {
        let delete = own!("delete from postern.factor_attempts where user_id = $1 and kind = $2");
        tx.execute(delete, &[&user, &kind.as_str()]).await?;
        Ok(())
    }
}

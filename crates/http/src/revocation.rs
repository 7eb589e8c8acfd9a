//! Who may not come in any more, though their tokens have not expired.
//!
//! An access token is good until its `exp`, wherever it is shown; this list is what ends it
//! earlier. It is plain data in memory, written by whoever ends sessions (the auth service, which
//! also fills it again after a start) and asked on every call. Entries about tokens are dropped
//! when no token of that age can be alive any more, measured in monotonic time, so that setting
//! the machine's clock brings nobody back. A banned user's entry stays until it is taken back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, Instant};

use postern_base::limits::{CLOCK_SKEW_SECS, REVOCATIONS_MAX};
use postern_base::{Claims, Clock};
use serde_json::Value;
use uuid::Uuid;

use crate::auth::ClaimsFault;

/// How often entries that are of no use any more are looked for, when something is added.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How far a token's `iat` may lie ahead of the time at which it was made.
const SKEW: Duration = Duration::from_secs(CLOCK_SKEW_SECS.unsigned_abs());

/// Ended sessions, banned users and tokens that were overtaken; shared by all who verify tokens.
pub struct RevocationList {
    clock: Arc<dyn Clock>,
    kept_for: Duration,
    entries_max: usize,
    /// Whether there is anything in the list: where not, asking costs one load.
    in_use: AtomicBool,
    entries: RwLock<Entries>,
}

struct Entries {
    sessions: HashMap<Uuid, Instant>,
    users: HashMap<Uuid, Ban>,
    outdated: HashMap<Uuid, Outdated>,
    /// All users' tokens that were issued up to this second are refused.
    floor: Option<i64>,
    swept: Instant,
}

struct Ban {
    since: Instant,
    /// The first second in which the user may come in again.
    until: Option<i64>,
}

struct Outdated {
    issued: i64,
    since: Instant,
}

/// What of a token the list is asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    session: Option<Uuid>,
    user: Option<Uuid>,
    issued: Option<i64>,
}

impl Holder {
    /// Reads it from verified claims of the project's own token.
    pub(crate) fn of(claims: &Claims) -> Self {
        let object = claims.as_value();
        let session = object.get("session_id").and_then(Value::as_str);
        let issued = object.get("iat");
        Self {
            session: session.and_then(|it| it.parse().ok()),
            user: claims.uid(),
            // Rounded down, so that a fraction of a second makes no token newer than it is.
            issued: issued.and_then(|it| match it.as_i64() {
                Some(whole) => Some(whole),
                None => it.as_f64().map(|it| it.floor() as i64),
            }),
        }
    }
}

impl RevocationList {
    /// Makes an empty list for tokens that live this long at most.
    pub fn new(clock: Arc<dyn Clock>, longest_token_life: Duration) -> Self {
        // A token lives on for the skew after its end, and may come from a clock that is ahead.
        Self::with_bounds(clock, longest_token_life + 2 * SKEW, REVOCATIONS_MAX)
    }

    fn with_bounds(clock: Arc<dyn Clock>, kept_for: Duration, entries_max: usize) -> Self {
        Self {
            clock,
            kept_for,
            entries_max,
            in_use: AtomicBool::new(false),
            entries: RwLock::new(Entries {
                sessions: HashMap::new(),
                users: HashMap::new(),
                outdated: HashMap::new(),
                floor: None,
                swept: Instant::now(),
            }),
        }
    }

    /// Ends a session: its tokens are refused from the next call on.
    pub fn revoke_session(&self, session: Uuid) {
        self.write().sessions.insert(session, Instant::now());
    }

    /// Refuses all tokens of a user who is banned or deleted, until [`Self::restore_user`].
    pub fn revoke_user(&self, user: Uuid) {
        self.ban(user, None);
    }

    /// Refuses all tokens of a user until a second has come, which is the first that lets the
    /// user in again.
    pub fn revoke_user_until(&self, user: Uuid, until_unix_secs: i64) {
        self.ban(user, Some(until_unix_secs));
    }

    fn ban(&self, user: Uuid, until: Option<i64>) {
        let since = Instant::now();
        self.write().users.insert(user, Ban { since, until });
    }

    /// Takes a ban back. Tokens of sessions that were ended meanwhile stay refused.
    pub fn restore_user(&self, user: Uuid) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.users.remove(&user);
    }

    /// Refuses a user's tokens that were issued up to this second, because the user's role or
    /// metadata changed after it; newer ones say what holds now.
    pub fn outdate_user(&self, user: Uuid, issued: i64) {
        let since = Instant::now();
        let mut entries = self.write();
        let entry = entries
            .outdated
            .entry(user)
            .or_insert(Outdated { issued, since });
        entry.issued = entry.issued.max(issued);
        entry.since = since;
    }

    /// Whether verified claims of one of the project's tokens still let their holder in, for
    /// connections that outlive a request.
    ///
    /// # Errors
    /// Says whether to sign in again or to refresh.
    pub fn check_claims(&self, claims: &Claims) -> Result<(), ClaimsFault> {
        self.check(&Holder::of(claims))
    }

    /// Whether a token still lets its holder in.
    pub(crate) fn check(&self, holder: &Holder) -> Result<(), ClaimsFault> {
        let is_nobody = holder.session.is_none() && holder.user.is_none();
        if is_nobody || !self.in_use.load(Ordering::Acquire) {
            return Ok(());
        }
        // Nothing panics while the lock is held, and what is in the maps is whole in any case.
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let ended = |it| entries.sessions.contains_key(&it);
        let banned = |it| {
            let ban = entries.users.get(&it);
            ban.is_some_and(|it| it.holds_at(&*self.clock))
        };
        if holder.session.is_some_and(ended) || holder.user.is_some_and(banned) {
            return Err(ClaimsFault::Revoked);
        }
        let outdated = holder.user.and_then(|it| entries.outdated.get(&it));
        let newest_stale = outdated.map(|it| it.issued).max(entries.floor);
        match (newest_stale, holder.issued) {
            (None, _) => Ok(()),
            (Some(stale), Some(issued)) if issued > stale => Ok(()),
            // A token that does not say when it was issued may be as old as any.
            (Some(_), _) => Err(ClaimsFault::Outdated),
        }
    }

    /// The entries for a change, with room for one more of either kind.
    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let max = self.entries_max;
        if entries.tokens() >= max || entries.swept.elapsed() >= SWEEP_EVERY {
            entries.sweep(self.kept_for);
        }
        if entries.tokens() >= max {
            entries.refuse_up_to(self.clock.now_unix_secs());
            entries.sweep(SKEW);
        }
        if entries.users.len() >= max {
            entries.forget_bans(self.kept_for);
        }
        if entries.users.len() >= max {
            entries.refuse_up_to(self.clock.now_unix_secs());
            entries.forget_bans(SKEW);
        }
        // Even the last seconds alone are too many.
        if entries.tokens() >= max || entries.users.len() >= max {
            entries.refuse_up_to(self.clock.now_unix_secs() + CLOCK_SKEW_SECS);
            entries.sweep(Duration::ZERO);
            entries.forget_bans(Duration::ZERO);
        }
        self.in_use.store(true, Ordering::Release);
        entries
    }
}

impl Ban {
    fn holds_at(&self, clock: &dyn Clock) -> bool {
        self.until.is_none_or(|until| clock.now_unix_secs() < until)
    }
}

impl Entries {
    fn tokens(&self) -> usize {
        self.sessions.len() + self.outdated.len()
    }

    /// Drops what concerns tokens that cannot be alive any more.
    fn sweep(&mut self, kept_for: Duration) {
        let alive = |since: &Instant| since.elapsed() < kept_for;
        self.sessions.retain(|_, since| alive(since));
        self.outdated.retain(|_, it| alive(&it.since));
        self.swept = Instant::now();
    }

    /// Makes room for bans: the tokens of users who were banned long ago have expired, and the
    /// auth service gives them no others.
    fn forget_bans(&mut self, kept_for: Duration) {
        self.users.retain(|_, ban| ban.since.elapsed() < kept_for);
    }

    /// Refuses every token that was issued until now, so that a full list can be emptied without
    /// letting anybody in: all users refresh once, and whoever may not gets no other token. The
    /// entries of the last seconds stay, as a clock ahead of ours may have dated their tokens.
    fn refuse_up_to(&mut self, now: i64) {
        tracing::warn!("the revocation list is full; all access tokens must be refreshed");
        self.floor = self.floor.max(Some(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    struct Still;

    impl Clock for Still {
        fn now_unix_secs(&self) -> i64 {
            NOW
        }
    }

    fn list(kept_for: Duration, entries_max: usize) -> RevocationList {
        RevocationList::with_bounds(Arc::new(Still), kept_for, entries_max)
    }

    fn token(session: Uuid, user: Uuid, issued: i64) -> Claims {
        let claims =
            json!({ "session_id": session.to_string(), "sub": user.to_string(), "iat": issued });
        Claims::new(claims.as_object().expect("an object").clone())
    }

    #[test]
    fn a_full_list_refuses_everything_issued_before() {
        let list = list(Duration::from_secs(3600), 3);
        let ended: Vec<_> = (1..=4).map(Uuid::from_u128).collect();
        let user = Uuid::from_u128(99);

        for session in &ended {
            list.revoke_session(*session);
        }

        for session in ended {
            assert!(list.check_claims(&token(session, user, NOW)).is_err());
        }
        let other = Uuid::from_u128(50);
        assert_eq!(
            list.check_claims(&token(other, user, NOW)),
            Err(ClaimsFault::Outdated)
        );
        let later = NOW + CLOCK_SKEW_SECS + 1;
        assert_eq!(list.check_claims(&token(other, user, later)), Ok(()));
    }

    #[test]
    fn as_many_bans_as_there_is_room_for_let_nobody_in() {
        let list = list(Duration::from_secs(3600), 3);
        let banned: Vec<_> = (1..=7).map(Uuid::from_u128).collect();

        for user in &banned {
            list.revoke_user(*user);
        }

        for user in banned {
            let ahead = NOW + CLOCK_SKEW_SECS;
            assert!(list.check_claims(&token(user, user, ahead)).is_err());
        }
        assert!(list.entries.read().expect("whole").users.len() <= 3);
    }

    #[test]
    fn a_ban_ends_when_its_time_has_come() {
        let list = list(Duration::from_secs(3600), 3);
        let (over, lasting) = (Uuid::from_u128(1), Uuid::from_u128(2));

        list.revoke_user_until(over, NOW);
        list.revoke_user_until(lasting, NOW + 1);

        assert_eq!(list.check_claims(&token(over, over, NOW)), Ok(()));
        let refused = list.check_claims(&token(lasting, lasting, NOW));
        assert_eq!(refused, Err(ClaimsFault::Revoked));
    }

    #[test]
    fn entries_go_when_their_tokens_are_gone_and_bans_stay() {
        let list = list(Duration::ZERO, 3);
        let user = Uuid::from_u128(99);
        list.revoke_user(user);

        for session in 1..=1000 {
            list.revoke_session(Uuid::from_u128(session));
        }

        assert!(list.entries.read().expect("whole").tokens() <= 3);
        assert_eq!(list.entries.read().expect("whole").floor, None);
        let other = Uuid::from_u128(5000);
        assert!(list.check_claims(&token(other, user, NOW)).is_err());
        assert!(list.check_claims(&token(other, other, NOW)).is_ok());
    }

    #[test]
    fn a_token_without_a_time_counts_as_old() {
        let list = list(Duration::from_secs(3600), 3);
        let user = Uuid::from_u128(99);
        list.outdate_user(user, NOW);
        list.outdate_user(user, NOW - 100);

        for iat in [json!(null), json!("1"), json!(NOW), json!(NOW as f64 + 0.9)] {
            let claims = json!({ "sub": user.to_string(), "iat": iat });
            let claims = Claims::new(claims.as_object().expect("an object").clone());
            assert_eq!(list.check_claims(&claims), Err(ClaimsFault::Outdated));
        }
        assert!(list.check_claims(&token(user, user, NOW + 1)).is_ok());
    }
}

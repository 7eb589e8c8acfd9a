//! Throws away what has expired, now and then.

use std::sync::Arc;

use postern_db::own;
use time::Duration;

use crate::{AuthService, Result};

/// How often.
const EVERY: std::time::Duration = std::time::Duration::from_secs(15 * 60);
/// How long a revocation is remembered: longer than any access token lives.
const REVOCATIONS_KEPT: Duration = Duration::hours(26);
/// How long a letter that could not be delivered is remembered.
const LETTERS_KEPT: Duration = Duration::days(7);
/// How long an unfinished flow is remembered.
const FLOWS_KEPT: Duration = Duration::days(1);

impl AuthService {
    /// Sweeps for ever; run it as a task of its own.
    pub async fn sweep_often(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "expired codes and flows could not be removed");
            }
        }
    }

    /// Removes expired codes, flows, limits, letters and revocations.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.now();
        for expired in [
            own!("delete from postern.codes where expires_at < $1"),
            own!("delete from postern.provider_flows where expires_at < $1"),
            own!("delete from auth.webauthn_challenges where expires_at < $1"),
            own!("delete from postern.rate_limits where arrival < $1"),
        ] {
            self.db.execute(expired, &[&now]).await?;
        }
        self.sweep_admin_sessions(now).await?;
        self.sweep_admin_challenges(now).await?;
        self.sweep_impersonations(now).await?;
        let flows = own!("delete from postern.flows where created_at < $1");
        self.db.execute(flows, &[&(now - FLOWS_KEPT)]).await?;
        let letters = own!("delete from postern.outbox where failed_at < $1");
        self.db.execute(letters, &[&(now - LETTERS_KEPT)]).await?;
        // By the time at which they were noted, which is the database's own in every case.
        let revocations = own!(
            "delete from postern.revocations where noted_at < now() - make_interval(secs => $1) \
             and (kind <> 'user' or not exists (select 1 from auth.users u \
             where u.id = subject and (u.deleted_at is not null or u.banned_until > $2)))"
        );
        let kept_secs = REVOCATIONS_KEPT.as_seconds_f64();
        self.db.execute(revocations, &[&kept_secs, &now]).await?;
        Ok(())
    }
}

//! Hearing of what other gateways did: ended sessions, bans, demotions, changed keys.
//!
//! The table `postern.revocations` is the truth; a notification only says which row to look at.
//! Whenever the line comes up, all of it is read, so that nothing that went unheard is missed.

use std::sync::Arc;

use postern_db::own;
use postern_db::own::{Heard, Row};
use uuid::Uuid;

use crate::{AuthService, Error, Result};

const REVOKED: &str = "postern_revoked";
const KEYS: &str = "postern_keys";
/// The pause before what could not be read is read again.
const RETRY: std::time::Duration = std::time::Duration::from_secs(1);

impl AuthService {
    /// Reads keys and revocations; call it before anything is served.
    ///
    /// # Errors
    /// When the database cannot be reached, or the master key opens no signing key.
    pub async fn prepare(&self) -> Result<()> {
        self.load_keys().await?;
        self.load_revocations().await
    }

    /// Listens for ever; run it as a task of its own.
    pub async fn watch(self: Arc<Self>) {
        let mut listener = self.db.listen(&[REVOKED, KEYS]);
        loop {
            let done = match listener.next().await {
                Heard::Connected => self.prepare().await,
                Heard::Said { channel, .. } if channel == KEYS => self.load_keys().await,
                Heard::Said { payload, .. } => self.note(&payload).await,
            };
            if let Err(error) = done {
                report(&error);
                self.catch_up().await;
            }
        }
    }

    /// Reads all of it until that succeeds: what was heard and not read would stay unknown.
    async fn catch_up(&self) {
        loop {
            tokio::time::sleep(RETRY).await;
            match self.prepare().await {
                Ok(()) => return,
                Err(error) => report(&error),
            }
        }
    }

    /// Puts the keys of the database in force, here and in front of all services.
    pub(crate) async fn load_keys(&self) -> Result<()> {
        let ring = self.keys.load().await?;
        self.authenticator
            .set_project_keys(&ring.project_keys())
            .map_err(|error| Error::internal("The project's keys are not usable", error))
    }

    async fn load_revocations(&self) -> Result<()> {
        let all = own!(
            "select r.kind, r.subject, r.at_unix_secs, u.banned_until, u.deleted_at, \
             u.id is not null as is_there \
             from postern.revocations r left join auth.users u on u.id = r.subject"
        );
        for row in self.db.query(all, &[]).await? {
            self.apply(&row);
        }
        Ok(())
    }

    /// Looks at the one row that a notification tells of.
    async fn note(&self, payload: &str) -> Result<()> {
        let mut words = payload.split(' ');
        let (Some(kind), Some(subject)) = (words.next(), words.next()) else {
            return Ok(());
        };
        let Ok(subject) = subject.parse::<Uuid>() else {
            return Ok(());
        };
        let one = own!(
            "select r.kind, r.subject, r.at_unix_secs, u.banned_until, u.deleted_at, \
             u.id is not null as is_there \
             from postern.revocations r left join auth.users u on u.id = r.subject \
             where r.kind = $1 and r.subject = $2"
        );
        for row in self.db.query(one, &[&kind, &subject]).await? {
            self.apply(&row);
        }
        Ok(())
    }

    fn apply(&self, row: &Row) {
        let subject: Uuid = row.get("subject");
        let list = self.revocations();
        match row.get("kind") {
            "session" => list.revoke_session(subject),
            "stale" => list.outdate_user(subject, row.get("at_unix_secs")),
            _ => {
                let banned_until: Option<time::OffsetDateTime> = row.get("banned_until");
                let deleted_at: Option<time::OffsetDateTime> = row.get("deleted_at");
                if !row.get::<_, bool>("is_there") || deleted_at.is_some() {
                    list.revoke_user(subject);
                } else if let Some(until) = banned_until.filter(|it| *it > self.now()) {
                    list.revoke_user_until(subject, until.unix_timestamp());
                } else {
                    list.restore_user(subject);
                }
            }
        }
    }
}

fn report(error: &Error) {
    let inner = error.inner().map(ToString::to_string);
    tracing::error!(%error, inner, "revocations or keys could not be read; trying again");
}

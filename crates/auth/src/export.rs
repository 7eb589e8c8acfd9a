//! Users as a file: what `postern users import --from supabase` reads, here or elsewhere.
//!
//! A line is a JSON object with the columns of `auth.users` and, in `identities`, those of
//! `auth.identities`. Sessions, factors and passkeys stay: they are sealed for this instance or
//! bound to its address.

use std::io::{self, Write};
use std::sync::Arc;

use postern_base::Clock;
use postern_db::own;
use postern_db::own::{Own, OwnDb};
use postern_vault::Vault;
use serde_json::json;
use uuid::Uuid;

use crate::audit::note_command;
use crate::{Error, Result};

/// Users that are read at once.
const PAGE: i64 = 500;

/// Whether password hashes go into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashes {
    /// They do: users sign in elsewhere with the password they have.
    Included,
    /// They do not: users need a new password elsewhere.
    LeftOut,
}

/// Exports users.
pub struct Exporter {
    db: OwnDb,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
}

impl Exporter {
    /// Makes an exporter.
    pub fn new(db: OwnDb, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self { db, vault, clock }
    }

    /// Writes all users in the order of their ids, and how many they were. `tell` hears how many
    /// are done. Users who come or go meanwhile may be in the file or not. The audit log notes
    /// that an export begins before the first line is written.
    ///
    /// # Errors
    /// When the file cannot be written, or the database is lost.
    pub async fn run(
        &self,
        hashes: Hashes,
        file: &mut (dyn Write + Send),
        tell: &mut (dyn FnMut(u64) + Send),
    ) -> Result<u64> {
        self.note(hashes).await?;
        let with_hashes = hashes == Hashes::Included;
        let mut last = Uuid::nil();
        let mut count = 0;
        loop {
            let rows = self
                .db
                .query(PAGE_OF_USERS, &[&last, &PAGE, &with_hashes])
                .await?;
            let Some(end) = rows.last() else {
                file.flush().map_err(unwritable)?;
                return Ok(count);
            };
            last = end.get("id");
            for row in &rows {
                writeln!(file, "{}", row.get::<_, &str>("line")).map_err(unwritable)?;
                count += 1;
            }
            tell(count);
        }
    }

    async fn note(&self, hashes: Hashes) -> Result<()> {
        let traits = [("hashes", json!(hashes == Hashes::Included))];
        let now = crate::service::now(&*self.clock);
        let tx = self.db.begin().await?;
        note_command(&tx, &self.vault, "users_exported", traits, now).await?;
        Ok(tx.commit().await?)
    }
}

/// The identity that the user began with comes first: an import takes the list as it comes.
///
/// The columns are named one by one: what is added to the table later stays inside until somebody
/// has thought about it.
const PAGE_OF_USERS: Own = own!(
    "select u.id, (jsonb_build_object('id', u.id, 'role', u.role, 'email', u.email, \
     'phone', u.phone, 'email_confirmed_at', u.email_confirmed_at, \
     'is_email_unproved', u.is_email_unproved, 'phone_confirmed_at', u.phone_confirmed_at, \
     'is_phone_unproved', u.is_phone_unproved, \
     'invited_at', u.invited_at, 'last_sign_in_at', u.last_sign_in_at, \
     'created_at', u.created_at, 'banned_until', u.banned_until, 'deleted_at', u.deleted_at, \
     'raw_app_meta_data', u.raw_app_meta_data, 'raw_user_meta_data', u.raw_user_meta_data, \
     'is_sso_user', u.is_sso_user, 'is_anonymous', u.is_anonymous, \
     'identities', coalesce((select jsonb_agg(jsonb_build_object('provider', i.provider, \
     'provider_id', i.provider_id, 'identity_data', i.identity_data, \
     'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at) order by \
     i.provider = (u.raw_app_meta_data->>'provider') desc nulls last, i.created_at, i.provider) \
     from auth.identities i where i.user_id = u.id), '[]')) || case when $3 \
     then jsonb_build_object('encrypted_password', u.encrypted_password) else '{}' end)::text \
     as line from auth.users u where u.id > $1 order by u.id limit $2"
);

fn unwritable(error: io::Error) -> Error {
    Error::internal("The file could not be written", error)
}

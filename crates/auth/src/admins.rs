//! The people who run the project: who may use the console. They are no users of the app.

mod account;
mod challenge;
mod factors;
mod passkeys;
mod proof;
mod second;
mod session;
mod setup;
mod snippets;

use std::sync::Arc;

use postern_base::codes::auth as codes;
use postern_base::{Clock, Random, Secret};
use postern_db::own;
use postern_db::own::{OwnDb, OwnTx, Row};
use postern_password::strength::{self, Rules};
use postern_password::{Hasher, Params};
use postern_vault::Vault;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use account::{AdminSessionOut, FactorsReset};
pub use factors::{AdminFactor, AdminFactorKind, NewTotp};
pub use passkeys::{AdminCeremony, MadePasskey};
pub use second::{AdminEntry, SecondStep};
pub use session::AdminSession;
pub use snippets::{Kept, Snippet, SnippetDraft, SqlNote};

use crate::audit::{Actor, Deed, note_command};
use crate::identifier::parse_email;
use crate::{Context, Error, Result, impersonation};

/// Fewest characters of a password: it opens everything.
const PASSWORD_CHARS_MIN: usize = 12;
/// Random bytes of a password that is made up.
const PASSWORD_BYTES: usize = 18;

/// What somebody may do in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdminRole {
    /// Look.
    Viewer,
    /// Everything but admins and keys.
    Editor,
    /// Everything, other admins included.
    Owner,
}

impl AdminRole {
    /// As the table spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    /// Reads a role.
    pub fn parse(text: &str) -> Option<Self> {
        let roles = [Self::Owner, Self::Editor, Self::Viewer];
        roles.into_iter().find(|it| it.as_str() == text)
    }
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The id.
    pub id: Uuid,
    /// The address, normalised.
    pub email: String,
    /// What they may do.
    pub role: AdminRole,
    /// Since when.
    pub created_at: OffsetDateTime,
    /// Since when not any more.
    pub banned_at: Option<OffsetDateTime>,
}

impl Admin {
    fn from_row(row: &Row) -> Self {
        Self {
            id: row.get("id"),
            email: row.get("email"),
            // What is unknown may do the least.
            role: AdminRole::parse(row.get("role")).unwrap_or(AdminRole::Viewer),
            created_at: row.get("created_at"),
            banned_at: row.get("banned_at"),
        }
    }
}

/// Whether somebody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Let in.
    Welcome,
    /// Kept out.
    Banned,
}

/// What the list of admins is kept with.
pub struct Admins {
    /// The database.
    pub db: OwnDb,
    /// Signs the audit log.
    pub vault: Arc<Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for passwords.
    pub random: Arc<dyn Random>,
    /// The cost of hashes.
    pub params: Params,
    /// The request of the console that asks; the command line asks without one.
    pub asked_by: Option<Context>,
}

impl Admins {
    /// Adds an admin. Without a password one is made up and returned, once.
    ///
    /// # Errors
    /// When the address is none or taken, or the password is weak.
    pub async fn create(
        &self,
        email: &str,
        role: AdminRole,
        password: Option<Secret<String>>,
    ) -> Result<(Admin, Option<Secret<String>>)> {
        let email = parse_email(email)?.as_str().to_owned();
        let made_up = match &password {
            Some(given) => {
                check(given, &email)?;
                None
            }
            None => Some(Secret::new(postern_vault::token::<PASSWORD_BYTES>(
                &*self.random,
            ))),
        };
        let plain = password.or_else(|| made_up.clone());
        let plain = plain.ok_or_else(|| Error::internal("There is no password", "none made"))?;
        let hash = self.hash(plain).await?;
        let now = crate::service::now(&*self.clock);
        let tx = self.db.begin().await?;
        let insert = own!(
            "insert into postern.admins (id, email, role, password_hash, created_at) \
             values ($1, $2, $3, $4, $5) on conflict (email) do nothing returning *"
        );
        let id = Uuid::new_v4();
        let row = tx
            .query_opt(insert, &[&id, &email, &role.as_str(), &hash, &now])
            .await?;
        let admin = row.as_ref().map(Admin::from_row);
        let admin =
            admin.ok_or_else(|| Error::new(&codes::EMAIL_EXISTS, "There is such an admin"))?;
        self.note(&tx, "admin_created", &admin, now).await?;
        tx.commit().await?;
        Ok((admin, made_up))
    }

    /// Gives an admin another role. Whoever is signed in goes on with the new one.
    ///
    /// # Errors
    /// When there is no such admin, or nobody would be left who owns the project.
    pub async fn set_role(&self, email: &str, role: AdminRole) -> Result<Admin> {
        let email = parse_email(email)?.as_str().to_owned();
        let now = crate::service::now(&*self.clock);
        let tx = self.begin_alone().await?;
        let update = own!("update postern.admins set role = $2 where email = $1 returning *");
        let row = tx.query_opt(update, &[&email, &role.as_str()]).await?;
        let admin = row
            .as_ref()
            .map(Admin::from_row)
            .ok_or_else(no_such_admin)?;
        keep_an_owner(&tx).await?;
        if admin.role < AdminRole::Owner {
            impersonation::end_all_of(&tx, admin.id).await?;
        }
        self.note(&tx, "admin_role_changed", &admin, now).await?;
        tx.commit().await?;
        Ok(admin)
    }

    /// All admins, the first one first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list(&self) -> Result<Vec<Admin>> {
        let all = own!("select * from postern.admins order by created_at, email");
        let rows = self.db.query(all, &[]).await?;
        Ok(rows.iter().map(Admin::from_row).collect())
    }

    /// Keeps an admin out, or lets one in again.
    ///
    /// # Errors
    /// When there is no such admin, or nobody would be left who may do everything.
    pub async fn set_standing(&self, email: &str, standing: Standing) -> Result<Admin> {
        let email = parse_email(email)?.as_str().to_owned();
        let now = crate::service::now(&*self.clock);
        let banned_at = (standing == Standing::Banned).then_some(now);
        let tx = self.begin_alone().await?;
        let update = own!("update postern.admins set banned_at = $2 where email = $1 returning *");
        let row = tx.query_opt(update, &[&email, &banned_at]).await?;
        let admin = row
            .as_ref()
            .map(Admin::from_row)
            .ok_or_else(no_such_admin)?;
        if admin.role == AdminRole::Owner {
            keep_an_owner(&tx).await?;
        }
        if standing == Standing::Banned {
            let end = own!("delete from postern.admin_sessions where admin_id = $1");
            tx.execute(end, &[&admin.id]).await?;
            impersonation::end_all_of(&tx, admin.id).await?;
        }
        let action = match standing {
            Standing::Banned => "admin_banned",
            Standing::Welcome => "admin_unbanned",
        };
        self.note(&tx, action, &admin, now).await?;
        tx.commit().await?;
        Ok(admin)
    }

    /// One change of who owns the project at a time: two at once could each leave the other's
    /// owner.
    async fn begin_alone(&self) -> Result<OwnTx> {
        let tx = self.db.begin().await?;
        let lock = own!("select pg_advisory_xact_lock(7236551489016)::text");
        tx.query(lock, &[]).await?;
        Ok(tx)
    }

    async fn hash(&self, password: Secret<String>) -> Result<String> {
        let hasher = Hasher::new(self.params, Arc::clone(&self.random));
        let hashed = tokio::task::spawn_blocking(move || hasher.hash(&password)).await;
        match hashed {
            Ok(Ok(hash)) => Ok(hash.expose().clone()),
            Ok(Err(error)) => Err(Error::internal("Hashing failed", error)),
            Err(error) => Err(Error::internal("Hashing did not finish", error)),
        }
    }

    async fn note(
        &self,
        tx: &OwnTx,
        action: &str,
        about: &Admin,
        now: OffsetDateTime,
    ) -> Result<()> {
        let traits = [
            ("admin_id", json!(about.id)),
            ("admin_email", json!(about.email)),
            ("admin_role", json!(about.role.as_str())),
        ];
        let Some(context) = &self.asked_by else {
            return note_command(tx, &self.vault, action, traits, now).await;
        };
        // The first admin makes themselves.
        let myself = || Actor::Admin {
            id: about.id,
            email: about.email.clone(),
        };
        let deed = Deed {
            action,
            actor: context.admin.clone().unwrap_or_else(myself),
            subject: None,
            traits: traits
                .into_iter()
                .map(|(name, it)| (name.to_owned(), it))
                .collect(),
        };
        deed.write(tx, &self.vault, context).await
    }
}

fn no_such_admin() -> Error {
    Error::new(&codes::USER_NOT_FOUND, "There is no such admin")
}

async fn keep_an_owner(tx: &OwnTx) -> Result<()> {
    let owners =
        own!("select 1 from postern.admins where role = 'owner' and banned_at is null limit 1");
    match tx.query_opt(owners, &[]).await? {
        Some(_) => Ok(()),
        None => Err(Error::invalid("Nobody would be left who owns the project")),
    }
}

fn check(password: &Secret<String>, email: &str) -> Result<()> {
    let rules = Rules {
        min_chars: PASSWORD_CHARS_MIN,
        ..Rules::default()
    };
    let found = strength::check(password, &rules, &[email, "postern"]);
    match found.first() {
        None => Ok(()),
        Some(first) => {
            let reasons = found.iter().map(|it| it.reason().to_owned()).collect();
            Err(Error::weak_password(first.to_string(), reasons))
        }
    }
}

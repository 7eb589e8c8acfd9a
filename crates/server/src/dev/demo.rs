//! The demo users of `users.toml`: made after the migrations, so that triggers on `auth.users`
//! fire, and before the seed, so that its rows can point at them.

use std::sync::Arc;

use postern_auth::{SeedUser, Seeder};
use postern_base::{Secret, SystemClock};
use postern_db::own::{OwnDb, OwnDbConfig};
use postern_mail::Address;
use postern_vault::SystemRandom;

use super::{Console, DevError};
use crate::config::Config;
use crate::project::{DemoUser, ProjectKeys};

/// Most demo users that the banner names.
const NAMED_MAX: usize = 6;

/// The demo users, each with the password that opens the account.
pub(super) struct Demo {
    users: Vec<SeedUser>,
    own_passwords: Vec<bool>,
}

impl Demo {
    /// Gives those without a password the project's.
    pub(super) fn new(users: Vec<DemoUser>, keys: &ProjectKeys) -> Self {
        let own_passwords = users.iter().map(|it| it.password.is_some()).collect();
        let with_password = |user: DemoUser| SeedUser {
            id: user.id,
            email: user.email,
            password: user.password.unwrap_or_else(|| keys.demo_password.clone()),
            app_metadata: user.app_metadata,
            user_metadata: user.user_metadata,
        };
        Self {
            users: users.into_iter().map(with_password).collect(),
            own_passwords,
        }
    }

    /// Makes those who are missing.
    pub(super) async fn seed(
        &self,
        config: &Config,
        url: Secret<String>,
        console: &Console,
    ) -> Result<(), DevError> {
        if self.users.is_empty() {
            return Ok(());
        }
        let db = OwnDb::new(&OwnDbConfig::new(url)).map_err(postern_auth::Error::from)?;
        let params = config.people.settings.password.params;
        let seeder = Seeder::new(db, params, Arc::new(SystemRandom), Arc::new(SystemClock));
        let made = seeder.seed(&self.users).await?;
        if !made.is_empty() {
            let names: Vec<_> = made.iter().map(Address::as_str).collect();
            console.line(&format!("made demo users: {}", names.join(", ")));
        }
        Ok(())
    }

    /// The banner's lines about them: a label and a value each.
    pub(super) fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        let all = self.users.iter().zip(&self.own_passwords);
        for (user, has_own) in all.take(NAMED_MAX) {
            let password = if *has_own {
                format!("  (password {})", user.password.expose())
            } else {
                String::new()
            };
            rows.push(("Demo user", format!("{}{password}", user.email.as_str())));
        }
        if self.users.len() > NAMED_MAX {
            let more = self.users.len() - NAMED_MAX;
            rows.push(("", format!("and {more} more in users.toml")));
        }
        let mut shared = self.users.iter().zip(&self.own_passwords);
        if let Some((user, _)) = shared.find(|(_, has_own)| !**has_own) {
            rows.push(("Demo password", user.password.expose().clone()));
        }
        rows
    }
}

//! Users that are there before anybody signs up: the demo users of `postern dev`.
//!
//! They are made before the service starts, so that triggers on `auth.users` fire and rows of a
//! seed can point at them. Whoever is there already is left as they are: a start repeats nothing
//! and takes no changed password back.

use std::collections::HashMap;
use std::sync::Arc;

use postern_base::{Clock, Random, Secret};
use postern_db::own;
use postern_db::own::{OwnDb, OwnTx};
use postern_mail::Address;
use postern_password::Params;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::passwords::Passwords;
use crate::signup::{own_identity, provider_metadata};
use crate::store::{Identity, NewUser, User};
use crate::{Identifier, Result, service};

/// A user to be made.
#[derive(Clone, Debug)]
pub struct SeedUser {
    /// The id; a random one when absent.
    pub id: Option<Uuid>,
    /// The address, which counts as proved.
    pub email: Address,
    /// The password.
    pub password: Secret<String>,
    /// What the project knows about the user.
    pub app_metadata: Map<String, Value>,
    /// What the user says about themselves.
    pub user_metadata: Map<String, Value>,
}

/// Makes users in the tables of the auth service.
pub struct Seeder {
    db: OwnDb,
    passwords: Passwords,
    clock: Arc<dyn Clock>,
}

impl Seeder {
    /// Makes a seeder that hashes at this cost.
    pub fn new(db: OwnDb, params: Params, random: Arc<dyn Random>, clock: Arc<dyn Clock>) -> Self {
        Self {
            db,
            passwords: Passwords::new(params, random, 1),
            clock,
        }
    }

    /// Makes those who are not there yet, all or none, and says who they are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn seed(&self, users: &[SeedUser]) -> Result<Vec<Address>> {
        let now = service::now(&*self.clock);
        let mut hashes = HashMap::new();
        let mut made = Vec::new();
        let tx = self.db.begin().await?;
        for user in users {
            if is_there(&tx, user).await? {
                continue;
            }
            // Demo users may share a password. One hash for all of them is no secret lost: the
            // password is printed beside their names.
            let password = user.password.expose().as_str();
            if !hashes.contains_key(password) {
                hashes.insert(password, self.passwords.hash(&user.password).await?);
            }
            insert(&tx, user, hashes[password].clone(), now).await?;
            made.push(user.email.clone());
        }
        tx.commit().await?;
        Ok(made)
    }
}

/// Whether somebody has this id or address, deleted users included.
async fn is_there(tx: &OwnTx, user: &SeedUser) -> Result<bool> {
    let found = own!("select 1 from auth.users where id = $1 or email = $2 limit 1");
    let id = user.id.unwrap_or_default();
    let row = tx.query_opt(found, &[&id, &user.email.as_str()]).await?;
    Ok(row.is_some())
}

async fn insert(tx: &OwnTx, user: &SeedUser, hash: String, now: OffsetDateTime) -> Result<()> {
    let identifier = Identifier::Email(user.email.clone());
    let mut app_metadata = provider_metadata(&identifier);
    app_metadata.extend(user.app_metadata.clone());
    let new = NewUser {
        id: user.id,
        email: Some(user.email.as_str().into()),
        encrypted_password: Some(hash),
        email_confirmed_at: Some(now),
        app_metadata,
        user_metadata: user.user_metadata.clone(),
        ..NewUser::default()
    };
    let made = User::insert(tx, new, now).await?;
    Identity::link(tx, own_identity(&made, &identifier, true), now).await
}

//! What Postern itself keeps in a database: the schema `postern`, `auth.*()`, the request roles.
//!
//! The scripts say "if there is none" everywhere and are run again when their version rises, so
//! that they can be installed into an empty database as well as beside Supabase's own objects.
//! What needs a right that we do not have is left out (roles, the event trigger), not an error.

use sha2::{Digest, Sha256};

use crate::admin::Admin;
use crate::internal::Internal;
use crate::managed::{AUTH_ROLE, GATEWAY_ROLE};
use crate::{Error, error};

/// Rises with each change of the scripts; a newer installation is never overwritten.
const VERSION: i32 = 6;
const ROLES: &str = include_str!("support/roles.sql");
const SCHEMA: &str = include_str!("support/schema.sql");
const AUTH: &str = include_str!("support/auth.sql");
const PEOPLE: &str = include_str!("support/people.sql");
const KEEPING: &str = include_str!("support/keeping.sql");
const ADMINS: &str = include_str!("support/admins.sql");
const CONSOLE: &str = include_str!("support/console.sql");
const GATEWAY: &str = include_str!("support/gateway.sql");
const PEOPLE_GRANTS: &str = include_str!("support/people_grants.sql");
/// What is installed, in its order.
const SCRIPTS: &[&str] = &[ROLES, SCHEMA, AUTH, PEOPLE, KEEPING, ADMINS, CONSOLE];

/// Installs or upgrades our schema; quick when there is nothing to do.
///
/// # Errors
/// When we may not create schemas in this database, or it cannot be reached.
pub async fn install(admin: &mut Admin) -> Result<(), Error> {
    let fingerprint = fingerprint();
    if is_current(admin, &fingerprint).await? {
        return Ok(());
    }
    let transaction = admin.client().transaction().await;
    let transaction = transaction.map_err(error::internal)?;
    transaction
        .query_one(Internal::LockSupport.sql(), &[])
        .await
        .map_err(error::internal)?;
    for script in SCRIPTS {
        transaction
            .batch_execute(script)
            .await
            .map_err(error::internal)?;
    }
    transaction
        .execute(Internal::RecordSupport.sql(), &[&VERSION, &fingerprint])
        .await
        .map_err(error::internal)?;
    transaction.commit().await.map_err(error::internal)
}

/// Makes `anon`, `authenticated` and `service_role` where we may.
pub(crate) async fn install_roles(admin: &Admin) -> Result<(), Error> {
    admin.run_own(ROLES).await
}

/// Gives the managed server's gateway role what it serves, now and in future migrations, and the
/// auth service's role what it keeps.
pub(crate) async fn grant_gateway(admin: &Admin) -> Result<(), Error> {
    let grants = [GATEWAY, PEOPLE_GRANTS].concat();
    let grants = grants.replace("{gateway}", GATEWAY_ROLE);
    admin.run_own(&grants.replace("{auth}", AUTH_ROLE)).await
}

async fn is_current(admin: &Admin, fingerprint: &str) -> Result<bool, Error> {
    if admin.query(Internal::SupportExists, &[]).await?.is_empty() {
        return Ok(false);
    }
    let rows = admin.query(Internal::SupportVersion, &[]).await?;
    Ok(rows.first().is_some_and(|row| {
        let (version, found): (i32, String) = (row.get(0), row.get(1));
        version > VERSION || (version == VERSION && found == fingerprint)
    }))
}

fn fingerprint() -> String {
    let mut hasher = Sha256::new();
    for script in SCRIPTS {
        hasher.update(script);
    }
    crate::hex(&hasher.finalize())
}

//! The managed server's roles and databases, so that the gateway finds what it expects.

use super::{AUTH_ROLE, Cluster, Error, GATEWAY_ROLE, Login};
use crate::admin::{Admin, quote_identifier, quote_literal};
use crate::internal::Internal;
use crate::support;

/// Makes the roles that belong to the whole server.
pub(super) async fn prepare_server(cluster: &Cluster) -> Result<(), Error> {
    let admin = connect(cluster, "postgres").await?;
    if !admin.exists(Internal::RoleExists, GATEWAY_ROLE).await? {
        support::install_roles(&admin).await?;
        // BYPASSRLS: the policies that hold are the gateway's own; `enforce = "native"` switches
        // to a role without it.
        let sql = format!(
            "create role {GATEWAY_ROLE} login nosuperuser noinherit bypassrls password {}; \
             grant anon, authenticated, service_role to {GATEWAY_ROLE}",
            quote_literal(&cluster.state.gateway_password)
        );
        admin.run_own(&sql).await?;
    }
    if !admin.exists(Internal::RoleExists, AUTH_ROLE).await? {
        let password = quote_literal(&cluster.state.auth_password);
        let sql =
            format!("create role {AUTH_ROLE} login nosuperuser noinherit password {password}");
        admin.run_own(&sql).await?;
    }
    Ok(())
}

/// Makes a database, and prepares it unless it is a copy of one that is prepared.
pub(super) async fn create(
    cluster: &Cluster,
    name: &str,
    template: Option<&str>,
) -> Result<(), Error> {
    let server = connect(cluster, "postgres").await?;
    if !server.exists(Internal::DatabaseExists, name).await? {
        let source = template.unwrap_or("template0");
        let sql = format!(
            "create database {} template {}",
            quote_identifier(name),
            quote_identifier(source)
        );
        server.run_own(&sql).await?;
    }
    if template.is_none() {
        let mut admin = connect(cluster, name).await?;
        support::install(&mut admin).await?;
        support::grant_gateway(&admin).await?;
    }
    Ok(())
}

/// Removes a database and the connections to it.
pub(super) async fn remove(cluster: &Cluster, name: &str) -> Result<(), Error> {
    let server = connect(cluster, "postgres").await?;
    let sql = format!(
        "drop database if exists {} with (force)",
        quote_identifier(name)
    );
    Ok(server.run_own(&sql).await?)
}

async fn connect(cluster: &Cluster, database: &str) -> Result<Admin, Error> {
    Ok(Admin::connect(&cluster.database_url(Login::Owner, database)).await?)
}

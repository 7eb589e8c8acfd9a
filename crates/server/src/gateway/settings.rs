//! The configuration in the words of the floors below.

use std::time::Duration;

use postern_base::Secret;
use postern_db::{Complaints, Db, DbConfig, Passthrough, StatementTimeouts};
use postern_http::{AuthSettings, Issuer, IssuerKeys};
use postern_rest::{Enforce, RestSettings};
use postern_telemetry::{Event, Telemetry};

use super::StartError;
use crate::Config;
use crate::config::{ApiKey, Jwks, Remark};

/// What the authenticator is made of.
pub(super) fn auth(config: &Config) -> AuthSettings {
    let issuer = config.auth.jwks.as_ref().map(|jwks| Issuer {
        keys: match jwks {
            Jwks::Inline(json) => IssuerKeys::Inline(json.clone()),
            Jwks::File(path) => IssuerKeys::File(path.clone()),
            Jwks::Url(address) => IssuerKeys::Url(address.clone()),
        },
        issuer: config.auth.issuer.clone(),
        audience: None,
    });
    AuthSettings {
        publishable_keys: config
            .keys
            .publishable
            .iter()
            .cloned()
            .map(Secret::new)
            .collect(),
        secret_keys: config.keys.secret.clone(),
        jwt_secrets: config.auth.jwt_secrets.clone(),
        issuers: issuer.into_iter().collect(),
        audience: config.auth.audience.clone(),
        project_issuer: Some(format!("{}/auth/v1", config.people.settings.external_url)),
        require_api_key: config.api.apikey == ApiKey::Required,
        refuse_anonymous: false,
        require_expiry: false,
    }
}

/// Takes over what PostgREST's login keeps of its configuration in the database, where the
/// database decides anyway.
///
/// # Errors
/// When the database cannot be asked, or holds a value that cannot be used.
pub(crate) async fn take_over(
    config: &mut Config,
    telemetry: &Telemetry,
) -> Result<(), StartError> {
    if config.api.enforce == Enforce::Rewrite {
        return Ok(());
    }
    let url = config.database.url.as_ref().ok_or(StartError::NoDatabase)?;
    let found = Db::login_settings(url).await?;
    for Remark { text, is_ignored } in config.take_login_settings(&found)? {
        let text = &text;
        telemetry.report(&Event::LoginSetting { text, is_ignored });
    }
    Ok(())
}

/// How the database is reached.
///
/// # Errors
/// Returns [`StartError::NoDatabase`] when none is configured.
pub(crate) fn database(config: &Config) -> Result<DbConfig, StartError> {
    let database = &config.database;
    let url = database.url.clone().ok_or(StartError::NoDatabase)?;
    let passthrough = |complaints| Passthrough {
        resting_role: config.api.anon_role.clone(),
        complaints,
    };
    Ok(DbConfig {
        passthrough: match config.api.enforce {
            Enforce::Rewrite => None,
            Enforce::Native => Some(passthrough(Complaints::Whole)),
            Enforce::Both => Some(passthrough(Complaints::Scrubbed)),
        },
        read_connections: database.read_connections,
        write_connections: database.write_connections,
        session_connections: database.session_connections,
        rehearsal_connections: usize::from(config.policies.shadow.is_some()),
        statement_timeouts: StatementTimeouts {
            anon: Duration::from_millis(database.statement_timeout_anon_ms),
            user: Duration::from_millis(database.statement_timeout_user_ms),
            service: Duration::from_millis(database.statement_timeout_service_ms),
        },
        search_path: config.dialect.search_path.clone(),
        pre_request: config.dialect.pre_request.clone(),
        ..DbConfig::new(url)
    })
}

/// The operator's choices about the data API.
pub(super) fn rest(config: &Config) -> RestSettings {
    RestSettings {
        schemas: config.api.schemas.clone(),
        limits: config.limits.clone(),
        enforce: config.api.enforce,
        anon_role: config.api.anon_role.clone(),
        openapi: config.dialect.openapi,
        openapi_security: config.dialect.openapi_security,
        public_url: config.dialect.public_url.clone(),
        root_function: config.dialect.root_function.clone(),
        tx_end: config.dialect.tx_end,
        server_timing: config.dialect.server_timing,
        plans: config.dialect.plans,
        shadow: config.policies.shadow_settings,
        ..RestSettings::default()
    }
}

//! The statements of our own that run on a gateway's or owner's connection: a closed list.
//!
//! They read `pg_catalog` and the schema `postern`, and cannot name a user table, because their
//! texts are constants. A test looks at every one of them.

/// A statement of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Internal {
    /// Whether a database of this name exists.
    DatabaseExists,
    /// Whether a role of this name exists.
    RoleExists,
    /// Whether our schema was ever installed.
    SupportExists,
    /// Which version of our schema is installed.
    SupportVersion,
    /// Records the installed version.
    RecordSupport,
    /// Keeps two gateways from installing or migrating at the same time.
    LockSupport,
    /// The migrations and seeds that were applied.
    AppliedMigrations,
    /// Records a migration.
    RecordMigration,
    /// Which transaction this is.
    TransactionId,
    /// Whether an event trigger tells of schema changes.
    DdlWatchExists,
    /// A number that changes with the catalogue, cheap enough for polling.
    CatalogueFingerprint,
    /// Sets everything that a request's transaction may look at.
    SetRequest,
    /// The same where the statement runs as the caller's own role.
    SetNativeRequest,
    /// What a function asked the answer to look like.
    ResponseSettings,
    /// Whether a role may call a function without arguments.
    Callable,
    /// The time zones that the server knows.
    TimeZones,
    /// A role that callers may have.
    CallersRole,
    /// What a role may do with columns.
    ColumnPrivileges,
    /// Which functions a role may call.
    FunctionPrivileges,
    /// What roles that callers may have set for themselves.
    RoleSettings,
    /// Sets for a transaction what a role sets for itself.
    SetRole,
    /// What the login sets for PostgREST.
    LoginSettings,
    /// The role that we signed in as.
    SurveyLogin,
    /// Owners and row-level security of relations.
    SurveyRelations,
    /// Rights on relations and columns.
    SurveyGrants,
    /// The policies of relations.
    SurveyPolicies,
    /// The relations of all schemas with their size as the database estimates it.
    Sizes,
    /// The columns of one relation.
    ColumnsOf,
    /// The database and its server.
    AboutServer,
    /// Its extensions.
    AboutExtensions,
    /// Its largest tables.
    AboutSizes,
    /// What the view of a saved query depends on.
    SavedDependencies,
    /// What a login reaches that the console must not show.
    ConsoleReach,
    /// When this transaction began.
    TransactionBegan,
    /// How large a relation is, and whose.
    StructureSize,
    /// The expressions of generated columns.
    StructureComputed,
    /// The indexes of a relation.
    StructureIndexes,
    /// The checks of a relation.
    StructureChecks,
    /// The foreign keys from and to a relation.
    StructureReferences,
    /// The triggers of a relation.
    StructureTriggers,
    /// What depends on a relation or on one of its columns.
    StructureDependants,
    /// The types that a column may have.
    ColumnTypes,
    /// Nothing: proves that the database answers.
    Ping,
}

impl Internal {
    /// The statement's text.
    pub(crate) const fn sql(self) -> &'static str {
        match self {
            Self::DatabaseExists => "select 1 from pg_catalog.pg_database where datname = $1",
            Self::RoleExists => "select 1 from pg_catalog.pg_roles where rolname = $1",
            Self::SupportExists => {
                "select 1 from pg_catalog.pg_class c \
                 join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
                 where n.nspname = 'postern' and c.relname = 'support'"
            }
            Self::SupportVersion => "select version, fingerprint from postern.support",
            Self::RecordSupport => {
                "insert into postern.support (version, fingerprint) values ($1, $2) \
                 on conflict (only_row) do update set version = excluded.version, \
                 fingerprint = excluded.fingerprint, installed_at = pg_catalog.now()"
            }
            Self::LockSupport => "select pg_catalog.pg_advisory_xact_lock(7236551489013)::text",
            Self::AppliedMigrations => {
                "select name, kind, checksum from postern.migrations order by name collate \"C\""
            }
            Self::RecordMigration => {
                "insert into postern.migrations (name, kind, checksum) values ($1, $2, $3)"
            }
            Self::TransactionId => "select pg_catalog.pg_current_xact_id()::text",
            Self::DdlWatchExists => {
                "select 1 from pg_catalog.pg_event_trigger where evtenabled <> 'D' \
                 and evtname in ('postern_ddl_watch', 'pgrst_ddl_watch')"
            }
            Self::CatalogueFingerprint => include_str!("watch/fingerprint.sql"),
            Self::SetRequest => include_str!("run/set_request.sql"),
            Self::SetNativeRequest => include_str!("run/set_native_request.sql"),
            Self::ResponseSettings => {
                "select nullif(pg_catalog.current_setting('response.headers', true), ''), \
                 nullif(pg_catalog.current_setting('response.status', true), '')"
            }
            Self::Callable => include_str!("run/callable.sql"),
            Self::TimeZones => "select name from pg_catalog.pg_timezone_names",
            Self::CallersRole => include_str!("privileges/role.sql"),
            Self::ColumnPrivileges => include_str!("privileges/columns.sql"),
            Self::FunctionPrivileges => include_str!("privileges/functions.sql"),
            Self::RoleSettings => include_str!("roles/settings.sql"),
            Self::SetRole => {
                "select pg_catalog.set_config(s.name, s.value, true) \
                 from (select pg_catalog.unnest($1::text[]) as name, \
                 pg_catalog.unnest($2::text[]) as value) as s"
            }
            Self::LoginSettings => include_str!("roles/login.sql"),
            Self::SurveyLogin => include_str!("survey/login.sql"),
            Self::SurveyRelations => include_str!("survey/relations.sql"),
            Self::SurveyGrants => include_str!("survey/grants.sql"),
            Self::SurveyPolicies => include_str!("survey/policies.sql"),
            Self::Sizes => include_str!("sizes/relations.sql"),
            Self::ColumnsOf => include_str!("sizes/columns.sql"),
            Self::AboutServer => include_str!("about/server.sql"),
            Self::AboutExtensions => {
                "select extname::text, extversion from pg_catalog.pg_extension order by 1"
            }
            Self::AboutSizes => include_str!("about/sizes.sql"),
            Self::SavedDependencies => {
                "select c.relname::text, d.refobjid, d.refobjsubid \
                 from pg_catalog.pg_rewrite r \
                 join pg_catalog.pg_depend d on d.objid = r.oid \
                 join pg_catalog.pg_class c on c.oid = d.refclassid \
                 where r.ev_class = 'pg_temp.postern_saved'::regclass \
                 and d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refobjid <> r.ev_class"
            }
            Self::ConsoleReach => include_str!("console/reach.sql"),
            Self::TransactionBegan => "select pg_catalog.transaction_timestamp()::text",
            Self::StructureSize => include_str!("structure/size.sql"),
            Self::StructureComputed => include_str!("structure/computed.sql"),
            Self::StructureIndexes => include_str!("structure/indexes.sql"),
            Self::StructureChecks => include_str!("structure/checks.sql"),
            Self::StructureReferences => include_str!("structure/references.sql"),
            Self::StructureTriggers => include_str!("structure/triggers.sql"),
            Self::StructureDependants => include_str!("structure/dependants.sql"),
            Self::ColumnTypes => include_str!("structure/types.sql"),
            Self::Ping => "select 1",
        }
    }

    #[cfg(test)]
    const ALL: &[Self] = &[
        Self::DatabaseExists,
        Self::RoleExists,
        Self::SupportExists,
        Self::SupportVersion,
        Self::RecordSupport,
        Self::LockSupport,
        Self::AppliedMigrations,
        Self::RecordMigration,
        Self::TransactionId,
        Self::DdlWatchExists,
        Self::CatalogueFingerprint,
        Self::SetRequest,
        Self::SetNativeRequest,
        Self::ResponseSettings,
        Self::Callable,
        Self::TimeZones,
        Self::CallersRole,
        Self::ColumnPrivileges,
        Self::FunctionPrivileges,
        Self::RoleSettings,
        Self::SetRole,
        Self::LoginSettings,
        Self::SurveyLogin,
        Self::SurveyRelations,
        Self::SurveyGrants,
        Self::SurveyPolicies,
        Self::Sizes,
        Self::ColumnsOf,
        Self::AboutServer,
        Self::AboutExtensions,
        Self::AboutSizes,
        Self::SavedDependencies,
        Self::ConsoleReach,
        Self::TransactionBegan,
        Self::StructureSize,
        Self::StructureComputed,
        Self::StructureIndexes,
        Self::StructureChecks,
        Self::StructureReferences,
        Self::StructureTriggers,
        Self::StructureDependants,
        Self::ColumnTypes,
        Self::Ping,
    ];
}

#[cfg(test)]
mod tests {
    use super::Internal;

    #[test]
    fn no_statement_of_ours_names_a_user_table() {
        for statement in Internal::ALL {
            let words: Vec<_> = statement.sql().split_whitespace().collect();
            for pair in words.windows(2) {
                if ["from", "join", "into"].contains(&pair[0]) {
                    assert!(
                        pair[1].starts_with("pg_catalog.")
                            || pair[1].starts_with("postern.")
                            || pair[1].starts_with('('),
                        "{statement:?} reads {}",
                        pair[1]
                    );
                }
            }
        }
    }
}

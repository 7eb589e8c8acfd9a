-- What the auth service's own role may reach in a managed database: the users and what is kept
-- about them, and nothing that the project's author made.
grant usage on schema auth, postern to {auth};
grant select, insert, update, delete on all tables in schema auth to {auth};
grant select, insert, update, delete on postern.codes, postern.flows, postern.provider_flows,
  postern.signing_keys, postern.rate_limits, postern.outbox, postern.admins, postern.revocations,
  postern.admin_sessions, postern.admin_factors, postern.admin_recovery_codes,
  postern.admin_challenges, postern.impersonations, postern.snippets,
  postern.snippet_versions to {auth};
grant select, insert, update, delete on postern.ignored_findings to {auth};
-- The audit log can be added to and sealed, and not be rewritten by whoever takes the service over.
revoke update, delete, truncate on auth.audit_log_entries from {auth};
grant update (seq, chain) on auth.audit_log_entries to {auth};
grant select, insert, update on postern.audit_head to {auth};

-- All of it local to the transaction. The role comes last: what stands before it is set with the
-- gateway's own rights.
select
  pg_catalog.set_config('statement_timeout', $1, true),
  pg_catalog.set_config('search_path', $2, true),
  pg_catalog.set_config('request.jwt.claims', $3, true),
  pg_catalog.set_config('request.jwt.claim.sub', $4, true),
  pg_catalog.set_config('request.jwt.claim.role', $5, true),
  pg_catalog.set_config('request.jwt.claim.email', $6, true),
  pg_catalog.set_config('request.method', $7, true),
  pg_catalog.set_config('request.path', $8, true),
  pg_catalog.set_config('request.headers', $9, true),
  pg_catalog.set_config('request.cookies', $10, true),
  pg_catalog.set_config('response.headers', '', true),
  pg_catalog.set_config('response.status', '', true),
  case when $12 <> '' then pg_catalog.set_config('timezone', $12, true) end,
  pg_catalog.set_config('role', $11, true)

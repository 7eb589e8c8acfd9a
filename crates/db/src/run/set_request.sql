-- All of it local to the transaction. The role comes last: what stands before it is set with the
-- gateway's own rights. What is empty behind the request is as it was when the session began.
select
  pg_catalog.set_config('request.jwt.claims', $2, true),
  pg_catalog.set_config('request.jwt.claim.sub', $3, true),
  pg_catalog.set_config('request.jwt.claim.role', $4, true),
  pg_catalog.set_config('request.jwt.claim.email', $5, true),
  pg_catalog.set_config('request.method', $6, true),
  pg_catalog.set_config('request.path', $7, true),
  pg_catalog.set_config('request.headers', $8, true),
  pg_catalog.set_config('request.cookies', $9, true),
  case when $10 <> '' then pg_catalog.set_config('statement_timeout', $10, true) end,
  case when $11 <> '' then pg_catalog.set_config('search_path', $11, true) end,
  case when $12 <> '' then pg_catalog.set_config('timezone', $12, true) end,
  case when $13 <> '' then pg_catalog.set_config('transaction_read_only', $13, true) end,
  pg_catalog.set_config('role', $1, true)

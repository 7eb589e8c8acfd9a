-- All of it local to the transaction. The role is switched first, and the last column looks at what
-- came of it: a superuser and the gateway's own login are no caller's role, whatever a token says,
-- nor are the roles that Postgres itself brings along. Dividing by nothing (22012) ends the
-- transaction, and the caller is told that the role cannot be set. What is empty at the end is as
-- the session began with it. The values go in, and one number comes out.
select pg_catalog.num_nonnulls(
  pg_catalog.set_config('role', $1, true),
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
  1 / (case
    when pg_catalog.current_setting('is_superuser') = 'on' then 0
    when current_user = session_user then 0
    when pg_catalog.starts_with($1, 'pg_') then 0
    else 1
  end))

-- The functions of a name that can be called without arguments, and whether a role may; without a
-- role it is the one that we signed in as.
select
  pg_catalog.has_schema_privilege(coalesce($3, current_user::text)::name, n.oid, 'usage')
  and pg_catalog.has_function_privilege(coalesce($3, current_user::text)::name, p.oid, 'execute')
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname = $1 and p.proname = $2 and p.prokind = 'f'
  and p.pronargs - p.pronargdefaults <= 0
order by p.pronargs
limit 1

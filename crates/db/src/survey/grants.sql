-- Owners have every right by themselves; what is listed was given to somebody else.
select n.nspname::text, c.relname::text, coalesce(g.rolname::text, 'public'),
  pg_catalog.lower(acl.privilege_type), null::text
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace,
pg_catalog.aclexplode(c.relacl) acl
left join pg_catalog.pg_roles g on g.oid = acl.grantee
where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and acl.grantee <> c.relowner
  and acl.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
union all
select n.nspname::text, c.relname::text, coalesce(g.rolname::text, 'public'),
  pg_catalog.lower(acl.privilege_type), a.attname::text
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace,
pg_catalog.aclexplode(a.attacl) acl
left join pg_catalog.pg_roles g on g.oid = acl.grantee
where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0
  and acl.grantee <> c.relowner
  and acl.privilege_type in ('SELECT', 'INSERT', 'UPDATE')
order by 1, 2, 3, 4, 5

select r.oid
from pg_catalog.pg_roles r
where r.rolname = $1 and not r.rolsuper and r.rolname <> session_user
  and not pg_catalog.starts_with(r.rolname::text, 'pg_')
  and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')

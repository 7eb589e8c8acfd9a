select r.rolname::text, r.rolsuper, r.rolbypassrls
from pg_catalog.pg_roles r
where r.rolname = session_user

select o.oprname::text, l.typname::text, r.typname::text
from pg_catalog.pg_operator o
join pg_catalog.pg_proc p on p.oid = o.oprcode
join pg_catalog.pg_type l on l.oid = o.oprleft
join pg_catalog.pg_type r on r.oid = o.oprright
where p.proleakproof
order by 1, 2, 3

select k.conname::text, pg_catalog.pg_get_constraintdef(k.oid, true), k.convalidated
from pg_catalog.pg_constraint k
where k.conrelid = $1 and k.contype in ('c', 'x')
order by k.conname collate "C"

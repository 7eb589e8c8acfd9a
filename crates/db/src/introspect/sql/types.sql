-- All types: which of them matter is known only by columns and arguments.
select t.oid, n.nspname::text, t.typname::text, t.typtype::text, t.typcategory::text,
       t.typbasetype, t.typelem, t.typrelid,
       (e.typname is not null and e.typarray = t.oid) as is_array,
       coalesce(e.typname::text, '') as element
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_type e on e.oid = t.typelem

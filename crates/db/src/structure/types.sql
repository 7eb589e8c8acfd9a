-- What somebody may want a column to be: no arrays, rows or pseudo-types, nothing of the
-- system's own.
select pg_catalog.format_type(t.oid, null), n.nspname = 'pg_catalog'
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_type e on e.typarray = t.oid
where t.typtype in ('b', 'd', 'e', 'r', 'm') and t.typisdefined and e.oid is null
  and n.nspname not in ('information_schema', 'pg_toast', 'postern', 'auth')
  and n.nspname not like 'pg\_temp%' and n.nspname not like 'pg\_toast%'
  and not (n.nspname = 'pg_catalog'
           and (t.typname like 'reg%' or t.typname like 'pg\_%'
                or t.typname in ('aclitem', 'bpchar', 'char', 'cid', 'gtsvector', 'int2vector',
                                 'name', 'oid', 'oidvector', 'refcursor', 'tid', 'txid_snapshot',
                                 'unknown', 'xid', 'xid8')))
order by 2 desc, 1

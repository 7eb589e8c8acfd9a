select p.oid, n.nspname::text, p.proname::text, p.provolatile::text, p.prosecdef, p.proretset,
       p.prorettype, pg_catalog.format_type(p.prorettype, null),
       coalesce(p.proallargtypes, p.proargtypes::oid[]) as types,
       (select pg_catalog.array_agg(pg_catalog.format_type(a.ty, null) order by a.place)
          from pg_catalog.unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]))
               with ordinality as a(ty, place)) as type_names,
       p.proargmodes::text[] as modes, p.proargnames::text[] as names,
       p.pronargdefaults::int4,
       exists (select from pg_catalog.unnest(p.proconfig) as setting
               where setting like 'search\_path=%') as fixed_search_path,
       d.description,
       rn.nspname::text as relation_schema, rc.relname::text as relation_name,
       rc.relkind::text as relation_kind,
       case when rc.relkind = 'c' then (
         select pg_catalog.array_agg(a.attname::text order by a.attnum)
           from pg_catalog.pg_attribute a
          where a.attrelid = rc.oid and a.attnum > 0 and not a.attisdropped) end as row_names,
       case when rc.relkind = 'c' then (
         select pg_catalog.array_agg(a.atttypid order by a.attnum)
           from pg_catalog.pg_attribute a
          where a.attrelid = rc.oid and a.attnum > 0 and not a.attisdropped) end as row_types,
       case when rc.relkind = 'c' then (
         select pg_catalog.array_agg(
                  pg_catalog.format_type(a.atttypid, a.atttypmod) order by a.attnum)
           from pg_catalog.pg_attribute a
          where a.attrelid = rc.oid and a.attnum > 0 and not a.attisdropped) end as row_sql,
       p.proconfig,
       p.proretset and p.prorows = 1 as one_row
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_type rt on rt.oid = p.prorettype
left join pg_catalog.pg_class rc on rc.oid = rt.typrelid and rt.typtype = 'c'
left join pg_catalog.pg_namespace rn on rn.oid = rc.relnamespace
left join pg_catalog.pg_description d
  on d.objoid = p.oid and d.classoid = 'pg_catalog.pg_proc'::regclass and d.objsubid = 0
where n.nspname = any ($1) and p.prokind::text = $2
  and p.prorettype not in ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype)
order by n.nspname collate "C", p.proname collate "C", p.oid

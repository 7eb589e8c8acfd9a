-- Partitions are left out: they are reached through their root.
select c.oid, n.nspname::text, c.relname::text, c.relkind::text,
       case when c.relkind in ('r', 'p') then 28
            when c.relkind in ('v', 'f') then pg_catalog.pg_relation_is_updatable(c.oid, true)
            else 0 end as writable,
       exists (select from pg_catalog.pg_options_to_table(c.reloptions) o
               where o.option_name = 'security_invoker' and o.option_value::boolean) as invoker,
       d.description,
       case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end as definition,
       c.relrowsecurity and pg_catalog.row_security_active(c.oid) as rls
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_description d
  on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::regclass and d.objsubid = 0
where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
order by n.nspname collate "C", c.relname collate "C"

-- Every change of a catalogue row gives it a new xmin; sums and counts see it without sorting.
select pg_catalog.concat_ws('.',
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_class where oid >= 16384),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_attribute where attrelid >= 16384 and attnum > 0),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_proc where oid >= 16384),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_constraint where oid >= 16384),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_trigger where oid >= 16384),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_attrdef),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_type where oid >= 16384),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_enum),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_rewrite where oid >= 16384),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_description where objoid >= 16384),
  (select pg_catalog.concat_ws('-', count(*), sum(xmin::text::bigint))
     from pg_catalog.pg_policy)
)

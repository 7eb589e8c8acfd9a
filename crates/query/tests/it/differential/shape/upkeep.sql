-- Before each case: the claims, and sequences at a number that both sides see.
create function $s_masked.prepare(claims text) returns void language sql volatile
  security definer as $$
  select set_config('request.jwt.claims', claims, true), setval('$s.logs_id_seq', 1000),
         setval('$s.logs_seq_seq', 1000) $$;
-- What stands in all tables.
create function $s_masked.state() returns text language plpgsql volatile security definer as $$
begin
  return md5(concat_ws('#',
    (select string_agg(t::text, ';' order by t::text) from $s.groups t),
    (select string_agg(t::text, ';' order by t::text) from $s.items t),
    (select string_agg(t::text, ';' order by t::text) from $s.notes t),
    (select string_agg(t::text, ';' order by t::text) from $s.tags t),
    (select string_agg(t::text, ';' order by t::text) from $s.item_tags t),
    (select string_agg(t::text, ';' order by t::text) from $s.kinds t),
    (select string_agg(t::text, ';' order by t::text) from $s.logs t),
    (select string_agg(t::text, ';' order by t::text) from $s.events t),
    (select string_agg(t::text, ';' order by t::text) from $s.tickets t),
    (select string_agg(t::text, ';' order by t::text) from $s.journal t)));
end $$;
grant execute on all functions in schema $s_masked to $role;
-- Between worlds: no policy, no grant, no row.
create function $s_masked.clear() returns void language plpgsql volatile as $$
declare it record;
begin
  for it in select policyname, tablename from pg_policies where schemaname = '$s' loop
    execute format('drop policy %I on $s.%I', it.policyname, it.tablename);
  end loop;
  drop view if exists $s_masked.notes;
  revoke all on all tables in schema $s from $role;
  revoke execute on all functions in schema $s from $role;
  grant execute on function $s.preset() to $role;
  truncate $s.groups, $s.members, $s.items, $s.notes, $s.tags, $s.item_tags, $s.kinds, $s.logs,
    $s.events, $s.tickets, $s.journal;
end $$;

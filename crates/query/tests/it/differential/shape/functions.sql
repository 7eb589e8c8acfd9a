create function $s.find_items(low int default 0) returns setof $s.items
  language sql stable as $$ select * from $s.items where n >= low $$;
create function $s.one_item(key int) returns $s.items
  language sql stable as $$ select * from $s.items where id = key $$;
create function $s.total(low int) returns bigint language sql stable security definer as $$
  select count(*) from $s.items where n >= low $$;
create function $s.add_tag(key int, name text) returns setof $s.tags
  language sql volatile security definer as $$
  insert into $s.tags values (key, name, true) returning * $$;
create function $s.titles() returns setof text language sql stable security definer as $$
  select title from $s.items $$;
create function $s.table_of(low int) returns table (id int, title text)
  language sql stable security definer as $$
  select id, title from $s.items where n >= low $$;
revoke execute on all functions in schema $s from public;
grant execute on function $s.preset() to $role;
create function $s.touch() returns trigger language plpgsql as $$ begin $body return new; end $$;
create trigger touch before $events on $s.tickets for each row execute function $s.touch();
create function $s.told() returns trigger language plpgsql security definer as $$ begin
  insert into $s.journal values (tg_op || coalesce(new.id, old.id)); return null; end $$;
create function $s.kept() returns trigger language plpgsql as $$ begin return null; end $$;
-- The native form of `[references]`; which tables have it is a setting of the native session.
create function $s.referring() returns trigger language plpgsql as $$ begin
  if position(tg_argv[0] || ',' in current_setting('differential.guarded', true)) > 0
     and new.item is not null then
    if not exists (select from $s.items i where i.id = new.item) then
      raise foreign_key_violation;
    end if;
  end if;
  return null; end $$;
create trigger referring after insert or update of item on $s.notes
  for each row execute function $s.referring('notes');
create trigger referring after insert or update of item on $s.kinds
  for each row execute function $s.referring('kinds');

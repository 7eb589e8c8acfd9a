create schema $s;
create schema $s_masked;
grant usage on schema $s, $s_masked to $role;
create type $s.mood as enum ('calm', 'cross', 'glad');
create domain $s.price as numeric $domain check (value >= 0);
create type $s.place as (x int, y text);
create function $s.preset() returns text language sql stable as $$
  select nullif(current_setting('differential.preset', true), '')
$$;

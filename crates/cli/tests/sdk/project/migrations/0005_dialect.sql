-- Functions of a row, on the open tables and on the guarded ones; a function that nobody lists.
do $create$
declare
  place text;
begin
  foreach place in array array['public', 'guarded'] loop
    execute format($ddl$
      create function %1$I.label(film %1$I.films) returns text language sql immutable
        return film.title || ' (' || film.year || ')';
      create function %1$I.lead(film %1$I.films) returns setof %1$I.actors rows 1
        language sql stable begin atomic
          select a.* from %1$I.actors a join %1$I.roles r on r.actor_id = a.id
          where r.film_id = film.id order by a.id limit 1;
        end;
      create function %1$I.shown_on(film %1$I.films) returns setof %1$I.screenings
        language sql stable begin atomic
          select s.* from %1$I.screenings s where s.film_id = film.id;
        end;
      create function %1$I.unlisted_label(film %1$I.films) returns text language sql immutable
        return 'unlisted';
    $ddl$, place);
  end loop;
end
$create$;

-- Stands in for the one of PostGIS, which has the same arguments.
create function public.st_asgeojson(r record, g text default '', n int default 9,
  p bool default false) returns text language plpgsql immutable as $$
begin
  return json_build_object('type', 'Feature', 'properties', row_to_json(r));
end $$;

-- Lines of text made of any rows, and one that no policy file lists.
create domain public."text/x-lines" as text;
create domain public."text/x-secret" as text;
create function public.add_line(so_far public."text/x-lines", line anyelement)
  returns public."text/x-lines" language sql immutable
  as $$ select (so_far || to_jsonb(line)::text || E'\n')::public."text/x-lines" $$;
create aggregate public.lines_of(anyelement)
  (sfunc = public.add_line, stype = public."text/x-lines", initcond = '');
create function public.add_secret(so_far public."text/x-secret", line anyelement)
  returns public."text/x-secret" language sql immutable
  as $$ select (so_far || to_jsonb(line)::text || E'\n')::public."text/x-secret" $$;
create aggregate public.unlisted_lines(anyelement)
  (sfunc = public.add_secret, stype = public."text/x-secret", initcond = '');

create function public.ping() returns void language sql volatile
  begin atomic select 1; end;

create function public.add(a int, b int default 10) returns int language sql immutable
  begin atomic select a + b; end;

create function public.sum_all(numbers int[]) returns bigint language sql immutable
  begin atomic select sum(n) from unnest(numbers) as n; end;

create function public.film_years() returns setof int language sql stable
  begin atomic select f.year from public.films f order by f.year; end;

create function public.films_since(since int) returns setof public.films language sql stable
  begin atomic select f.* from public.films f where f.year >= since; end;

create function public.first_film() returns public.films language sql stable
  begin atomic select f.* from public.films f order by f.year, f.id limit 1; end;

create function public.film_counts() returns table (director text, films bigint)
  language sql stable
  begin atomic
    select d.name, count(*) from public.films f
    join public.directors d on d.id = f.director_id
    group by d.name order by d.name;
  end;

create function public.doc_kind(doc jsonb) returns text language sql immutable
  begin atomic select doc ->> 'kind'; end;

create function public.make_stock(sku text, quantity int default 7) returns setof public.stocks
  language sql volatile
  begin atomic
    insert into public.stocks (sku, quantity) values (make_stock.sku, make_stock.quantity)
    returning *;
  end;

create function public.whoami() returns json language sql stable
  begin atomic
    select json_build_object('uid', auth.uid(), 'role', auth.role());
  end;

create function public.fail(message text) returns void language plpgsql volatile as $$
begin
  raise exception '%', message using detail = 'the detail', hint = 'the hint';
end
$$;

create function public.payment_required() returns void language plpgsql volatile as $$
begin
  raise sqlstate 'PT402' using message = 'Payment Required', detail = 'Quota exceeded',
    hint = 'Upgrade your plan';
end
$$;

create function guarded.films_since(since int) returns setof guarded.films language sql stable
  begin atomic select f.* from guarded.films f where f.year >= since; end;

-- No policy file lists it, so it does not exist.
create function guarded.unlisted() returns int language sql stable
  begin atomic select 1; end;

create function personal.get_status(name_param text) returns text language sql stable
  begin atomic select u.status from personal.users u where u.username = name_param; end;

-- A function of mode "native" runs as the caller's database role, under its grants.
grant usage on schema public to anon, authenticated;
grant execute on function public.whoami() to anon, authenticated;

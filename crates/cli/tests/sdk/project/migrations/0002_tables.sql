-- One shape, two schemas: every read test runs on the open tables and on the guarded ones.
do $create$
declare
  place text;
  name text;
begin
  foreach place in array array['public', 'guarded'] loop
    perform set_config('search_path', place, true);
    execute $ddl$
      create table samples (
        id int primary key,
        label text not null,
        note text,
        amount int,
        big bigint,
        price numeric(10, 2),
        active boolean,
        day date,
        at timestamptz,
        token uuid,
        raw json,
        doc jsonb,
        tags text[],
        nums int[],
        span int4range,
        days daterange,
        mood public.mood,
        zip public.zip_code,
        body text,
        search tsvector generated always as (to_tsvector('english', coalesce(body, ''))) stored,
        "Odd Name" text,
        "名前" text
      );

      create table directors (
        id int primary key,
        name text not null,
        born date
      );

      create table films (
        id int primary key,
        title text not null,
        year int not null,
        director_id int constraint films_director_id_fkey references directors (id),
        producer_id int constraint films_producer_id_fkey references directors (id),
        sequel_of int constraint films_sequel_of_fkey references films (id),
        info jsonb
      );

      create table film_details (
        film_id int primary key constraint film_details_film_id_fkey references films (id),
        tagline text,
        budget bigint
      );

      create table actors (
        id int primary key,
        name text not null
      );

      create table roles (
        film_id int constraint roles_film_id_fkey references films (id),
        actor_id int constraint roles_actor_id_fkey references actors (id),
        character text not null,
        primary key (film_id, actor_id)
      );

      create table halls (
        cinema_id int,
        number int,
        seats int not null,
        primary key (cinema_id, number)
      );

      create table screenings (
        id int primary key,
        film_id int constraint screenings_film_id_fkey references films (id),
        cinema_id int,
        hall_number int,
        day date not null,
        constraint screenings_hall_fkey
          foreign key (cinema_id, hall_number) references halls (cinema_id, number)
      );
    $ddl$;
  end loop;

  -- The guarded rows have an owner, and a column that nobody may see.
  foreach name in array array['samples', 'directors', 'films', 'film_details', 'actors', 'roles',
                              'halls', 'screenings'] loop
    execute format(
      'alter table guarded.%I add column owner_id uuid not null,'
      ' add column secret text not null default ''hidden''', name);
  end loop;
end
$create$;

create view public.film_list as
  select f.id, f.title, f.year, f.director_id, d.name as director_name
  from public.films f
  join public.directors d on d.id = f.director_id;

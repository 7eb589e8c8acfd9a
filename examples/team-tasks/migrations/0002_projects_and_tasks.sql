-- Projects and the tasks in them.

create table public.projects (
  id           bigint generated always as identity primary key,
  team_id      bigint not null references public.teams (id) on delete cascade,
  name         text not null,
  description  text,
  is_public    boolean not null default false,
  archived_at  timestamptz,
  created_by   uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at   timestamptz not null default now(),
  unique (team_id, name)
);

comment on table public.projects is 'A body of work that belongs to one team.';
comment on column public.projects.is_public is 'Public projects are a roadmap that anybody may read.';
comment on column public.projects.archived_at is 'Set when the work is over; the rows stay.';

create index projects_team_id_idx on public.projects (team_id);
create index projects_public_idx on public.projects (id) where is_public;

create type public.task_status as enum ('backlog', 'todo', 'in_progress', 'in_review', 'done');

create table public.tasks (
  id           bigint generated always as identity primary key,
  project_id   bigint not null references public.projects (id) on delete cascade,
  assignee_id  uuid references public.profiles (id) on delete set null,
  created_by   uuid default auth.uid() references public.profiles (id) on delete set null,
  title        text not null check (length(title) between 3 and 200),
  description  text,
  status       public.task_status not null default 'backlog',
  priority     smallint not null default 3 check (priority between 1 and 4),
  due_on       date,
  tags         text[] not null default '{}',
  details      jsonb not null default '{}',
  search       tsvector generated always as (
                 setweight(to_tsvector('english', title), 'A')
                 || setweight(to_tsvector('english', coalesce(description, '')), 'B')
               ) stored,
  done_at      timestamptz,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);

comment on table public.tasks is 'One piece of work in a project.';
comment on column public.tasks.created_by is 'Who wrote the task; the gateway fills it from the token.';
comment on column public.tasks.priority is 'From 1 (urgent) to 4 (whenever).';
comment on column public.tasks.details is 'Free-form facts, such as {"estimate_hours": 5}.';
comment on column public.tasks.search is 'Title and description, ready for full-text search.';
comment on column public.tasks.done_at is 'Follows the status; nobody writes it by hand.';

create index tasks_project_id_idx on public.tasks (project_id, status);
create index tasks_assignee_id_idx on public.tasks (assignee_id);
create index tasks_created_by_idx on public.tasks (created_by);
create index tasks_search_idx on public.tasks using gin (search);
create index tasks_tags_idx on public.tasks using gin (tags);

create function public.keep_done_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.status = 'done' then
    new.done_at := coalesce(new.done_at, now());
  else
    new.done_at := null;
  end if;
  return new;
end
$$;

comment on function public.keep_done_at() is 'Keeps done_at in step with the status.';

create trigger tasks_keep_done_at
before insert or update of status on public.tasks
for each row execute function public.keep_done_at();

-- Talk about tasks, and labels that a team puts on them.

create table public.comments (
  id          bigint generated always as identity primary key,
  task_id     bigint not null references public.tasks (id) on delete cascade,
  author_id   uuid not null references public.profiles (id) on delete cascade,
  body        text not null check (length(body) between 1 and 4000),
  created_at  timestamptz not null default now(),
  deleted_at  timestamptz
);

comment on table public.comments is 'What people say about a task.';
comment on column public.comments.deleted_at is 'A deleted comment keeps its row and leaves everybody''s view.';

create index comments_task_id_idx on public.comments (task_id, created_at);
create index comments_author_id_idx on public.comments (author_id);

create table public.labels (
  id       bigint generated always as identity primary key,
  team_id  bigint not null references public.teams (id) on delete cascade,
  name     text not null,
  color    text not null default '#64748b' check (color ~ '^#[0-9a-f]{6}$'),
  unique (team_id, name)
);

comment on table public.labels is 'A team''s own words for sorting tasks.';

create table public.task_labels (
  task_id   bigint not null references public.tasks (id) on delete cascade,
  label_id  bigint not null references public.labels (id) on delete cascade,
  primary key (task_id, label_id)
);

comment on table public.task_labels is 'Which labels a task carries.';

create index task_labels_label_id_idx on public.task_labels (label_id);

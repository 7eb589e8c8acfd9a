-- Demo data: twelve people in three teams, ten projects, three hundred tasks.
--
-- The people are users already: `postern dev` makes those of users.toml before it runs this file,
-- and a trigger made their profiles, which get their particulars here.
--
-- Everything is computed from lists and hashes, so that each run gives the same rows; dates are
-- counted from the day of seeding, so that the demo does not age.

update public.profiles p
set
  username   = people.username,
  avatar_url = 'https://avatars.example.com/' || people.username || '.png',
  phone      = '+1 202 555 01' || lpad((n * 7)::text, 2, '0'),
  created_at = now() - make_interval(days => 400 - n * 9)
from (values
  (1,  'amara'),
  (2,  'ben'),
  (3,  'chiara'),
  (4,  'daniel'),
  (5,  'elif'),
  (6,  'farid'),
  (7,  'grace'),
  (8,  'hugo'),
  (9,  'ines'),
  (10, 'jonas'),
  (11, 'kavya'),
  (12, 'liam')
) as people (n, username)
where p.id = ('a0000000-0000-4000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid;

insert into public.teams (name, slug, created_at) values
  ('Harbour', 'harbour', now() - interval '380 days'),
  ('Lantern', 'lantern', now() - interval '340 days'),
  ('Orchard', 'orchard', now() - interval '290 days');

-- Elif works for Harbour and Lantern, Grace for Lantern and Orchard.
insert into public.members (team_id, user_id, role, joined_at)
select t.id, p.id, m.role, t.created_at + interval '2 days'
from (values
  ('harbour', 'amara', 'admin'), ('harbour', 'ben', 'member'), ('harbour', 'chiara', 'member'),
  ('harbour', 'daniel', 'member'), ('harbour', 'elif', 'member'),
  ('lantern', 'farid', 'admin'), ('lantern', 'elif', 'member'), ('lantern', 'grace', 'member'),
  ('lantern', 'hugo', 'member'), ('lantern', 'ines', 'member'),
  ('orchard', 'jonas', 'admin'), ('orchard', 'grace', 'member'), ('orchard', 'kavya', 'member'),
  ('orchard', 'liam', 'member')
) as m (team, person, role)
join public.teams t on t.slug = m.team
join public.profiles p on p.username = m.person;

insert into public.projects (team_id, name, description, is_public, created_by, created_at)
select t.id, v.name, v.description, v.is_public, p.id, now() - make_interval(days => v.age)
from (values
  ('harbour', 'Mobile app',         'The phone app for our customers, on both platforms.', false, 'amara', 210),
  ('harbour', 'Checkout rewrite',   'One page, fewer fields, no lost baskets.',            false, 'amara', 170),
  ('harbour', 'Customer portal',    'Where customers look after their own account.',       false, 'chiara', 160),
  ('harbour', 'Platform upkeep',    'The work that nobody sees when it is done well.',     false, 'daniel', 200),
  ('lantern', 'Reader 2.0',         'The next release of the open-source reader.',         true,  'farid', 190),
  ('lantern', 'Documentation site', 'Guides and reference, in six languages.',             true,  'ines', 150),
  ('lantern', 'Community',          'Meetups, newsletter and the people who help us.',     false, 'hugo', 180),
  ('orchard', 'Autumn conference',  'Two days, four hundred guests, one very old barn.',   false, 'jonas', 140),
  ('orchard', 'Office move',        'From three rooms to one floor.',                      false, 'kavya', 130),
  ('orchard', 'Hiring round',       'Six people until the spring.',                        false, 'jonas', 125)
) as v (team, name, description, is_public, author, age)
join public.teams t on t.slug = v.team
join public.profiles p on p.username = v.author
order by v.age desc;

-- Five kinds of work on six things make thirty tasks a project; `{}` stands for the thing.
create temporary table work (project text, kind int, title text, description text, tags text[], hours int);
create temporary table things (project text, thing text);

insert into work values
  ('Mobile app', 1, 'Redesign the {}', 'The new drawings for the {} are in the shared folder; keep the old flow behind a switch.', '{design,ui}', 12),
  ('Mobile app', 2, 'Fix the landscape layout of the {}', 'On tablets the {} leaves half of the width empty.', '{bug,ui}', 4),
  ('Mobile app', 3, 'Add screen-reader labels to the {}', 'Walk through the {} with the screen reader on and name every control.', '{accessibility}', 3),
  ('Mobile app', 4, 'Make the {} work offline', 'Show the last known data of the {} and say how old it is.', '{feature,offline}', 16),
  ('Mobile app', 5, 'Write end-to-end tests for the {}', 'Cover the happy path of the {} and the two errors that support sees most.', '{tests}', 8),
  ('Checkout rewrite', 1, 'Move {} to the one-page checkout', 'Bring {} over from the old pages, without the second confirmation.', '{feature,frontend}', 10),
  ('Checkout rewrite', 2, 'Validate {} on the server', 'The browser checks {} already; the server must not trust it.', '{security,backend}', 6),
  ('Checkout rewrite', 3, 'Measure where customers give up on {}', 'Add events around {} so that we see the step that loses people.', '{analytics}', 5),
  ('Checkout rewrite', 4, 'Translate the error messages of {}', 'German and French first; see the word list for {}.', '{i18n}', 3),
  ('Checkout rewrite', 5, 'Load-test {} before the sale', 'Ten times the usual traffic on {}, for half an hour.', '{performance,tests}', 8),
  ('Customer portal', 1, 'Build the {} page', 'A first version of the {} page: read-only, with real data.', '{feature,frontend}', 14),
  ('Customer portal', 2, 'Let customers export their {}', 'A download of the {} as CSV, limited to two years.', '{feature,export}', 7),
  ('Customer portal', 3, 'Write the help text for {}', 'Three short paragraphs on {}; support has a list of questions.', '{docs}', 2),
  ('Customer portal', 4, 'Show an empty state for {}', 'New customers have no {} yet; tell them what will appear here.', '{ui,design}', 3),
  ('Customer portal', 5, 'Send a mail when {} change', 'One mail a day at most, with a link to the {} page.', '{feature,mail}', 9),
  ('Platform upkeep', 1, 'Upgrade the {}', 'The {} is two versions behind; read the release notes first.', '{upkeep}', 8),
  ('Platform upkeep', 2, 'Alert on failures of the {}', 'Page somebody when the {} is down for five minutes, not for one.', '{monitoring}', 4),
  ('Platform upkeep', 3, 'Document how to restore the {}', 'Write the steps down while restoring the {} on a spare machine.', '{docs,backup}', 5),
  ('Platform upkeep', 4, 'Rotate the credentials of the {}', 'Give the {} new secrets and see that the old ones stop working.', '{security}', 3),
  ('Platform upkeep', 5, 'Halve the running cost of the {}', 'Most of the bill for the {} comes from idle hours.', '{cost,performance}', 12),
  ('Reader 2.0', 1, 'Support {} in the new renderer', 'The old renderer handled {} by accident; do it on purpose.', '{feature,renderer}', 15),
  ('Reader 2.0', 2, 'Fix the crash on malformed {}', 'Somebody attached a file with broken {}; it must not take the reader down.', '{bug,renderer}', 5),
  ('Reader 2.0', 3, 'Render {} twice as fast', 'Profiles show that {} take a third of the page time.', '{performance}', 18),
  ('Reader 2.0', 4, 'Collect sample books with {}', 'Ten files with {} in as many scripts as we can find, all under a free licence.', '{tests,good-first-issue}', 4),
  ('Reader 2.0', 5, 'Describe {} in the release notes', 'Say what changed for {} and show one picture.', '{docs}', 1),
  ('Documentation site', 1, 'Rewrite the {}', 'The {} still describes version one; start from what people ask.', '{docs}', 9),
  ('Documentation site', 2, 'Translate the {} into Portuguese', 'Inês reviews; keep the headings of the {} in the same order.', '{i18n,docs}', 6),
  ('Documentation site', 3, 'Add pictures to the {}', 'At least three screenshots for the {}, in light and dark.', '{design,docs}', 4),
  ('Documentation site', 4, 'Test every command in the {}', 'Copy each command of the {} into a fresh machine and note what fails.', '{tests,docs}', 5),
  ('Documentation site', 5, 'Link the {} from the search page', 'People search for the {} and land on the forum instead.', '{search,good-first-issue}', 2),
  ('Community', 1, 'Plan the {}', 'Date, place and two people who look after the {}.', '{planning}', 6),
  ('Community', 2, 'Write the announcement of the {}', 'Half a page on the {} for the blog, one line for everything else.', '{writing}', 2),
  ('Community', 3, 'Find a sponsor for the {}', 'Ask the three companies that helped with the {} last year.', '{money}', 5),
  ('Community', 4, 'Thank the helpers of the {}', 'A handwritten card for everybody who carried the {}.', '{people}', 2),
  ('Community', 5, 'Collect feedback on the {}', 'Five questions about the {}, no more, and read the answers aloud.', '{survey}', 3),
  ('Autumn conference', 1, 'Get three offers for the {}', 'Compare price and what happens to the {} when it rains.', '{money,planning}', 4),
  ('Autumn conference', 2, 'Book the {}', 'Sign for the {} before the end of the month; the deposit is approved.', '{planning}', 3),
  ('Autumn conference', 3, 'Write the plan for the {}', 'One page on the {}: who, when, and whom to call.', '{writing,planning}', 3),
  ('Autumn conference', 4, 'Check the {} for step-free access', 'Visit the place and try the {} with a wheelchair.', '{accessibility}', 2),
  ('Autumn conference', 5, 'Settle the bill for the {}', 'Compare the invoice for the {} with the offer before it is paid.', '{money}', 1),
  ('Office move', 1, 'Measure the {}', 'Width, depth and sockets of the {}; put the numbers in the floor plan.', '{planning}', 2),
  ('Office move', 2, 'Order furniture for the {}', 'Use what we have first; order only what the {} still lacks.', '{shopping}', 4),
  ('Office move', 3, 'Wire the network in the {}', 'Two cables a desk in the {}, labelled at both ends.', '{network}', 6),
  ('Office move', 4, 'Pack up the old {}', 'Boxes for the {} arrive on Monday; fragile things travel by hand.', '{moving}', 5),
  ('Office move', 5, 'Ask everybody about the {}', 'A short round on what works in the {} today and what does not.', '{survey,people}', 2),
  ('Hiring round', 1, 'Write the advert for the {}', 'What the {} will do in the first three months, and the salary.', '{writing}', 3),
  ('Hiring round', 2, 'Screen applications for the {}', 'Two people read every application for the {}, apart from each other.', '{people}', 8),
  ('Hiring round', 3, 'Prepare the interview with the {}', 'Same questions for every {} candidate; agree on them beforehand.', '{people,planning}', 3),
  ('Hiring round', 4, 'Plan the first week of the {}', 'A desk, an account, one small task and lunch for the {}.', '{onboarding}', 4),
  ('Hiring round', 5, 'Set the budget for the {}', 'Salary band and equipment for the {}; finance wants it by Friday.', '{money}', 2);

insert into things
select project, unnest(names)
from (values
  ('Mobile app',         array['sign-in screen', 'order list', 'profile page', 'notification centre', 'search screen', 'settings sheet']),
  ('Checkout rewrite',   array['delivery addresses', 'card payments', 'voucher codes', 'invoice details', 'gift wrapping', 'guest orders']),
  ('Customer portal',    array['invoices', 'delivery addresses', 'support tickets', 'payment methods', 'returns', 'subscriptions']),
  ('Platform upkeep',    array['database server', 'message queue', 'image service', 'build runner', 'log storage', 'mail gateway']),
  ('Reader 2.0',         array['footnotes', 'vertical text', 'tables', 'embedded fonts', 'right-to-left pages', 'formulas']),
  ('Documentation site', array['installation guide', 'plugin tutorial', 'keyboard reference', 'theming guide', 'file format page', 'troubleshooting page']),
  ('Community',          array['spring meetup', 'monthly newsletter', 'translation weekend', 'mentoring programme', 'summer hackathon', 'birthday release party']),
  ('Autumn conference',  array['main hall', 'lunch catering', 'speaker dinner', 'live stream', 'shuttle bus', 'children''s corner']),
  ('Office move',        array['meeting room', 'kitchen', 'quiet room', 'workshop', 'reception', 'library']),
  ('Hiring round',       array['backend engineer', 'product designer', 'support lead', 'data analyst', 'office manager', 'technical writer'])
) as lists (project, names);

-- A number from 0 to n-1 that depends on the words only.
create function pg_temp.pick(words text, n int) returns int
language sql immutable
return (('x' || substr(md5(words), 1, 7))::bit(28)::int % n);

insert into public.tasks
  (project_id, assignee_id, created_by, title, description, status, priority, due_on, tags, details,
   done_at, created_at, updated_at)
select
  project_id,
  case when status = 'backlog' and pick.unassigned < 60 then null else team[1 + pick.assignee % cardinality(team)] end,
  team[1 + pick.author % cardinality(team)],
  title,
  description,
  status,
  case when pick.urgency < 8 then 1 when pick.urgency < 30 then 2 when pick.urgency < 80 then 3 else 4 end,
  case
    when status = 'backlog' then null
    when status = 'done' then (created_at + make_interval(days => 4 + pick.length))::date
    when pick.urgency < 75 then current_date - 9 + pick.length
  end,
  tags,
  jsonb_build_object('estimate_hours', hours, 'source', (array['planning', 'support', 'retrospective'])[1 + pick.author % 3]),
  case when status = 'done' then created_at + make_interval(days => 1 + pick.length / 2, hours => pick.urgency % 9) end,
  created_at,
  case
    when status = 'backlog' then created_at
    when status = 'done' then created_at + make_interval(days => 1 + pick.length / 2, hours => pick.urgency % 9)
    else now() - make_interval(hours => 5 + pick.length * 3)
  end
from (
  select
    p.id as project_id,
    replace(w.title, '{}', t.thing) as title,
    replace(w.description, '{}', t.thing) as description,
    w.tags,
    w.hours,
    now() - make_interval(days => 35 + pg_temp.pick(w.title || t.thing || 'born', 85),
                          hours => pg_temp.pick(w.title || t.thing || 'hour', 10)) as created_at,
    (case
      when pg_temp.pick(w.title || t.thing || 'status', 100) < 36 then 'done'
      when pg_temp.pick(w.title || t.thing || 'status', 100) < 45 then 'in_review'
      when pg_temp.pick(w.title || t.thing || 'status', 100) < 60 then 'in_progress'
      when pg_temp.pick(w.title || t.thing || 'status', 100) < 82 then 'todo'
      else 'backlog'
    end)::public.task_status as status,
    array(select m.user_id from public.members m where m.team_id = p.team_id order by m.user_id) as team
  from work w
  join things t using (project)
  join public.projects p on p.name = w.project
) as drafts
cross join lateral (
  select
    pg_temp.pick(title || 'assignee', 1000) as assignee,
    pg_temp.pick(title || 'author', 1000)   as author,
    pg_temp.pick(title || 'unassigned', 100) as unassigned,
    pg_temp.pick(title || 'urgency', 100)   as urgency,
    pg_temp.pick(title || 'length', 30)     as length
) as pick
order by created_at, title;

insert into public.labels (team_id, name, color)
select t.id, v.name, v.color
from (values
  ('harbour', 'customer request', '#2563eb'), ('harbour', 'quick win', '#16a34a'),
  ('harbour', 'needs design', '#c026d3'),     ('harbour', 'blocked', '#dc2626'),
  ('lantern', 'help wanted', '#16a34a'),      ('lantern', 'next release', '#ea580c'),
  ('lantern', 'discussion', '#0891b2'),       ('lantern', 'blocked', '#dc2626'),
  ('orchard', 'waiting for offer', '#ca8a04'), ('orchard', 'before autumn', '#ea580c'),
  ('orchard', 'recurring', '#64748b'),        ('orchard', 'blocked', '#dc2626')
) as v (team, name, color)
join public.teams t on t.slug = v.team
order by t.id, v.name;

-- About every second task carries a label, some carry two.
insert into public.task_labels (task_id, label_id)
select t.id, l.id
from public.tasks t
join public.projects p on p.id = t.project_id
join public.labels l on l.team_id = p.team_id
where pg_temp.pick(t.title || l.name, 100) < (case when l.name = 'blocked' then 5 else 18 end)
  and not (l.name = 'blocked' and t.status = 'done');

create temporary table remarks (n int generated always as identity, for_done boolean, body text);
insert into remarks (for_done, body) values
  (false, 'I can take this one next week.'),
  (false, 'Does anybody remember why we did it the other way last time?'),
  (false, 'Half of it is there; I will push the rest tomorrow.'),
  (false, 'Waiting for an answer, I asked again this morning.'),
  (false, 'This is smaller than it looks. Two hours, perhaps.'),
  (false, 'This is bigger than it looks. Shall we split it?'),
  (false, 'Raised the priority, it came up in support twice this week.'),
  (false, 'I wrote down what we agreed on in the description.'),
  (false, 'Could somebody have a look before I go on?'),
  (false, 'Let us talk about it on Thursday.'),
  (true,  'Done. Thanks for the quick review!'),
  (true,  'Finished, and it was less work than we feared.'),
  (true,  'Closed. I left a note for whoever comes next.'),
  (true,  'That went well. Shall we do the next one the same way?'),
  (true,  'Works for me, tested on two machines.');

insert into public.comments (task_id, author_id, body, created_at)
select
  t.id,
  m.team[1 + pg_temp.pick(t.title || r.body, 1000) % cardinality(m.team)],
  r.body,
  least(now(), coalesce(t.done_at, t.created_at + make_interval(days => 1 + pg_temp.pick(t.title || r.n, 25), hours => r.n)))
from public.tasks t
join public.projects p on p.id = t.project_id
cross join lateral (
  select array_agg(user_id order by user_id) as team from public.members where team_id = p.team_id
) as m
join remarks r on r.for_done <= (t.status = 'done')
where t.status <> 'backlog'
  and pg_temp.pick(t.title || r.n || r.body, 100) < (case when r.for_done then 24 else 14 end)
order by t.id, r.n;

drop table work, things, remarks;
drop function pg_temp.pick(text, int);
analyze;

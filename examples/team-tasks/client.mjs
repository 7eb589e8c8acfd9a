// A tour with the unmodified supabase-js: people sign in, the same questions asked by different
// people get different answers, and nothing in this file filters by person.
//
// Run `postern dev` on this folder first, then `npm ci` and `npm start` here.
// API_URL changes where it connects to, POSTERN_BIN names a built binary. It exits with 1 at the
// first surprise and leaves no rows behind.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@supabase/supabase-js";

const folder = dirname(fileURLToPath(import.meta.url));
const url = process.env.API_URL ?? "http://127.0.0.1:54321";

const AMARA = "a0000000-0000-4000-8000-000000000001"; // admin of Harbour
const BEN = "a0000000-0000-4000-8000-000000000002"; // works for Harbour
const FARID = "a0000000-0000-4000-8000-000000000006"; // admin of Lantern

/** The keys of this project and the password of its demo users, as `postern dev` made them. */
function readKeys() {
  // POSTERN_BIN is ours: the command refuses POSTERN_ variables that it does not know.
  const { POSTERN_BIN, ...env } = process.env;
  const [program, ...first] = POSTERN_BIN
    ? [POSTERN_BIN]
    : ["cargo", "run", "--release", "--quiet", "--"];
  const options = { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] };
  return JSON.parse(execFileSync(program, [...first, "keys", "--json"], options));
}

const keys = readKeys();

/** A client for one person, who keeps a session of their own. */
function newClient(key = keys.publishable) {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    // This tour does not use realtime; Node before 22 has no WebSocket of its own to offer it.
    ...(globalThis.WebSocket ? {} : { realtime: { transport: class {} } }),
  });
}

/** A client that a demo user has signed in with. */
async function signIn(email) {
  const client = newClient();
  data(await client.auth.signInWithPassword({ email, password: keys.demo_password }));
  return client;
}

/** The code in the newest mail to an address, from the mailbox of `postern dev`. */
async function mailedCode(email) {
  for (let tries = 0; tries < 100; tries += 1) {
    const mails = await (await fetch(`${url}/_dev/mailbox.json?to=${encodeURIComponent(email)}`)).json();
    if (mails.length > 0) return mails[0].code;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`no mail to ${email}`);
}

/** What the data API says to a token, asked without a client that could renew it. */
async function statusWith(token) {
  const headers = { apikey: keys.publishable, authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/rest/v1/teams?select=name`, { headers });
  await answer.body?.cancel();
  return answer.status;
}

/** The data of an answer that must be a success. */
function data(answer) {
  assert.equal(answer.error, null, JSON.stringify(answer.error));
  return answer.data;
}

/** The error of an answer that must be refused with this status and code. */
function refused(answer, status, code) {
  assert.ok(answer.error, `expected a refusal, got ${JSON.stringify(answer.data)}`);
  assert.equal(answer.error.code, code, JSON.stringify(answer.error));
  assert.equal(answer.status, status);
  return answer.error;
}

const chapter = (title) => console.log(`\n${title}`);
const say = (line) => console.log(`  ${line}`);

const visitor = newClient();
const amara = await signIn("amara@example.com");
const ben = await signIn("ben@example.com");
const farid = await signIn("farid@example.com");
const staff = await signIn("support@example.com");

chapter("The same question, asked by five callers");
{
  const counts = {};
  for (const [name, client] of Object.entries({ visitor, amara, ben, farid, staff })) {
    const answer = await client.from("tasks").select("id", { count: "exact" }).limit(1);
    data(answer);
    counts[name] = answer.count;
    say(`${name.padEnd(8)} sees ${String(answer.count).padStart(3)} tasks`);
  }
  // Lantern has two public projects of thirty tasks; Harbour has four projects, Lantern three.
  assert.deepEqual(counts, { visitor: 60, amara: 180, ben: 180, farid: 90, staff: 300 });

  const mine = data(await ben.from("teams").select("name").order("name"));
  const theirs = data(await farid.from("teams").select("name").order("name"));
  assert.deepEqual([mine, theirs], [[{ name: "Harbour" }], [{ name: "Lantern" }]]);
  say(`ben's teams: ${mine[0].name}; farid's teams: ${theirs[0].name}`);
}

chapter("One request with everything that hangs on a task");
{
  const rows = data(
    await ben
      .from("tasks")
      .select(
        `id, title, status, priority, due_on,
         project:projects!inner(name, team:teams(name)),
         assignee:profiles!assignee_id(username, email),
         labels(name, color),
         comments(body, created_at, author:profiles(username))`,
      )
      .eq("projects.name", "Mobile app")
      .in("status", ["in_progress", "in_review"])
      .not("assignee_id", "is", null)
      .order("due_on", { nullsFirst: false })
      .order("id")
      .order("created_at", { referencedTable: "comments" })
      .limit(4),
  );
  assert.equal(rows.length, 4);
  for (const row of rows) {
    assert.equal(row.project.team.name, "Harbour");
    const labels = row.labels.map((label) => label.name).join(", ") || "no labels";
    say(`#${row.id} ${row.title} (${row.assignee.username}; ${labels})`);
    for (const comment of row.comments) say(`    ${comment.author.username}: ${comment.body}`);
  }
}

chapter("Filters: full text, arrays, JSON");
{
  const offline = data(
    await ben.from("tasks").select("title").textSearch("search", "offline search", { type: "plain" }),
  );
  assert.deepEqual(offline, [{ title: "Make the search screen work offline" }]);
  say(`about "offline search": ${offline[0].title}`);

  const secure = data(await ben.from("tasks").select("title, tags").contains("tags", ["security"]));
  assert.equal(secure.length, 12);
  say(`tagged "security": ${secure.length} tasks`);

  const large = data(
    await ben
      .from("tasks")
      .select("title, hours:details->estimate_hours")
      .gte("details->estimate_hours", 16)
      .order("title"),
  );
  assert.ok(large.length > 0 && large.every((row) => row.hours >= 16));
  say(`estimated at two days or more: ${large.length} tasks`);
}

chapter("Masks: a directory without contact data");
{
  const people = data(
    await ben
      .from("profiles")
      .select("id, full_name, email, phone")
      .in("id", [AMARA, BEN])
      .order("username"),
  );
  for (const one of people) say(`${one.full_name}: ${one.email ?? "(hidden)"}, ${one.phone}`);
  assert.deepEqual(
    people.map((one) => one.email),
    [null, "ben@example.com"],
  );
  assert.equal(people[0].phone, "***07");

  const found = data(await ben.from("profiles").select("id").eq("email", "amara@example.com"));
  assert.deepEqual(found, []);
  say("searching for amara's address finds nobody");

  refused(await visitor.from("profiles").select("email"), 400, "42703");
  say("for a visitor the column does not even exist");
}

chapter("Writing: presets, references and refusals");
const project_id = data(
  await ben.from("projects").select("id").eq("name", "Mobile app").single(),
).id;
const task = data(
  await ben
    .from("tasks")
    .insert({ project_id, title: "Try the tour of the data API", assignee_id: BEN, tags: ["demo"] })
    .select("id, title, status, created_by, updated_at")
    .single(),
);
{
  assert.equal(task.created_by, BEN);
  say(`ben wrote #${task.id}; created_by came from his token`);

  const moved = data(
    await ben
      .from("tasks")
      .update({ status: "in_progress", priority: 2 })
      .eq("id", task.id)
      .select("status, updated_at")
      .single(),
  );
  assert.equal(moved.status, "in_progress");
  assert.ok(moved.updated_at > task.updated_at);
  say("he started it; updated_at followed");

  const project = async (name, who) =>
    data(await who.from("projects").select("id").eq("name", name).single()).id;
  const write = (id) => ben.from("tasks").insert({ project_id: id, title: "Slip into Lantern" });

  const seen = await write(await project("Reader 2.0", ben));
  say(`ben writes into a public project: ${seen.status} ${refused(seen, 403, "42501").message}`);

  const hidden = await write(await project("Community", farid));
  const missing = await write(999_999);
  assert.deepEqual(hidden.error, missing.error);
  say(`ben writes into a hidden project: ${hidden.status} ${refused(hidden, 409, "23503").message}`);
  say("ben writes into a project that is not there: the same answer");

  const forged = await ben.from("tasks").insert({ project_id, title: "Forged", created_by: AMARA });
  assert.ok(forged.error, "a forged author was accepted");
  say(`ben signs as amara: ${forged.status} ${forged.error.message}`);

  const outsider = await ben.from("tasks").update({ assignee_id: FARID }).eq("id", task.id);
  say(`ben gives it to farid: ${outsider.status} ${refused(outsider, 403, "42501").message}`);

  const unseen = data(await farid.from("tasks").update({ title: "Mine now" }).eq("id", task.id).select());
  assert.deepEqual(unseen, []);
  say("farid updates it: 0 rows, as if it were not there");

  const many = await ben.from("tasks").update({ priority: 4 }).in("status", ["backlog", "todo", "done"]);
  assert.ok(many.error, "an update of more than 50 rows went through");
  say(`ben updates most of the team's tasks at once: ${many.status} ${many.error.message}`);
}

chapter("Comments: soft delete");
{
  const comment = data(
    await ben.from("comments").insert({ task_id: task.id, body: "Hello!" }).select("id").single(),
  );
  const edited = data(
    await amara.from("comments").update({ body: "changed" }).eq("id", comment.id).select(),
  );
  assert.deepEqual(edited, []);
  say("amara cannot edit ben's comment");

  const now = new Date().toISOString();
  data(await ben.from("comments").update({ deleted_at: now }).eq("id", comment.id));
  assert.deepEqual(data(await ben.from("comments").select("id").eq("id", comment.id)), []);
  say("ben removed it; the row stays, hidden from everybody");
}

chapter("Functions and a view");
{
  const dashboard = data(await ben.rpc("my_dashboard", {}, { get: true }));
  assert.equal(dashboard.length, 1);
  const { team_name, open_tasks, overdue_tasks, mine } = dashboard[0];
  say(`${team_name}: ${open_tasks} open, ${overdue_tasks} overdue, ${mine} of them ben's`);

  const progress = data(
    await ben.from("project_progress").select("project_name, tasks, done").order("project_name"),
  );
  assert.equal(progress.length, 4);
  for (const one of progress) say(`${one.project_name}: ${one.done} of ${one.tasks} done`);

  const stranger = await farid.rpc("complete_task", { task_id: task.id });
  say(`farid completes ben's task: ${stranger.status} ${refused(stranger, 403, "42501").message}`);

  const done = data(
    await ben.rpc("complete_task", { task_id: task.id, note: "That was easy." }).select("id, status"),
  );
  assert.deepEqual(done, [{ id: task.id, status: "done" }]);
  say(`ben completes it: ${done[0].status}`);

  refused(await ben.rpc("keep_done_at"), 404, "PGRST202");
  say("a function that no policy file lists does not exist");
}

chapter("Somebody new signs up");
{
  const email = `nadia-${Date.now()}@example.com`;
  const password = "seven-lighthouses-at-dusk";
  const nadia = newClient();
  const signedUp = data(
    await nadia.auth.signUp({ email, password, options: { data: { full_name: "Nadia Klein" } } }),
  );
  assert.equal(signedUp.session, null);
  const early = await nadia.auth.signInWithPassword({ email, password });
  assert.equal(early.error?.code, "email_not_confirmed");
  say("nadia has no session before she has proved her address");

  const { session } = data(
    await nadia.auth.verifyOtp({ email, token: await mailedCode(email), type: "email" }),
  );
  const { data: profile } = await nadia.from("profiles").select("full_name, email").eq("id", session.user.id);
  assert.deepEqual(profile, [{ full_name: "Nadia Klein", email }]);
  say(`the code from the mail opens her account; she is ${profile[0].full_name} in the directory`);

  const tasks = (client) => client.from("tasks").select("id", { count: "exact" }).limit(1);
  const harbour = data(await ben.from("teams").select("id").single()).id;
  assert.deepEqual([(await tasks(nadia)).count, data(await nadia.from("teams").select("name"))], [60, []]);
  say("she sees what visitors see, and none of ben's rows");

  data(await amara.from("members").insert({ team_id: harbour, user_id: session.user.id }));
  assert.equal((await tasks(nadia)).count, (await tasks(ben)).count);
  say("amara takes her into the team: the very next question is answered with the team's tasks");

  const fresh = data(await nadia.auth.refreshSession()).session;
  assert.notEqual(fresh.refresh_token, session.refresh_token);
  assert.equal(await statusWith(fresh.access_token), 200);
  assert.equal((await nadia.auth.signOut()).error, null);
  assert.equal(await statusWith(fresh.access_token), 401);
  say("she signs out: her token is refused at once, though it would be good for an hour");

  const service = newClient(keys.secret);
  data(await service.auth.admin.deleteUser(session.user.id));
  assert.deepEqual(data(await ben.from("profiles").select("id").eq("id", session.user.id)), []);
  say("the operator deletes her account; profile and membership go with it");
}

chapter("Cleaning up");
{
  const gone = data(await ben.from("tasks").delete().eq("id", task.id).select("id"));
  assert.deepEqual(gone, [{ id: task.id }]);
  say("ben deleted his task");
}

console.log("\nEverything as expected.");

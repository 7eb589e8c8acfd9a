//! How much script each page loads.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use postern_console::routes::{self, Verb};
use postern_testkit::{Reply, TestApp};

use crate::it::kit::{self, Browser};

/// Most script of a page without an editor, in bytes as gzip packs them.
const SCRIPT_BYTES_MAX: usize = 100 * 1024;

/// The pages that hold an editor.
const WITH_EDITOR: [&str; 4] = [
    "/policies/{file}",
    "/sql",
    "/sql/{id}",
    "/sql/{id}/runs/{run}",
];

/// What is no page: files, parts of pages, streams.
const NO_PAGES: [&str; 8] = [
    "/assets/{name}",
    "/audit/export",
    "/logs/tail",
    "/policies/users",
    "/sign-in/templates/preview",
    "/sql/{id}/runs/{run}/{file}",
    "/tables/{table}/export",
    "/tables/{table}/import/{import}/bad",
];

/// Pages that are not there in this test: an import begins with a file.
const UNSEEN: [&str; 1] = ["/tables/{table}/import/{import}"];

const TABLE: &str = "create table public.weighed (id int primary key, word text);
    insert into public.weighed values (1, 'one');";
const POLICY: &str = "table = \"public.weighed\"\n\n[columns.anon]\nselect = \"*\"\n\n[[allow]]\n\
    name = \"all\"\nroles = [\"anon\"]\nfor = [\"select\"]\nwhere = \"true\"\n";

/// The scripts that a page names, and those that they name.
async fn scripts(browser: &Browser, page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = named(page, &["<script src=\"", "rel=\"modulepreload\" href=\""]);
    while let Some(address) = waiting.pop() {
        if !found.insert(address.clone()) {
            continue;
        }
        let text = browser.get(&address).await.expect_status(200).text;
        let imports = named(&text, &["from\"", "import\"", "import(\""]);
        let folder = address.rsplit_once('/').expect("a folder").0.to_owned();
        let chunks = imports.iter().filter_map(|it| it.strip_prefix("./"));
        waiting.extend(chunks.map(|it| format!("{folder}/{it}")));
    }
    found
}

fn named(text: &str, before: &[&str]) -> Vec<String> {
    let parts = before.iter().flat_map(|it| text.split(it).skip(1));
    let parts = parts.filter_map(|it| it.split('"').next());
    parts.map(ToOwned::to_owned).collect()
}

fn packed(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it").len()
}

/// The address of something that is there, for each route with gaps.
struct Addresses {
    user: String,
    snippet: String,
    run: String,
    request: String,
}

impl Addresses {
    /// Makes what the gaps name.
    async fn new(app: &TestApp, owner: &Browser) -> Self {
        let fields = [("name", "weighed"), ("sql", "select 1")];
        let kept = owner.post("/console/sql", &fields).await;
        let run = owner.post("/console/sql/run", &fields).await;
        let location = |it: Reply| it.header("location").unwrap_or_default().to_owned();
        app.anon().get("/rest/v1/weighed").send().await;
        let logs = owner.get("/console/logs").await.expect_status(200).text;
        let request = named(&logs, &["href=\"/console/logs/"]).into_iter().next();
        Self {
            user: kit::id(&kit::user(app, "ann@mail.example").await),
            snippet: location(kept.expect_status(303)),
            run: location(run.expect_status(303)),
            request: request.expect("a request in the log"),
        }
    }

    fn of(&self, path: &str) -> String {
        match path {
            "/sql/{id}" => self.snippet.clone(),
            "/sql/{id}/runs/{run}" => self.run.clone(),
            path => format!("/console{path}")
                .replace("{id}", &self.user)
                .replace("{request}", &self.request)
                .replace("{section}", "providers")
                .replace("{table}", "public.weighed")
                .replace("{key}", "1")
                .replace("{file}", "public.weighed.toml"),
        }
    }
}

/// What the scripts weigh that were seen.
#[derive(Default)]
struct Scale(HashMap<String, usize>);

impl Scale {
    /// Weighs the scripts of a page; none where the answer is no page.
    async fn weigh(&mut self, browser: &Browser, address: &str) -> Option<(usize, String)> {
        let reply = browser.get(address).await;
        if reply.status != 200 || !reply.text.starts_with("<!doctype html>") {
            return None;
        }
        let mut weight = 0;
        for script in scripts(browser, &reply.text).await {
            if !self.0.contains_key(&script) {
                let text = browser.get(&script).await.expect_status(200).text;
                self.0.insert(script.clone(), packed(&text));
            }
            weight += self.0[&script];
        }
        Some((weight, reply.text))
    }
}

#[tokio::test]
async fn no_page_without_an_editor_loads_much_script() {
    let app = kit::app().migrations(TABLE);
    let app = app.policy("public.weighed.toml", POLICY).start().await;
    let mut scale = Scale::default();
    let nobody = Browser::new(&app);
    let setup = scale.weigh(&nobody, app.setup_path()).await;
    assert!(
        setup.is_some_and(|it| it.0 <= SCRIPT_BYTES_MAX),
        "the wizard"
    );
    let owner = kit::owner(&app).await;
    let addresses = Addresses::new(&app, &owner).await;
    let (mut others, mut with_editor) = (Vec::new(), Vec::new());

    for route in routes::all().filter(|it| it.verb == Verb::Get && it.path != "/setup/{token}") {
        let path = route.path;
        // Whoever is signed in is sent on from there.
        let browser = if path == "/login" { &nobody } else { &owner };
        let Some((weight, page)) = scale.weigh(browser, &addresses.of(path)).await else {
            others.push(path);
            continue;
        };
        assert!(weight > 0, "{path} has the script of every page");
        if page.contains("<pn-editor") {
            with_editor.push(path);
        } else {
            assert!(
                weight <= SCRIPT_BYTES_MAX,
                "{path}: {weight} bytes of {:?}",
                scale.0
            );
        }
    }

    with_editor.sort_unstable();
    assert_eq!(with_editor, WITH_EDITOR, "the pages that hold an editor");
    others.retain(|it| !UNSEEN.contains(it));
    others.sort_unstable();
    assert_eq!(others, NO_PAGES, "what is no page");
}

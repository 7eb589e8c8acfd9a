//! What the tests share: a browser as far as forms and cookies go, and admins of every role.

use postern_testkit::{Reply, TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

/// A password that all rules accept.
pub(crate) const PASSWORD: &str = "correct-horse-battery";
/// The owner whom [`owner`] sets up.
pub(crate) const OWNER: &str = "olga@shop.example";

/// A server with a console, whose new users are confirmed at once.
pub(crate) fn app() -> TestAppBuilder {
    TestApp::builder()
        .auth()
        .setting("signup.email_autoconfirm", "true")
}

/// A browser that stands on the console's own pages.
pub(crate) struct Browser {
    client: TestClient,
    origin: String,
    pub(crate) cookie: Option<String>,
    pub(crate) form: String,
}

impl Browser {
    /// A browser that nobody is signed in with.
    pub(crate) fn new(app: &TestApp) -> Self {
        let client = TestClient::new(app.address(), "none", None)
            .without_header("apikey")
            .without_header("authorization");
        Self {
            client,
            origin: app.address().to_owned(),
            cookie: None,
            form: String::new(),
        }
    }

    /// `GET`, with the cookie.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        let request = self.client.get(path);
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie).send().await,
            None => request.send().await,
        }
    }

    /// `GET` as htmx sends it.
    pub(crate) async fn get_part(&self, path: &str) -> Reply {
        let cookie = self.cookie.clone().unwrap_or_default();
        let request = self.client.get(path).header("hx-request", "true");
        request.header("cookie", &cookie).send().await
    }

    /// Sends a form of the browser's own session.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let fields = [fields, &[("form", self.form.as_str())]].concat();
        let origin = self.origin.clone();
        let headers = [
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.post_with(path, &fields, &headers).await
    }

    /// Sends a form with these headers beside the cookie.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Reply {
        let body = encoded(fields);
        let mut request = self.client.request("POST".parse().expect("a method"), path);
        request = request.body("application/x-www-form-urlencoded", body);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await
    }

    /// Keeps the cookie of an answer, and reads the token of its session's forms.
    pub(crate) async fn keep(&mut self, reply: &Reply) {
        let set = reply.header("set-cookie").expect("a cookie");
        let pair = set.split(';').next().unwrap_or_default();
        self.cookie = Some(pair.to_owned());
        let page = self.get("/console").await.expect_status(200).text;
        let rest = page.split_once("name=\"form\" value=\"").expect("a form").1;
        self.form = rest.split('"').next().unwrap_or_default().to_owned();
    }

    /// Signs in.
    pub(crate) async fn sign_in(app: &TestApp, email: &str, password: &str) -> Self {
        let mut browser = Self::new(app);
        let fields = [("email", email), ("password", password)];
        let reply = browser.post("/console/login", &fields).await;
        browser.keep(&reply.expect_status(303)).await;
        browser
    }
}

/// `a=1&b=2`, escaped.
pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields);
    text.finish()
}

/// Sets the project up; the browser is its owner's.
pub(crate) async fn owner(app: &TestApp) -> Browser {
    let mut browser = Browser::new(app);
    let fields = [
        ("email", OWNER),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let reply = browser.post(app.setup_path(), &fields).await;
    browser.keep(&reply.expect_status(303)).await;
    browser
}

/// Adds an admin of a role and signs them in.
pub(crate) async fn admin(app: &TestApp, owner: &Browser, role: &str) -> Browser {
    let email = format!("{role}@shop.example");
    let fields = [("email", email.as_str()), ("role", role)];
    let page = owner.post("/console/settings/admins", &fields).await;
    let text = page.expect_status(200).text;
    let rest = text.split_once("id=\"made-up\">").expect("a password").1;
    let password = rest.split('<').next().unwrap_or_default();
    Browser::sign_in(app, &email, password).await
}

/// Signs a user of the app up; the answer is their session.
pub(crate) async fn user(app: &TestApp, email: &str) -> Value {
    let body = json!({ "email": email, "password": PASSWORD });
    let reply = app.anon().post("/auth/v1/signup", &body).send().await;
    reply.expect_status(200).json()
}

/// A user's id.
pub(crate) fn id(session: &Value) -> String {
    session["user"]["id"].as_str().expect("an id").to_owned()
}

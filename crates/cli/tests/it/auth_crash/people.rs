//! People who sign up, prove their address, refresh and change their password, and remember what
//! they were answered.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::super::http::{self, Answer};
use super::super::mail_sink::MailSink;
use super::invariants::Row;

/// How long somebody waits for a mail before giving up, in looks; the end of the server ends it.
const LOOKS: u32 = 6000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
const REFRESHES: u32 = 3;

/// Somebody, and what the server has told them.
#[derive(Debug, Default)]
pub(super) struct Person {
    pub(super) email: String,
    password: String,
    /// The password that a change was asked for with.
    next_password: Option<String>,
    sign_up_answered: bool,
    /// The code that was sent in.
    used_code: Option<String>,
    verify_answered: bool,
    refresh_token: Option<String>,
    change_answered: bool,
}

impl Person {
    pub(super) fn is_proved(&self) -> bool {
        self.verify_answered
    }

    /// Whether nothing was under way when the server was killed.
    pub(super) fn is_settled(&self) -> bool {
        self.change_answered
    }

    /// Whoever was answered finds a code in the mailbox.
    pub(super) fn got_mail_if_answered(&self, mails: &MailSink) {
        let has_mail = mails.code_to(&self.email).is_some();
        assert!(has_mail || !self.sign_up_answered, "no mail: {self:?}");
    }
}

/// Lives one life after the other until it is over, or the server is gone; counts the proved.
pub(super) fn live(
    port: u16,
    name: &str,
    mails: &MailSink,
    (is_over, proved): (&AtomicBool, &AtomicU32),
) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0.. {
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        let mut person = Person {
            email: format!("{name}-{number}@example.com"),
            password: format!("first-{name}-{number}-Xy"),
            ..Person::default()
        };
        // Without an answer the server is gone, and so is this life.
        let lived = one_life(port, &mut person, mails, is_over);
        proved.fetch_add(u32::from(person.verify_answered), Ordering::SeqCst);
        people.push(person);
        if lived.is_none() {
            break;
        }
    }
    people
}

fn one_life(port: u16, person: &mut Person, mails: &MailSink, is_over: &AtomicBool) -> Option<()> {
    let body = json!({ "email": person.email, "password": person.password });
    ok(http::post(port, "/auth/v1/signup", &body.to_string()))?;
    person.sign_up_answered = true;
    let code = wait_for_code(mails, &person.email, is_over)?;
    person.used_code = Some(code.clone());
    let mut session = ok(verify(port, &person.email, &code))?;
    person.verify_answered = true;
    for _ in 0..REFRESHES {
        person.refresh_token = session["refresh_token"].as_str().map(str::to_owned);
        session = ok(refresh(port, person.refresh_token.as_deref()?))?;
    }
    person.refresh_token = session["refresh_token"].as_str().map(str::to_owned);
    let next = person.password.replace("first", "second");
    person.next_password = Some(next.clone());
    let token = session["access_token"].as_str();
    let body = json!({ "password": next }).to_string();
    ok(http::send(port, ("PUT", "/auth/v1/user"), token, &body))?;
    person.change_answered = true;
    Some(())
}

/// After the crashes: what was used stays used, and what was given is still good.
pub(super) fn use_everything_again(port: u16, person: &Person, row: Option<Row>, mails: &MailSink) {
    let Some(row) = row else {
        assert!(!person.sign_up_answered, "a user is gone: {person:?}");
        return;
    };
    assert!(row.is_confirmed || !person.verify_answered, "{person:?}");
    codes_are_good_once(port, person, &row, mails);
    if let Some(token) = &person.refresh_token {
        let again = refresh(port, token).unwrap();
        assert_eq!(again.status, 200, "{} {person:?}", again.body);
    }
    if !row.is_confirmed {
        return;
    }
    let works = |password: &str| signs_in(port, &person.email, password);
    match &person.next_password {
        None => assert!(works(&person.password), "{person:?}"),
        Some(next) if person.change_answered => {
            assert!(works(next) && !works(&person.password), "{person:?}");
        }
        Some(next) => assert!(works(next) ^ works(&person.password), "{person:?}"),
    }
}

fn codes_are_good_once(port: u16, person: &Person, row: &Row, mails: &MailSink) {
    let code = person.used_code.clone();
    let Some(code) = code.or_else(|| mails.code_to(&person.email)) else {
        return;
    };
    let first = verify(port, &person.email, &code).unwrap();
    let second = verify(port, &person.email, &code).unwrap();
    let wanted = !row.is_confirmed;
    assert_eq!(first.status == 200, wanted, "{} {person:?}", first.body);
    assert_ne!(second.status, 200, "used twice: {person:?}");
}

fn verify(port: u16, email: &str, code: &str) -> std::io::Result<Answer> {
    let body = json!({ "type": "signup", "email": email, "token": code });
    http::post(port, "/auth/v1/verify", &body.to_string())
}

fn refresh(port: u16, token: &str) -> std::io::Result<Answer> {
    let body = json!({ "refresh_token": token }).to_string();
    http::post(port, "/auth/v1/token?grant_type=refresh_token", &body)
}

fn signs_in(port: u16, email: &str, password: &str) -> bool {
    let body = json!({ "email": email, "password": password }).to_string();
    let answer = http::post(port, "/auth/v1/token?grant_type=password", &body);
    answer.unwrap().status == 200
}

/// The answer's JSON; nothing when the server was gone before it had answered.
fn ok(answer: std::io::Result<Answer>) -> Option<Value> {
    let answer = answer.ok()?;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // Cut off: the kill came between head and body.
    serde_json::from_str(&answer.body).ok()
}

fn wait_for_code(mails: &MailSink, email: &str, is_over: &AtomicBool) -> Option<String> {
    for _ in 0..LOOKS {
        if let Some(code) = mails.code_to(email) {
            return Some(code);
        }
        if is_over.load(Ordering::SeqCst) {
            return None;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    None
}

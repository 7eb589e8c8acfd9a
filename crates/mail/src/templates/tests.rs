//! Built-in templates say what they must, and templates of a project can do no harm.

use std::fs;
use std::path::{Path, PathBuf};

use postern_base::Secret;
use serde_json::json;

use super::{Rendered, TemplateError, Templates};
use crate::{Address, MailKind, Values};

/// A folder of template files that is gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("postern-mail-{}", uuid::Uuid::new_v4()));
        for (file, text) in files {
            let file = path.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        Self(path)
    }

    fn load(&self) -> Result<Templates, TemplateError> {
        Templates::load(Some(&self.0))
    }

    #[track_caller]
    fn error(&self) -> String {
        let error = self
            .load()
            .err()
            .expect("the templates should be refused")
            .to_string();
        error.replace(&format!("{}/", self.0.display()), "")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn values() -> Values {
    Values {
        code: Some(Secret::new("123456".into())),
        link: Some(Secret::new("https://example.com/v?a=1&b=2".into())),
        minutes: Some(60),
        ..Values::new("Example", Address::parse("ada@example.com").unwrap())
    }
}

fn recovery(templates: &Templates, locale: &str) -> Rendered {
    templates
        .render(MailKind::Recovery, locale, &values())
        .unwrap()
}

#[test]
fn every_built_in_mail_that_asks_shows_code_and_link() {
    let templates = Templates::load(None).unwrap();
    let previews = templates.preview().unwrap();
    assert_eq!(previews.len(), MailKind::ALL.len() * 2);
    assert_eq!(templates.locales(), ["de", "en"]);

    for preview in previews {
        let what = format!("{} {}", preview.locale, preview.kind());
        let sample = Values::sample();
        let (code, link) = (sample.code.unwrap(), sample.link.unwrap());
        let escaped = link.expose().replace('&', "&amp;");
        for (text, link) in [(&preview.text, link.expose()), (&preview.html, &escaped)] {
            assert_eq!(
                text.contains(code.expose()),
                preview.kind().asks(),
                "{what}: {text}"
            );
            assert_eq!(text.contains(link), preview.kind().asks(), "{what}: {text}");
            assert!(text.contains("ada@example.com"), "{what}: {text}");
        }
        assert!(preview.subject.contains("Example"), "{what}");
        assert!(!preview.text.contains("\n\n\n"), "{what}: {}", preview.text);
        assert!(
            preview
                .html
                .contains(&format!("lang=\"{}\"", preview.locale)),
            "{what}"
        );
        assert!(preview.problem.is_none(), "{what}");
    }
}

#[test]
fn locales_fall_back_from_region_to_language_to_english() {
    let templates = Templates::load(None).unwrap();

    assert!(recovery(&templates, "de-AT").text.contains("Passwort"));
    assert!(recovery(&templates, "de_CH").text.contains("Passwort"));
    for locale in ["fr", "", "../de", "en-GB"] {
        assert!(
            recovery(&templates, locale).text.contains("password"),
            "{locale}"
        );
    }
}

#[test]
fn the_first_language_that_has_the_mail_is_taken() {
    let folder = Folder::new(&[
        ("fr/recovery.subject.txt", "Mot de passe"),
        ("fr/recovery.txt", "{{ code }}"),
        ("fr/recovery.html", "{{ code }}"),
    ]);
    let templates = folder.load().unwrap();
    let locale_for = |kind, languages: &[&str]| {
        let languages: Vec<_> = languages.iter().map(ToString::to_string).collect();
        templates.locale_for(kind, &languages)
    };

    assert_eq!(locale_for(MailKind::Recovery, &["nl", "fr-CA", "de"]), "fr");
    assert_eq!(locale_for(MailKind::Invite, &["fr-CA", "de-AT"]), "de");
    assert_eq!(locale_for(MailKind::Invite, &["nl", "*", "../x"]), "en");
    assert_eq!(locale_for(MailKind::Invite, &[]), "en");
}

#[test]
fn lifetimes_are_said_in_words() {
    let templates = Templates::load(None).unwrap();
    let said = |locale, minutes| {
        let values = Values {
            minutes: Some(minutes),
            ..values()
        };
        templates
            .render(MailKind::Recovery, locale, &values)
            .unwrap()
            .text
    };

    assert!(said("en", 1).contains("within one minute."));
    assert!(said("en", 10).contains("within 10 minutes."));
    assert!(said("en", 60).contains("within one hour."));
    assert!(said("en", 90).contains("within 90 minutes."));
    assert!(said("en", 1440).contains("within 24 hours."));
    assert!(said("de", 60).contains("innerhalb von einer Stunde."));
    assert!(said("de", 1440).contains("innerhalb von 24 Stunden."));
}

#[test]
fn a_mail_without_a_link_asks_for_the_code_only() {
    let templates = Templates::load(None).unwrap();
    let values = Values {
        link: None,
        ..values()
    };

    let mail = templates
        .render(MailKind::Reauthentication, "en", &values)
        .unwrap();

    assert!(
        mail.text.contains("Enter this code:\n123456"),
        "{}",
        mail.text
    );
    assert!(!mail.html.contains("<a "), "{}", mail.html);
}

#[test]
fn a_project_overrides_single_files() {
    let folder = Folder::new(&[
        ("README.md", "Notes are left alone."),
        ("de/recovery.subject.txt", "Hallo {{ email }}"),
    ]);
    let templates = folder.load().unwrap();

    assert_eq!(recovery(&templates, "de").subject, "Hallo ada@example.com");
    assert!(recovery(&templates, "de").text.contains("Passwort"));
    assert!(recovery(&templates, "en").subject.starts_with("Reset"));
}

#[test]
fn one_layout_changes_all_mails() {
    let layout = "<html><b>Acme</b>{% block text %}{% endblock %}{{ code | default('') }}</html>";
    let folder = Folder::new(&[("_layout.html", layout)]);
    let templates = folder.load().unwrap();

    for locale in ["de", "en"] {
        assert!(
            recovery(&templates, locale)
                .html
                .starts_with("<html><b>Acme</b>")
        );
    }
}

#[test]
fn a_new_language_needs_whole_mails_but_not_all_of_them() {
    let half = Folder::new(&[("fr/recovery.txt", "{{ code }}")]);
    let whole = Folder::new(&[
        ("fr/recovery.subject.txt", "Mot de passe"),
        ("fr/recovery.txt", "{{ code }}"),
        ("fr/recovery.html", "{% extends '_page.html' %}"),
    ]);

    let templates = whole.load().unwrap();

    assert!(
        half.error()
            .starts_with("fr/recovery.subject.txt: is missing"),
        "{}",
        half.error()
    );
    assert_eq!(recovery(&templates, "fr-CA").subject, "Mot de passe");
    let invite = templates.render(MailKind::Invite, "fr", &values()).unwrap();
    assert_eq!(invite.locale, "en");
}

#[test]
fn mistakes_name_file_line_and_the_way_out() {
    for (file, text, expected) in [
        ("en/otp.txt", "{{ code }}\n{{ cod }}", "en/otp.txt:2: "),
        ("en/otp.txt", "{{ code }}\n\n{% if %}", "en/otp.txt:3: "),
        ("en/otp.txt", "{{ code }}{{ data.name }}", "default('')"),
        ("en/otp.txt", "{{ code | shout }}", "`default`, `upper`"),
        (
            "en/otp.txt",
            "no code",
            "en/otp.txt:1: prints neither `{{ code }}` nor `{{ link }}`",
        ),
        (
            "en/otp.html",
            "{% include '_foot.html' %}",
            "parts: files beside them that start with",
        ),
        (
            "en/opt.txt",
            "{{ code }}",
            "en/opt.txt: no mail template has this name; did you mean `otp.txt`?",
        ),
        (
            "otp.txt",
            "{{ code }}",
            "put it into the folder of a locale, such as `en/otp.txt`",
        ),
        ("en/newsletter.txt", "x", "parts of your own start with `_`"),
        (
            "english/otp.txt",
            "x",
            "english: the name of this folder is no locale",
        ),
        ("_layout.txt", "\n{{ nothing }}", "_layout.txt:2: "),
    ] {
        let error = Folder::new(&[(file, text)]).error();

        assert!(error.contains(expected), "{file}: {error}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_empty() {
    let templates = Templates::load(Some(Path::new("no/such/folder"))).unwrap();

    assert!(recovery(&templates, "en").problem.is_none());
}

#[test]
fn attack_36_metadata_is_text_in_every_mail() {
    let evil = "</p><script>alert(1)</script>{{ code }}{% for x in [1] %}{% endfor %}\r\n\r\n'\"";
    let folder = Folder::new(&[
        (
            "en/otp.subject.txt",
            "{{ data.name | default('you') }}: your code",
        ),
        (
            "en/otp.txt",
            "{{ code }}\nHello {{ data.name | default('you') }}",
        ),
        (
            "en/otp.html",
            "{{ code }}<p title=\"{{ data.name | default('you') }}\">",
        ),
    ]);
    let templates = folder.load().unwrap();
    let mut values = values();
    values.data = json!({ "name": evil }).as_object().unwrap().clone();

    let mail = templates.render(MailKind::Otp, "en", &values).unwrap();

    assert!(mail.problem.is_none());
    assert!(!mail.html.contains("<script"), "{}", mail.html);
    assert!(mail.html.contains("&lt;script&gt;"), "{}", mail.html);
    assert!(mail.html.contains("&#39;&quot;\">"), "{}", mail.html);
    assert_eq!(mail.html.matches("123456").count(), 1, "{}", mail.html);
    assert_eq!(mail.text.matches("123456").count(), 1, "{}", mail.text);
    assert!(
        mail.text.contains("{{ code }}{% for x in [1] %}"),
        "{}",
        mail.text
    );
    assert_eq!(mail.text.lines().count(), 2, "{}", mail.text);
    assert!(!mail.subject.contains(['\r', '\n']), "{}", mail.subject);
}

#[test]
fn attack_36_names_of_the_site_and_of_devices_are_text() {
    let templates = Templates::load(None).unwrap();
    let values = Values {
        site_name: "<b>A</b>\r\nBcc: x".into(),
        device: Some(format!("<img src=x>{}", "a".repeat(500))),
        ..values()
    };

    for kind in MailKind::ALL {
        let values = Values {
            new_email: Some(values.email.clone()),
            ..values.clone()
        };
        let mail = templates.render(*kind, "en", &values).unwrap();
        assert!(
            !mail.html.contains("<b>A") && !mail.html.contains("<img"),
            "{kind}"
        );
        assert!(!mail.subject.contains(['\r', '\n']), "{kind}");
        assert!(!mail.html.contains(&"a".repeat(100)), "{kind}");
    }
}

#[test]
fn attack_36_a_template_sees_the_values_and_nothing_else() {
    for text in [
        "{{ code }}{{ config }}",
        "{{ code }}{{ env }}",
        "{{ code }}{{ env('PATH') }}",
        "{{ code }}{{ request.headers }}",
        "{{ code }}{{ data.__class__.__mro__ }}",
        "{{ code }}{{ range(3) }}",
        "{{ code }}{{ debug() }}",
        "{{ code }}{{ cycler.__init__ }}",
        "{{ code }}{{ '<b>' | safe }}",
        "{{ code }}{% include '/etc/passwd' %}",
        "{{ code }}{% include '../../../../etc/passwd' %}",
        "{{ code }}{% include 'en/recovery.txt' %}",
    ] {
        let folder = Folder::new(&[("en/otp.html", text)]);

        assert!(folder.load().is_err(), "{text}");
    }
}

#[test]
fn attack_36_a_template_cannot_loop_or_grow_without_end() {
    for text in [
        "{{ code }}{% include 'otp.html' %}",
        "{{ code }}{% for a in [1,2,3,4,5,6,7,8,9]*99999 %}{{ code }}{% endfor %}",
        "{{ code }}{{ 'long' * 99999 }}",
        "{% extends 'otp.html' %}",
    ] {
        let error = Folder::new(&[("en/otp.html", text)]).error();

        assert!(error.starts_with("en/otp.html"), "{text}: {error}");
    }
}

#[test]
fn attack_75_a_template_that_fails_for_one_account_falls_back() {
    // The sample passes, the values of this account do not.
    let text = "{% if site_url is undefined %}{{ nothing }}{% endif %}{{ code }}";
    let folder = Folder::new(&[("en/recovery.txt", text)]);
    let templates = folder.load().unwrap();

    let mail = recovery(&templates, "en");

    assert!(mail.text.contains("Reset your password"), "{}", mail.text);
    let problem = mail.problem.unwrap().to_string();
    assert!(problem.contains("recovery.txt:1: "), "{problem}");
}

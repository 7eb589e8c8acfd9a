//! Mails arrive as they were meant, only where they were meant, and only encrypted.

use std::sync::Arc;
use std::time::Duration;

use postern_base::{Secret, SystemClock};
use postern_mail::{
    Address, Mail, MailKind, Security, SendError, SettingsError, Smtp, SmtpSettings, Templates,
    Transport, Values,
};
use postern_testkit::{SmtpMode, SmtpServer};

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn settings(server: &SmtpServer, security: Security) -> SmtpSettings {
    let (user, password) = server.login();
    SmtpSettings {
        host: "localhost".into(),
        port: server.port(),
        user: Some(user.into()),
        password: Some(Secret::new(password.into())),
        security,
        authority_pem: Some(server.authority_pem().into()),
        from: address("post@example.org"),
        from_name: Some("Example".into()),
        headers: Vec::new(),
        timeout: Duration::from_secs(60),
    }
}

fn plain(server: &SmtpServer) -> SmtpSettings {
    SmtpSettings {
        user: None,
        password: None,
        ..settings(server, Security::None)
    }
}

fn smtp(settings: &SmtpSettings) -> Smtp {
    Smtp::new(settings, Arc::new(SystemClock)).expect("settings that work")
}

fn transport(settings: &SmtpSettings) -> Transport {
    Transport::Smtp(Arc::new(smtp(settings)))
}

fn recovery(to: &str) -> Mail {
    let templates = Templates::load(None).expect("the built-in templates");
    let to = address(to);
    let values = Values {
        code: Some(Secret::new("483920".into())),
        link: Some(Secret::new("https://example.com/verify?a=1&b=2".into())),
        minutes: Some(60),
        ..Values::new("Bücher & Mehr", to.clone())
    };
    let rendered = templates.render(MailKind::Recovery, "de", &values);
    rendered.expect("a mail").into_mail(to)
}

#[tokio::test]
async fn a_mail_arrives_after_starttls_and_login() {
    let Some(server) = SmtpServer::start(SmtpMode::Starttls) else {
        return;
    };
    let transport = transport(&settings(&server, Security::Starttls));

    transport
        .send(&recovery("ada@bücher.example"))
        .await
        .unwrap();

    let mail = server.received(1).await.remove(0);
    assert!(mail.encrypted);
    assert_eq!(mail.user.as_deref(), Some("postern"));
    assert_eq!(mail.from, "post@example.org");
    assert_eq!(mail.to, ["ada@xn--bcher-kva.example"]);
    assert_eq!(mail.greeting, "example.org");
    let head = mail.head();
    for header in [
        "Message-ID: <",
        "Date: ",
        "From: Example <post@example.org>",
        "Subject: Setzen Sie ",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert!(mail.raw.contains("multipart/alternative"), "{}", mail.raw);
    assert_eq!(mail.raw.matches("483920").count(), 2, "{}", mail.raw);
}

#[tokio::test]
async fn a_mail_arrives_over_tls_from_the_first_byte() {
    let Some(server) = SmtpServer::start(SmtpMode::Tls) else {
        return;
    };
    let transport = transport(&settings(&server, Security::Tls));

    transport.send(&recovery("ada@example.com")).await.unwrap();

    assert!(server.received(1).await[0].encrypted);
}

#[tokio::test]
async fn many_mails_at_once_arrive_over_few_connections() {
    let Some(server) = SmtpServer::start(SmtpMode::Plain) else {
        return;
    };
    let transport = transport(&plain(&server));

    let sending = (0..40).map(|_| {
        let transport = transport.clone();
        tokio::spawn(async move { transport.send(&recovery("ada@example.com")).await })
    });
    for sent in sending.collect::<Vec<_>>() {
        sent.await.unwrap().unwrap();
    }

    assert_eq!(server.received(40).await.len(), 40);
}

#[tokio::test]
async fn what_is_refused_for_good_differs_from_what_is_put_off() {
    let Some(server) = SmtpServer::start(SmtpMode::Plain) else {
        return;
    };
    let transport = transport(&plain(&server));

    let refused = transport
        .send(&recovery("refused@example.com"))
        .await
        .unwrap_err();
    let later = transport
        .send(&recovery("later@example.com"))
        .await
        .unwrap_err();

    assert!(
        matches!(refused, SendError::Refused { status: 550, .. }),
        "{refused}"
    );
    assert!(!refused.is_transient());
    assert!(
        matches!(later, SendError::Deferred { status: 451, .. }),
        "{later}"
    );
    assert!(later.is_transient());
    transport.send(&recovery("ada@example.com")).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_told_apart() {
    let Some(server) = SmtpServer::start(SmtpMode::Starttls) else {
        return;
    };
    let wrong = SmtpSettings {
        password: Some(Secret::new("wrong".into())),
        ..settings(&server, Security::Starttls)
    };

    let error = transport(&wrong)
        .send(&recovery("ada@example.com"))
        .await
        .unwrap_err();

    assert!(
        matches!(error, SendError::Login { status: 535, .. }),
        "{error}"
    );
    assert!(!error.to_string().contains("wrong password"), "{error}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn the_check_logs_in_and_sends_nothing() {
    let Some(server) = SmtpServer::start(SmtpMode::Starttls) else {
        return;
    };
    let good = settings(&server, Security::Starttls);
    let bad = SmtpSettings {
        user: Some("eve".into()),
        ..good.clone()
    };

    smtp(&good).check().await.unwrap();
    let error = smtp(&bad).check().await.unwrap_err();

    assert!(matches!(error, SendError::Login { .. }), "{error}");
    assert!(server.received(0).await.is_empty());
}

#[tokio::test]
async fn without_starttls_nothing_is_said_in_the_clear() {
    let Some(server) = SmtpServer::start(SmtpMode::Plain) else {
        return;
    };
    let transport = transport(&settings(&server, Security::Starttls));

    let error = transport
        .send(&recovery("ada@example.com"))
        .await
        .unwrap_err();

    assert!(!error.is_transient(), "{error}");
    assert!(server.received(0).await.is_empty());
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let Some(server) = SmtpServer::start(SmtpMode::Starttls) else {
        return;
    };
    let strange = SmtpSettings {
        authority_pem: None,
        ..settings(&server, Security::Starttls)
    };

    let error = transport(&strange)
        .send(&recovery("ada@example.com"))
        .await
        .unwrap_err();

    assert!(matches!(error, SendError::Tls { .. }), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
    assert!(server.received(0).await.is_empty());
}

#[tokio::test]
async fn a_server_that_hangs_costs_no_more_than_the_limit() {
    let Some(server) = SmtpServer::start(SmtpMode::Plain) else {
        return;
    };
    let hasty = SmtpSettings {
        timeout: Duration::from_millis(700),
        ..plain(&server)
    };

    // The server never answers: only the limit can end this.
    let transport = transport(&hasty);
    let letter = recovery("slow@example.com");
    let sent = tokio::time::timeout(Duration::from_secs(60), transport.send(&letter)).await;
    let error = sent.expect("the limit ends it").unwrap_err();

    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_worth_another_try() {
    let Some(server) = SmtpServer::start(SmtpMode::Plain) else {
        return;
    };
    let settings = plain(&server);
    drop(server);

    let error = transport(&settings)
        .send(&recovery("ada@example.com"))
        .await
        .unwrap_err();

    assert!(matches!(error, SendError::Unreachable { .. }), "{error}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn attack_37_no_value_becomes_a_header_or_an_addressee() {
    let Some(server) = SmtpServer::start(SmtpMode::Plain) else {
        return;
    };
    let transport = transport(&plain(&server));
    let mail = Mail {
        subject: "Hi\r\nBcc: eve@evil.example\r\n\r\ninjected".into(),
        text: "one\r\n.\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<eve@evil.example>\r\n".into(),
        ..recovery("ada@example.com")
    };

    transport.send(&mail).await.unwrap();
    transport.send(&recovery("ada@example.com")).await.unwrap();

    let mails = server.received(2).await;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].to, ["ada@example.com"]);
    assert!(
        mails[0].head().lines().all(|it| !it.starts_with("Bcc")),
        "{}",
        mails[0].raw
    );
    assert!(
        mails[0].raw.contains("MAIL FROM:<eve@evil.example>"),
        "{}",
        mails[0].raw
    );
}

#[tokio::test]
async fn attack_75_bad_optional_settings_do_not_stop_mail() {
    let Some(server) = SmtpServer::start(SmtpMode::Plain) else {
        return;
    };
    let odd = SmtpSettings {
        from_name: Some("Example\r\nBcc: eve@evil.example".into()),
        headers: vec![
            ("X-Fine".into(), "yes".into()),
            ("Bcc".into(), "eve@evil.example".into()),
            ("X Bad Name".into(), "x".into()),
            ("X-Bad".into(), "a\r\nBcc: eve@evil.example".into()),
        ],
        ..plain(&server)
    };
    let smtp = smtp(&odd);
    assert_eq!(smtp.warnings().len(), 4, "{:?}", smtp.warnings());

    Transport::Smtp(Arc::new(smtp))
        .send(&recovery("ada@example.com"))
        .await
        .unwrap();

    let mail = server.received(1).await.remove(0);
    assert_eq!(mail.to, ["ada@example.com"]);
    assert!(
        mail.head().contains("From: post@example.org"),
        "{}",
        mail.head()
    );
    assert!(mail.head().contains("X-Fine: yes"), "{}", mail.head());
    assert!(!mail.raw.contains("evil.example"), "{}", mail.raw);
}

#[test]
fn settings_without_which_nothing_works_are_errors() {
    let good = SmtpSettings {
        host: "mail.example.org".into(),
        port: 587,
        user: Some("postern".into()),
        password: Some(Secret::new("correct horse".into())),
        security: Security::Starttls,
        authority_pem: None,
        from: address("post@example.org"),
        from_name: None,
        headers: Vec::new(),
        timeout: Duration::from_secs(60),
    };
    let error = |settings: SmtpSettings| {
        let error = Smtp::new(&settings, Arc::new(SystemClock)).err();
        error.expect("the settings should be refused")
    };

    assert!(Smtp::new(&good, Arc::new(SystemClock)).is_ok());
    let clear = SmtpSettings {
        security: Security::None,
        ..good.clone()
    };
    assert!(matches!(error(clear), SettingsError::PasswordInTheClear));
    let half = SmtpSettings {
        password: None,
        ..good.clone()
    };
    assert!(matches!(error(half), SettingsError::HalfALogin));
    let host = SmtpSettings {
        host: "mail.example.org\r\nX".into(),
        ..good.clone()
    };
    assert!(matches!(error(host), SettingsError::Host(_)));
    let authority = SmtpSettings {
        authority_pem: Some("no pem".into()),
        ..good.clone()
    };
    assert!(matches!(error(authority), SettingsError::Authority(_)));
    assert!(!format!("{good:?}").contains("horse"));
}

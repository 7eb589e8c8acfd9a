//! Mails as the console shows them, and templates that would do more than be looked at.

use crate::it::kit;

const PREVIEW: &str = "/console/sign-in/templates/preview";
const HOSTILE: &str = "<h1>{{ code }}</h1><script>parent.document.title = 'taken'</script>\
                       <img src=x onerror=\"parent.document.title = 'taken'\">";

#[tokio::test]
async fn a_mail_is_shown_as_it_looks_beside_its_text_and_files() {
    let app = kit::app()
        .file("mail/de/recovery.subject.txt", "Neues Kennwort\n")
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let at = |query: &str| format!("/console/sign-in/templates?{query}");

    let german = at("mail=recovery&locale=de");
    let page = viewer.get(&german).await.expect_status(200).text;

    let frame = format!("<iframe sandbox src=\"{PREVIEW}?mail=recovery&#38;locale=de\"");
    assert!(page.contains(&frame), "{page}");
    assert!(page.contains("Neues Kennwort"), "{page}");
    // One of its three files is the project's own.
    assert!(page.contains("mail/de/recovery.subject.txt"), "{page}");
    assert_eq!(page.matches("Your own").count(), 1, "{page}");
    assert_eq!(page.matches("Built in").count(), 2, "{page}");
    let shown = viewer
        .get(&format!("{PREVIEW}?mail=recovery&locale=de"))
        .await;
    assert!(shown.expect_status(200).text.contains("483920"));
    // A notice has no code to show.
    let notice = viewer.get(&at("mail=password_changed")).await;
    assert!(!notice.expect_status(200).text.contains("483920"));
    for nothing in ["", "?mail=nothing"] {
        let reply = viewer.get(&format!("{PREVIEW}{nothing}")).await;
        assert!(reply.status.as_u16() >= 400, "{nothing}: {}", reply.text);
    }
}

#[tokio::test]
async fn attack_77_a_mail_runs_nothing_and_reaches_nothing_of_the_console() {
    let app = kit::app().file("mail/en/otp.html", HOSTILE).start().await;
    let owner = kit::owner(&app).await;

    let mail = owner.get(&format!("{PREVIEW}?mail=otp")).await;
    let page = owner.get("/console/sign-in/templates?mail=otp").await;

    let mail = mail.expect_status(200);
    assert!(mail.text.contains("<script>"), "{}", mail.text);
    let policy = mail.header("content-security-policy").expect("a policy");
    for part in [
        "sandbox;",
        "default-src 'none'",
        "img-src data:",
        "form-action 'none'",
        "frame-ancestors 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("allow-"), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    // The page shows it in a frame and as text, never as markup of its own.
    let page = page.expect_status(200);
    assert!(!page.text.contains("<script>parent"), "{}", page.text);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("frame-src 'self'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    // No other page may frame anything.
    let other = owner.get("/console/users").await;
    let policy = other.header("content-security-policy").expect("a policy");
    assert!(!policy.contains("frame-src"), "{policy}");
}

//! What a file may say, and what refuses it.

use postern_base::Secret;

use super::{NonceRule, Protocol, Providers, Trust};

fn parse(text: &str) -> Result<Providers, super::ConfigFault> {
    Providers::parse(text, &|name| {
        (name == "SET").then(|| Secret::new("from the environment".into()))
    })
}

#[test]
fn a_preset_needs_no_more_than_a_client() {
    let all = parse("[google]\nclient_id = 'us'\nsecret_env = 'SET'\n").expect("a fine file");
    let google = all.get("google").expect("the provider");
    assert_eq!(
        google.issuer.as_deref(),
        Some("https://accounts.google.com")
    );
    assert_eq!(google.protocol, Protocol::Oidc);
    assert_eq!(google.nonce, NonceRule::Demanded);
    assert_eq!(google.trust, Trust::Claim);
}

#[test]
fn every_preset_can_be_configured() {
    for name in [
        "google",
        "apple",
        "github",
        "facebook",
        "discord",
        "gitlab",
        "linkedin_oidc",
        "slack_oidc",
        "spotify",
        "twitch",
        "x",
        "notion",
        "figma",
        "zoom",
        "bitbucket",
        "kakao",
        "workos",
    ] {
        let text = format!("[{name}]\nclient_id = 'us'\nsecret = 'x'\n");
        assert!(parse(&text).is_ok(), "{name}: {:?}", parse(&text));
    }
    let azure = "[azure]\nclient_id = 'us'\ntenant = 'common'\n";
    let azure = parse(azure).expect("a fine file");
    let azure = azure.get("azure").expect("the provider").clone();
    let tid = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    let issuer = azure.expected_issuer(&serde_json::json!({ "tid": tid }));
    let expected = format!("https://login.microsoftonline.com/{tid}/v2.0");
    assert_eq!(issuer.expect("an issuer"), expected);
    assert!(
        azure
            .expected_issuer(&serde_json::json!({ "tid": "../evil" }))
            .is_err()
    );
}

#[test]
fn attack_29_a_bad_file_is_refused_with_its_line() {
    for (text, line, part) in [
        ("[google]\n\n\nclient = 'x'\n", 4, "unknown field"),
        (
            "[google]\nclient_id = 'x'\n[acme]\nclient_id = 'y'\n",
            3,
            "`issuer` is needed",
        ),
        ("[google]\nsecret = 'x'\n", 1, "`client_id` is missing"),
        ("\n[google]\nclient_id = ''\n", 2, "`client_id` is missing"),
        (
            "[google]\nclient_id = 'x'\nsecret_env = 'UNSET'\n",
            1,
            "no `UNSET`",
        ),
        (
            "[google]\nclient_id = 'x'\nskip_nonce = 'yes'\n",
            3,
            "boolean",
        ),
        (
            "[google]\nclient_id = 'x'\nemail_verified = 'maybe'\n",
            3,
            "unknown variant",
        ),
        (
            "[email]\nclient_id = 'x'\nissuer = 'https://a.example'\n",
            1,
            "is taken",
        ),
        (
            "[Bad]\nclient_id = 'x'\nissuer = 'https://a.example'\n",
            1,
            "a name is made of",
        ),
        (
            "[a]\nclient_id = 'x'\nissuer = 'http://a.example'\n",
            1,
            "must be an https",
        ),
        (
            "[a]\nclient_id = 'x'\nissuer = 'https://u:p@a.example'\n",
            1,
            "must be an https",
        ),
        ("[azure]\nclient_id = 'x'\n", 1, "`tenant` is missing"),
        (
            "[azure]\nclient_id = 'x'\ntenant = '../x'\n",
            1,
            "`tenant` must be",
        ),
        (
            "[a]\nclient_id='x'\nissuer='https://a.example'\nscopes=['email']\n",
            1,
            "`openid`",
        ),
        ("[a]\npreset = 'nobody'\nclient_id = 'x'\n", 1, "no preset"),
        ("[google]\nclient_id = 'x'\n[google]\n", 3, "duplicate"),
        ("[google\n", 1, ""),
    ] {
        let fault = parse(text).expect_err(text);
        assert_eq!(fault.line, line, "{text}: {fault}");
        assert!(fault.message.contains(part), "{text}: {fault}");
    }
}

#[test]
fn another_issuer_takes_nothing_of_a_preset_but_its_manners() {
    let text = "[github]\nclient_id = 'x'\nissuer = 'https://git.example'\nscopes = ['openid']\n";
    let all = parse(text).expect("a fine file");
    let provider = all.get("github").expect("the provider");
    assert_eq!(provider.endpoints.token_endpoint, None);
    let discovery = "https://git.example/.well-known/openid-configuration";
    assert_eq!(provider.discovery_url().as_deref(), Some(discovery));
}

#[test]
fn a_secret_is_never_printed() {
    let all = parse("[google]\nclient_id = 'x'\nsecret = 'hunter2'\n").expect("a fine file");
    assert!(!format!("{all:?}").contains("hunter2"));
}

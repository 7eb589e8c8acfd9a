//! The attack suite's number 63: nobody makes us call where the operator would not.

use std::process::Command;
use std::time::Duration;

use http::StatusCode;
use http::header::LOCATION;
use postern_outbound::{Error, Outbound, OutboundSettings, Request};
use serde_json::Value;

use crate::kit::{Script, Server, outbound, outbound_to};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn attack_63_loopback_is_not_called_by_address_or_name() {
    let server = Server::start().await;
    let outbound = Outbound::new(OutboundSettings::default());

    for host in [
        "127.0.0.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "0",
        "localhost",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{}/", server.port);
            let error = outbound.get(&url).await.expect_err("refused");
            assert!(
                matches!(
                    error,
                    Error::Literal { .. } | Error::Plain { .. } | Error::Port { .. }
                ),
                "{url}: {error}"
            );
        }
    }
    let error = outbound.get("https://localhost/").await;
    assert!(matches!(error, Err(Error::Address { .. })), "{error:?}");
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn attack_63_a_name_that_leads_to_loopback_is_refused() {
    let server = Server::start().await;
    let script = Script::new(&[&["127.0.0.1", "::1"]]);
    let settings = OutboundSettings {
        ports: vec![443, server.port],
        ..OutboundSettings::default()
    };
    let outbound = Outbound::with_resolver(settings, script.clone());

    let url = format!("https://id.example.com:{}/?code=s3cret", server.port);
    let error = outbound.get(&url).await.expect_err("refused");

    assert_eq!(
        error.to_string(),
        "`id.example.com` is at 127.0.0.1, which is not allowed for it"
    );
    assert_eq!(script.asked(), ["id.example.com"]);
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn attack_63_an_allowed_host_is_called() {
    let server = Server::start().await;
    let script = Script::new(&[&["127.0.0.1"]]);
    let by_name = outbound(&[&format!("idp.test:{}", server.port)], &script);
    let by_address = outbound(&[&format!("127.0.0.1:{}", server.port)], &script);
    let by_network = outbound(&["127.0.0.0/8"], &script);

    let allowed = [
        by_name.get(&server.url("idp.test", "/1")).await,
        by_name.get(&server.url("IDP.test.", "/2")).await,
        by_address.get(&server.url("2130706433", "/3")).await,
        by_network.get(&server.url("any.test", "/4")).await,
        by_network.get(&server.url("127.0.0.1", "/5")).await,
    ];
    let refused = [
        by_name.get(&server.url("127.0.0.1", "/6")).await,
        by_name.get(&server.url("any.test", "/7")).await,
        by_address.get(&server.url("idp.test", "/8")).await,
    ];

    assert!(allowed.iter().all(Result::is_ok), "{allowed:?}");
    assert!(refused.iter().all(Result::is_err), "{refused:?}");
    assert_eq!(server.requests().len(), allowed.len());
}

#[tokio::test]
async fn attack_63_a_redirect_to_internal_is_not_followed() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);

    let answer = outbound
        .get(&server.url("idp.test", "/moved"))
        .await
        .expect("an answer");

    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(answer.headers.contains_key(LOCATION));
    assert!(answer.success().is_err());
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].starts_with("GET /moved "));
}

#[tokio::test]
async fn attack_63_a_name_that_is_rebound_is_refused() {
    let server = Server::start().await;
    let script = Script::new(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let outbound = outbound(&[&format!("idp.test:{}", server.port)], &script);
    let url = server.url("idp.test", "/");

    let first = outbound.get(&url).await;
    // The name is asked for once per connection: what was checked is what was dialled.
    assert_eq!(script.asked().len(), 1);
    let second = outbound.get(&url).await;

    assert!(first.is_ok(), "{first:?}");
    assert!(matches!(second, Err(Error::Address { .. })), "{second:?}");
    assert_eq!(script.asked().len(), 2);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn attack_63_oversized_answers_are_not_read() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);

    for path in ["/announced", "/endless"] {
        let answer = outbound.get(&server.url("idp.test", path)).await;
        assert_eq!(
            answer.expect_err("too large"),
            Error::TooLarge {
                host: "idp.test".into(),
                bytes_max: MIB
            },
            "{path}"
        );
    }
}

#[tokio::test]
async fn attack_63_a_call_may_ask_for_less_but_not_for_more() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);
    let bounded = |path: &str, bytes: usize| {
        let request = Request::get(server.url("idp.test", path)).response_bytes_max(bytes);
        outbound.request(request)
    };

    let exact = bounded("/", 11).await;
    let less = bounded("/", 10).await;
    let more = bounded("/endless", 100 * MIB).await;

    assert!(exact.is_ok(), "{exact:?}");
    assert!(matches!(less, Err(Error::TooLarge { bytes_max: 10, .. })));
    assert!(matches!(more, Err(Error::TooLarge { bytes_max: MIB, .. })));
}

#[tokio::test]
async fn attack_63_slow_answers_are_given_up() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);

    for path in ["/silent", "/drip"] {
        let after = Duration::from_millis(300);
        let request = Request::get(server.url("idp.test", path)).timeout(after);

        // The server keeps these going for as long as anybody listens: only the limit ends them.
        let answer = tokio::time::timeout(Duration::from_secs(20), outbound.request(request));
        let answer = answer.await.expect("the limit ends it");

        let host = "idp.test".to_owned();
        assert_eq!(
            answer.expect_err("too slow"),
            Error::Timeout { host, after },
            "{path}"
        );
    }
}

#[tokio::test]
async fn attack_63_errors_keep_secrets_to_themselves() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);
    let secret = "s3cret";
    let mut errors = Vec::new();

    for path in ["/silent", "/broken", "/announced"] {
        let url = server.url("idp.test", &format!("{path}?code={secret}"));
        let request = Request::get(url).timeout(Duration::from_millis(300));
        errors.push(outbound.request(request).await.expect_err("fails"));
    }
    for url in [
        format!("https://127.0.0.1/{secret}?code={secret}"),
        format!("https://user:{secret}@idp.test/"),
        format!("http://id.example.com/{secret}"),
        format!("https://id.example.com:1/?{secret}"),
        format!("https://id.example.com/?{secret}"),
        format!("{secret}:{secret}"),
    ] {
        errors.push(outbound.get(&url).await.expect_err("fails"));
    }
    let answer = outbound.get(&server.url("idp.test", "/secret")).await;
    let answer = answer.expect("an answer");
    let number: Result<std::collections::BTreeMap<String, u32>, Error> = answer.json();
    errors.push(number.expect_err("no number"));

    for error in errors {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(secret), "{shown}");
    }
    let request = Request::get(format!("https://a.b/{secret}")).body(secret);
    let shown = format!("{answer:?} {request:?}");
    assert!(!shown.contains(secret), "{shown}");
    assert!(answer.json::<Value>().is_ok());
}

/// Runs itself again with proxies in the environment; they must see nothing.
#[tokio::test]
async fn attack_63_proxies_of_the_environment_are_not_used() {
    let name = "attacks::attack_63_proxies_of_the_environment_are_not_used";
    if std::env::var_os("OUTBOUND_TEST_CHILD").is_some() {
        let server = Server::start().await;
        let answer = outbound_to(&server).get(&server.url("idp.test", "/")).await;
        assert!(answer.is_ok(), "{answer:?}");
        return;
    }
    let proxy = Server::start().await;
    let address = format!("http://127.0.0.1:{}", proxy.port);

    let child = tokio::task::spawn_blocking(move || {
        let mut child = Command::new(std::env::current_exe().expect("this test"));
        child
            .args(["--exact", name])
            .env("OUTBOUND_TEST_CHILD", "1");
        for variable in ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"] {
            child.env(variable, &address);
        }
        child.env_remove("NO_PROXY").env_remove("no_proxy");
        child.output().expect("the child ends")
    });
    let output = child.await.expect("the child was started");

    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("1 passed"), "{told}");
    assert_eq!(proxy.requests(), Vec::<String>::new());
}

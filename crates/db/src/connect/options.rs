//! The parts of an address that the driver does not understand: `sslmode` and `sslrootcert`.

use std::path::PathBuf;

use postern_base::Secret;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::Error;

/// An address taken apart.
pub(super) struct Parsed {
    pub(super) config: Config,
    pub(super) encryption: Encryption,
}

/// Whether and how the connection is encrypted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Plain text.
    Off,
    /// TLS, the certificate verified against these roots, or the system's.
    Verified {
        /// A PEM file of certificates.
        roots: Option<PathBuf>,
    },
}

/// Takes an address apart.
pub(super) fn parse(url: &Secret<String>) -> Result<Parsed, Error> {
    let (text, mode) = take_option(url.expose(), "sslmode");
    let (text, roots) = take_option(&text, "sslrootcert");
    // The driver's own message could repeat the password.
    let mut config: Config = text.parse().map_err(|_| Error::Address {
        reason: "expected something like `postgresql://user:password@host:5432/database`".into(),
    })?;
    let roots = roots.filter(|it| it != "system").map(PathBuf::from);
    let encryption = match mode.as_deref() {
        Some("disable") => Encryption::Off,
        Some("require" | "verify-ca" | "verify-full") => Encryption::Verified { roots },
        None if is_local(&config) => Encryption::Off,
        None => Encryption::Verified { roots },
        Some(other) => {
            return Err(Error::Address {
                reason: format!(
                    "`sslmode={other}` is not supported: use `verify-full` or `disable`"
                ),
            });
        }
    };
    config.ssl_mode(match encryption {
        Encryption::Off => SslMode::Disable,
        Encryption::Verified { .. } => SslMode::Require,
    });
    Ok(Parsed { config, encryption })
}

/// Whether all hosts are this machine. Where an address is given besides a name, it is what is
/// connected to.
fn is_local(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    addresses.iter().all(std::net::IpAddr::is_loopback) && has_local_names(config)
}

fn has_local_names(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    })
}

/// Cuts one option out of an address of either form and returns its value.
fn take_option(text: &str, key: &str) -> (String, Option<String>) {
    let is_url = text.contains("://");
    let (head, options, separator) = match text.split_once('?') {
        Some((head, options)) if is_url => (format!("{head}?"), options, '&'),
        _ if is_url => return (text.to_owned(), None),
        _ => (String::new(), text, ' '),
    };
    let mut value = None;
    let kept: Vec<&str> = options
        .split(separator)
        .filter(|option| match option.split_once('=') {
            Some((name, found)) if name.trim() == key => {
                value = Some(found.trim().trim_matches('\'').to_owned());
                false
            }
            _ => true,
        })
        .collect();
    let rest = format!("{head}{}", kept.join(&separator.to_string()));
    (rest.trim_end_matches('?').to_owned(), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &Encryption) {
        let parsed = parse(&Secret::new(url.into())).expect("a good address");
        assert_eq!(&parsed.encryption, expected, "{url}");
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_plain_text_by_default() {
        let verified = Encryption::Verified { roots: None };
        check("postgresql://a:b@127.0.0.1:5432/db", &Encryption::Off);
        check("postgresql://a:b@localhost/db", &Encryption::Off);
        check("postgresql://a:b@db.example.com/db", &verified);
        check("host=db.example.com user=a sslmode=require", &verified);
        check("hostaddr=127.0.0.1 user=a", &Encryption::Off);
        check("hostaddr=203.0.113.7 user=a", &verified);
        check("host=localhost hostaddr=203.0.113.7 user=a", &verified);
        check(
            "postgresql://a:b@db.example.com/db?sslmode=disable&application_name=x",
            &Encryption::Off,
        );
    }

    #[test]
    fn refuses_modes_that_can_be_talked_down() {
        let url = Secret::new("postgresql://a:b@db.example.com/db?sslmode=prefer".into());

        assert!(matches!(parse(&url), Err(Error::Address { .. })));
    }

    #[test]
    fn a_bad_address_is_not_repeated() {
        let url = Secret::new("postgresql://a:hunter2@[/db".into());

        let error = parse(&url).err().expect("an error");
        assert!(!error.to_string().contains("hunter2"));
    }
}

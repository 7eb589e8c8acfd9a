//! Taking the port, and saying who has it when it is taken.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use crate::config::Api;

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody listens there already.
    #[error("port {port} is in use by {owner}; stop it or choose another with --port")]
    InUse {
        /// The port.
        port: u16,
        /// Who has it: "`node` (process 123)", or "another program" when that cannot be told.
        owner: String,
    },
    /// The address is no address of this machine, or may not be listened on.
    #[error("cannot listen on {address}: {source}; see `api.host` and `api.port`")]
    Address {
        /// The address.
        address: String,
        /// What the system says.
        source: io::Error,
    },
}

/// Listens on the configured address.
///
/// # Errors
/// Names the program that has the port, where the system tells.
pub fn bind(api: &Api) -> Result<TcpListener, BindError> {
    let address = format!("{}:{}", api.host, api.port);
    let failed = |source: io::Error| {
        if source.kind() == io::ErrorKind::AddrInUse {
            BindError::InUse {
                port: api.port,
                owner: owner_of(api.port).unwrap_or_else(|| "another program".into()),
            }
        } else {
            BindError::Address {
                address: address.clone(),
                source,
            }
        }
    };
    let addresses: Vec<SocketAddr> = (api.host.as_str(), api.port)
        .to_socket_addrs()
        .map_err(failed)?
        .collect();
    TcpListener::bind(&*addresses).map_err(failed)
}

/// The program that listens on a port, as Linux tells it in `/proc`; elsewhere nothing.
fn owner_of(port: u16) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .find_map(|table| listening_inode(&table, port))?;
    let socket = format!("socket:[{inode}]");
    let process = std::fs::read_dir("/proc")
        .ok()?
        .flatten()
        .filter(|process| is_process_id(&process.file_name().to_string_lossy()))
        .find(|process| holds(&process.path().join("fd"), &socket))?;
    let name = std::fs::read_to_string(process.path().join("comm")).ok()?;
    let pid = process.file_name();
    Some(format!(
        "`{}` (process {})",
        name.trim(),
        pid.to_string_lossy()
    ))
}

/// The socket's inode out of a table such as `/proc/net/tcp`: the second column holds the local
/// address in hexadecimal, the fourth the state (`0A` listens), the tenth the inode.
fn listening_inode(table: &str, port: u16) -> Option<String> {
    let suffix = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<_> = line.split_whitespace().collect();
        let listens = columns.get(1)?.ends_with(&suffix) && *columns.get(3)? == "0A";
        listens.then(|| columns.get(9).map(ToString::to_string))?
    })
}

/// Beside process ids `/proc` holds `self` and tables.
fn is_process_id(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

fn holds(descriptors: &std::path::Path, socket: &str) -> bool {
    std::fs::read_dir(descriptors).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            std::fs::read_link(entry.path()).is_ok_and(|link| link.as_os_str() == socket)
        })
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Config, Sources};

    fn api(port: u16) -> Api {
        let mut config = Config::load(Path::new("."), Sources::default()).unwrap();
        config.api.port = port;
        config.api
    }

    #[test]
    fn a_taken_port_names_its_owner_and_the_way_out() {
        let taken = bind(&api(0)).unwrap();
        let port = taken.local_addr().unwrap().port();

        let message = bind(&api(port)).unwrap_err().to_string();

        assert!(
            message.starts_with(&format!("port {port} is in use by ")),
            "{message}"
        );
        assert!(message.ends_with("choose another with --port"), "{message}");
        if cfg!(target_os = "linux") {
            assert!(
                message.contains(&format!("(process {})", std::process::id())),
                "{message}"
            );
        }
    }

    #[test]
    fn a_foreign_address_is_refused() {
        let mut api = api(0);
        api.host = "192.0.2.1".into();

        let message = bind(&api).unwrap_err().to_string();

        assert!(
            message.contains("cannot listen on 192.0.2.1:0"),
            "{message}"
        );
    }
}

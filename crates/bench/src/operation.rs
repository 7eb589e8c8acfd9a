//! The operations and the bytes of their requests.

use anyhow::{Result, bail};

use crate::tokens::Tokens;

/// Connections that send requests at the same time.
pub(crate) const CONNECTIONS: usize = 64;
/// Different requests that a connection goes through, over and over.
const REQUESTS_PER_CONNECTION: usize = 100;
/// Of so many requests in the mixed run, one writes.
const MIXED_WRITE_EVERY: usize = 5;
/// People who own many tasks; see the seed.
pub(crate) const BUSY_PEOPLE: usize = 5_000;

/// Query string of the list, the same for everybody.
pub(crate) const LIST: &str =
    "select=id,title,status,priority,created_at&status=eq.open&order=id.desc&limit=20";
/// Query string of the list with an embedded table.
pub(crate) const EMBED: &str =
    "select=id,title,status,owner:profiles(id,username)&order=id.desc&limit=20";
/// Query string of the point read, before the id.
pub(crate) const POINT: &str = "select=id,title,status,priority,created_at&id=eq.";

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// One row by its key.
    Point,
    /// Twenty rows, filtered and ordered.
    List,
    /// Twenty rows, each with its related row.
    Embed,
    /// One new row.
    Insert,
    /// Eighty reads (half of them lists) to twenty inserts; those who read do not insert.
    Mixed,
}

impl Operation {
    pub(crate) const ALL: [Self; 5] = [
        Self::Point,
        Self::List,
        Self::Embed,
        Self::Insert,
        Self::Mixed,
    ];

    /// The name in tables and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Point => "point read",
            Self::List => "list of 20",
            Self::Embed => "list of 20 with embed",
            Self::Insert => "insert",
            Self::Mixed => "mixed 80/20",
        }
    }

    pub(crate) fn parse(word: &str) -> Result<Self> {
        match Self::ALL
            .into_iter()
            .find(|it| it.name().split(' ').next_back() == Some(word))
        {
            _ if word == "point" => Ok(Self::Point),
            _ if word == "list" => Ok(Self::List),
            _ if word == "mixed" => Ok(Self::Mixed),
            Some(found) => Ok(found),
            None => bail!("unknown operation `{word}`; point, list, embed, insert, mixed"),
        }
    }

    /// The requests of each connection.
    pub(crate) fn requests(self, tokens: &Tokens) -> Vec<Vec<Vec<u8>>> {
        let of_connection = |connection: usize| -> Vec<Vec<u8>> {
            (0..REQUESTS_PER_CONNECTION)
                .map(|turn| self.request(tokens, connection, turn))
                .collect()
        };
        (0..CONNECTIONS).map(of_connection).collect()
    }

    /// One request. Readers and writers are different people, or a reader would find its list
    /// growing while it is measured.
    fn request(self, tokens: &Tokens, connection: usize, turn: usize) -> Vec<u8> {
        let seed = connection * REQUESTS_PER_CONNECTION + turn;
        let reader = seed * 7 % (BUSY_PEOPLE / 2);
        let writer = BUSY_PEOPLE / 2 + seed * 7 % (BUSY_PEOPLE / 2);
        match self {
            // A person's tasks are those whose number leaves the person's number by 5,000.
            Self::Point => {
                let task = reader + BUSY_PEOPLE * (1 + turn % 99);
                get(&format!("{POINT}{task}"), tokens.of(reader))
            }
            Self::List => get(LIST, tokens.of(reader)),
            Self::Embed => get(EMBED, tokens.of(reader)),
            Self::Insert => post(turn, tokens.of(writer)),
            Self::Mixed => match turn % MIXED_WRITE_EVERY {
                0 => Self::Insert.request(tokens, connection, turn),
                1 | 3 => Self::Point.request(tokens, connection, turn),
                _ => Self::List.request(tokens, connection, turn),
            },
        }
    }
}

fn get(query: &str, token: &str) -> Vec<u8> {
    format!(
        "GET /rest/v1/tasks?{query} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
         Accept: application/json\r\n\r\n"
    )
    .into_bytes()
}

fn post(turn: usize, token: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"title":"Look into matter {turn}","priority":{}}}"#,
        turn % 5
    );
    format!(
        "POST /rest/v1/tasks HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nPrefer: return=minimal\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

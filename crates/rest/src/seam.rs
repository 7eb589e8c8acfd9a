//! Stands in for the request path of `db` until it is there.

use postern_base::Identity;
use postern_query::Rewritten;

#[derive(Clone, Debug)]
pub struct Db;
#[derive(Debug, Default)]
pub struct RequestSettings {
    pub method: String,
    pub path: String,
    pub headers_json: String,
    pub cookies_json: String,
}
#[derive(Debug)]
pub struct Caller<'a> {
    pub identity: &'a Identity,
    pub role: &'a str,
    pub request: &'a RequestSettings,
}
#[derive(Debug)]
pub struct Answer {
    pub body: Option<String>,
    pub page_rows: u64,
    pub total_rows: Option<u64>,
    pub inserted_rows: u64,
    pub response_headers: Option<String>,
    pub response_status: Option<String>,
}
impl Db {
    pub async fn run(&self, _: &Rewritten, _: &Caller<'_>) -> Result<Answer, postern_db::Error> {
        Err(postern_db::Error::Busy)
    }
}

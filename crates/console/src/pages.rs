//! One file a page: what it shows, and what its forms do.

pub(crate) mod account;
pub(crate) mod admins;
pub(crate) mod advisors;
pub(crate) mod audit;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod logs;
pub(crate) mod newcomer;
pub(crate) mod overview;
pub(crate) mod pager;
pub(crate) mod palette;
pub(crate) mod policies;
pub(crate) mod reauth;
pub(crate) mod schema;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod sign_in;
pub(crate) mod sql;
pub(crate) mod start;
pub(crate) mod tables;
pub(crate) mod theme;
pub(crate) mod user;
pub(crate) mod users;

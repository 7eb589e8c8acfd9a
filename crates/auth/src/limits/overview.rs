//! Who is held up by which limit, for whoever runs the project.
//!
//! Buckets are known by MACs, so that the table names nobody: how many are full is counted by
//! class, and whether somebody is held up is answered for an address that the asker already knows.

use std::net::IpAddr;

use postern_db::own;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::bucket::{self, Bucket, Class, Rate};
use super::{Account, HOUR, Letters, Limit, MAILS, TEXTS, Tried, pause, subject};
use crate::identifier::Identifier;
use crate::{AuthService, Context, Error, Result};

/// Most buckets that are counted.
const COUNTED_MAX: i64 = 100_000;
/// Most networks of an account that are looked at.
const NETWORKS_MAX: i64 = 20;

/// A class of limits.
#[derive(Clone, Debug)]
pub struct LimitClass {
    /// Its name, such as `tries/password`.
    pub class: String,
    /// How often, in words.
    pub rate: String,
    /// How many networks, accounts or addresses it counts something of just now.
    pub counting: i64,
    /// How many of them it holds up.
    pub full: i64,
}

/// What one limit counts of somebody.
#[derive(Clone, Debug)]
pub struct LimitOf {
    /// Its name, such as `tries/password`.
    pub class: String,
    /// How often, in words.
    pub rate: String,
    /// From which network, where it is told apart.
    pub network: Option<String>,
    /// How many more may follow at once.
    pub left: u32,
    /// In how many seconds the next one may, where none may now.
    pub pause_secs: Option<i64>,
}

/// A bucket of somebody.
struct Held {
    bucket: Bucket,
    rate: Rate,
    network: Option<String>,
}

impl AuthService {
    /// How many each class of limits counts and holds up just now, of all gateways together.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn limits_by_class(&self, context: &Context) -> Result<Vec<LimitClass>> {
        let classes = self.limit_classes();
        let names: Vec<String> = classes.iter().map(|(class, _)| class.to_string()).collect();
        let full: Vec<f64> = classes
            .iter()
            .map(|(_, rate)| rate.full().as_seconds_f64())
            .collect();
        let counted = own!(
            "select l.at, count(r.bucket) as counting, count(r.bucket) filter \
             (where r.arrival > $1::timestamptz + make_interval(secs => l.secs)) as full \
             from rows from (pg_catalog.unnest($2::text[]), \
             pg_catalog.unnest($3::float8[])) with ordinality \
             as l (class, secs, at) left join (select bucket, class, arrival \
             from postern.rate_limits where arrival > $1 limit $4) r on r.class = l.class \
             group by l.at order by l.at"
        );
        let now = context.now;
        let rows = self
            .db
            .query(counted, &[&now, &names, &full, &COUNTED_MAX])
            .await?;
        let told = rows.iter().zip(classes).map(|(row, (class, rate))| {
            let (counting, full) = (row.get("counting"), row.get("full"));
            LimitClass {
                class: class.to_string(),
                rate: rate.to_string(),
                counting,
                full,
            }
        });
        Ok(told.collect())
    }

    /// What the limits count just now of an address, a number or a network address.
    ///
    /// # Errors
    /// When it is none of these.
    pub async fn limits_of(&self, who: &str, context: &Context) -> Result<Vec<LimitOf>> {
        let held = self.held_of(who).await?;
        let keys: Vec<&[u8]> = held.iter().map(|it| it.bucket.key.as_slice()).collect();
        let found = own!(
            "select bucket, arrival from postern.rate_limits where bucket = any($1) \
             and arrival > $2"
        );
        let rows = self.db.query(found, &[&keys, &context.now]).await?;
        let arrival = |it: &Held| {
            let is_its = |key: &[u8]| key == it.bucket.key.as_slice();
            let row = rows.iter().find(|row| is_its(row.get("bucket")))?;
            Some(row.get::<_, OffsetDateTime>("arrival"))
        };
        let told = held.iter().filter_map(|it| {
            let taken = arrival(it)? - context.now;
            Some(it.told(taken))
        });
        Ok(told.collect())
    }

    /// Forgets what the limits count of somebody; how many buckets that were.
    ///
    /// # Errors
    /// When it is neither an address nor a number nor a network address.
    pub async fn lift_limits(&self, who: &str, context: &Context) -> Result<u64> {
        let held = self.held_of(who).await?;
        let keys: Vec<&[u8]> = held.iter().map(|it| it.bucket.key.as_slice()).collect();
        // Noted first: a limit that was lifted and is noted nowhere would be the worse half.
        self.note_trial("admin_limits_lifted", who.trim(), context)
            .await?;
        let lift = own!("delete from postern.rate_limits where bucket = any($1)");
        let lifted = self.db.execute(lift, &[&keys]).await?;
        // Other gateways remember a refusal for a few seconds more.
        for it in &held {
            self.refused.forget(&it.bucket.key);
        }
        Ok(lifted)
    }

    fn limit_classes(&self) -> Vec<(Class, Rate)> {
        let limits = &self.settings.limits;
        let requests = Limit::ALL.map(|it| (it.class(), self.rate_of(it)));
        let tries = Tried::ALL.map(|it| (it.class(), self.rate_of_tries()));
        let letters = [
            (MAILS, Rate::new(limits.mails_per_hour, HOUR)),
            (TEXTS, Rate::new(limits.texts_per_hour, HOUR)),
        ];
        let pauses = Letters::ALL.map(|it| (it.class(), self.mail_pause()));
        [&requests[..], &tries, &letters, &pauses].concat()
    }

    fn mail_pause(&self) -> Rate {
        pause(self.settings.codes.email_pause_secs.max(1))
    }

    /// Every bucket that somebody may have.
    async fn held_of(&self, who: &str) -> Result<Vec<Held>> {
        let who = who.trim();
        if let Ok(address) = who.parse::<IpAddr>() {
            let network = subject::network(address);
            let held = |it: Limit| self.held((it.class(), self.rate_of(it)), &network, None);
            return Ok(Limit::ALL.map(held).into());
        }
        let identifier = Identifier::parse(Some(who), None);
        let identifier = identifier.or_else(|_| Identifier::parse(None, Some(who)));
        let identifier = identifier
            .map_err(|_| Error::invalid("Give an e-mail address, a number or a network address"))?;
        let limits = &self.settings.limits;
        let letters = match identifier {
            Identifier::Email(_) => (MAILS, Rate::new(limits.mails_per_hour, HOUR)),
            Identifier::Phone(_) => (TEXTS, Rate::new(limits.texts_per_hour, HOUR)),
        };
        let base = Account::from(&identifier).base();
        let mut held = vec![self.held(letters, &base, None)];
        let paused =
            |it: Letters| self.held((it.class(), self.mail_pause()), identifier.as_str(), None);
        held.extend(Letters::ALL.map(paused));
        self.add_tries(&identifier, base, &mut held).await?;
        Ok(held)
    }

    /// Tries count by the account, and apart from where it was entered lately.
    async fn add_tries(
        &self,
        identifier: &Identifier,
        base: String,
        held: &mut Vec<Held>,
    ) -> Result<()> {
        let (ids, networks) = self.whereabouts(identifier).await?;
        let mut bases = vec![base];
        bases.extend(ids.into_iter().map(|id| Account::from(id).base()));
        for base in &bases {
            for tried in Tried::ALL {
                let what = (tried.class(), self.rate_of_tries());
                held.push(self.held(what, base, None));
                for network in &networks {
                    let pair = format!("{base}\n{network}");
                    held.push(self.held(what, &pair, Some(network.clone())));
                }
            }
        }
        Ok(())
    }

    /// The ids of whoever signs in so, a user or an admin, and the networks of their sessions.
    async fn whereabouts(&self, identifier: &Identifier) -> Result<(Vec<Uuid>, Vec<String>)> {
        let people = own!(
            "select id from auth.users where deleted_at is null and not is_sso_user \
             and (email = $1 or phone = $1) \
             union all select id from postern.admins where email = $1"
        );
        let rows = self.db.query(people, &[&identifier.as_str()]).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();
        let from = own!(
            "select host(ip) as place from auth.sessions where user_id = any($1) \
             and ip is not null union select ip_address from postern.admin_sessions \
             where admin_id = any($1) limit $2"
        );
        let rows = self.db.query(from, &[&ids, &NETWORKS_MAX]).await?;
        let places = rows
            .iter()
            .filter_map(|row| row.get::<_, Option<String>>(0));
        let networks = places.filter_map(|it| it.parse().ok().map(subject::network));
        let mut networks: Vec<String> = networks.collect();
        networks.sort();
        networks.dedup();
        Ok((ids, networks))
    }

    fn held(&self, (class, rate): (Class, Rate), subject: &str, network: Option<String>) -> Held {
        Held {
            bucket: self.bucket(class, subject),
            rate,
            network,
        }
    }
}

impl Held {
    fn told(&self, taken: Duration) -> LimitOf {
        let pause = taken - self.rate.full();
        LimitOf {
            class: self.bucket.class.to_string(),
            rate: self.rate.to_string(),
            network: self.network.clone(),
            left: bucket::left(self.rate, taken).remaining,
            pause_secs: pause.is_positive().then(|| pause.whole_seconds() + 1),
        }
    }
}

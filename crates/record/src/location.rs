//! Where a store lives. The password of a server never leaves this module but towards the server.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use postgres::Config;
use postgres::config::{Host, SslMode};

use crate::StoreError;

/// A file, or a schema on a server.
#[derive(Clone)]
pub enum Location {
    /// A SQLite database.
    File(PathBuf),
    /// A schema of a PostgreSQL database.
    Server(Box<Server>),
}

/// How to reach a PostgreSQL database.
#[derive(Clone)]
pub struct Server {
    pub(crate) config: Config,
    pub(crate) schema: String,
    pub(crate) tls: bool,
    pub(crate) root_certificates: Option<PathBuf>,
}

impl Location {
    /// Reads the `store` setting: nothing (the file `.cxform/store.db` of the project), `sqlite:PATH` relative to the
    /// project, or `postgres://USER:PASSWORD@HOST[:PORT]/DATABASE` with the driver's options and two of our own:
    /// `schema=NAME` (`cxform`) and `sslrootcert=FILE`.
    ///
    /// TLS is always verified, and always used unless the server is on this machine or `sslmode=disable` is written.
    ///
    /// # Errors
    /// It is none of these. The message does not repeat the setting.
    pub fn parse(setting: Option<&str>, project: &Path) -> Result<Self, StoreError> {
        match setting {
            None => Ok(Self::File(project.join(".cxform").join("store.db"))),
            Some(text) if text.starts_with("postgres://") || text.starts_with("postgresql://") => {
                Server::parse(text).map(|server| Self::Server(Box::new(server)))
            }
            Some(text) => match text.strip_prefix("sqlite:") {
                Some(path) if !path.is_empty() => Ok(Self::File(project.join(path))),
                _ => Err(StoreError::Location("expected `sqlite:PATH` or `postgres://...`".into())),
            },
        }
    }
}

impl Server {
    fn parse(text: &str) -> Result<Self, StoreError> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let mut schema = "cxform".to_owned();
        let (mut root_certificates, mut mode, mut passed_on) = (None, None, Vec::new());
        for option in query.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("schema", name)) => schema = name.to_owned(),
                Some(("sslrootcert", file)) => root_certificates = Some(PathBuf::from(file)),
                Some(("sslmode", word)) => mode = Some(word),
                _ => passed_on.push(option),
            }
        }
        if schema.is_empty() || !schema.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')) {
            return Err(StoreError::Location("a schema is named with `a-z`, `0-9` and `_`".into()));
        }
        // The driver's own message could quote a part of the password when it stumbles over one that is not escaped.
        let malformed = || {
            StoreError::Location(
                "the `postgres://` address or one of its options is malformed; is every special character of the \
                 password percent-encoded?"
                    .into(),
            )
        };
        // A `@` or `/` in the password moves a part of it to where the host or the database stands, which are shown.
        let (authority, database) =
            base.split_once("://").map_or(base, |(_, rest)| rest).split_once('/').unwrap_or((base, ""));
        if authority.matches('@').count() > 1 || database.contains(['@', '/']) {
            return Err(malformed());
        }
        let mut config: Config = format!("{base}?{}", passed_on.join("&")).parse().map_err(|_| malformed())?;
        let tls = match mode {
            Some("disable") => false,
            Some("require" | "verify-ca" | "verify-full") => true,
            // No `prefer`: whoever sits in between could simply say that there is no TLS.
            None | Some("prefer" | "allow") => !config.get_hosts().iter().all(is_local),
            Some(_) => return Err(StoreError::Location("`sslmode` is `disable`, `require` or `verify-full`".into())),
        };
        config.ssl_mode(if tls { SslMode::Require } else { SslMode::Disable });
        if config.get_application_name().is_none() {
            config.application_name("cxform");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(10));
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(std::time::Duration::from_secs(30));
        }
        Ok(Self { config, schema, tls, root_certificates })
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "`{}`", path.display()),
            Self::Server(server) => server.fmt(f),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`postgres://")?;
        for (at, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{name}")?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{comma}{}", path.display())?,
            }
        }
        write!(f, "/{}`", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Server {
        match Location::parse(Some(text), Path::new("/p")).unwrap() {
            Location::Server(server) => *server,
            Location::File(path) => panic!("{}", path.display()),
        }
    }

    #[test]
    fn without_a_setting_the_store_is_a_file_of_the_project() {
        assert_eq!(Location::parse(None, Path::new("/p")).unwrap().to_string(), "`/p/.cxform/store.db`");
        assert_eq!(Location::parse(Some("sqlite:x.db"), Path::new("/p")).unwrap().to_string(), "`/p/x.db`");
    }

    #[test]
    fn a_password_is_never_shown() {
        let location = Location::parse(Some("postgres://u:canary@db.example/records?schema=team"), Path::new("/p"));
        let location = location.unwrap();
        assert_eq!(location.to_string(), "`postgres://db.example/records`");
        assert!(!format!("{location:?}{location:#?}").contains("canary"));
        for broken in [
            "postgres://u:canary@h:canary/d",
            "canary://u:canary@h/d",
            "postgres://u:x@canary@h/d",
            "postgres://u:12/canary@h/d",
            "postgres://u@h/d?canary=1",
        ] {
            let error = Location::parse(Some(broken), Path::new("/p")).expect_err(broken);
            assert!(!format!("{error}{error:?}").contains("canary"), "{error}");
        }
    }

    #[test]
    fn only_this_machine_is_reached_without_tls() {
        for (text, tls) in [
            ("postgres://u@db.example/d", true),
            ("postgres://u@db.example/d?sslmode=prefer", true),
            ("postgres://u@db.example/d?sslmode=disable", false),
            ("postgres://u@localhost/d", false),
            ("postgres://u@127.0.0.1/d", false),
            ("postgres://u@[::1]/d", false),
            ("postgres://u@127.0.0.1,db.example/d", true),
            ("postgres://u@127.0.0.1/d?sslmode=verify-full", true),
        ] {
            assert_eq!(server(text).tls, tls, "{text}");
        }
    }

    #[test]
    fn a_schema_is_a_plain_name() {
        assert_eq!(server("postgres://u@h/d").schema, "cxform");
        assert_eq!(server("postgres://u@h/d?schema=a_1&connect_timeout=3").schema, "a_1");
        assert!(Location::parse(Some("postgres://u@h/d?schema=a;drop"), Path::new("/p")).is_err());
    }
}

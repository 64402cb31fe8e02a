//! The paths of the API and the requests that read them.

use cxform_model::{Endpoint, Kind, RemoteId};
use reqwest::Url;

use crate::error::bad_id;
use crate::request::Request;
use crate::{Config, Span, TenantError};

const OUTCOMES: &str = "/api/v2/outcomes";
const CALL_CODES: &str = "/api/v2/callcodes";
const WEBHOOKS: &str = "/api/v2/webhooks";
const GROUPS: &str = "/api/v2/campaign-groups";
/// History and figures keep this path, whichever the campaign itself has (contract 4).
const OUTBOUND: &str = "/api/v2/outbound/campaigns";
/// Sub-resources keep this path, whichever the campaign itself has (contract 4).
const DESKTOPS: &str = "/api/v2/campaigns";

/// What the analytics of a campaign are asked for \[003\].
const METRICS: [&str; 4] = ["answerRate", "abandonRate", "connectedCalls", "attemptedCalls"];

const PAGE: &str = "page";
const PAGE_SIZE: &str = "pageSize";
const CURSOR: &str = "cursor";

/// Where everything is on one tenant.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    base: Url,
    campaigns: String,
    page_size: u32,
}

impl Paths {
    pub(crate) fn new(base: Url, config: &Config) -> Self {
        Self { base, campaigns: config.campaigns_path.clone(), page_size: config.page_size }
    }

    pub(crate) fn list(&self, kind: Kind) -> Result<Request, TenantError> {
        let endpoint = match kind {
            Kind::Outcome => Endpoint::ListOutcomes,
            Kind::CallCode => Endpoint::ListCallCodes,
            Kind::Campaign => Endpoint::ListCampaigns,
            Kind::Webhook => Endpoint::ListWebhooks,
            Kind::Assignment => return Err(TenantError::NoObject),
        };
        Ok(self.first_page(endpoint, self.collection(kind)?))
    }

    /// The call codes that bear `code` below `parent`; an empty parent is the root \[001\].
    pub(crate) fn find_call_code(&self, code: &str, parent: Option<&RemoteId>) -> Request {
        let mut request = self.first_page(Endpoint::ListCallCodes, self.url(CALL_CODES));
        request
            .url
            .query_pairs_mut()
            .append_pair("filter", &format!("code={code}"))
            .append_pair("parentCallCodeId", parent.map_or("", |parent| &parent.0));
        request
    }

    /// The call that reads one object; webhook subscriptions have none (contract 5).
    pub(crate) fn one(&self, kind: Kind, id: &RemoteId) -> Result<Request, TenantError> {
        let endpoint = match kind {
            Kind::Outcome => Endpoint::ReadOutcome,
            Kind::CallCode => Endpoint::ReadCallCode,
            Kind::Campaign => Endpoint::ReadCampaign,
            Kind::Assignment | Kind::Webhook => return Err(TenantError::NoObject),
        };
        Ok(Request::get(endpoint, self.object(kind, id)?))
    }

    pub(crate) fn groups(&self) -> Request {
        self.first_page(Endpoint::ListGroups, self.url(GROUPS))
    }

    pub(crate) fn group(&self, id: &RemoteId) -> Result<Request, TenantError> {
        Ok(Request::get(Endpoint::ReadGroup, self.url(&format!("{GROUPS}/{}", segment(id)?))))
    }

    pub(crate) fn desktop(&self, campaign: &RemoteId) -> Result<Request, TenantError> {
        Ok(self.first_page(Endpoint::ListAssignments, self.assignments(campaign)?))
    }

    /// What happened to a campaign \[002\].
    pub(crate) fn history(&self, campaign: &RemoteId) -> Result<Request, TenantError> {
        let mut url = self.url(&format!("{OUTBOUND}/{}/history", segment(campaign)?));
        url.query_pairs_mut().append_pair(PAGE_SIZE, &self.page_size.to_string());
        Ok(Request::get(Endpoint::ReadHistory, url))
    }

    /// What a campaign's calls came to so far \[002\].
    pub(crate) fn figures(&self, campaign: &RemoteId) -> Result<Request, TenantError> {
        let url = self.url(&format!("{OUTBOUND}/{}/stats", segment(campaign)?));
        Ok(Request::get(Endpoint::ReadFigures, url))
    }

    /// What a campaign's calls came to, interval by interval \[003\].
    pub(crate) fn intervals(&self, campaign: &RemoteId, span: Span) -> Result<Request, TenantError> {
        let mut url = self.url(&format!("{DESKTOPS}/{}/analytics", segment(campaign)?));
        url.query_pairs_mut()
            .extend_pairs(METRICS.map(|metric| ("metric", metric)))
            .append_pair("startTime", &span.from.to_string())
            .append_pair("endTime", &span.until.to_string())
            .append_pair(PAGE_SIZE, &self.page_size.to_string());
        Ok(Request::get(Endpoint::ReadIntervals, url))
    }

    pub(super) fn collection(&self, kind: Kind) -> Result<Url, TenantError> {
        Ok(self.url(match kind {
            Kind::Outcome => OUTCOMES,
            Kind::CallCode => CALL_CODES,
            Kind::Campaign => &self.campaigns,
            Kind::Webhook => WEBHOOKS,
            Kind::Assignment => return Err(TenantError::NoObject),
        }))
    }

    pub(super) fn object(&self, kind: Kind, id: &RemoteId) -> Result<Url, TenantError> {
        Ok(below(self.collection(kind)?, &segment(id)?))
    }

    pub(super) fn desktop_settings(&self, outcome: &RemoteId) -> Result<Url, TenantError> {
        Ok(below(self.object(Kind::Outcome, outcome)?, "desktop-config"))
    }

    pub(super) fn assignments(&self, campaign: &RemoteId) -> Result<Url, TenantError> {
        Ok(self.url(&format!("{DESKTOPS}/{}/outcomes", segment(campaign)?)))
    }

    pub(super) fn assignment(&self, campaign: &RemoteId, outcome: &RemoteId) -> Result<Url, TenantError> {
        Ok(below(self.assignments(campaign)?, &segment(outcome)?))
    }

    fn first_page(&self, endpoint: Endpoint, mut url: Url) -> Request {
        url.query_pairs_mut().append_pair(PAGE, "1").append_pair(PAGE_SIZE, &self.page_size.to_string());
        Request::get(endpoint, url)
    }

    pub(super) fn url(&self, path: &str) -> Url {
        below(self.base.clone(), path.trim_start_matches('/'))
    }
}

fn below(mut url: Url, path: &str) -> Url {
    let path = format!("{}/{path}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

/// An id as one segment of a path. `.` and `..` would be resolved away and so name another resource.
fn segment(id: &RemoteId) -> Result<String, TenantError> {
    if matches!(id.0.as_str(), "" | "." | "..") {
        return Err(bad_id(id));
    }
    let mut text = String::with_capacity(id.0.len());
    for byte in id.0.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(text)
}

/// The same listing at another page.
pub(crate) fn next_page(first: &Request, page: u64) -> Request {
    with_mark(first, PAGE, &page.to_string())
}

/// The same listing after a cursor \[002\].
pub(crate) fn next_cursor(first: &Request, cursor: &str) -> Request {
    with_mark(first, CURSOR, cursor)
}

fn with_mark(first: &Request, name: &str, value: &str) -> Request {
    let mut request = first.clone();
    let kept: Vec<_> = first.url.query_pairs().filter(|(name, _)| name != PAGE && name != CURSOR).collect();
    request.url.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, value);
    request
}

/// The page at a URL that the tenant named, absolute or relative to the page that named it.
/// The token goes to the same scheme, host and port only.
pub(crate) fn next_url(current: &Request, mark: &str) -> Result<Request, String> {
    let mut url = current.url.join(mark).map_err(|_| format!("its next mark `{mark}` is no URL"))?;
    if url.origin() != current.url.origin() || !url.username().is_empty() || url.password().is_some() {
        let host = url.host_str().unwrap_or("nowhere");
        return Err(format!("its next mark leads to another place ({}://{host}), which is not followed", url.scheme()));
    }
    url.set_fragment(None);
    Ok(Request { url, ..current.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(base: &str) -> Paths {
        Paths::new(base.parse().unwrap(), &Config::new(base, crate::testing::auth()))
    }

    #[test]
    fn an_id_stays_one_segment_of_the_path() {
        let id = RemoteId("a/../b?c#d%2e é".into());
        let url = paths("https://x.example/gw/").one(Kind::Outcome, &id).unwrap().url;
        assert_eq!(url.path(), "/gw/api/v2/outcomes/a%2F..%2Fb%3Fc%23d%252e%20%C3%A9");
        assert_eq!((url.query(), url.fragment()), (None, None));
        for id in ["", ".", ".."] {
            assert!(paths("https://x.example").group(&RemoteId(id.into())).is_err(), "{id}");
        }
    }

    #[test]
    fn a_listing_asks_for_its_first_page() {
        let url = paths("https://x.example").desktop(&RemoteId("7".into())).unwrap().url;
        assert_eq!(url.as_str(), "https://x.example/api/v2/campaigns/7/outcomes?page=1&pageSize=250");
    }

    #[test]
    fn marks_replace_each_other_and_keep_the_filter() {
        let first = paths("https://x.example").find_call_code("A&B", Some(&RemoteId("p 1".into())));
        let second = next_page(&first, 2);
        assert_eq!(second.url.query(), Some("pageSize=250&filter=code%3DA%26B&parentCallCodeId=p+1&page=2"));
        let third = next_cursor(&second, "x=/y");
        assert_eq!(third.url.query(), Some("pageSize=250&filter=code%3DA%26B&parentCallCodeId=p+1&cursor=x%3D%2Fy"));
    }

    #[test]
    fn a_next_url_is_followed_on_the_same_scheme_host_and_port_only() {
        let current = paths("https://x.example").list(Kind::Outcome).unwrap();
        for good in ["https://x.example:443/api/v2/outcomes?page=2", "/api/v2/outcomes?page=2", "?page=2#top"] {
            assert_eq!(next_url(&current, good).unwrap().url.as_str(), "https://x.example/api/v2/outcomes?page=2");
        }
        for bad in [
            "http://x.example/a",
            "https://y.example/a",
            "https://x.example:444/a",
            "//y.example/a",
            "https://u:p@x.example/",
        ] {
            let error = next_url(&current, bad).unwrap_err();
            assert!(error.contains("not followed"), "{bad}: {error}");
        }
    }
}

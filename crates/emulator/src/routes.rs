//! The table of the API: every method and path with the right that it needs. One resource may be served under two paths.

use crate::scopes::Right;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Token(TokenStyle),
    ListOutcomes,
    GetOutcome,
    CreateOutcome,
    PutOutcome,
    PatchDesktop,
    ListCallcodes,
    GetCallcode,
    CreateCallcode,
    PatchCallcode,
    ListCampaigns,
    GetCampaign,
    CreateCampaign,
    PatchCampaign,
    ListAssignments,
    CreateAssignment,
    PatchAssignment,
    DeleteAssignment,
    Stats,
    Analytics,
    History,
    ListGroups,
    GetGroup,
    ListWebhooks,
    CreateWebhook,
    PatchWebhook,
    DeleteWebhook,
}

/// How a token path takes its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenStyle {
    Form,
    Basic,
    JsonOrForm,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) template: &'static str,
    also: Option<&'static str>,
    pub(crate) endpoint: Endpoint,
    /// `None` for the token paths, which need no token.
    pub(crate) right: Option<Right>,
}

const fn route(method: &'static str, template: &'static str, endpoint: Endpoint, right: Right) -> Route {
    Route { method, template, also: None, endpoint, right: Some(right) }
}

const fn campaign(
    method: &'static str,
    template: &'static str,
    also: &'static str,
    endpoint: Endpoint,
    right: Right,
) -> Route {
    Route { method, template, also: Some(also), endpoint, right: Some(right) }
}

const fn token(template: &'static str, style: TokenStyle) -> Route {
    Route { method: "POST", template, also: None, endpoint: Endpoint::Token(style), right: None }
}

const CAMPAIGNS: (&str, &str) = ("/api/v2/campaigns", "/api/v2/outbound/campaigns");
const CAMPAIGN: (&str, &str) = ("/api/v2/campaigns/{id}", "/api/v2/outbound/campaigns/{id}");

static ROUTES: [Route; 29] = [
    token("/api/v2/oauth/token", TokenStyle::Form),
    token("/oauth/token", TokenStyle::Basic),
    token("/oauth2/token", TokenStyle::JsonOrForm),
    route("GET", "/api/v2/outcomes", Endpoint::ListOutcomes, Right::ReadOutcomes),
    route("POST", "/api/v2/outcomes", Endpoint::CreateOutcome, Right::WriteOutcomes),
    route("GET", "/api/v2/outcomes/{id}", Endpoint::GetOutcome, Right::ReadOutcomes),
    route("PUT", "/api/v2/outcomes/{id}", Endpoint::PutOutcome, Right::WriteOutcomes),
    route("PATCH", "/api/v2/outcomes/{id}/desktop-config", Endpoint::PatchDesktop, Right::Desktop),
    route("GET", "/api/v2/callcodes", Endpoint::ListCallcodes, Right::ReadCallcodes),
    route("POST", "/api/v2/callcodes", Endpoint::CreateCallcode, Right::WriteCallcodes),
    route("GET", "/api/v2/callcodes/{id}", Endpoint::GetCallcode, Right::ReadCallcodes),
    route("PATCH", "/api/v2/callcodes/{id}", Endpoint::PatchCallcode, Right::WriteCallcodes),
    campaign("GET", CAMPAIGNS.0, CAMPAIGNS.1, Endpoint::ListCampaigns, Right::ReadCampaigns),
    campaign("POST", CAMPAIGNS.0, CAMPAIGNS.1, Endpoint::CreateCampaign, Right::WriteCampaigns),
    campaign("GET", CAMPAIGN.0, CAMPAIGN.1, Endpoint::GetCampaign, Right::ReadCampaigns),
    campaign("PATCH", CAMPAIGN.0, CAMPAIGN.1, Endpoint::PatchCampaign, Right::WriteCampaigns),
    route("GET", "/api/v2/campaigns/{id}/outcomes", Endpoint::ListAssignments, Right::ReadCampaigns),
    route("POST", "/api/v2/campaigns/{id}/outcomes", Endpoint::CreateAssignment, Right::WriteCampaigns),
    route("PATCH", "/api/v2/campaigns/{id}/outcomes/{outcomeId}", Endpoint::PatchAssignment, Right::WriteCampaigns),
    route("DELETE", "/api/v2/campaigns/{id}/outcomes/{outcomeId}", Endpoint::DeleteAssignment, Right::WriteCampaigns),
    route("GET", "/api/v2/outbound/campaigns/{id}/stats", Endpoint::Stats, Right::Statistics),
    route("GET", "/api/v2/campaigns/{id}/analytics", Endpoint::Analytics, Right::Statistics),
    route("GET", "/api/v2/outbound/campaigns/{id}/history", Endpoint::History, Right::ReadCampaigns),
    route("GET", "/api/v2/campaign-groups", Endpoint::ListGroups, Right::ReadCampaigns),
    route("GET", "/api/v2/campaign-groups/{id}", Endpoint::GetGroup, Right::ReadCampaigns),
    route("GET", "/api/v2/webhooks", Endpoint::ListWebhooks, Right::Webhooks),
    route("POST", "/api/v2/webhooks", Endpoint::CreateWebhook, Right::Webhooks),
    route("PATCH", "/api/v2/webhooks/{id}", Endpoint::PatchWebhook, Right::Webhooks),
    route("DELETE", "/api/v2/webhooks/{id}", Endpoint::DeleteWebhook, Right::Webhooks),
];

impl Route {
    /// The name of the token bucket: all outcome operations share one, every other endpoint has its own.
    pub(crate) fn bucket(&self) -> (String, bool) {
        if self.template.starts_with("/api/v2/outcomes") {
            ("outcomes".to_owned(), true)
        } else {
            (format!("{} {}", self.method, self.template), false)
        }
    }
}

/// Where a request leads.
#[derive(Debug)]
pub(crate) enum Found {
    /// To an endpoint, with the still encoded parameters of the path.
    Endpoint(&'static Route, Vec<String>),
    /// To a known path that has only these methods.
    OtherMethods(Vec<&'static str>),
    Nowhere,
}

/// Looks a request up in the table.
pub(crate) fn find(method: &str, path: &str) -> Found {
    let mut methods = Vec::new();
    for route in &ROUTES {
        let templates = [Some(route.template), route.also];
        let Some(parameters) = templates.into_iter().flatten().find_map(|template| fit(template, path)) else {
            continue;
        };
        if route.method == method {
            return Found::Endpoint(route, parameters);
        }
        methods.push(route.method);
    }
    if methods.is_empty() { Found::Nowhere } else { Found::OtherMethods(methods) }
}

fn fit(template: &str, path: &str) -> Option<Vec<String>> {
    let mut parameters = Vec::new();
    let mut segments = path.split('/');
    for part in template.split('/') {
        let segment = segments.next()?;
        if part.starts_with('{') {
            if segment.is_empty() {
                return None;
            }
            parameters.push(segment.to_owned());
        } else if part != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(parameters)
}

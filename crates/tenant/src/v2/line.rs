//! What a write is called on the wire, for audit trails: its method and its path.

use cxform_model::{Endpoint, Kind, RemoteId};
use reqwest::Url;

use crate::{Connection, TenantError};

impl Connection {
    /// Method and path of a write on an object, or on an outcome's place on the desktop of a campaign. A create, and an
    /// assignment that begins, need no `object`. `None` for calls that write nothing, and for ids that name nothing.
    #[must_use]
    pub fn line(
        &self,
        endpoint: Endpoint,
        campaign: Option<&RemoteId>,
        object: Option<&RemoteId>,
    ) -> Option<(&'static str, String)> {
        let paths = &self.0.paths;
        let of = |kind| object.map(|id| paths.object(kind, id));
        let (method, url): (_, Result<Url, TenantError>) = match endpoint {
            Endpoint::CreateOutcome => ("POST", paths.collection(Kind::Outcome)),
            Endpoint::CreateCallCode => ("POST", paths.collection(Kind::CallCode)),
            Endpoint::CreateCampaign => ("POST", paths.collection(Kind::Campaign)),
            Endpoint::CreateWebhook => ("POST", paths.collection(Kind::Webhook)),
            Endpoint::UpdateOutcome => ("PUT", of(Kind::Outcome)?),
            Endpoint::UpdateDesktop => ("PATCH", paths.desktop_settings(object?)),
            Endpoint::UpdateCallCode => ("PATCH", of(Kind::CallCode)?),
            Endpoint::UpdateCampaign => ("PATCH", of(Kind::Campaign)?),
            Endpoint::UpdateWebhook => ("PATCH", of(Kind::Webhook)?),
            Endpoint::Assign => ("POST", paths.assignments(campaign?)),
            Endpoint::Reassign => ("PATCH", paths.assignment(campaign?, object?)),
            Endpoint::Unassign => ("DELETE", paths.assignment(campaign?, object?)),
            // Every other call reads.
            _ => return None,
        };
        url.ok().map(|url| (method, url.path().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    #[test]
    fn a_write_is_named_as_it_is_sent() {
        let mut config = Config::new("https://x.example", crate::testing::auth());
        config.campaigns_path = "/api/v2/outbound/campaigns".to_owned();
        let connection = Connection::new(config).unwrap();
        let (campaign, outcome) = (RemoteId("c".into()), RemoteId("o/1".into()));
        for (endpoint, expected) in [
            (Endpoint::CreateCallCode, "POST /api/v2/callcodes"),
            (Endpoint::UpdateOutcome, "PUT /api/v2/outcomes/o%2F1"),
            (Endpoint::UpdateDesktop, "PATCH /api/v2/outcomes/o%2F1/desktop-config"),
            (Endpoint::UpdateCampaign, "PATCH /api/v2/outbound/campaigns/o%2F1"),
            (Endpoint::UpdateWebhook, "PATCH /api/v2/webhooks/o%2F1"),
            (Endpoint::Assign, "POST /api/v2/campaigns/c/outcomes"),
            (Endpoint::Unassign, "DELETE /api/v2/campaigns/c/outcomes/o%2F1"),
        ] {
            let (method, path) = connection.line(endpoint, Some(&campaign), Some(&outcome)).unwrap();
            assert_eq!(format!("{method} {path}"), expected);
        }
        assert_eq!(connection.line(Endpoint::ReadOutcome, None, Some(&outcome)), None);
        assert_eq!(connection.line(Endpoint::Unassign, None, Some(&outcome)), None);
    }
}

//! Rights and the many names that the seeds give them. Refuses to know tokens.

use crate::error::EmulatorError;

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Right {
    ReadOutcomes = 1,
    WriteOutcomes = 1 << 1,
    Desktop = 1 << 2,
    ReadCallcodes = 1 << 3,
    WriteCallcodes = 1 << 4,
    ReadCampaigns = 1 << 5,
    WriteCampaigns = 1 << 6,
    Statistics = 1 << 7,
    Webhooks = 1 << 8,
}

/// Each right with its names, the one that error bodies use first.
const NAMES: [(Right, &[&str]); 9] = [
    (Right::ReadOutcomes, &["outcomes:read"]),
    (Right::WriteOutcomes, &["outcomes:write"]),
    (Right::Desktop, &["desktop:write"]),
    (Right::ReadCallcodes, &["callcodes:read"]),
    (Right::WriteCallcodes, &["callcodes:write"]),
    (Right::ReadCampaigns, &["campaigns:read", "outbound:campaigns:read", "outbound:campaign:read", "Campaigns:Read"]),
    (
        Right::WriteCampaigns,
        &["campaigns:write", "outbound:campaigns:write", "outbound:campaign:write", "Campaigns:Write"],
    ),
    (Right::Statistics, &["outbound:campaigns:stats:read", "CampaignAnalytics:Read"]),
    (Right::Webhooks, &["webhooks:write"]),
];

impl Right {
    /// The name under which a missing right is reported.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(right, _)| *right == self).map_or("", |(_, names)| names[0])
    }
}

/// A set of rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rights(u16);

impl Rights {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(0x1ff);

    /// The rights that the names grant, or the first name that nobody knows.
    pub(crate) fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        names.into_iter().try_fold(Self::NONE, |rights, name| {
            NAMES
                .iter()
                .find(|(_, known)| known.contains(&name))
                .map(|(right, _)| Self(rights.0 | *right as u16))
                .ok_or_else(|| name.to_owned())
        })
    }

    pub(crate) fn has(self, right: Right) -> bool {
        self.0 & right as u16 != 0
    }

    pub(crate) fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The canonical names, space-separated.
    pub(crate) fn names(self) -> String {
        let names: Vec<_> = NAMES.iter().filter(|(right, _)| self.has(*right)).map(|(_, names)| names[0]).collect();
        names.join(" ")
    }
}

/// The rights of the emulated client: all of them unless scopes are given.
pub(crate) fn owned(scopes: Option<&[String]>) -> Result<Rights, EmulatorError> {
    let Some(scopes) = scopes else { return Ok(Rights::ALL) };
    Rights::named(scopes.iter().map(String::as_str))
        .map_err(|name| EmulatorError::Option { option: "scopes", message: format!("unknown scope `{name}`") })
}

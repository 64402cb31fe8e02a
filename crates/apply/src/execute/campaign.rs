//! Campaign settings and run states. Every `PATCH` carries the version that the reviewer saw, or the one that this run left.

use cxform_model::{CampaignStatus, Fields, Kind, ObservedObject, Precondition, RemoteId, Target, Version};
use cxform_tenant::{ConflictKind, HistoryRecord, Prepared, TenantError, Writer};
use serde_json::Value;

use crate::conflict::{Paths, STATUS, three_ways};
use crate::deliver::{Delivery, Sight, deliver};
use crate::execution::{Execution, Halt, Letter};
use crate::ledger::{Known, Picture};
use crate::merge;
use crate::verify::{accepted_but_not_applied, not_as_asked, paths_of};
use crate::{Conflict, ConflictReason, Failure, FailureCause, Rebase, VersionConflict};

/// What is written to a campaign. The two are never sent together.
pub(super) enum Change<'a> {
    Settings(&'a Fields<Value>),
    Status(CampaignStatus),
}

/// How often a version that only our own desktop writes moved is taken up again.
const OWN_MOVES: u32 = 5;

/// How often a step goes on top of somebody else's change.
const REBASES: u32 = 3;

struct Patch<'a> {
    id: RemoteId,
    change: Change<'a>,
    version: Version,
    asked: Paths,
    /// The campaign as it was planned, or as this run left it.
    before: Picture,
    own_moves: u32,
    rebases: u32,
    /// The campaign as the reviewer saw it, once somebody else changed it.
    reviewed: Option<(Version, Paths)>,
}

pub(super) async fn patch(step: &Execution<'_>, target: &Target, change: Change<'_>) -> Result<Option<Version>, Halt> {
    let id = step.resolve(target)?;
    let asked = match &change {
        Change::Settings(fields) => fields.to_paths(),
        Change::Status(to) => Paths::from([(STATUS.to_owned(), Value::String(to.word().to_owned()))]),
    };
    let known = step.shared.ledger.object(Kind::Campaign, &id);
    let mut known = known.lock().await;
    let planned = match &step.planned.precondition {
        Precondition::Version(version) => Some(*version),
        Precondition::Follows => None,
        Precondition::Absent | Precondition::Content(_) => {
            return Err(step.malformed("a campaign is guarded by its version"));
        }
    };
    let version =
        known.version.or(planned).ok_or_else(|| step.malformed("it follows no earlier step on this campaign"))?;
    let before = known.picture.clone().unwrap_or_else(|| Picture::whole(step.planned.base.clone()));
    step.flight.tell(|told| told.object = Some(id.clone()));
    let mut delivery = Patch { id, change, version, asked, before, own_moves: 0, rebases: 0, reviewed: None };
    // Until the fate of the write is known, nothing is known about the campaign.
    *known = Known::default();
    let after = deliver(step, &mut delivery).await?;
    step.flight.tell(|told| told.before = Some(delivery.before.fields.clone()));
    let object = match after.object {
        Some(object) if is_told(&object) && delivery.applied_in(&paths_of(&object)) => object,
        _ => delivery.read_back(step).await?,
    };
    let found = paths_of(&object);
    let paths = not_as_asked(Kind::Campaign, &delivery.asked, &found);
    let verdict = match paths.is_empty() {
        true => Ok(object.version),
        false => Err(accepted_but_not_applied(step.planned, &delivery.asked, &found, &paths).into()),
    };
    step.flight.tell(|told| told.after = Some(found.clone()));
    *known = Known { picture: Some(Picture::whole(found)), version: object.version, is_old: false };
    verdict
}

/// Whether an answer shows the campaign well enough to judge a later state by it.
pub(super) fn is_told(object: &ObservedObject) -> bool {
    object.version.is_some() && object.value(STATUS).is_some()
}

impl Patch<'_> {
    /// Whether the campaign dials after this. That rests on everything that the reviewer saw, and even a write that
    /// changes nothing may be somebody's hand on the brake.
    const fn starts(&self) -> bool {
        matches!(self.change, Change::Status(CampaignStatus::Active))
    }

    fn applied_in(&self, found: &Paths) -> bool {
        not_as_asked(Kind::Campaign, &self.asked, found).is_empty()
    }

    /// Reads the campaign after an answer that did not tell enough. A version further on than our own write explains
    /// means a second writer: if they touched anything, nobody may go on as if they had not.
    async fn read_back(&self, step: &Execution<'_>) -> Result<ObservedObject, Halt> {
        let object = step.read(step.shared.reader.one(Kind::Campaign, &self.id)).await?.ok_or_else(|| {
            Failure::new(FailureCause::Gone, "it was there for the write and has gone right after it")
        })?;
        let found = paths_of(&object);
        let explained = [Some(self.version), Some(Version(self.version.0 + 1))].contains(&object.version);
        if !explained && !self.before.with(&self.asked).is_all_of(Kind::Campaign, &found) {
            return Err(self.conflict(step, ConflictReason::SecondWriter, &found, object.version));
        }
        Ok(object)
    }

    fn conflict(&self, step: &Execution<'_>, reason: ConflictReason, theirs: &Paths, found: Option<Version>) -> Halt {
        Halt::from(Conflict {
            address: step.planned.address.clone(),
            reason,
            fields: three_ways(Kind::Campaign, &self.before.fields, &self.asked, theirs),
            version: Some(VersionConflict { planned: self.version, found }),
            findings: Vec::new(),
        })
    }

    /// Takes the campaign as somebody else left it, where their change leaves alone what we write and what is never
    /// merged, and the whole keeps the rules.
    async fn rebase(
        &mut self,
        step: &Execution<'_>,
        object: &ObservedObject,
        history: Option<&[HistoryRecord]>,
    ) -> Result<bool, Halt> {
        let Some(version) = object.version else { return Ok(false) };
        let found = paths_of(object);
        if !self.before.is_whole || !merge::is_picture(&self.before.fields) || self.starts() {
            return Ok(false);
        }
        // The same holds for what goes before the start of a campaign that stands still: the start rests on its version.
        if step.shared.starting.contains(&step.planned.address)
            && merge::has_status(&self.before.fields, CampaignStatus::Paused)
        {
            return Ok(false);
        }
        let Some(_) = merge::theirs(&self.before.fields, &self.asked, &found) else { return Ok(false) };
        // What was changed and changed back looks untouched, and is no less somebody's last word.
        if history.is_some_and(|records| records.iter().any(merge::touches_untouchable)) {
            return Ok(false);
        }
        let broken = merge::new_errors(step, &self.id, &self.before.fields, &self.asked, &found);
        if !broken.is_empty() {
            let mut fields = three_ways(Kind::Campaign, &self.before.fields, &self.asked, &found);
            fields.retain(|field| field.ours.is_some() || field.base != field.theirs);
            return Err(Halt::from(Conflict {
                address: step.planned.address.clone(),
                reason: ConflictReason::Unlawful,
                fields,
                version: Some(VersionConflict { planned: self.version, found: Some(version) }),
                findings: broken,
            }));
        }
        let (planned, base) = self.reviewed.get_or_insert_with(|| (self.version, self.before.fields.clone())).clone();
        let mut rebase = Rebase {
            planned,
            found: version,
            fields: merge::theirs(&base, &self.asked, &found).unwrap_or_default(),
            authors: Vec::new(),
        };
        let earlier = step.flight.told().rebase.map(|rebase| rebase.authors).unwrap_or_default();
        rebase.authors = earlier.into_iter().chain(history.unwrap_or_default().iter().map(merge::author)).collect();
        tracing::warn!(step = %step.planned.id, from = %self.version, to = %version, "rebased");
        step.flight.tell(|told| told.rebase = Some(rebase));
        self.version = version;
        self.before = Picture::whole(found);
        self.rebases += 1;
        Ok(true)
    }

    /// What happened to the campaign since the version that we rely on; `None` where the tenant does not tell.
    async fn history(&self, step: &Execution<'_>, found: Option<Version>) -> Option<Vec<HistoryRecord>> {
        match step.shared.reader.history(&self.id, self.version).await {
            Ok(mut records) => {
                records.retain(|record| found.is_none_or(|found| record.version <= found));
                Some(records)
            }
            Err(error) => {
                tracing::debug!(step = %step.planned.id, %error, "who changed the campaign is not known");
                None
            }
        }
    }

    /// Whether nobody but this run's own desktop writes moved the version. A campaign that was started and stopped again
    /// looks the same as before: only its history tells. Without one a campaign is never set dialling, unless it is a
    /// draft, to which no way leads back.
    fn was_left_alone(&self, history: Option<&[HistoryRecord]>) -> bool {
        match history {
            Some(records) => !records.iter().any(merge::is_of_the_campaign),
            None => !self.starts() || merge::has_status(&self.before.fields, CampaignStatus::Draft),
        }
    }

    /// Whether this run wrote to the campaign's desktop: on some tenants that moves the version too.
    async fn wrote_desktop(&self, step: &Execution<'_>) -> bool {
        step.shared.ledger.desktop(&self.id).lock().await.touched
    }
}

impl Delivery for Patch<'_> {
    fn letter(&self) -> Letter {
        let before = self.before.fields.iter().filter(|(path, _)| self.asked.contains_key(*path));
        Letter {
            id: Some(self.id.clone()),
            before: before.map(|(path, value)| (path.clone(), value.clone())).collect(),
            after: self.asked.clone(),
            version: Some(self.version),
            idempotency_key: None,
        }
    }

    fn request(&self, writer: &Writer) -> Prepared {
        match &self.change {
            Change::Settings(fields) => writer.update_campaign(&self.id, self.version, fields),
            Change::Status(to) => writer.transition(&self.id, self.version, *to),
        }
    }

    async fn look(&mut self, step: &Execution<'_>, error: &TenantError, lost: bool) -> Result<Sight, Halt> {
        let stale = matches!(error, TenantError::Conflict(ConflictKind::Version | ConflictKind::Other, _));
        if !lost && !stale {
            return Ok(Sight::Refused);
        }
        let Some(object) = step.read(step.shared.reader.one(Kind::Campaign, &self.id)).await? else {
            return Ok(Sight::Refused);
        };
        let found = paths_of(&object);
        if object.version == Some(self.version) {
            return Ok(if error.may_have_been_applied() { Sight::Before } else { Sight::Refused });
        }
        let is = |picture: &Picture| picture.is_all_of(Kind::Campaign, &found);
        let once = object.version == Some(Version(self.version.0 + 1));
        if lost && is(&self.before.with(&self.asked)) && (once || self.wrote_desktop(step).await) {
            return Ok(Sight::applied(object));
        }
        let history = self.history(step, object.version).await;
        if let Some(version) = object.version
            && self.own_moves < OWN_MOVES
            && is(&self.before)
            && self.wrote_desktop(step).await
            && self.was_left_alone(history.as_deref())
        {
            self.own_moves += 1;
            self.version = version;
            return Ok(Sight::Again);
        }
        if step.shared.rebase && self.rebases < REBASES && self.rebase(step, &object, history.as_deref()).await? {
            return Ok(if lost && self.applied_in(&found) { Sight::applied(object) } else { Sight::Again });
        }
        let reason = if lost { ConflictReason::Unexplained } else { ConflictReason::Changed };
        Err(self.conflict(step, reason, &found, object.version))
    }
}

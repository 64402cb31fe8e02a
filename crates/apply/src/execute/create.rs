//! Creates. The tenant itself tells whether the key is free; what a lost answer left is found under the natural key.

use std::time::Duration;

use cxform_model::{CampaignStatus, Fields, Kind, ObservedObject, RemoteId, Target, Version};
use cxform_tenant::{Backoff, ConflictKind, Prepared, TenantError, Writer};
use serde_json::Value;

use crate::conflict::{PARENT, Paths, STATUS, same_at, three_ways};
use crate::deliver::{Delivery, Sight, deliver};
use crate::execute::campaign::is_told;
use crate::execution::{Execution, Halt, Letter};
use crate::ledger::{Known, Picture};
use crate::verify::{accepted_but_not_applied, not_as_asked, paths_of};
use crate::{Conflict, ConflictReason, Failure, FailureCause, VersionConflict};

/// How often an object is looked for before it counts as absent: a tenant may show a new one late.
const LOOKS: u32 = 3;

/// The version of a campaign that nobody has written since its create \[002\].
const FIRST: Version = Version(1);

struct Create<'a> {
    kind: Kind,
    parent: Option<RemoteId>,
    fields: &'a Fields<Value>,
    key: String,
    asked: Paths,
}

pub(super) async fn create(
    step: &Execution<'_>,
    kind: Kind,
    parent: Option<&Target>,
    fields: &Fields<Value>,
) -> Result<Option<Version>, Halt> {
    let parent = parent.map(|target| step.resolve(target)).transpose()?;
    let mut asked = fields.to_paths();
    if kind.is_tree() {
        asked.insert(PARENT.to_owned(), parent.as_ref().map_or(Value::Null, |id| Value::String(id.0.clone())));
    }
    let key = step.shared.run.idempotency_key(&step.planned.id);
    let mut delivery = Create { kind, parent, fields, key, asked };
    let after = deliver(step, &mut delivery).await?;
    let Some(id) = after.id else {
        return Err(Failure::new(FailureCause::NotApplied, "the tenant accepted the create but names no id").into());
    };
    // Noted before it is verified: whatever a doubtful object is, it exists and has this id.
    step.shared.ledger.created(step.planned.address.clone(), id.clone());
    step.flight.tell(|told| {
        told.object = Some(id.clone());
        told.before = Some(Paths::new());
    });
    let object = verified(step, &delivery, &id, after.object).await?;
    step.flight.tell(|told| told.after = Some(paths_of(&object)));
    let version = object.version.or(after.version);
    if !delivery.is_untouched(&object, after.version) {
        return Err(delivery.conflict(step, ConflictReason::SecondWriter, &object));
    }
    let known = step.shared.ledger.object(kind, &id);
    let picture = match kind {
        Kind::Campaign => Picture::whole(paths_of(&object)),
        // The answer may leave fields out; what was asked is all that is known for certain.
        _ => Picture::created(kind, delivery.asked),
    };
    *known.lock().await = Known { picture: Some(picture), version, is_old: false };
    Ok(version)
}

/// The object as the answer told it, or as it reads where the answer told too little.
async fn verified(
    step: &Execution<'_>,
    create: &Create<'_>,
    id: &RemoteId,
    told: Option<ObservedObject>,
) -> Result<ObservedObject, Halt> {
    let is_as_asked = |object: &ObservedObject| not_as_asked(create.kind, &create.asked, &paths_of(object)).is_empty();
    let told = told.filter(|object| is_as_asked(object) && (create.kind != Kind::Campaign || is_told(object)));
    if let Some(object) = told {
        return Ok(object);
    }
    let object = read_back(step, create.kind, id).await?;
    let found = paths_of(&object);
    let paths = not_as_asked(create.kind, &create.asked, &found);
    if paths.is_empty() {
        return Ok(object);
    }
    Err(accepted_but_not_applied(step.planned, &create.asked, &found, &paths).into())
}

/// Reads a new object, with patience for a tenant that does not show it at once.
async fn read_back(step: &Execution<'_>, kind: Kind, id: &RemoteId) -> Result<ObservedObject, Halt> {
    let mut patience = Backoff::new(step.shared.patience);
    for _ in 0..LOOKS {
        if let Some(object) = step.read(step.shared.reader.one(kind, id)).await? {
            return Ok(object);
        }
        let Some(wait) = patience.next(Duration::ZERO, None) else { break };
        step.pause(wait).await;
    }
    let message = format!("the tenant created it as `{id}` but does not show it");
    Err(Failure::new(FailureCause::NotApplied, message).into())
}

impl Delivery for Create<'_> {
    fn letter(&self) -> Letter {
        Letter { after: self.asked.clone(), idempotency_key: Some(self.key.clone()), ..Letter::default() }
    }

    fn request(&self, writer: &Writer) -> Prepared {
        writer.create(self.kind, self.parent.as_ref(), self.fields, &self.key)
    }

    async fn look(&mut self, step: &Execution<'_>, error: &TenantError, lost: bool) -> Result<Sight, Halt> {
        if matches!(error, TenantError::NotFound(_) | TenantError::Conflict(ConflictKind::Cycle, _)) {
            return Ok(Sight::Refused);
        }
        // Refused as taken after a loss: something bears the key, so it is only listed late, and most likely ours.
        let bound = if lost && matches!(error, TenantError::Conflict(..)) { u32::MAX } else { LOOKS };
        let mut patience = Backoff::new(step.shared.patience);
        for _ in 0..bound {
            let find = step.shared.reader.find(self.kind, step.planned.address.key(), self.parent.as_ref());
            if let Some(sight) = self.recognise(step, &step.read(find).await?, lost)? {
                return Ok(sight);
            }
            let Some(wait) = patience.next(Duration::ZERO, None).filter(|_| !step.is_stopping()) else { break };
            step.pause(wait).await;
        }
        Ok(Sight::Before)
    }
}

impl Create<'_> {
    /// Whether nobody wrote the object since its create, which leaves a draft of version 1 \[002\]. It may dial already,
    /// or have been stopped: then it is no longer this run's to go on with.
    fn is_untouched(&self, object: &ObservedObject, told: Option<Version>) -> bool {
        if self.kind != Kind::Campaign {
            return true;
        }
        let first = told.unwrap_or(FIRST);
        let draft = Value::String(CampaignStatus::Draft.word().to_owned());
        let is_draft = |status| same_at(self.kind, STATUS, Some(&draft), Some(status));
        object.version.is_none_or(|version| version == first) && object.value(STATUS).is_none_or(is_draft)
    }

    /// What the objects under the key say about the create; nothing where there are none.
    fn recognise(&self, step: &Execution<'_>, found: &[ObservedObject], lost: bool) -> Result<Option<Sight>, Halt> {
        let Some(first) = found.first() else { return Ok(None) };
        let is_as_asked = found.len() == 1 && not_as_asked(self.kind, &self.asked, &paths_of(first)).is_empty();
        match (is_as_asked, lost) {
            (true, true) if self.is_untouched(first, None) => Ok(Some(Sight::applied(first.clone()))),
            (true, true) => Err(self.conflict(step, ConflictReason::Unexplained, first)),
            (true, false) => Err(self.conflict(step, ConflictReason::AlreadyThere, first)),
            (false, _) => Err(self.conflict(step, ConflictReason::Appeared, first)),
        }
    }

    fn conflict(&self, step: &Execution<'_>, reason: ConflictReason, found: &ObservedObject) -> Halt {
        // What nobody knew to be there has no base, and no version that anything relied on.
        let is_new = matches!(reason, ConflictReason::Appeared | ConflictReason::AlreadyThere);
        let base = if is_new { Paths::new() } else { Picture::created(self.kind, self.asked.clone()).fields };
        Halt::from(Conflict {
            address: step.planned.address.clone(),
            reason,
            fields: match reason {
                ConflictReason::AlreadyThere => Vec::new(),
                _ => three_ways(self.kind, &base, &self.asked, &paths_of(found)),
            },
            version: (!is_new).then_some(VersionConflict { planned: FIRST, found: found.version }),
            findings: Vec::new(),
        })
    }
}

//! Updates of what has no version: outcomes, their desktop settings, call codes, webhook subscriptions.
//!
//! The object is read again just before the run's first write to it; from then on, what the run itself left is the
//! precondition. One round trip of a window remains.

use cxform_model::{
    Document, Field, Fields, Kind, NewParent, ObservedObject, Ownership, Precondition, RemoteId, Target, Version,
};
use cxform_tenant::{Prepared, Representation, TenantError, Writer};
use serde_json::Value;

use crate::conflict::{PARENT, Paths, three_ways};
use crate::deliver::{Delivery, Sight, deliver};
use crate::execution::{Execution, Halt, Letter};
use crate::ledger::{Known, Picture};
use crate::verify::{accepted_but_not_applied, not_as_asked, paths_of};
use crate::{Conflict, ConflictReason, Failure, FailureCause};

struct Update<'a> {
    document: Document,
    kind: Kind,
    id: RemoteId,
    /// The new place in the tree, where the object moves.
    parent: Option<Option<RemoteId>>,
    fields: &'a Fields<Value>,
    asked: Paths,
    before: Picture,
    /// What a `PUT` is built from.
    whole: Option<Representation>,
}

/// The object as it reads now, and its whole representation where one was read.
struct Seen {
    object: ObservedObject,
    whole: Option<Representation>,
}

pub(super) async fn update(
    step: &Execution<'_>,
    document: Document,
    target: &Target,
    parent: Option<&NewParent>,
    fields: &Fields<Value>,
) -> Result<Option<Version>, Halt> {
    let kind = step.planned.address.kind();
    let id = step.resolve(target)?;
    let parent = parent.map(|parent| step.resolve_parent(parent)).transpose()?;
    let mut asked = fields.to_paths();
    if let Some(parent) = &parent {
        asked.insert(PARENT.to_owned(), parent.as_ref().map_or(Value::Null, |id| Value::String(id.0.clone())));
    }
    let known = step.shared.ledger.object(kind, &id);
    let mut known = known.lock().await;
    step.flight.tell(|told| told.object = Some(id.clone()));
    let (before, whole) = if step.flight.is_in_doubt() {
        // What stands there may be our own work: that is for the look to tell.
        (known.picture.clone().unwrap_or_else(|| Picture::whole(step.planned.base.clone())), None)
    } else {
        checked(step, document, &id, &asked, &mut known).await?
    };
    step.flight.tell(|told| told.before = Some(before.fields.clone()));
    let mut delivery = Update { document, kind, id, parent, fields, asked, before, whole };
    // Until the fate of the write is known, nothing is known about the object.
    *known = Known::default();
    let after = deliver(step, &mut delivery).await?;
    let object = match after.object {
        Some(object) if delivery.is_told_by(&object) => object,
        _ => must_read(step, document, &delivery.id).await?.object,
    };
    let found = paths_of(&object);
    let paths = not_as_asked(kind, &delivery.asked, &found);
    let verdict = match paths.is_empty() {
        true => Ok(None),
        false => Err(accepted_but_not_applied(step.planned, &delivery.asked, &found, &paths).into()),
    };
    step.flight.tell(|told| told.after = Some(found.clone()));
    known.picture = Some(Picture::whole(found));
    verdict
}

/// The object as it stands right before the write, once the precondition is found to hold.
async fn checked(
    step: &Execution<'_>,
    document: Document,
    id: &RemoteId,
    asked: &Paths,
    known: &mut Known,
) -> Result<(Picture, Option<Representation>), Halt> {
    let kind = step.planned.address.kind();
    if let Some(picture) = &known.picture {
        if document != Document::Outcome && !known.is_old {
            return Ok((picture.clone(), None));
        }
        let seen = must_read(step, document, id).await?;
        let found = paths_of(&seen.object);
        if !picture.shows(kind, &found) {
            return Err(conflict(step, ConflictReason::SecondWriter, &picture.fields, asked, &found));
        }
        return Ok((Picture::whole(found), seen.whole));
    }
    let Precondition::Content(planned) = &step.planned.precondition else {
        return Err(step.malformed("it follows no earlier step on this object, and names no content"));
    };
    let seen = must_read(step, document, id).await?;
    let found = paths_of(&seen.object);
    if seen.object.content_hash() == *planned {
        return Ok((Picture::whole(found), seen.whole));
    }
    let base = &step.planned.base;
    let is_as_asked = not_as_asked(kind, asked, &found).is_empty();
    if is_as_asked && as_before(seen.object, asked, base).is_some_and(|object| object.content_hash() == *planned) {
        known.picture = Some(Picture::whole(found));
        return Err(Halt::Unchanged);
    }
    Err(conflict(step, ConflictReason::Changed, base, asked, &found))
}

/// The object with the values from before in the fields that the step writes. If that is what the plan was made from,
/// nobody touched anything else.
fn as_before(mut object: ObservedObject, asked: &Paths, base: &Paths) -> Option<ObservedObject> {
    for path in asked.keys() {
        let value = base.get(path).cloned().unwrap_or_default();
        if path == PARENT {
            object.parent = value.as_str().map(|id| RemoteId(id.to_owned()));
            continue;
        }
        let field = Field::find(object.kind, path)?;
        if field.policy().ownership == Ownership::Identity {
            value.as_str()?.clone_into(&mut object.key);
        }
        object.fields.insert(field, value);
    }
    Some(object)
}

fn conflict(step: &Execution<'_>, reason: ConflictReason, base: &Paths, ours: &Paths, theirs: &Paths) -> Halt {
    let address = step.planned.address.clone();
    let fields = three_ways(address.kind(), base, ours, theirs);
    Conflict { address, reason, fields, version: None, findings: Vec::new() }.into()
}

async fn must_read(step: &Execution<'_>, document: Document, id: &RemoteId) -> Result<Seen, Halt> {
    let gone = || Failure::new(FailureCause::Gone, "it has gone since the plan was made");
    Ok(read(step, document, id).await?.ok_or_else(gone)?)
}

async fn read(step: &Execution<'_>, document: Document, id: &RemoteId) -> Result<Option<Seen>, Halt> {
    let reader = &step.shared.reader;
    Ok(match document {
        Document::Outcome => {
            let read = step.read(reader.outcome_document(id)).await?;
            read.map(|(object, whole)| Seen { object, whole: Some(whole) })
        }
        _ => {
            let object = step.read(reader.one(step.planned.address.kind(), id)).await?;
            object.map(|object| Seen { object, whole: None })
        }
    })
}

impl Update<'_> {
    /// Whether an answer shows the whole object: it has the written fields and those that every object has.
    fn is_told_by(&self, object: &ObservedObject) -> bool {
        let has = |field| object.fields.get(field).is_some();
        Field::all(self.kind).filter(|field| field.policy().required).all(has)
            && not_as_asked(self.kind, &self.asked, &paths_of(object)).is_empty()
    }
}

impl Delivery for Update<'_> {
    fn letter(&self) -> Letter {
        let before = self.before.fields.iter().filter(|(path, _)| self.asked.contains_key(*path));
        Letter {
            id: Some(self.id.clone()),
            before: before.map(|(path, value)| (path.clone(), value.clone())).collect(),
            after: self.asked.clone(),
            ..Letter::default()
        }
    }

    fn request(&self, writer: &Writer) -> Prepared {
        let parent = self.parent.as_ref().map(Option::as_ref);
        match &self.whole {
            Some(whole) => writer.update_outcome(whole.clone(), self.fields, parent),
            None if self.document == Document::Desktop => writer.update_desktop(&self.id, self.fields),
            None if self.document == Document::Webhook => writer.update_webhook(&self.id, self.fields),
            None => writer.update_call_code(&self.id, self.fields, parent),
        }
    }

    async fn look(&mut self, step: &Execution<'_>, _: &TenantError, lost: bool) -> Result<Sight, Halt> {
        if !lost {
            return Ok(Sight::Refused);
        }
        let Some(seen) = read(step, self.document, &self.id).await? else { return Ok(Sight::Refused) };
        let found = paths_of(&seen.object);
        if not_as_asked(self.kind, &self.asked, &found).is_empty() {
            return Ok(Sight::applied(seen.object));
        }
        if self.before.shows(self.kind, &found) {
            self.whole = seen.whole;
            return Ok(Sight::Before);
        }
        Err(conflict(step, ConflictReason::Unexplained, &self.before.fields, &self.asked, &found))
    }
}

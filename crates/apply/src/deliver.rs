//! How a write gets through when answers get lost: look before it is sent again.
//!
//! The client repeats what certainly was not applied; what is left over here are writes whose fate nobody knows.

use cxform_model::{ObservedAssignment, ObservedObject, RemoteId, Version};
use cxform_tenant::{Answer, Backoff, Call, Prepared, TenantError, Writer};
use tokio::time::Instant;

use crate::execution::{Execution, Halt, Letter};
use crate::{Event, Failure, FailureCause, Reply};

/// What is said of a request whose process died, and which the tenant never carried out.
const NOT_CARRIED_OUT: &str = "its process ended before the answer, and the tenant shows that it was not carried out";

/// One write that can be sent, and recognised on the tenant afterwards.
pub(crate) trait Delivery {
    /// The write as the journal notes it.
    fn letter(&self) -> Letter;

    /// The write as it is sent.
    fn request(&self, writer: &Writer) -> Prepared;

    /// Looks what became of it. `error` is what the tenant said last; `lost` says whether an answer of ours was lost
    /// before, so that what stands there may be our own work.
    async fn look(&mut self, step: &Execution<'_>, error: &TenantError, lost: bool) -> Result<Sight, Halt>;
}

/// What is known of the object after a write. What is missing has to be read back.
#[derive(Debug, Default)]
pub(crate) struct After {
    pub(crate) id: Option<RemoteId>,
    pub(crate) object: Option<ObservedObject>,
    pub(crate) assignment: Option<ObservedAssignment>,
    pub(crate) version: Option<Version>,
}

/// What a look showed.
pub(crate) enum Sight {
    /// The write was applied.
    Applied(Box<After>),
    /// The tenant is as it was before.
    Before,
    /// The write was refused for what this run did itself; as it stands now, it can be sent at once.
    Again,
    /// The error stands as it is.
    Refused,
}

/// Sends a write until its fate is known.
pub(crate) async fn deliver(step: &Execution<'_>, delivery: &mut impl Delivery) -> Result<After, Halt> {
    let mut patience = Backoff::new(step.shared.patience);
    let mut lost = false;
    if step.flight.is_in_doubt() {
        // An earlier process sent it and never learned the end: the case of a lost answer.
        lost = true;
        step.shared.emit(Event::Settling { id: step.planned.id.clone(), address: step.planned.address.clone() });
        let letter = delivery.letter();
        match delivery.look(step, &unanswered(), lost).await {
            Ok(Sight::Applied(after)) => return Ok(settled(step, *after)),
            Ok(Sight::Before | Sight::Again) => {
                step.found_out(letter, Reply::Refused(NOT_CARRIED_OUT.to_owned())).await?;
                step.flight.not_applied();
                if step.shared.only_looks {
                    return Err(Failure::new(FailureCause::NotCarriedOut, NOT_CARRIED_OUT).into());
                }
            }
            Ok(Sight::Refused) => {
                let message = "it has gone, and whether it was written before is not known";
                step.found_out(letter, Reply::Lost(message.to_owned())).await?;
                return Err(Failure::new(FailureCause::Gone, message).into());
            }
            Err(halt) => {
                if halt.is_final() {
                    step.found_out(letter, Reply::Lost(unanswered().to_string())).await?;
                }
                return Err(halt);
            }
        }
    }
    loop {
        let started = Instant::now();
        let error = match step.write(delivery.letter(), delivery.request(&step.shared.writer)).await? {
            Ok(answer) => return Ok(After::from(answer)),
            Err(error) => error,
        };
        let unknown = error.may_have_been_applied();
        lost |= unknown;
        let wait = match &error {
            _ if unknown => patience.next(started.elapsed(), None),
            TenantError::Conflict(..) | TenantError::NotFound(_) => None,
            _ => return Err(step.failed(&error)),
        };
        if unknown {
            tracing::warn!(step = %step.planned.id, %error, "an answer was lost; looking what became of the write");
            step.shared.emit(Event::Settling { id: step.planned.id.clone(), address: step.planned.address.clone() });
        }
        // The request may still be on its way: a look right now could miss it. Where the run is to end, there is one
        // more look, and nothing is sent again.
        step.pause(wait.unwrap_or_default()).await;
        match delivery.look(step, &error, lost).await? {
            Sight::Applied(after) => return Ok(settled(step, *after)),
            Sight::Again => {}
            Sight::Before if wait.is_some() && !step.is_stopping() => step.flight.not_applied(),
            Sight::Before if unknown => {
                let failure = step.failure(FailureCause::Unsettled, &error);
                let message = format!("{}; each look showed the values from before", failure.message);
                return Err(Failure { message, ..failure }.into());
            }
            Sight::Before | Sight::Refused => return Err(step.failed(&error)),
        }
    }
}

fn settled(step: &Execution<'_>, after: After) -> After {
    step.flight.accepted();
    step.flight.tell(|told| told.settled = true);
    after
}

/// The error of a request whose process did not live to see the answer.
fn unanswered() -> TenantError {
    let call = Call { method: "", path: String::new() };
    let cause = "the process that sent it has ended".to_owned();
    TenantError::Lost { call, status: None, cause, request_id: None }
}

impl Sight {
    pub(crate) fn applied(after: impl Into<After>) -> Self {
        Self::Applied(Box::new(after.into()))
    }
}

impl From<Answer> for After {
    fn from(answer: Answer) -> Self {
        let Answer { id, object, assignment, version, status: _, request_id: _, retries: _, latency: _ } = answer;
        Self { id, object, assignment, version }
    }
}

impl From<ObservedObject> for After {
    fn from(object: ObservedObject) -> Self {
        Self { id: Some(object.id.clone()), version: object.version, object: Some(object), assignment: None }
    }
}

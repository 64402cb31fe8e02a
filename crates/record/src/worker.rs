//! The one thread that talks to the database, and the group commit: whatever waits while one commit is synced to disk
//! goes together into the next one. Knows nothing of what is stored.

use std::sync::mpsc::{Receiver, Sender};

use tokio::sync::oneshot;

use crate::sql::{Access, Database, Failed, Sql, transaction};
use crate::{Answer, StoreError};

/// How many requests share a transaction at most.
const GROUP: usize = 256;
/// How often a transaction is tried that another one got in the way of.
const TRIES: usize = 4;

/// A request with its answer on the way. It may be tried several times before it is answered once.
pub(crate) trait Request: Send {
    fn access(&self) -> Access;
    fn attempt(&mut self, sql: &mut dyn Sql) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, stored: Result<(), StoreError>);
}

struct Task<T, F> {
    access: Access,
    body: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send> Request for Task<T, F> {
    fn access(&self) -> Access {
        self.access
    }

    fn attempt(&mut self, sql: &mut dyn Sql) -> Result<(), StoreError> {
        self.value = Some((self.body)(sql)?);
        Ok(())
    }

    fn answer(self: Box<Self>, stored: Result<(), StoreError>) {
        let Self { value, reply, .. } = *self;
        // Nobody listens any more when the caller was cancelled; what was stored stays stored.
        let _ = reply.send(stored.and_then(|()| value.ok_or(StoreError::Closed)));
    }
}

/// Hands a request to the thread.
pub(crate) fn submit<T, F>(queue: &Sender<Box<dyn Request>>, access: Access, body: F) -> Answer<T>
where
    T: Send + 'static,
    F: FnMut(&mut dyn Sql) -> Result<T, StoreError> + Send + 'static,
{
    let (reply, answer) = Answer::new();
    // If the thread is gone, the reply is dropped with the request, and the answer says that the store is closed.
    let _ = queue.send(Box::new(Task { access, body, value: None, reply }));
    answer
}

/// Serves requests until every sender is gone.
pub(crate) fn serve(mut database: Box<dyn Database>, queue: &Receiver<Box<dyn Request>>) {
    while let Ok(first) = queue.recv() {
        let mut waiting = vec![first];
        waiting.extend(queue.try_iter().take(GROUP - 1));
        while !waiting.is_empty() {
            let access = waiting[0].access();
            let length = waiting.iter().take_while(|request| request.access() == access).count();
            let rest = waiting.split_off(length);
            together(&mut *database, access, waiting);
            waiting = rest;
        }
    }
}

fn together(database: &mut dyn Database, access: Access, mut group: Vec<Box<dyn Request>>) {
    let stored = attempt(database, access, &mut group);
    match stored {
        // One bad request must not take the others with it: all are rolled back, so each may go by itself.
        Err(Failed::Statement(_)) if group.len() > 1 => {
            for request in group {
                together(database, access, vec![request]);
            }
        }
        Ok(()) => group.into_iter().for_each(|request| request.answer(Ok(()))),
        Err(Failed::Transaction(error) | Failed::Statement(error)) => {
            group.into_iter().for_each(|request| request.answer(Err(error.clone())));
        }
    }
}

fn attempt(database: &mut dyn Database, access: Access, group: &mut [Box<dyn Request>]) -> Result<(), Failed> {
    let mut tries = 1;
    loop {
        let result = transaction(database, access, |database| {
            group.iter_mut().try_for_each(|request| request.attempt(database))
        });
        match result {
            Err(Failed::Statement(StoreError::Raced(_))) if tries < TRIES => tries += 1,
            // Broken off before the commit is no uncertainty: nothing was stored, and a new session may do better.
            Err(Failed::Statement(StoreError::Uncertain(_))) if tries < TRIES => tries += 1,
            Err(Failed::Statement(StoreError::Uncertain(cause))) => {
                return Err(Failed::Transaction(StoreError::Unreachable { place: "server".into(), cause }));
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::sql::{Cell, Dialect, Row};

    /// Counts transactions; statements say what they want to happen.
    #[derive(Default)]
    struct Counting {
        commits: usize,
        fail_commit: Option<StoreError>,
        races: usize,
    }

    impl Sql for Counting {
        fn execute(&mut self, statement: &str, _: &[Cell]) -> Result<u64, StoreError> {
            match statement {
                "bad" => Err(StoreError::Full),
                "race" if self.races > 0 => {
                    self.races -= 1;
                    Err(StoreError::Raced("deadlock".into()))
                }
                _ => Ok(self.commits as u64),
            }
        }

        fn query(&mut self, _: &str, _: &[Cell]) -> Result<Vec<Row>, StoreError> {
            Ok(Vec::new())
        }

        fn script(&mut self, _: &str) -> Result<(), StoreError> {
            Ok(())
        }

        fn dialect(&self) -> Dialect {
            Dialect::Sqlite
        }
    }

    impl Database for Counting {
        fn begin(&mut self, _: Access) -> Result<(), StoreError> {
            Ok(())
        }

        fn commit(&mut self) -> Result<(), StoreError> {
            self.commits += 1;
            self.fail_commit.take().map_or(Ok(()), Err)
        }

        fn rollback(&mut self) {}
    }

    /// Asks for everything first, then serves: the answers are the numbers of commits before each one's own.
    fn serve_all(database: Counting, statements: &[&'static str]) -> Vec<Result<u64, StoreError>> {
        let (queue, requests) = channel();
        let ask = |statement: &&'static str| {
            let statement = *statement;
            submit(&queue, Access::Write, move |sql| sql.execute(statement, &[]))
        };
        let answers: Vec<_> = statements.iter().map(ask).collect();
        drop(queue);
        serve(Box::new(database), &requests);
        answers.into_iter().map(Answer::wait).collect()
    }

    #[test]
    fn what_waits_together_is_committed_together() {
        let answers = serve_all(Counting::default(), &["ok"; 600]);
        assert_eq!(answers[..256], vec![Ok(0); 256]);
        assert_eq!(answers[256..512], vec![Ok(1); 256]);
        assert_eq!(answers[512..], vec![Ok(2); 88]);
    }

    #[test]
    fn a_bad_request_goes_alone() {
        assert_eq!(serve_all(Counting::default(), &["ok", "bad", "ok"]), [Ok(0), Err(StoreError::Full), Ok(1)]);
    }

    #[test]
    fn a_race_is_run_again_but_not_for_ever() {
        let racing = |races| Counting { races, ..Counting::default() };
        assert_eq!(serve_all(racing(2), &["race"]), [Ok(0)]);
        assert_eq!(serve_all(racing(9), &["race"]), [Err(StoreError::Raced("deadlock".into()))]);
    }

    #[test]
    fn a_commit_that_may_have_happened_is_not_repeated() {
        let broken = StoreError::Uncertain("reset".into());
        let database = Counting { fail_commit: Some(broken.clone()), ..Counting::default() };
        assert_eq!(serve_all(database, &["ok", "ok"]), [Err(broken.clone()), Err(broken)]);
    }

    #[test]
    fn a_caller_that_is_gone_stops_nobody() {
        let (queue, requests) = channel();
        drop(submit(&queue, Access::Write, |sql| sql.execute("ok", &[])));
        let answer = submit(&queue, Access::Write, |sql| sql.execute("ok", &[]));
        drop(queue);
        serve(Box::new(Counting::default()), &requests);
        assert_eq!(answer.wait(), Ok(0));
    }
}

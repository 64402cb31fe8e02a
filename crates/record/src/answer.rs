//! Answers of the store's thread: futures for those who await, and a way to wait for those who cannot.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::sync::oneshot;

use crate::StoreError;

/// What the store will say. The request is under way as soon as this exists, awaited or not.
#[derive(Debug)]
#[must_use = "what is asked for happens, but only the answer tells whether it succeeded"]
pub struct Answer<T, E = StoreError>(oneshot::Receiver<Result<T, E>>);

impl<T, E> Answer<T, E> {
    pub(crate) fn new() -> (oneshot::Sender<Result<T, E>>, Self) {
        let (sender, receiver) = oneshot::channel();
        (sender, Self(receiver))
    }
}

impl<T, E: From<StoreError>> Answer<T, E> {
    /// Blocks the thread until the answer is there.
    ///
    /// # Errors
    /// As the request says.
    pub fn wait(self) -> Result<T, E> {
        wait(self)
    }
}

impl<T, E: From<StoreError>> Future for Answer<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(StoreError::Closed.into())))
    }
}

/// Drives a future of this crate on a thread that has no runtime.
pub fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

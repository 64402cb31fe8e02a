//! Connections that can be cut: before any byte of an answer, or in the middle of its body. A client must see a broken
//! connection then, not a polite error, so the cut is made below HTTP.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Whole,
    /// Let so many bytes of the next body through.
    HeadAnd(usize),
    Nothing,
}

/// The handle with which a request cuts its own connection.
#[derive(Clone, Debug)]
pub(crate) struct Cut(Arc<Mutex<Plan>>);

impl Cut {
    /// Not a byte more.
    pub(crate) fn now(&self) {
        *self.plan() = Plan::Nothing;
    }

    /// The head of the next answer and so many bytes of its body.
    pub(crate) fn after_body_bytes(&self, bytes: usize) {
        *self.plan() = Plan::HeadAnd(bytes);
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much of the buffer may be written now.
    fn allowed(&self, buffer: &[u8]) -> usize {
        let mut plan = self.plan();
        match *plan {
            Plan::Whole => buffer.len(),
            Plan::Nothing => 0,
            Plan::HeadAnd(body) => {
                *plan = Plan::Nothing;
                // An answer's head always comes in one piece: hyper writes it from one buffer.
                let head = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map_or(0, |at| at + 4);
                (head + body).min(buffer.len())
            }
        }
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Cut {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.io().cut.clone()
    }
}

/// A listener whose connections can be cut.
#[derive(Debug)]
pub(crate) struct CuttableListener(pub(crate) TcpListener);

impl Listener for CuttableListener {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not switch off delayed sending");
        }
        (Wire { stream, cut: Cut(Arc::new(Mutex::new(Plan::Whole))) }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    cut: Cut,
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let allowed = self.cut.allowed(buf);
        if allowed == 0 && !buf.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, &buf[..allowed])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

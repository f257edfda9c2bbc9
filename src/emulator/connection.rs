//! TCP connections that can be reset or cut from inside a request, as a failing network would.
//!
//! Knows bytes and sockets, nothing of HTTP.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// No limit to what a connection lets out.
const UNLIMITED: usize = usize::MAX;

/// A handle to the connection that a request came over: how many more bytes it lets out.
#[derive(Debug, Clone)]
pub(super) struct Connection(Arc<AtomicUsize>);

impl Default for Connection {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(UNLIMITED)))
    }
}

impl Connection {
    /// Lets nothing more out: the next write resets the connection.
    pub(super) fn reset(&self) {
        self.cut_after(0);
    }

    /// Lets so many more bytes out; what follows resets the connection.
    pub(super) fn cut_after(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Release);
    }
}

/// A listener whose connections can be reset and cut.
pub(super) struct ResettableListener(pub(super) TcpListener);

/// A TCP stream that its [`Connection`] can reset.
pub(super) struct ResettableStream {
    stream: TcpStream,
    connection: Connection,
}

impl Listener for ResettableListener {
    type Io = ResettableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (ResettableStream, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, address)) => {
                    // Without it small answers wait for the client's acknowledgement; failing costs only that.
                    let _ = stream.set_nodelay(true);
                    return (ResettableStream { stream, connection: Connection::default() }, address);
                }
                Err(error) => {
                    tracing::warn!("the emulator cannot accept a connection: {error}");
                    // Out of file handles, most likely: trying again at once would only spin.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, ResettableListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, ResettableListener>) -> Self {
        stream.io().connection.clone()
    }
}

impl AsyncRead for ResettableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for ResettableStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.connection.0.load(Ordering::Acquire);
        if left == 0 {
            // With it the close that follows is a reset. If it fails, the close is an orderly one: still no answer.
            let _ = self.stream.set_zero_linger();
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let some = &bytes[..bytes.len().min(left)];
        let written = Pin::new(&mut self.stream).poll_write(context, some);
        if let Poll::Ready(Ok(count)) = written
            && left != UNLIMITED
        {
            self.connection.cut_after(left - count);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

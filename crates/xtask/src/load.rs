//! HTTP load: keep-alive connections, each with one request under way. It does little itself, so
//! that on a small machine the server gets the processor.

use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

/// How much.
pub(crate) struct Load {
    /// Connections at once.
    pub(crate) connections: u32,
    /// Requests on each, one after the other.
    per_connection: u32,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) body: String,
}

impl Load {
    /// A second or two of one core.
    pub(crate) const ROUND: Self = Self { connections: 4, per_connection: 2_000 };

    /// Requests in all.
    pub(crate) const fn requests(&self) -> u32 {
        self.connections * self.per_connection
    }

    /// Runs it; every answer must be a success.
    pub(crate) fn run(&self, address: SocketAddr, path: &str) -> Result<()> {
        thread::scope(|scope| {
            let connections: Vec<_> = (0..self.connections)
                .map(|_| scope.spawn(|| requests(address, path, self.per_connection)))
                .collect();
            connections.into_iter().try_for_each(|connection| {
                connection.join().unwrap_or_else(|_| bail!("a connection's thread panicked"))
            })
        })
    }
}

fn requests(address: SocketAddr, path: &str, count: u32) -> Result<()> {
    let mut connection = Connection::open(address, path)?;
    for _ in 0..count {
        let status = connection.request()?.status;
        ensure!(status == 200, "{path} was answered {status}");
    }
    Ok(())
}

/// One request on a connection of its own.
pub(crate) fn get(address: SocketAddr, path: &str) -> Result<Response> {
    Connection::open(address, path)?.request()
}

struct Connection {
    stream: BufReader<TcpStream>,
    request: String,
}

impl Connection {
    fn open(address: SocketAddr, path: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        Ok(Self { stream: BufReader::new(stream), request })
    }

    /// Sends the request and reads its answer, whose length workerd always states.
    fn request(&mut self) -> Result<Response> {
        self.stream.get_mut().write_all(self.request.as_bytes())?;
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).context("no status in the answer")?.parse()?;
        let (mut length, mut etag) = (0, None);
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse()?,
                "etag" => etag = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Response { status, etag, body: String::from_utf8(body)? })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

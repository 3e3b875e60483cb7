//! The server as a process of its own.

use crate::client::{Client, Result};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// A server that runs.
pub struct Server {
    process: Child,
    pub client: Client,
}

/// An address at which nothing listens.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Server {
    /// Starts it on the board that `make` made, and waits for its first answer. Also gives how long that took.
    pub async fn start(folder: &Path, address: SocketAddr) -> Result<(Self, Duration)> {
        let begin = Instant::now();
        let process = Command::new(program()?)
            .arg(folder.join("election"))
            .arg("--key")
            .arg(folder.join("operator.key"))
            .arg("--log-key")
            .arg(folder.join("log.key"))
            .arg("--passphrase-file")
            .arg(folder.join("pass.txt"))
            .args(["--listen", &address.to_string(), "--checkpoint-every", "10"])
            .env("BOOTH_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()?;
        let mut server = Self { process, client: Client::new(address) };
        while !server.client.get("/api/status").await.is_ok_and(|a| a.status.is_success()) {
            if let Some(status) = server.process.try_wait()? {
                return Err(format!("the server has ended: {status}").into());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok((server, begin.elapsed()))
    }

    /// Kilobytes in memory now, and the most there ever were.
    pub fn memory(&self) -> Result<(u64, u64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let field = |name: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let line = line.ok_or_else(|| format!("no {name} in /proc"))?;
            Ok(line.trim_end_matches("kB").trim().parse()?)
        };
        Ok((field("VmRSS:")?, field("VmHWM:")?))
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Ends it in order.
    pub fn stop(mut self) -> Result<()> {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        match self.process.wait()? {
            status if status.success() => Ok(()),
            status => Err(format!("the server has ended: {status}").into()),
        }
    }
}

/// None is left behind when something fails.
impl Drop for Server {
    fn drop(&mut self) {
        // It has ended, unless something failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server's program stands beside this one.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.with_file_name("booth-server"))
}

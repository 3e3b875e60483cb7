//! `booth-server election --key operator.key --passphrase-file pass.txt --page page`: serves the board in a folder.

use booth_server::{Failure, Limits, Options, serve};
use clap::Parser;
use std::{io, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};
use tokio::signal;
use tracing::{error, info};
use tracing_subscriber::EnvFilter;

/// Serves the board of an election: to voters, to trustees, to the operator and to everybody.
///
/// The folder is one that `tabella operator open` began. It ends on Ctrl-C and SIGTERM when it has answered what it has accepted, and
/// nothing that it acknowledged is lost by any other end. What is said in the log is chosen by BOOTH_LOG, such as `debug`.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The folder of the board
    board: PathBuf,
    /// The operator's key, which signs receipts
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The log's key, which signs checkpoints
    #[arg(long, value_name = "FILE")]
    log_key: Option<PathBuf>,
    /// The file in whose first line the passphrase of the keys is
    #[arg(long, value_name = "FILE")]
    passphrase_file: PathBuf,
    /// The folder of the page
    #[arg(long, value_name = "FOLDER")]
    page: Option<PathBuf>,
    /// The node of a chain that the page may ask, as pack.mjs wrote it into the page
    #[arg(long, value_name = "URL", requires = "page")]
    chain_node: Option<String>,
    /// Where to listen; for the world, stand a proxy with TLS before it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Connections at once
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().connections)]
    connections: usize,
    /// Seconds after which who sends nothing, or takes nothing, is left
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().patience.as_secs())]
    patience: u64,
    /// Seconds between two checkpoints while the board grows
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().checkpoint_every.as_secs())]
    checkpoint_every: u64,
    /// Bytes of a trustee's message, such as a mix
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().largest_message)]
    largest_message: usize,
    /// Write the log as JSON, a line for each event
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("BOOTH_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match arguments.json {
        true => log.json().init(),
        false => log.init(),
    }
    // Each connection is an open file. If the limit stays as it is, fewer are taken at once.
    if let Ok((soft, hard)) = rlimit::Resource::NOFILE.get() {
        let wanted = (arguments.connections as u64).saturating_add(1024).min(hard);
        if soft < wanted {
            let _ = rlimit::Resource::NOFILE.set(wanted, hard);
        }
    }
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            error!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments {
        board,
        key,
        log_key,
        passphrase_file,
        page,
        chain_node,
        listen,
        connections,
        patience,
        checkpoint_every,
        largest_message,
        json: _,
    } = arguments;
    let limits = Limits {
        connections,
        largest_message,
        patience: Duration::from_secs(patience),
        checkpoint_every: Duration::from_secs(checkpoint_every),
        ..Limits::default()
    };
    let passphrase = passphrase_file;
    let options = Options { board, key, log_key, passphrase, page, chain_node, listen, limits };
    let served = serve(options).await?;
    let address = served.address;
    info!(%address, "listening");
    println!("page      http://{address}/");
    println!("operator  http://{address}/operator.html");
    println!("token     {}  ({})", served.token.expose(), served.token_file.display());
    served.until(told_to_stop()).await?;
    info!("ended");
    Ok(())
}

/// Ctrl-C, or SIGTERM.
async fn told_to_stop() {
    #[cfg(unix)]
    if let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = signal::ctrl_c().await;
}

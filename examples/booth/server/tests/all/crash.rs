//! The program killed, ended, and started again.

use crate::{booth::Booth, client::Client};
use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{task::JoinSet, time::sleep};

async fn start(booth: &Booth, address: SocketAddr) -> (Child, Client) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_booth-server"))
        .arg(booth.path("election"))
        .arg("--key")
        .arg(booth.path("operator.key"))
        .arg("--passphrase-file")
        .arg(booth.path("pass.txt"))
        .args(["--listen", &address.to_string()])
        .env("BOOTH_LOG", "warn")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let client = Client::new(address);
    for _ in 0..1000 {
        if client.get("/api/status").await.is_ok() {
            return (process, client);
        }
        sleep(Duration::from_millis(10)).await;
    }
    process.kill().unwrap();
    panic!("the server does not answer: {:?}", process.wait());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives() {
    let booth = Booth::new();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut process, client) = start(&booth, address).await;
    // Each voter votes again and again, one ballot after the answer to the one before, until the server is gone.
    let mut voting = JoinSet::new();
    for voter in 0..3 {
        let ballots: Vec<_> = (0..16).map(|sequence| booth.ballot(voter, 0, sequence)).collect();
        let client = client.clone();
        voting.spawn(async move {
            let mut acknowledged = Vec::new();
            for ballot in ballots {
                let Ok(answer) = client.post(ballot.clone()).await else { break };
                let Some(entry) = answer["entry"].as_u64() else { break };
                acknowledged.push((ballot, entry));
                sleep(Duration::from_millis(5)).await;
            }
            acknowledged
        });
    }
    sleep(Duration::from_millis(120)).await;
    process.kill().unwrap();
    process.wait().unwrap();
    let acknowledged: Vec<_> = voting.join_all().await.into_iter().flatten().collect();
    assert!(!acknowledged.is_empty());

    let (mut process, client) = start(&booth, address).await;
    for (ballot, entry) in acknowledged {
        let answer = client.post(ballot).await.unwrap();
        assert_eq!((answer["new"].as_bool(), answer["entry"].as_u64()), (Some(false), Some(entry)));
    }
    // A second one on the same board does not start.
    let other = Command::new(env!("CARGO_BIN_EXE_booth-server"))
        .arg(booth.path("election"))
        .arg("--key")
        .arg(booth.path("operator.key"))
        .arg("--passphrase-file")
        .arg(booth.path("pass.txt"))
        .args(["--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&other.stderr).contains("another process holds it"));
    // Ended in order.
    let id = process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

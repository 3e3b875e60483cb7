//! An election with many voters, and their ballots in a file, made before anything is measured.

use crate::client::Result;
use std::{
    fs,
    io::{BufWriter, Write},
    path::Path,
    thread,
};
use tabella::{
    AuthorSecret, Choices, Contest, Credential, Election, Header, Manifest,
    ballot::Origin,
    board::Object,
    keys::{self, AtRest},
    log::checkpoint::LogSecret,
    rand_core::OsRng,
    record,
    roll::Registration,
};

/// The passphrase of keys that nobody needs to keep.
const PASSPHRASE: &str = "correct horse battery staple";

/// Makes board, keys and ballots in a new folder.
pub fn make(folder: &Path, voters: usize) -> Result<()> {
    let rng = &mut OsRng;
    fs::create_dir_all(folder)?;
    let (operator, log) = (AuthorSecret::random(rng)?, LogSecret::random(rng)?);
    let secrets = [(); 3].map(|()| AuthorSecret::random(&mut OsRng));
    let secrets: Vec<_> = secrets.into_iter().collect::<std::result::Result<_, _>>()?;
    fs::write(folder.join("pass.txt"), PASSPHRASE)?;
    fs::write(folder.join("operator.key"), operator.seal(&(), PASSPHRASE, rng)?)?;
    fs::write(folder.join("log.key"), log.seal(&(), PASSPHRASE, rng)?)?;
    let mut manifest = Manifest::builder("load")
        .operator(operator.public().clone())
        .trustees(secrets.iter().map(|secret| secret.public().clone()), 2)
        .log(log.public());
    for (district, contest) in [("north", "mayor-n"), ("south", "mayor-s"), ("west", "mayor-w")] {
        manifest = manifest
            .contest(Contest::choose_one(contest, ["ada", "ben", "cleo", "dan", "eva"]).blank())
            .district(district, district)
            .station(&format!("station-{district}"), district, district)
            .style(district, district, [contest, "bridge"]);
    }
    let manifest =
        manifest.contest(Contest::choose_one("bridge", ["yes", "no"]).blank()).build()?;
    let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
    let each = |voter: usize| -> Result<(Credential, Registration)> {
        let credential = Credential::random(&mut OsRng)?;
        let registration = credential.registration(&manifest, (voter % 3) as u16, &mut OsRng)?;
        Ok((credential, registration))
    };
    let (credentials, roll): (Vec<_>, Vec<_>) = on_all_cores(voters, &each)?.into_iter().unzip();
    let mut board = record::create(&folder.join("election"))?;
    board.begin(&manifest, &operator, &ceremony, &trustees, &roll, rng)?;
    let election = board.election().ok_or("voting is not open")?.clone();
    let all = credentials.iter().collect::<Vec<_>>();
    let each = |voter: usize| ballot(&election, all.get(voter).ok_or("a voter")?, voter);
    let mut out = BufWriter::new(fs::File::create(folder.join("ballots"))?);
    for ballot in on_all_cores(voters, &each)? {
        out.write_all(&u32::try_from(ballot.len())?.to_be_bytes())?;
        out.write_all(&ballot)?;
    }
    out.flush()?;
    println!("{voters} voters and their ballots are in {}", folder.display());
    Ok(())
}

fn ballot(election: &Election, credential: &Credential, voter: usize) -> Result<Vec<u8>> {
    let style = voter % 3;
    let origin = match voter % 2 {
        0 => Origin::Remote,
        _ => Origin::Station(style as u16),
    };
    let header = Header { style: style as u16, sequence: 0, origin };
    let contest = ["mayor-n", "mayor-s", "mayor-w"][style];
    let candidate = ["ada", "ben", "cleo", "dan", "eva"][voter % 5];
    let choices = Choices::new().pick(contest, candidate).pick("bridge", "yes");
    Ok(election.encrypt(credential, &header, &choices, &mut OsRng)?.cast().to_object())
}

fn on_all_cores<T: Send>(
    count: usize,
    each: &(impl Fn(usize) -> Result<T> + Sync),
) -> Result<Vec<T>> {
    let cores = thread::available_parallelism()?.get();
    let step = count.div_ceil(cores);
    thread::scope(|scope| {
        let part = |core: usize| (core * step).min(count)..((core + 1) * step).min(count);
        let parts: Vec<_> =
            (0..cores).map(|core| scope.spawn(move || part(core).map(each).collect())).collect();
        let mut all = Vec::new();
        for part in parts {
            let part: Result<Vec<T>> = part.join().map_err(|_| "a thread has ended")?;
            all.extend(part?);
        }
        Ok(all)
    })
}

/// The ballots of a folder.
pub fn ballots(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let bytes = fs::read(folder.join("ballots"))?;
    let (mut rest, mut ballots) = (bytes.as_slice(), Vec::new());
    while let Some((length, behind)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        let (ballot, behind) = behind.split_at_checked(length).ok_or("the file was cut off")?;
        ballots.push(ballot.to_vec());
        rest = behind;
    }
    Ok(ballots)
}

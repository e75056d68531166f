//! The serving side, in a process of its own: it says what it has used whenever it is asked.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::cost::{self, COUNTS};
use crate::stack::{Kind, Shape};
use crate::{Failed, place};

/// Serves until its input ends. Each line of input is answered with a line of counts.
pub(crate) fn run(brokers: &str, run: &str, stack: &str, partitions: i32) -> Result<(), Failed> {
    let (place, _runtimes) = place(brokers, run)?;
    let kinds = Kind::parse(&[stack.to_owned()])?;
    let kind = kinds.first().ok_or("no stack")?;
    let stack = place.servers.block_on(kind.start(Shape { partitions, clients: 0, servers: 1 }, &place))?;
    println!("serving");
    for line in std::io::stdin().lines() {
        line?;
        println!("{}", cost::so_far()?.map(|count| count.to_string()).join(" "));
    }
    stack.stop();
    Ok(())
}

/// The process that serves, as the other side sees it.
pub(crate) struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(brokers: &str, run: &str, stack: &str, partitions: i32) -> Result<Self, Failed> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--serve", brokers, run, stack, &partitions.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().ok_or("the server has no output")?);
        let mut server = Self { child, input, output };
        match server.line()?.as_str() {
            "serving" => Ok(server),
            other => Err(format!("the server said {other:?}").into()),
        }
    }

    fn line(&mut self) -> Result<String, Failed> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    pub(crate) fn so_far(&mut self) -> Result<[u64; COUNTS], Failed> {
        let input = self.input.as_mut().ok_or("the server has stopped")?;
        writeln!(input)?;
        let line = self.line()?;
        let counts = line.split(' ').map(str::parse).collect::<Result<Vec<u64>, _>>()?;
        counts.try_into().map_err(|_| Failed::from(format!("the server counted {line:?}")))
    }

    pub(crate) fn stop(mut self) -> Result<(), Failed> {
        self.input = None;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the server ended with {status}").into()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that was stopped has ended; one that was not must not stay behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

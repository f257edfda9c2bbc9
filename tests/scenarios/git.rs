//! Git, as the people of the stories use it.

use std::path::Path;
use std::process::Command;

/// Runs git in a folder; its arguments are separated by blanks.
#[track_caller]
pub fn git(folder: &Path, arguments: &str) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=Colleague", "-c", "user.email=colleague@example.com"]);
    let output = command.args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

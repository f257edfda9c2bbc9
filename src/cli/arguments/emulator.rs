//! The flags of `emulator`.

use std::path::PathBuf;

use clap::Args;

use crate::portal::Secret;

/// `emulator`.
#[derive(Debug, Args)]
pub struct EmulatorArguments {
    /// Where to listen, on this machine only; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: std::net::SocketAddr,
    /// Where its offers are kept; `--memory` keeps them nowhere [default: .offerctl/emulator/data]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Forget everything at the end
    #[arg(long, conflicts_with = "data")]
    pub memory: bool,
    /// How long a publish takes up to the sign-off
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = humantime::parse_duration)]
    pub publish_duration: std::time::Duration,
    /// How long a go-live takes
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    pub go_live_duration: std::time::Duration,
    /// How long a cancel takes
    #[arg(long, value_name = "DURATION", default_value = "200ms", value_parser = humantime::parse_duration)]
    pub cancel_duration: std::time::Duration,
    /// Let stages take as long as on the service; move time with `POST /_emulator/clock`
    #[arg(long, conflicts_with_all = ["publish_duration", "go_live_duration", "cancel_duration"])]
    pub realistic: bool,
    /// How much later each answer comes
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = humantime::parse_duration)]
    pub latency: std::time::Duration,
    /// Behave in one of the ways that others saw the service behave; may be repeated, `--quirks` lists them
    #[arg(long, value_name = "QUIRK")]
    pub quirk: Vec<crate::emulator::Quirk>,
    /// List the quirks and exit
    #[arg(long)]
    pub quirks: bool,
    /// Set a fault from the start, as JSON; may be repeated
    #[arg(long, value_name = "JSON")]
    pub fault: Vec<String>,
    /// The only bearer token that is let in; without it any token is
    #[arg(long, value_name = "TOKEN", env = "OFFERCTL_EMULATOR_TOKEN", hide_env_values = true, value_parser = secret)]
    pub token: Option<Secret>,
    /// The publishers that exist; may be repeated; without it any publisher does
    #[arg(long, value_name = "PUBLISHER")]
    pub publisher: Vec<String>,
    /// What ids and signatures are made from
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a parser that can fail")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

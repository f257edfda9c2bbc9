//! The command lines of `publish`, `go-live` and `cancel`.

use clap::Args;

use super::WaitOptions;

/// `go-live`, and what the others have in common with it.
#[derive(Debug, Args)]
pub struct OperationArguments {
    /// The offers, as publisher/offer or by the paths of their manifests
    #[arg(value_name = "OFFER|PATH", required = true)]
    pub offers: Vec<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// How to wait.
    #[command(flatten)]
    pub waiting: WaitOptions,
}

/// `publish` and `cancel`.
#[derive(Debug, Args)]
pub struct NotifyingArguments {
    /// What the operations have in common.
    #[command(flatten)]
    pub operation: OperationArguments,
    /// Whom the service tells about it, besides those that a manifest names; may be repeated
    #[arg(long, value_name = "EMAIL", value_parser = email)]
    pub notify: Vec<String>,
}

fn email(text: &str) -> Result<String, String> {
    if crate::manifest::is_email_address(text) {
        Ok(text.to_owned())
    } else {
        Err("write one e-mail address, for example release@contoso.com; the flag may be repeated".to_owned())
    }
}

//! The command line as types; every flag with its help. What the words mean is decided in the rooms.

mod annotations;
mod authoring;
mod comment;
mod drifting;
mod emulator;
mod format;
mod looking;
mod operation;
mod planning;
mod schema;
mod selection;
mod starting;

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

pub use annotations::Annotations;
pub use authoring::{AdoptArguments, ImportArguments};
pub use comment::{
    AzureDevOpsArguments, CommentCommand, CommentInput, GitHubArguments, GitLabArguments, MarkdownLength,
    MarkdownOptions,
};
pub use drifting::DriftArguments;
pub use emulator::EmulatorArguments;
pub use format::{Format, Output};
pub use looking::{DiffArguments, ExplainArguments, GetArguments};
pub use operation::{NotifyingArguments, OperationArguments};
pub use planning::{ApplyArguments, PlanArguments, PlanOptions, ShowArguments};
pub use schema::{SchemaArguments, SchemaSubject};
pub use selection::{Changed, Flagged, Selection};
pub use starting::{Ci, CompletionShell, CompletionsArguments, InitArguments, ManArguments};

use super::printer::ColorChoice;
use crate::config::environment as variable;
use crate::offer::Slot;

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing to do          6  conflict, or the offer changed meanwhile
  1  failed                          7  still in progress on the service
  2  changes (diff, plan if asked)   8  the service failed, rejected or canceled it
  3  edited elsewhere (drift)        9  a guard blocks
  4  bad input                     130  interrupted
  5  not authenticated or allowed";

/// Microsoft commercial marketplace offers as code: what the YAML says, the service shall have.
#[derive(Debug, Parser)]
#[command(name = "offerctl", version, about, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Use the embedded emulator instead of the service; its offers live under `.offerctl/emulator`
    #[arg(long, global = true)]
    pub emulator: bool,
    /// Where the service is.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "Where the service is; plain http only on this machine [default: https://cloudpartner.azure.com] \
                [env: OFFERCTL_ENDPOINT]"
    )]
    pub endpoint: Option<String>,
    /// Which credential obtains tokens: auto, token, secret, certificate, workload, github, pipelines, managed or cli
    /// [default: auto]
    #[arg(long, global = true, value_name = "KIND", env = variable::AUTH, hide_env_values = true)]
    pub auth: Option<String>,
    /// Work as if started in this folder
    #[arg(long, short = 'C', global = true, value_name = "FOLDER")]
    pub directory: Option<PathBuf>,
    /// How many offers are worked on side by side [default: 10]
    #[arg(long, global = true, value_name = "N", env = variable::PARALLELISM, hide_env_values = true)]
    pub parallelism: Option<String>,
    /// Where records of what was applied are kept: a folder, or a branch of this git repository
    /// [default: .offerctl/state]
    #[arg(long, global = true, value_name = "FOLDER|git:BRANCH", env = variable::STATE, hide_env_values = true, value_parser = path_or_nothing())]
    pub state: Option<PathBuf>,
    /// What the result looks like; markdown and html are for `plan`, `show` and `drift`, sarif for these and `validate`
    #[arg(long = "output", global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
    /// The form that the command writes; follows from `format`.
    #[arg(skip)]
    pub output: Output,
    /// Which CI system shows what is found on the lines of the manifests: auto (the one around), github, azure-pipelines
    /// or none [default: auto]
    #[arg(long, global = true, value_name = "SYSTEM", env = variable::ANNOTATIONS, hide_env_values = true)]
    pub annotations: Option<Annotations>,
    /// When to colour; `NO_COLOR` is honoured
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColorChoice,
    /// Log each request to stderr; twice for more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// How the service is waited for, for every command that acts.
#[derive(Debug, Clone, Default, Args)]
pub struct WaitOptions {
    /// How long to wait for the service, for each offer; 0 submits and leaves [default: 30m]
    #[arg(long, value_name = "DURATION", env = variable::WAIT, hide_env_values = true)]
    pub wait: Option<String>,
    /// How often to ask the service while waiting [default: 30s, slowing down to 5m]
    #[arg(long, value_name = "DURATION", env = variable::POLL_INTERVAL, hide_env_values = true)]
    pub poll_interval: Option<String>,
    /// Add a line of JSON to this file for each step, stage and result, as it happens
    #[arg(long, value_name = "FILE", env = variable::EVENTS, hide_env_values = true, value_parser = path_or_nothing())]
    pub events: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a repository: settings, a first manifest or those of live offers, and the workflows of a CI system
    #[command(
        after_help = "Asks on a terminal for what no flag says. No file that is there is touched.\n\nExamples:\n  offerctl \
                      init\n  offerctl init offers --publisher contoso --offer contoso-vm --offer-type \
                      microsoft-azure-virtualmachines --ci github\n  offerctl init --publisher contoso --import --yes"
    )]
    Init(InitArguments),
    /// Check manifests without asking the service
    #[command(
        after_help = "Examples:\n  offerctl validate\n  offerctl validate offers/contoso-vm/offer.yaml\n  offerctl validate --output sarif > validate.sarif"
    )]
    Validate(Selection),
    /// Show what differs from the service, and what apply would do about it
    #[command(
        after_help = "Nothing is written, ever: plan has no means to.\n\nExamples:\n  offerctl plan\n  offerctl plan \
                      contoso/contoso-vm --until preview\n  offerctl plan --detailed-exitcode --output json\n  offerctl plan --out \
                      plan.json\n  offerctl plan --output markdown > plan.md\n  offerctl plan --output html > plan.html"
    )]
    Plan(PlanArguments),
    /// Show a plan that was saved
    #[command(
        after_help = "Nothing is asked of the service; what is shown is what was planned then.\n\nExamples:\n  offerctl \
                      show plan.json\n  offerctl show plan.json --output html > plan.html"
    )]
    Show(ShowArguments),
    /// Make the service have what the manifests say
    #[command(after_help = "The plan is shown first; nothing is written before you say yes, on the terminal or with \
                      --yes. Of a saved plan, its steps are done and no others: an offer that was changed meanwhile is \
                      refused. Applied again, it goes on with what is left.\n\nExamples:\n  offerctl apply\n  offerctl apply --yes --wait 0 \
                      offers/contoso-vm/offer.yaml\n  offerctl apply plan.json --yes\n  offerctl apply --emulator --yes")]
    Apply(ApplyArguments),
    /// Show what was edited elsewhere, in which slots, and since when
    #[command(
        after_help = "Nothing is written, ever: drift has no means to. Exits with 3 when somebody else edited something, or \
                      when nobody can tell who did; changes of yours that are not applied yet are shown and make no \
                      drift.\n\nExamples:\n  offerctl drift\n  offerctl drift contoso/contoso-vm\n  offerctl drift \
                      --output markdown > drift.md\n  offerctl drift --output html > drift.html"
    )]
    Drift(DriftArguments),
    /// Put a plan into a comment on a pull request, and keep that one comment up to date
    #[command(subcommand)]
    Comment(CommentCommand),
    /// Carry on with plans that were begun: wait for what was submitted, then do what is left
    #[command(after_help = "What is left is on record in the state, so that any machine that has it can carry on; \
                      nothing is done that was not in the plan.\n\nExamples:\n  offerctl resume\n  offerctl resume \
                      contoso/contoso-vm --wait 2h\n  offerctl resume --wait 0 --output json")]
    Resume(ResumeArguments),
    /// Submit drafts, as they are, to their preview slots
    #[command(
        // Else clap names flags as required whose variables are set.
        override_usage = "offerctl publish [OPTIONS] <OFFER|PATH>...",
        after_help = "What would be shipped is shown first, and nothing is submitted before you say yes, on the terminal or \
                      with --yes. No manifest is needed: what is published is the draft, whoever wrote it.\n\nExamples:\n  \
                      offerctl publish contoso/contoso-vm\n  offerctl publish contoso/contoso-vm --yes --wait 0 --notify \
                      release@contoso.com"
    )]
    Publish(NotifyingArguments),
    /// Take previews that wait for it to production, which cannot be taken back
    #[command(
        // Else clap names flags as required whose variables are set.
        override_usage = "offerctl go-live [OPTIONS] <OFFER|PATH>...",
        after_help = "What would go live is shown first, and nothing is submitted before you say yes, on the terminal or \
                      with --yes. The preview has to be the one that was shown.\n\nExamples:\n  offerctl go-live \
                      contoso/contoso-vm\n  offerctl go-live contoso/contoso-vm --yes --wait 4h"
    )]
    GoLive(OperationArguments),
    /// Cancel the submissions that run, or give up previews that wait for their go-live
    #[command(
        // Else clap names flags as required whose variables are set.
        override_usage = "offerctl cancel [OPTIONS] <OFFER|PATH>...",
        after_help = "It takes the service a few minutes; offerctl waits until the submission reads canceled, for nothing \
                      else proves it.\n\nExamples:\n  offerctl cancel contoso/contoso-vm\n  offerctl cancel \
                      contoso/contoso-vm --yes --output json"
    )]
    Cancel(NotifyingArguments),
    /// Show how offers stand on the service, stage by stage
    #[command(after_help = "Examples:\n  offerctl status\n  offerctl status contoso/contoso-vm --output json")]
    Status(Selection),
    /// List the offers of publishers, in the repository or not
    #[command(after_help = "Examples:\n  offerctl list\n  offerctl list contoso")]
    List(ListArguments),
    /// List every publish and go-live of offers, the newest first
    #[command(
        after_help = "Examples:\n  offerctl submissions contoso/contoso-vm\n  offerctl submissions --output json"
    )]
    Submissions(Selection),
    /// Show what leads from one slot or version of an offer to another
    #[command(
        after_help = "From the preview to the draft, when nothing is named: what a publish would ship now. Compared by \
                      meaning, as plan does: the order of sets, renewed signatures and what the service adds by itself \
                      are no differences. Exits with 2 when something differs.\n\nExamples:\n  offerctl diff \
                      contoso/contoso-vm\n  offerctl diff contoso/contoso-vm production preview\n  offerctl diff \
                      contoso/contoso-vm 7 draft --output json"
    )]
    Diff(DiffArguments),
    /// Explain a field, a step or an offer: which rule holds, what each slot has, and why the plan says so
    #[command(
        after_help = "Nothing is written, ever: explain has no means to. A field is named by its path, as plan --output json \
                      shows it, or by its name when that is unique.\n\nExamples:\n  offerctl explain \
                      contoso/contoso-vm\n  offerctl explain contoso/contoso-vm summary\n  offerctl explain \
                      contoso/contoso-vm /definition/plans/gold/regions\n  offerctl explain contoso/contoso-vm publish"
    )]
    Explain(ExplainArguments),
    /// Print an offer's document, as a manifest would have it; signatures and secrets are hidden
    #[command(after_help = "Examples:\n  offerctl get contoso/contoso-vm\n  offerctl get contoso/contoso-vm --slot \
                      production\n  offerctl get contoso/contoso-vm --version 7 --raw")]
    Get(GetArguments),
    /// Write the manifests of offers that live on the service only
    #[command(
        // Else clap names the flag and the offers beside each other.
        override_usage = "offerctl import [OPTIONS] <OFFER>...\n       offerctl import [OPTIONS] --publisher <PUBLISHER>",
        after_help = "What the service adds by itself is left away, long markup goes to files of its own, secrets and \
                      signatures never get into a file. The plan of what is written is empty, which is tried before \
                      anything is written. No file that is there is touched.\n\nExamples:\n  offerctl import \
                      contoso/contoso-vm\n  offerctl import --publisher contoso --out marketplace/offers"
    )]
    Import(ImportArguments),
    /// Take over into the YAML what somebody edited in the portal
    #[command(
        after_help = "What was edited since the last apply is written into the files that declare it, also through extends \
                      and $file; comments, order and quotes stay. The change of the files is shown first, and nothing is \
                      written before you say yes, on the terminal or with --yes. Nothing is written to the \
                      service.\n\nExamples:\n  offerctl adopt contoso/contoso-vm\n  offerctl adopt --path \
                      /definition/offer/microsoft-azure-marketplace.summary --yes\n  offerctl adopt --dry-run"
    )]
    Adopt(AdoptArguments),
    /// Check who offerctl is to the service, and what is in the way
    #[command(subcommand)]
    Auth(AuthCommand),
    /// Run the emulated service on this machine until interrupted
    #[command(
        after_help = "Other clients can use it too: point them at the printed address with any bearer token.\n\n\
                      Examples:\n  offerctl emulator --listen 127.0.0.1:8080\n  offerctl emulator --quirk \
                      reorder-collections --publish-duration 10s"
    )]
    Emulator(EmulatorArguments),
    /// Print the JSON Schema of a manifest or of another format, for editors and programs
    #[command(
        after_help = "An editor that knows YAML completes and checks with it: write it to a file, and name that in the first \
                      line of a manifest:\n  # yaml-language-server: $schema=../../schemas/offer.schema.json\nFiles that \
                      manifests extend have one of their own, `part`; `init` writes both, and that of \
                      `offerctl.yaml`.\n\nExamples:\n  \
                      offerctl schema\n  offerctl schema offer --out schemas/offer.schema.json\n  offerctl schema offer \
                      --offer-type core-virtual-machine\n  offerctl schema plan"
    )]
    Schema(SchemaArguments),
    /// Print the completions for a shell
    #[command(after_help = "Examples:\n  offerctl completions bash > /etc/bash_completion.d/offerctl")]
    Completions(CompletionsArguments),
    /// Print or write the pages of the manual
    #[command(after_help = "Examples:\n  offerctl man plan | man -l -\n  offerctl man --out /usr/local/share/man/man1")]
    Man(ManArguments),
}

/// `resume`.
#[derive(Debug, Args)]
pub struct ResumeArguments {
    /// Offers as publisher/offer, or manifests; all that are on record as unfinished when none is named
    #[arg(value_name = "OFFER|PATH")]
    pub offers: Vec<String>,
    /// How to wait.
    #[command(flatten)]
    pub waiting: WaitOptions,
}

/// `list`.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// Publishers; those of the manifests when none is named
    #[arg(value_name = "PUBLISHER")]
    pub publishers: Vec<String>,
}

/// `auth`.
#[derive(Debug, Subcommand)]
pub enum AuthCommand {
    /// Tell which credential is used and why, who it is, until when, and which publishers answer
    #[command(
        after_help = "Nothing is written. When the service answers 401 or 403, what to correct is said.\n\nExamples:\n  \
                      offerctl auth check\n  offerctl auth check contoso --auth cli\n  offerctl auth check --output json"
    )]
    Check(AuthCheckArguments),
}

/// `auth check`.
#[derive(Debug, Args)]
pub struct AuthCheckArguments {
    /// Publishers to ask about; those of the manifests when none is named
    #[arg(value_name = "PUBLISHER")]
    pub publishers: Vec<String>,
}

/// A path that may be empty: CI systems set variables to nothing, and that counts as not set.
fn path_or_nothing() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

fn slot(text: &str) -> Result<Slot, String> {
    [Slot::Draft, Slot::Preview, Slot::Production]
        .into_iter()
        .find(|slot| slot.as_str() == text)
        .ok_or_else(|| "a slot is draft, preview or production".to_owned())
}

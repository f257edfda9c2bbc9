//! `offerctl emulator`: the emulated service on this machine, until interrupted.

use crate::cli::arguments::{EmulatorArguments, Global, WaitOptions};
use crate::cli::interrupt;
use crate::cli::printer::Printer;
use crate::cli::session::Session;
use crate::cli::{CommandError, Exit};
use crate::emulator::{Emulator, Fault, Options, Quirk, Storage, TimeSource, Timing};

pub(super) async fn run(global: &Global, own: EmulatorArguments, printer: Printer) -> Result<Exit, CommandError> {
    if own.quirks {
        let width = Quirk::ALL.iter().map(|quirk| quirk.name().len()).max().unwrap_or(0);
        let lines = Quirk::ALL.iter().map(|quirk| format!("{:<width$}  {}\n", quirk.name(), quirk.description()));
        printer.result(&lines.collect::<String>())?;
        return Ok(Exit::Done);
    }
    let listen = own.listen;
    let storage = match (own.memory, &own.data) {
        (true, _) => Storage::Memory,
        (false, Some(folder)) => Storage::Folder(folder.clone()),
        (false, None) => {
            let session = Session::open(global, &[], WaitOptions::default(), printer)?;
            session.make_own_folder()?;
            Storage::Folder(session.settings.emulator_data())
        }
    };
    let kept = match &storage {
        Storage::Memory => "in memory".to_owned(),
        Storage::Folder(folder) => format!("in {}", folder.display()),
    };
    if let Some(token) = &own.token {
        printer.secrets().keep(token);
    }
    let token = if own.token.is_some() { "THE-TOKEN-YOU-CHOSE" } else { "emulator-token" };
    let emulator = Emulator::start(listen, options(own, storage)?).await?;
    let url = emulator.url().to_owned();
    printer.result(&format!("{url}\n"))?;
    printer.note(&format!("emulating the service, offers kept {kept}; Ctrl-C ends it"));
    printer.note(&format!("use it with: OFFERCTL_ENDPOINT={url} OFFERCTL_TOKEN={token} offerctl plan"));
    interrupt::signal().await;
    emulator.shutdown().await;
    Ok(Exit::Done)
}

fn options(own: EmulatorArguments, storage: Storage) -> Result<Options, CommandError> {
    let timing = if own.realistic {
        Timing::realistic()
    } else {
        Timing::default()
            .with_publish_duration(own.publish_duration)
            .with_go_live_duration(own.go_live_duration)
            .with_cancel_duration(own.cancel_duration)
    };
    let fault = |text: &String| {
        serde_json::from_str::<Fault>(text).map_err(|error| {
            CommandError::bad_input(format!("`{text}` is not a fault: {error}"))
                .hint(r#"for example {"method": "PUT", "path": "*", "effect": "reset-after"}"#)
        })
    };
    Ok(Options {
        storage,
        timing,
        quirks: own.quirk.into_iter().collect(),
        token: own.token.map(|token| token.expose().to_owned()),
        publishers: own.publisher,
        seed: own.seed,
        latency: own.latency,
        faults: own.fault.iter().map(fault).collect::<Result<_, _>>()?,
        time: TimeSource::System,
    })
}

//! What `init` has to know, from flags and from answers on the terminal. A question that has a flag is not asked; without
//! a terminal, what is missing is named by its flag.

use super::CommandError;
use super::arguments::{Ci, InitArguments};
use crate::authoring::{Beginning, CiSystem, FirstOffer, Source};
use crate::offer::{OfferId, OfferKey, OfferTypeId, PublisherId};

/// The branch that is proposed for records.
pub(super) const STATE_BRANCH: &str = "git:offerctl-state";

/// The types of which a first manifest says more than a name.
const OFFER_TYPES: [(&str, &str); 3] = [
    ("microsoft-azure-virtualmachines", "a virtual machine"),
    ("microsoft-azure-corevm", "a core virtual machine"),
    ("microsoft-azure-applications", "an Azure application"),
];

/// Asks a question; nothing comes back when nobody answers any more.
pub(super) type Ask<'ask> = &'ask mut dyn FnMut(&str) -> Option<String>;

/// What is to be begun.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) beginning: Beginning,
    /// Whose offers these are; nobody's when only workflows are added.
    pub(super) publisher: Option<PublisherId>,
    /// What is to be imported, if anything is.
    pub(super) import: Option<Import>,
}

/// Which offers are imported.
#[derive(Debug)]
pub(super) enum Import {
    /// All of a publisher's.
    All(PublisherId),
    /// This one.
    One(OfferKey),
}

/// What is in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// No settings yet.
    Fresh,
    /// A repository that was begun before.
    Begun,
}

/// What the flags say, and for the rest the answers. `ask` is none when nobody can be asked.
pub(super) fn answers(
    own: &InitArguments,
    state: Option<String>,
    ground: Ground,
    ask: Option<Ask<'_>>,
) -> Result<Answers, CommandError> {
    let mut ask = ask.filter(|_| !own.yes);
    if ground == Ground::Begun && asks_for_workflows_alone(own) {
        let system = own.ci.and_then(Ci::system);
        let source = own.source.clone().map_or_else(|| source(&mut ask), |source| Ok(Some(source)))?;
        let beginning = Beginning { offer: None, system, source, state };
        return Ok(Answers { beginning, publisher: None, import: None });
    }
    if ask.is_none() {
        expect_flags(own)?;
    }
    let publisher = match &own.publisher {
        Some(publisher) => publisher.clone(),
        None => asked(&mut ask, "Publisher id, as Partner Center shows it:", |text| {
            PublisherId::new(text).map_err(|error| error.to_string())
        })?,
    };
    let import = own.import || (own.offer_type.is_none() && wants_import(&mut ask)?);
    let (offer, import) =
        if import { (None, Some(imported(own, publisher.clone(), &mut ask)?)) } else { (Some(own), None) };
    let offer = offer.map(|own| first_offer(own, publisher.clone(), &mut ask)).transpose()?;
    let system = match own.ci {
        Some(ci) => ci.system(),
        None => system(&mut ask)?,
    };
    let source = match &own.source {
        Some(source) => Some(source.clone()),
        None if system.is_none() => None,
        None => source(&mut ask)?,
    };
    let state = match state {
        Some(state) => Some(state),
        None if ask.is_none() => system.map(|_| STATE_BRANCH.to_owned()),
        None => records(system, &mut ask)?,
    };
    Ok(Answers { beginning: Beginning { offer, system, source, state }, publisher: Some(publisher), import })
}

/// Whether the flags name a CI system and nothing that would make a manifest.
fn asks_for_workflows_alone(own: &InitArguments) -> bool {
    own.ci.and_then(Ci::system).is_some()
        && !own.import
        && own.publisher.is_none()
        && own.offer.is_none()
        && own.offer_type.is_none()
}

/// Everything that must be said by flags where nobody can be asked, in one message.
fn expect_flags(own: &InitArguments) -> Result<(), CommandError> {
    let is_new = !own.import;
    let wanted = [
        (own.publisher.is_none(), "`--publisher contoso`"),
        (is_new && own.offer.is_none(), "`--offer contoso-vm`"),
        (is_new && own.offer_type.is_none(), "`--offer-type microsoft-azure-virtualmachines`"),
    ];
    let missing: Vec<_> = wanted.iter().filter(|(is_missing, _)| *is_missing).map(|(_, flag)| *flag).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let error = CommandError::bad_input(
        "nothing was written: nothing is asked without a terminal or with `--yes`, and flags are missing",
    )
    .hint(format!("add {}", missing.join(", ")));
    Err(if is_new { error.hint("`--import` takes over offers that are on the service already") } else { error })
}

fn wants_import(ask: &mut Option<Ask<'_>>) -> Result<bool, CommandError> {
    if ask.is_none() {
        return Ok(false);
    }
    asked(ask, "Is the offer on the service already, so that its manifest is to be imported? [y/N]", yes_or_no)
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(true),
        "" | "n" | "no" => Ok(false),
        _ => Err("answer y or n".to_owned()),
    }
}

fn imported(own: &InitArguments, publisher: PublisherId, ask: &mut Option<Ask<'_>>) -> Result<Import, CommandError> {
    let offer = match &own.offer {
        Some(offer) => Some(offer.clone()),
        None if ask.is_none() => None,
        None => asked(ask, "Offer id (nothing: all offers of the publisher):", |text| match text {
            "" => Ok(None),
            text => OfferId::new(text).map(Some).map_err(|error| error.to_string()),
        })?,
    };
    Ok(match offer {
        Some(offer) => Import::One(OfferKey { publisher, offer }),
        None => Import::All(publisher),
    })
}

fn first_offer(
    own: &InitArguments,
    publisher: PublisherId,
    ask: &mut Option<Ask<'_>>,
) -> Result<FirstOffer, CommandError> {
    let offer = match &own.offer {
        Some(offer) => offer.clone(),
        None => asked(ask, "Offer id, such as contoso-vm; it cannot be changed later:", |text| {
            OfferId::new(text).map_err(|error| error.to_string())
        })?,
    };
    let offer_type = match &own.offer_type {
        Some(offer_type) => offer_type.clone(),
        None => asked(ask, &type_question(), offer_type)?,
    };
    Ok(FirstOffer { publisher, offer, offer_type })
}

fn type_question() -> String {
    let titles = OFFER_TYPES.map(|(_, title)| title);
    format!("What is it?\n{}\nNumber, or the service's name of another type:", listed(&titles))
}

fn offer_type(text: &str) -> Result<OfferTypeId, String> {
    let name = match chosen(text, OFFER_TYPES.len()) {
        Some(number) => OFFER_TYPES[number].0,
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => return Err("choose one of the numbers".to_owned()),
        None => text,
    };
    OfferTypeId::new(name).map_err(|error| error.to_string())
}

fn system(ask: &mut Option<Ask<'_>>) -> Result<Option<CiSystem>, CommandError> {
    if ask.is_none() {
        return Ok(None);
    }
    let titles = CiSystem::ALL.map(CiSystem::title);
    let question = format!("Which workflows shall be written?\n{}\n  4  none\nNumber [4]:", listed(&titles));
    asked(ask, &question, |text| match (text, chosen(text, CiSystem::ALL.len())) {
        ("" | "4", _) => Ok(None),
        (_, Some(number)) => Ok(Some(CiSystem::ALL[number])),
        _ => Err("choose one of the numbers".to_owned()),
    })
}

fn source(ask: &mut Option<Ask<'_>>) -> Result<Option<Source>, CommandError> {
    if ask.is_none() {
        return Ok(None);
    }
    let question = "Where do the workflows get offerctl from? Its git repository, @ and a tag or commit (nothing: fill it in \
                    later):";
    asked(ask, question, |text| match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error: crate::authoring::InvalidSource| error.to_string()),
    })
}

fn records(system: Option<CiSystem>, ask: &mut Option<Ask<'_>>) -> Result<Option<String>, CommandError> {
    // Machines of CI keep no folder.
    let default = if system.is_some() { "1" } else { "2" };
    let question = format!(
        "Where shall be remembered what was applied?\n  1  in a git branch, for all clones and for CI\n  2  in a folder of this \
         clone\nNumber [{default}]:"
    );
    asked(ask, &question, |text| match if text.is_empty() { default } else { text } {
        "1" => Ok(Some(STATE_BRANCH.to_owned())),
        "2" => Ok(None),
        _ => Err("choose one of the numbers".to_owned()),
    })
}

/// Asks until the answer will do.
fn asked<T>(
    ask: &mut Option<Ask<'_>>,
    question: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, CommandError> {
    let mut wrong = String::new();
    loop {
        let answer = ask.as_mut().and_then(|ask| ask(&(wrong + question)));
        match read(&answer.ok_or_else(|| CommandError::interrupted("nothing was written: the questions were left"))?) {
            Ok(answer) => return Ok(answer),
            Err(reason) => wrong = format!("That will not do: {reason}.\n"),
        }
    }
}

fn listed(titles: &[&str]) -> String {
    let lines = titles.iter().enumerate().map(|(index, title)| format!("  {}  {title}", index + 1));
    lines.collect::<Vec<_>>().join("\n")
}

/// The index of a choice that was named by its number.
fn chosen(text: &str, choices: usize) -> Option<usize> {
    text.parse::<usize>().ok()?.checked_sub(1).filter(|index| *index < choices)
}

//! What the service said against a submission, as a finding: at the line of the manifest that it speaks of.

use super::{Finding, Level, Rule};
use crate::complaint::Concern;
use crate::offer::OfferKey;

/// The finding of a complaint. `help` is what a person can do about it.
pub fn of_complaint(offer: &OfferKey, message: &str, concern: &Concern, help: Option<&str>) -> Finding {
    let finding = Finding::new(Rule::CertificationFailed, Level::Error, message.trim().trim_end_matches('.'));
    let finding = Finding { help: help.map(str::to_owned), ..finding.of(offer.clone()) };
    let finding = match &concern.source {
        Some(source) => finding.at(source.clone()),
        None => finding,
    };
    if concern.path.segments().is_empty() { finding } else { finding.on(concern.path.clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Place;
    use crate::offer::{FieldPath, SourcePosition};

    #[test]
    fn a_complaint_is_found_where_its_field_is_declared() {
        let offer = OfferKey::parse("contoso/vm").unwrap();
        let source = SourcePosition { file: "offer.yaml".into(), line: 9, column: 5 };
        let path = FieldPath::parse("/definition/displayText").unwrap();
        let concern = Concern {
            path: path.clone(),
            source: Some(source.clone()),
            names: vec!["displayText".to_owned()],
            is_sure: true,
        };
        let finding = of_complaint(&offer, "displayText is required.", &concern, None);
        assert_eq!((finding.message.as_str(), finding.level), ("displayText is required", Level::Error));
        assert_eq!((finding.place, finding.field), (Some(Place::from(source)), Some(path)));
        let nothing = Concern { path: FieldPath::root(), source: None, names: Vec::new(), is_sure: false };
        let finding = of_complaint(&offer, "It failed.", &nothing, Some("ask them"));
        assert_eq!((finding.place, finding.field, finding.help.as_deref()), (None, None, Some("ask them")));
    }
}

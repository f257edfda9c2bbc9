//! The commands that only look, how offers are chosen, and what `--help` teaches.

use std::fmt::Write as _;
use std::process::Stdio;

use clap::CommandFactory as _;
use serde_json::json;

use crate::environment::{TestEnvironment, at_once};
use crate::manifests::draft;

#[test]
fn status_tells_how_offers_stand() {
    let environment = TestEnvironment::with_offer();
    insta::assert_snapshot!(environment.run("status"), @"
    contoso/vm: the service has no such offer
    --- exit 0 ---
    ");
    environment.run("apply --yes --until preview").expect(0);
    insta::assert_snapshot!(environment.run("status contoso/vm"), @"
    contoso/vm: the preview is ready and waits for the go-live
      Validate Pre-Requisites                     complete
        Step completed.
      Certification                               complete
        Step completed.
      Provisioning                                complete
        Step completed.
      Packaging and Lead Generation Registration  complete
        Step completed.
      Publisher signoff                           waiting for publisher review  < 1 hour
        Your offer is available in preview. Go live when everything looks good.
      Live                                        not started  ~2-5 days
      preview: https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm
      done last:
        [time]  plan begun  (offerctl apply)
        [time]  draft written  (offerctl apply)
        [time]  publish submitted  (offerctl apply)
        [time]  preview is right  (offerctl apply)
        [time]  plan ended  (offerctl apply)
    --- exit 0 ---
    ");
    environment.run("apply --yes").expect(0);
    insta::assert_snapshot!(environment.run("status offers/vm/offer.yaml"), @"
    contoso/vm: the last submission succeeded
      Validate Pre-Requisites                     complete
      Certification                               complete
      Provisioning                                complete
      Packaging and Lead Generation Registration  complete
      Publisher signoff                           complete
      Live                                        complete
        Step completed.
      preview: https://preview.azuremarketplace.microsoft.com/marketplace/apps/contoso.vm
      live: https://azuremarketplace.microsoft.com/marketplace/apps/contoso.vm
      done last:
        [time]  plan ended  (offerctl apply)
        [time]  plan begun  (offerctl apply)
        [time]  go-live submitted  (offerctl apply)
        [time]  production is right  (offerctl apply)
        [time]  plan ended  (offerctl apply)
    --- exit 0 ---
    ");
    insta::assert_snapshot!("status_json", environment.run("status contoso/vm contoso/none --output json"));
}

#[test]
fn list_shows_the_offers_of_a_publisher_also_those_without_a_manifest() {
    let environment = TestEnvironment::with_examples(at_once());
    insta::assert_snapshot!(environment.run("list"), @"
    --- stderr ---
    contoso has no offers on http://SERVICE
    --- exit 0 ---
    ");
    environment.run("apply --yes").expect(0);
    std::fs::remove_dir_all(environment.path("offers/contoso-app")).unwrap();
    insta::assert_snapshot!(environment.run("list"), @"
    contoso/contoso-app    microsoft-azure-applications     waiting for publisher review  Contoso Insight
    contoso/contoso-core   microsoft-azure-corevm           waiting for publisher review  Contoso Linux
    contoso/contoso-draft  microsoft-azure-virtualmachines  never published               Contoso Edge Cache
    contoso/contoso-vm     microsoft-azure-virtualmachines  succeeded                     Contoso Backup Server
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("list fabrikam"), @"
    --- stderr ---
    fabrikam has no offers on http://SERVICE
    --- exit 0 ---
    ");
    let document = environment.run("list contoso --output json").expect(0).json();
    assert_eq!(document["offers"].as_array().unwrap().len(), 4);
    assert_eq!(document["offers"][0]["offerId"], "contoso-app");
}

#[test]
fn get_prints_a_document_of_a_slot_or_a_version() {
    let environment = TestEnvironment::with_offer();
    insta::assert_snapshot!(environment.run("get contoso/vm"), @"
    --- stderr ---
    error: the service has no offer contoso/vm, asked at http://SERVICE
    hint: `offerctl list contoso` shows the offers
    --- exit 1 ---
    ");
    environment.run("apply --yes --until preview").expect(0);
    environment.portal.edit("vm", &json!({"displayText": "Edited"}));
    let title = |arguments: &str| environment.run(arguments).expect(0).json()["definition"]["displayText"].clone();
    assert_eq!(title("get contoso/vm"), "Edited");
    assert_eq!(title("get offers/vm/offer.yaml --slot preview"), "Contoso VM");
    assert_eq!(title("get contoso/vm --version 1"), "Contoso VM");
    assert_eq!(title("get contoso/vm --version 2"), "Edited");
    insta::assert_snapshot!(environment.run("get contoso/vm --slot production"), @"
    --- stderr ---
    error: nothing is in the production slot of contoso/vm, asked at http://SERVICE
    hint: `offerctl status contoso/vm` shows how far it is
    --- exit 1 ---
    ");
    insta::assert_snapshot!(environment.run("get contoso/vm --version 99"), @"
    --- stderr ---
    error: the service has no version 99 of contoso/vm, asked at http://SERVICE
    hint: `offerctl submissions contoso/vm` names the versions that were submitted; older ones are not kept forever
    --- exit 1 ---
    ");
    insta::assert_snapshot!("get_preview", environment.run("get contoso/vm --slot preview"));
}

#[test]
fn validate_needs_no_service() {
    let environment = TestEnvironment::with_examples(at_once());
    let mut command = environment.command("validate");
    command.env_remove("OFFERCTL_TOKEN").env_remove("OFFERCTL_ENDPOINT");
    insta::assert_snapshot!(environment.run_command(command), @"
    Validate: 4 manifests: 4 valid, 0 errors, 0 warnings.
    --- exit 0 ---
    ");
    insta::assert_snapshot!(environment.run("validate --output json offers/contoso-draft"), @r#"
    {
      "format": "offerctl-validate",
      "version": 1,
      "manifests": 1,
      "unchanged": null,
      "valid": [
        {
          "publisherId": "contoso",
          "offerId": "contoso-draft",
          "manifest": "offers/contoso-draft/offer.yaml"
        }
      ],
      "errors": 0,
      "warnings": 0,
      "diagnostics": []
    }
    --- exit 0 ---
    "#);
}

#[test]
fn offers_are_chosen_by_file_by_folder_and_by_name() {
    let environment = TestEnvironment::with_examples(at_once());
    let planned = |arguments: &str| {
        let plan = environment.run(&format!("plan --output json {arguments}")).expect(0).json();
        let offers = plan["offers"].as_array().unwrap().iter();
        offers.map(|offer| offer["offerId"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(planned(""), "contoso-app contoso-core contoso-draft contoso-vm");
    assert_eq!(planned("offers/contoso-vm/offer.yaml"), "contoso-vm");
    assert_eq!(planned("offers/contoso-vm/ offers/contoso-core"), "contoso-core contoso-vm");
    assert_eq!(planned("offers"), "contoso-app contoso-core contoso-draft contoso-vm");
    assert_eq!(planned("contoso/contoso-app"), "contoso-app");
    assert_eq!(planned("contoso/contoso-app offers/contoso-vm/offer.yaml"), "contoso-app contoso-vm");
    assert_eq!(planned("-C offers/contoso-vm"), "contoso-app contoso-core contoso-draft contoso-vm");
    assert_eq!(planned("-C offers/contoso-vm offer.yaml"), "contoso-vm");
    assert_eq!(planned("-C offers/contoso-vm ."), "contoso-vm");
    assert_eq!(planned("-C offers ./contoso-vm/../contoso-core"), "contoso-core");
    assert_eq!(planned(&environment.path("offers/contoso-app/offer.yaml").display().to_string()), "contoso-app");
    insta::assert_snapshot!(environment.run("plan contoso/none").expect(4).stderr, @"
    error: no manifest describes the offer contoso/none
    hint: `offerctl list` shows the offers of the service; the manifests say which are kept as code
    ");
    insta::assert_snapshot!(environment.run("plan nowhere").expect(4).stderr, @"
    error: `nowhere` is neither a file or folder nor an offer
    hint: name a manifest by its path, or an offer as publisher/offer
    ");
    insta::assert_snapshot!(environment.run("plan offers/shared/support.yaml").expect(4).stderr, @"
    error[missing-key]: `publisherId` is missing
     --> offers/shared/support.yaml:1:1
      |
    1 | # yaml-language-server: $schema=../../../schemas/part.schema.json
      | ^ in this manifest
      |
      = help: add `publisherId: contoso`

    error[missing-key]: `offerTypeId` is missing
     --> offers/shared/support.yaml:1:1
      |
    1 | # yaml-language-server: $schema=../../../schemas/part.schema.json
      | ^ in this manifest
      |
      = help: add `offerTypeId: microsoft-azure-virtualmachines`

    error[missing-key]: `id` is missing
     --> offers/shared/support.yaml:1:1
      |
    1 | # yaml-language-server: $schema=../../../schemas/part.schema.json
      | ^ in this manifest
      |
      = help: add `id: contoso-vm`
    ");
}

#[test]
fn a_manifest_outside_of_the_usual_places_is_found_by_its_path() {
    let environment = TestEnvironment::empty(at_once());
    environment.write("elsewhere/mine.yaml", &draft("mine"));
    environment.run("apply --yes elsewhere/mine.yaml").expect(0);
    environment.run("plan --detailed-exitcode elsewhere").expect(0);
}

#[test]
fn without_settings_every_manifest_below_offers_is_found_and_parts_are_not_taken_for_one() {
    let environment = TestEnvironment::with_examples(at_once());
    std::fs::remove_file(environment.path("offerctl.yaml")).unwrap();
    let plan = environment.run("plan --output json").expect(0).json();
    assert_eq!(plan["coverage"]["found"], 4);
    environment.run("apply --yes").expect(0);
    environment.run("plan --detailed-exitcode").expect(0);
}

#[test]
fn completions_name_the_commands_and_flags() {
    let environment = TestEnvironment::empty(at_once());
    let bash = environment.run("completions bash").expect(0).stdout;
    for word in ["validate", "--detailed-exitcode", "--retry-failed", "complete -F _offerctl"] {
        assert!(bash.contains(word), "{word}");
    }
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(environment.run(&format!("completions {shell}")).expect(0).stdout.contains("offerctl"), "{shell}");
    }
    environment.run("completions cobol").expect(4);
}

#[test]
fn help_teaches() {
    let environment = TestEnvironment::empty(at_once());
    let mut tree = environment.run("--help").expect(0).stdout;
    for command in offerctl::cli::Arguments::command().get_subcommands() {
        let said = environment.run(&format!("{} --help", command.get_name())).expect(0);
        write!(tree, "\n$ offerctl {} --help\n{}", command.get_name(), said.stdout).unwrap();
    }
    insta::assert_snapshot!("help", tree);
    assert!(environment.run("--version").expect(0).stdout.starts_with("offerctl "));
    insta::assert_snapshot!(environment.run("").expect(4).stderr.lines().next().unwrap(), @"Microsoft commercial marketplace offers as code: plan, apply and watch them against the Cloud");
}

#[test]
fn a_reader_who_has_read_enough_is_not_an_error() {
    let environment = TestEnvironment::with_examples(at_once());
    for arguments in ["plan", "plan --output json", "completions bash", "plan --help"] {
        let mut child = environment.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments}");
        assert_eq!(output.status.code(), Some(0), "{arguments}");
    }
}

#[test]
fn the_quirks_of_the_emulator_are_listed() {
    let environment = TestEnvironment::empty(at_once());
    let said = environment.run("emulator --quirks").expect(0);
    assert_eq!(said.stdout.lines().count(), offerctl::emulator::Quirk::ALL.len());
}

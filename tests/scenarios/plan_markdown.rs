//! The plan as Markdown, as a reviewer gets it.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::json;

use crate::environment::TestEnvironment;
use crate::manifests::silver;

const DESCRIPTION: &str = "microsoft-azure-marketplace.description";
const PRICE: &str = "virtualMachinePricing: {isByol: true}\n      microsoft-azure-virtualmachines.vmImages:\n        \
                     1.0.0:\n          osVhdUrl: https://contoso.blob.core.windows.net/vhds/gold";

/// A live offer with prices and a long text, of which nearly everything changes.
fn changed() -> TestEnvironment {
    let environment = TestEnvironment::with_offer();
    let priced = |amount: &str| {
        PRICE.replace(
            "{isByol: true}",
            &format!("{{isByol: false, coreMultiplier: {{currency: USD, single: {amount}}}}}"),
        )
    };
    environment.edit(PRICE, &priced("0.05"));
    let words = "It keeps what the law asks you to keep, and brings back a single file in minutes. ";
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        &format!("    {DESCRIPTION}: {}\n    microsoft-azure-marketplace.smallLogo", words.repeat(40).trim()),
    );
    environment.run("apply --yes").expect(0);
    environment.edit(&priced("0.05"), &priced("0.5"));
    environment.edit(silver(), "");
    environment.edit("regions: [DE, US]", "regions: [DE, FR, AU]");
    environment.edit("every night", "every hour | @all");
    environment.edit(words.repeat(40).trim(), words.replace("minutes", "seconds").repeat(40).trim());
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.longSummary": "Somebody's | draft"}}));
    environment
}

#[test]
fn what_needs_a_person_comes_first() {
    let environment = changed();
    assert_snapshot!("plan_markdown", environment.run("plan --output markdown"));
    let allowed = environment.run("plan --output markdown --allow price-change --allow passengers --detailed-exitcode");
    assert_snapshot!("plan_markdown_allowed", allowed);
}

#[test]
fn what_matters_least_is_left_out_for_a_small_place() {
    let environment = changed();
    let said = environment.run("plan --output markdown --markdown-limit 3200 --comment-id small").expect(0).stdout;
    assert!(said.encode_utf16().count() <= 3_200, "{}", said.len());
    assert_snapshot!("plan_markdown_cut", said);
    let mut said = String::new();
    for arguments in
        ["--output markdown --markdown-limit 100", "--markdown-limit gitlab", "--output json --comment-id x"]
    {
        write!(said, "$ offerctl plan {arguments}\n{}\n", environment.run(&format!("plan {arguments}"))).unwrap();
    }
    assert_snapshot!(said, @"
    $ offerctl plan --output markdown --markdown-limit 100
    --- stderr ---
    error: invalid value '100' for '--markdown-limit <PLACE|CHARACTERS>': write `github`, `azure-devops`, `gitlab`, or a number of characters from 2000 on

    For more information, try '--help'.
    --- exit 4 ---
    $ offerctl plan --markdown-limit gitlab
    --- stderr ---
    error: `--markdown-limit` is for Markdown
    hint: add `--output markdown`
    --- exit 4 ---
    $ offerctl plan --output json --comment-id x
    --- stderr ---
    error: `--comment-id` is for Markdown
    hint: add `--output markdown`
    --- exit 4 ---
    ");
}

#[test]
fn an_offer_that_cannot_be_planned_is_named_and_one_in_sync_is_counted() {
    let environment = TestEnvironment::with_live_offer();
    environment.write("offers/broken/offer.yaml", "publisherId: contoso\nofferTypeId: x\nid: [\n");
    assert_snapshot!(environment.run("plan --output markdown").expect(4).stdout, @"
    <!-- offerctl:plan / -->
    ## Plan: 1 offer that could not be planned

    Offers: 2 · 0 to create · 0 to change · 1 in sync · 0 blocked · 1 unreadable  
    Changes: 0 · Steps: 0  
    Digest: <code>[digest]</code>

    ### Could not be planned

    - <code>offers/broken/offer.yaml</code>
      - <code>the manifest has errors; &#96;offerctl validate&#96; shows them</code>
    ");
}

#[test]
fn a_plan_that_cannot_be_made_says_so_in_markdown_too() {
    let environment = TestEnvironment::with_offer();
    environment.write("offerctl.yaml", "ofers: []\n");
    assert_snapshot!(environment.run("plan --output markdown --comment-id `@all`"), @"
    <!-- offerctl:plan %60%40all%60 -->
    ## Plan: could not be made

    - <code>the settings in &#96;offerctl.yaml&#96; cannot be used</code>

    Nobody knows what these manifests would change. What an earlier plan said is not about them.
    --- stderr ---
    error[unknown-key]: there is no setting `ofers`
     --> offerctl.yaml:1:1
      |
    1 | ofers: []
      | ^^^^^
      |
      = help: did you mean `offers`?

    error: the settings in `offerctl.yaml` cannot be used
    --- exit 4 ---
    ");
}

#[test]
fn no_reason_of_others_refers_to_anything() {
    let environment = TestEnvironment::with_live_offer();
    let reason = "GH-12 !5 ~bug see a1b2c3d4 :smile: me@a.b";
    let waiver = format!(
        "reconcile:\n  ignore: [{{path: /definition/offer/microsoft-azure-marketplace.summary, reason: \"{reason}\"}}]"
    );
    environment.edit("reconcile:", &waiver);
    environment.edit("every night", "every hour");
    environment.edit("marketplace.title: Contoso VM", "marketplace.title: Contoso Machine");
    let said = environment.run("plan --output markdown").expect(0).stdout;
    let row = said.lines().find(|line| line.contains("hour")).unwrap();
    assert_snapshot!(row, @r#"| Summary<br><sub><code>/definition/offer/microsoft-azure-marketplace.summary</code></sub> | <code>"Backs up your machines every night"</code> → <code>"Backs up your machines every hour"</code> | not written&#58; <code>GH-12</code> <code>&#33;5</code> <code>&#126;bug</code> see <code>a1b2c3d4</code> <code>&#58;smile&#58;</code> <code>me</code><code>&#64;a.b</code><br><sub><code>offer.yaml&#58;11</code></sub> |"#);
}

#[test]
fn text_of_others_is_text_in_a_plan_too() {
    let environment = TestEnvironment::with_live_offer();
    let hostile = "</code></td></table></details>\n\n# @everyone | `x` | <script>alert(1)</script> ![i](https://a.b/c.png) \
                   fixes #12 contoso/vm#13 ::set-output::\n```\n<!-- offerctl:plan / -->";
    let title = json!({"microsoft-azure-marketplace.title": hostile, "microsoft-azure-marketplace.summary": hostile.repeat(9),
        "microsoft-azure-marketplace.longSummary": hostile});
    environment.portal.edit("vm", &json!({"offer": title}));
    assert_snapshot!("plan_markdown_hostile", environment.run("plan --output markdown"));
}

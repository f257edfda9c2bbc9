//! `plan --output html` and `drift --output html`: a page that a colleague opens from a mail or a build, without a network and without YAML.

use insta::assert_snapshot;
use serde_json::json;

use crate::environment::TestEnvironment;

/// The value of an attribute of the first element with the name, as it stands in the page.
fn attribute<'page>(page: &'page str, element: &str, name: &str) -> &'page str {
    let element = page.split_once(&format!("<{element} ")).unwrap().1;
    element.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap()
}

#[test]
fn the_listing_before_and_after_is_a_page_of_its_own() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("title: Contoso VM", "title: Contoso Machines");
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.description: <p>Keeps <b>all</b> of it</p>\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    let said = environment.run("plan --output html --detailed-exitcode").expect(2);
    assert_eq!(said.stderr, "");
    let page = said.stdout;
    environment.run("plan --out plan.json").expect(0);
    assert_eq!(environment.run("show plan.json --output html").expect(0).stdout, page);
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"), "{page}");
    for part in [
        "<title>Plan: 1 offer will be changed</title>",
        "<div class=\"title\">Contoso <del>VM</del></div>",
        "<div class=\"title\">Contoso <ins>Machines</ins></div>",
        "Now, in production",
        "After, in production",
        "cannot be taken back",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(attribute(&page, "iframe", "srcdoc").contains("&lt;p&gt;Keeps &lt;b&gt;all&lt;/b&gt; of it&lt;/p&gt;"));
    assert_eq!(attribute(&page, "iframe", "sandbox"), "");
    assert_snapshot!(environment.portal.writes(), @"");
}

#[test]
fn what_somebody_wrote_in_the_portal_is_only_text_in_the_page() {
    let environment = TestEnvironment::with_live_offer();
    let hostile = "\"></iframe></td></table><script>alert(1)</script><img src=https://a.b onerror=alert(1)>";
    let edit = |key: &str, value: &str| environment.portal.edit("vm", &json!({"offer": {key: value}}));
    edit("microsoft-azure-marketplace.title", hostile);
    edit("microsoft-azure-marketplace.description", hostile);
    environment.edit("skuTitle: Gold", "skuTitle: Golden");
    let page = environment.run("plan --output html").expect(0).stdout;
    assert!(page.contains("alert(1)") && page.contains("passenger"), "{page}");
    for acting in ["<script", "<img", "onerror=\"", "href=\"http"] {
        assert!(!page.contains(acting), "{acting} in {page}");
    }
}

#[test]
fn what_no_screen_shows_is_spelt_where_it_comes() {
    let environment = TestEnvironment::with_offer();
    environment.edit("title: Contoso VM", r#"title: "Contoso Machines\u202e exe""#);
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.description: \"<p>Ke\\u200beps all of it</p>\"\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    let plans = |environment: &TestEnvironment| {
        ["text", "markdown", "html"].map(|form| environment.run(&format!("plan --output {form}")).expect(0).stdout)
    };
    // A new offer, and one in which all that differs is seen but for this.
    let text = std::fs::read_to_string(environment.path("offers/vm/offer.yaml")).unwrap();
    let live = TestEnvironment::with_live_offer();
    live.write("offers/vm/offer.yaml", &text);
    let (new, changed) = (plans(&environment), plans(&live));
    for plan in new.iter().chain(&changed) {
        let plan = plan.replace("&#92;", "\\").replace("&#123;", "{").replace("&#125;", "}");
        assert!(plan.contains(r"Machines\u{202e}"), "{plan}");
        assert!(plan.contains(r"Ke\u{200b}eps"), "{plan}");
    }
    for page in [&new[2], &changed[2]] {
        let mut frames = page.split("srcdoc=\"").skip(1);
        assert!(frames.any(|frame| frame.split('"').next().unwrap().contains(r"Ke\u{200b}eps")), "{page}");
    }
    assert!(changed[2].contains("<del>VM</del>"), "what can be seen is told as ever");
}

#[test]
fn drift_has_a_page_too() {
    let environment = TestEnvironment::with_live_offer();
    let title = "Contoso <b>Cloud</b> VM";
    environment.portal.edit("vm", &json!({"offer": {"microsoft-azure-marketplace.title": title}}));
    let page = environment.run("drift --output html").expect(3).stdout;
    for part in [
        "<title>Drift: 1 of 1 offer is not as the repository says</title>",
        "Contoso &lt;b&gt;Cloud&lt;/b&gt; VM",
        "as in the repository",
        "edited elsewhere",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

/// A picture of one grey pixel, of which `which` tells the shade.
fn pixel(which: u8) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x30\0\0\0\x30".to_vec();
    bytes.extend([8, 0, 0, 0, 0, which]);
    bytes
}

#[test]
fn a_logo_of_the_repository_is_seen_as_it_will_be() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "https://assets.contoso.com/logo-48x48.png",
        "{$media: assets/logo.png, url: https://assets.contoso.com/logo-48x48.png}",
    );
    environment.write_bytes("offers/vm/assets/logo.png", &pixel(1));
    environment.run("apply --yes").expect(0);
    environment.write_bytes("offers/vm/assets/logo.png", &pixel(2));
    environment.run("plan --out plan.json").expect(0);
    let page = environment.run("show plan.json --output html").expect(0).stdout;
    assert_eq!(environment.run("plan --output html").expect(0).stdout, page);
    assert!(page.contains("img-src data:"));
    assert!(attribute(&page, "img", "src").starts_with("data:image/png;base64,iVBORw0KGgo"));
    assert!(page.contains("alt=\"Small logo of contoso/vm, after\""), "{page}");
    assert!(page.contains("aria-label=\"Small logo of contoso/vm, now, not shown\""), "{page}");
    assert!(page.contains("<code>offers/vm/assets/logo.png</code>"), "{page}");
    assert!(!page.contains("sig="), "no signature of what the service serves");
    // The picture of another day is none of this plan, nor is one elsewhere.
    environment.write_bytes("offers/vm/assets/logo.png", &pixel(3));
    let page = environment.run("show plan.json --output html").expect(0).stdout;
    assert!(
        !page.contains("<img") && page.contains("Not shown: the file is not here, or holds something else by now.")
    );
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(environment.path("plan.json"), elsewhere.path().join("plan.json")).unwrap();
    let page = environment.run(&format!("--directory {} show plan.json --output html", elsewhere.path().display()));
    assert!(!page.expect(0).stdout.contains("<img"));
}

#[test]
fn a_logo_that_nobody_knows_the_service_to_have_is_not_drawn() {
    let environment = TestEnvironment::with_offer();
    environment.edit(
        "https://assets.contoso.com/logo-48x48.png",
        "{$media: assets/logo.png, url: https://assets.contoso.com/logo-48x48.png}",
    );
    environment.write_bytes("offers/vm/assets/logo.png", &pixel(1));
    environment.run("apply --yes").expect(0);
    environment.edit("title: Contoso VM", "title: Contoso Machines");
    let page = environment.run("plan --output html").expect(0).stdout;
    assert_eq!(page.matches("<img").count(), 3, "the record tells that the logo stays: {page}");
    // Without it the service goes on serving the first one.
    environment.forget_records();
    environment.write_bytes("offers/vm/assets/logo.png", &pixel(2));
    let said = environment.run("plan --out plan.json --output html").expect(0);
    let page = said.stdout;
    assert!(!page.contains("<img"), "{page}");
    assert!(
        page.contains("Not shown: nobody knows whether the service has this file, and no step sends it."),
        "{page}"
    );
    assert_eq!(environment.run("show plan.json --output html").expect(0).stdout, page);
    // What is sent again is what customers will see.
    let page = environment.run("plan --resend-media --output html").expect(0).stdout;
    assert!(page.contains("alt=\"Small logo of contoso/vm, after\""), "{page}");
    assert!(page.contains("aria-label=\"Small logo of contoso/vm, now, not shown\""), "{page}");
}

#[test]
fn a_saved_plan_shows_customers_what_was_planned_and_nothing_else() {
    let environment = TestEnvironment::with_live_offer();
    environment.edit("title: Contoso VM", "title: Contoso Machines");
    environment.run("plan --out plan.json").expect(0);
    let digest = environment.run("plan --output json").expect(0).json()["digest"].clone();
    let page = environment.run("show plan.json --output html").expect(0).stdout;
    assert!(page.contains(digest.as_str().unwrap()));
    let mut plan: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(environment.path("plan.json")).unwrap()).unwrap();
    plan["offers"][0]["listing"]["parts"][0]["text"]["after"] = json!("Contoso VM");
    environment.write("plan.json", &plan.to_string());
    let said = environment.run("show plan.json --output html").expect(4);
    assert!(said.stderr.contains("it was changed after it was written"), "{}", said.stderr);
    environment.run("apply plan.json --yes").expect(4);
    assert_eq!(environment.portal.writes(), "");
}

#[test]
fn only_reports_have_a_page() {
    let environment = TestEnvironment::with_offer();
    assert_snapshot!(environment.run("status --output html"), @"
    --- stderr ---
    error: only `plan`, `show` and `drift` have an HTML form
    hint: every other command has `--output text` and `--output json`
    --- exit 4 ---
    ");
}

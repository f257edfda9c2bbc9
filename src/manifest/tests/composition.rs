//! What a person is told when the files of a manifest do not fit together.

use super::*;

#[test]
fn directives_are_checked() {
    insta::assert_snapshot!(report_on(
        "definition:\n  offer:\n    a: {$fiel: x}\n    b: {$file: x, trim: true}\n    c: {$env: NONE}\n    d: {$secret: $A}\n    \
         e: {$file: 1}\n    f: {$env: NONE, default: 1}\n"
    ), @r"
    error[unknown-directive]: there is no directive `$fiel`
     --> offers/vm.yaml:6:9
      |
    6 |     a: {$fiel: x}
      |         ^^^^^
      |
      = help: did you mean `$file`?

    error[unknown-directive]: `trim` cannot stand beside `$file`
     --> offers/vm.yaml:7:19
      |
    7 |     b: {$file: x, trim: true}
      |         -----     ^^^^
      |         |
      |         the directive
      |
      = help: a map with `$file` has no other keys

    error[missing-environment]: the environment variable `NONE` is not set
     --> offers/vm.yaml:8:15
      |
    8 |     c: {$env: NONE}
      |               ^^^^
      |
      = help: set it, or give a default: `{$env: NONE, default: text}`

    error[invalid-name]: `$A` cannot name an environment variable
     --> offers/vm.yaml:9:18
      |
    9 |     d: {$secret: $A}
      |                  ^^
      |
      = help: write the name alone, without `$`: letters, digits and `_`

    error[wrong-type]: `$file` takes text, and this is a number
      --> offers/vm.yaml:10:16
       |
    10 |     e: {$file: 1}
       |                ^

    error[wrong-type]: the default of `$env` is text, and this is a number
      --> offers/vm.yaml:11:30
       |
    11 |     f: {$env: NONE, default: 1}
       |                              ^
       |
       = help: put it in quotes
    ");
}

#[test]
fn composition_stays_in_the_repository() {
    insta::assert_snapshot!(report_on(
        "definition:\n  offer:\n    a: {$file: /etc/passwd}\n    b: {$file: ../../x}\n    c: {$file: 'a\\b'}\n    \
         d: {$file: none.html}\n    e: {$file: ''}\n"
    ), @r"
    error[path-outside-repository]: `/etc/passwd` is an absolute path; write it relative to the file that names it
     --> offers/vm.yaml:6:16
      |
    6 |     a: {$file: /etc/passwd}
      |                ^^^^^^^^^^^

    error[path-outside-repository]: `../../x` leads out of the repository; move the file into it
     --> offers/vm.yaml:7:16
      |
    7 |     b: {$file: ../../x}
      |                ^^^^^^^

    error[path-outside-repository]: `a\b` contains `\`; write `/` between the parts of a path
     --> offers/vm.yaml:8:16
      |
    8 |     c: {$file: 'a\b'}
      |                ^^^^^

    error[missing-file]: there is no file `offers/none.html`
     --> offers/vm.yaml:9:16
      |
    9 |     d: {$file: none.html}
      |                ^^^^^^^^^
      |
      = help: the path is relative to `offers/vm.yaml`

    error[path-outside-repository]: the path is empty
      --> offers/vm.yaml:10:16
       |
    10 |     e: {$file: ''}
       |                ^^
    ");
    insta::assert_snapshot!(report_on("definition: {}\nextends: [../../x.yaml, none.yaml, 1]\n"), @r"
    error[path-outside-repository]: `../../x.yaml` leads out of the repository; move the file into it
     --> offers/vm.yaml:5:11
      |
    5 | extends: [../../x.yaml, none.yaml, 1]
      |           ^^^^^^^^^^^^

    error[missing-file]: there is no file `offers/none.yaml`
     --> offers/vm.yaml:5:25
      |
    5 | extends: [../../x.yaml, none.yaml, 1]
      |                         ^^^^^^^^^

    error[wrong-type]: `extends` names files, and this is a number
     --> offers/vm.yaml:5:36
      |
    5 | extends: [../../x.yaml, none.yaml, 1]
      |                                    ^
      |
      = help: for example `extends: [../shared/support.yaml]`
    ");
}

#[test]
fn parts_must_not_extend_each_other_in_a_circle() {
    insta::assert_snapshot!(report(&[
        ("offers/vm.yaml", "extends: ../a.yaml\n"),
        ("a.yaml", "extends: b.yaml\n"),
        ("b.yaml", "extends: [a.yaml, a.yaml]\n"),
    ]), @r"
    error[extends-cycle]: files extend each other in a circle: a.yaml → b.yaml → a.yaml
     --> b.yaml:1:11
      |
    1 | extends: [a.yaml, a.yaml]
      |           ^^^^^^ this closes the circle
      |
     ::: a.yaml:1:10
      |
    1 | extends: b.yaml
      |          ------ `b.yaml` is extended here
      |
      = help: move what they share into a file that extends none of them

    error[duplicate-extends]: `a.yaml` is extended twice
     --> b.yaml:1:19
      |
    1 | extends: [a.yaml, a.yaml]
      |           ------  ^^^^^^ again here
      |           |
      |           first here
      |
      = help: keep one of the two
    ");
}

#[test]
fn a_directive_replaces_a_value_and_never_a_file() {
    let (loaded, _) = Files::new(&[
        ("offers/a.yaml", "$file: a.html\n"),
        ("offers/b.yaml", &format!("{ENVELOPE}definition: {{}}\nextends: ../part.yaml\n")),
        ("part.yaml", "$env: CONTACT\n"),
    ])
    .load();
    let faults: Vec<&str> = loaded.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert!(faults.contains(&"a manifest has no key `$file`"), "{faults:?}");
    assert!(faults.contains(&"a manifest has no key `$env`"), "{faults:?}");
    assert!(loaded.desired.is_empty());
}

#[test]
fn a_directive_and_a_map_replace_each_other_whole() {
    let desired = desired(&[
        (
            "offers/vm.yaml",
            &format!("{ENVELOPE}extends: ../part.yaml\ndefinition: {{offer: {{a: {{b: 1}}, c: {{$env: CONTACT}}}}}}\n"),
        ),
        ("part.yaml", "definition: {offer: {a: {$env: NONE}, c: {d: 1}}}\n"),
    ]);
    assert_eq!(desired.document["definition"]["offer"], json!({"a": {"b": 1}, "c": "ops@contoso.com"}));
}

#[test]
fn each_manifest_that_names_a_missing_part_says_so() {
    let manifest = "extends: ../part.yaml\n";
    let (loaded, repository) = Files::new(&[("offers/a.yaml", manifest), ("offers/b.yaml", manifest)]).load();
    let places: Vec<String> =
        loaded.diagnostics.iter().map(|diagnostic| diagnostic.position(&repository).to_string()).collect();
    assert_eq!(places, ["offers/a.yaml:1:10", "offers/b.yaml:1:10"]);
}

#[test]
fn keyed_lists_are_merged_element_by_element() {
    let desired = desired(&[
        (
            "offers/vm.yaml",
            "publisherId: contoso\nofferTypeId: t\nid: vm\nextends: ../base.yaml\ndefinition:\n  plans:\n    - {planId: b, x.own: 1, regions: [DE]}\n    - planId: new\n",
        ),
        (
            "base.yaml",
            "definition:\n  plans:\n    - {planId: a, x.shared: 1}\n    - {planId: b, x.shared: 1, x.own: 0, regions: [US, FR]}\n",
        ),
    ]);
    assert_eq!(
        desired.document["definition"]["plans"],
        json!([
            {"planId": "b", "x.shared": 1, "x.own": 1, "regions": ["DE"]},
            {"planId": "new"},
            {"planId": "a", "x.shared": 1},
        ])
    );
}

#[test]
fn a_secret_in_a_keyed_list_is_found_by_the_name_of_its_element() {
    let desired = desired(&[(
        "offers/vm.yaml",
        "publisherId: contoso\nofferTypeId: t\nid: vm\ndefinition:\n  offer:\n    m.usefulLinks:\n      - {linkUrl: b}\n      - {linkUrl: a, key: {$secret: KEY}}\n",
    )]);
    assert_eq!(desired.secrets[0].0.to_string(), "/definition/offer/m.usefulLinks/a/key");
}

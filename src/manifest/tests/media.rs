//! `$media`: what a person is told of a file that is not what its field takes, and what becomes of one that is.

use std::fmt::Write as _;

use super::*;
use crate::offer::FileDigest;

const URL: &str = "https://cdn.contoso.com/logo.png";

/// The beginning of a PNG, which tells its size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// The beginning of a GIF.
fn gif(width: u16, height: u16) -> Vec<u8> {
    [b"GIF89a".as_slice(), &width.to_le_bytes(), &height.to_le_bytes(), &[0; 8]].concat()
}

/// Loads one manifest with these keys of its offer, and these files beside it.
/// The files are there as long as the last of the three.
fn load_with(keys: &str, files: &[(&str, &[u8])]) -> (Loaded, Repository, Files) {
    let manifest = format!("{ENVELOPE}definition:\n  offer:\n    {}\n", keys.replace('\n', "\n    "));
    let written = Files::new(&[("offers/vm.yaml", &manifest)]);
    for (name, bytes) in files {
        let path = written.folder.path().join("offers").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let (loaded, repository) = written.load();
    (loaded, repository, written)
}

/// What a person is told, a line for each message and its help.
fn told(keys: &str, files: &[(&str, &[u8])]) -> String {
    let (loaded, repository, _) = load_with(keys, files);
    let line = |diagnostic: &Diagnostic| {
        let (at, help) = (diagnostic.position(&repository), diagnostic.help.as_deref().unwrap_or("-"));
        format!("{at} {}: {}\n  {help}\n", diagnostic.rule, diagnostic.message)
    };
    loaded.diagnostics.iter().map(line).collect()
}

#[test]
fn a_file_becomes_its_address_and_a_digest() {
    let logo = png(48, 48);
    let keys = format!(
        "x.smallLogo: {{$media: assets/logo.png, url: {URL}}}\nx.screenshots:\n  - {{name: One, url: {{$media: one.png, url: \
         {{$env: CDN, default: https://cdn.contoso.com/one.png}}}}}}"
    );
    let (mut loaded, ..) = load_with(&keys, &[("assets/logo.png", &logo), ("one.png", &png(1280, 720))]);
    assert_eq!(loaded.diagnostics, []);
    let desired = loaded.desired.remove(0);
    assert_eq!(
        desired.document["definition"]["offer"],
        json!({"x.smallLogo": URL, "x.screenshots": [{"name": "One", "url": "https://cdn.contoso.com/one.png"}]})
    );
    let files: Vec<_> =
        desired.local_files.iter().map(|file| format!("{} {} {}", file.field, file.file, file.url)).collect();
    assert_eq!(
        files,
        [
            "/definition/offer/x.smallLogo offers/assets/logo.png https://cdn.contoso.com/logo.png",
            "/definition/offer/x.screenshots/0/url offers/one.png https://cdn.contoso.com/one.png",
        ]
    );
    assert_eq!(desired.local_files[0].digest, FileDigest::of(&logo));
}

#[test]
fn whatever_size_a_published_page_names_is_taken() {
    for (field, sizes) in [
        ("smallLogo", vec![(48, 48), (40, 40)]),
        ("mediumLogo", vec![(90, 90)]),
        ("largeLogo", vec![(115, 115), (216, 216), (350, 350)]),
        ("wideLogo", vec![(255, 115)]),
        ("heroLogo", vec![(815, 290)]),
    ] {
        for (width, height) in sizes {
            let keys = format!("x.{field}: {{$media: logo.png, url: {URL}}}");
            assert_eq!(told(&keys, &[("logo.png", &png(width, height))]), "", "{field} {width}x{height}");
        }
    }
}

#[test]
fn a_file_that_its_field_does_not_take_is_refused() {
    let small = format!("x.smallLogo: {{$media: logo.png, url: {URL}}}");
    let mut all = String::new();
    for (what, bytes) in [
        ("of another size", png(47, 48)),
        ("of another type", gif(48, 48)),
        ("no image", b"<svg/>".to_vec()),
        ("cut off", png(48, 48)[..18].to_vec()),
        ("empty", Vec::new()),
        ("not fetched", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n".to_vec()),
    ] {
        write!(all, "{what}: {}", told(&small, &[("logo.png", &bytes)])).unwrap();
    }
    insta::assert_snapshot!(all, @"
    of another size: offers/vm.yaml:6:27 media-size: `offers/logo.png` has 47x48 pixels, and `Small logo` takes 48x48 (Partner Center) or 40x40 (Cloud Partner Portal)
      save it in that size; if the service takes this one all the same, write the address alone, which is not checked
    of another type: offers/vm.yaml:6:27 media-type: `offers/logo.png` is a GIF file, and `Small logo` takes PNG
      save it as PNG: `Small logo` takes no other type
    no image: offers/vm.yaml:6:27 media-type: `offers/logo.png` is of no type that offerctl knows, and `Small logo` takes PNG
      save it as PNG: `Small logo` takes no other type
    cut off: offers/vm.yaml:6:27 media-type: `offers/logo.png` begins as a PNG file, and no size can be read from it
      it is damaged or cut off; save it again
    empty: offers/vm.yaml:6:27 media-type: `offers/logo.png` is empty
      put the file that is served there
    not fetched: offers/vm.yaml:6:27 media-type: `offers/logo.png` is a pointer of Git LFS, and not the file itself
      fetch it with `git lfs pull`; in CI let the checkout fetch LFS files
    ");
}

#[test]
fn a_name_says_what_the_file_is() {
    let mut all = String::new();
    for (field, name, bytes) in [
        ("x.smallLogo", "logo.gif", png(48, 48)),
        ("x.smallLogo", "logo", png(48, 48)),
        ("microsoft-azure-marketplace-testdrive.userManual", "manual.pdf", b"%PDF-1.7".to_vec()),
        ("microsoft-azure-marketplace-testdrive.userManual", "manual.png", b"%PDF-1.7".to_vec()),
        ("microsoft-azure-marketplace-testdrive.userManual", "manual.pdf", b"PK\x03\x04".to_vec()),
    ] {
        let keys = format!("{field}: {{$media: {name}, url: {URL}}}");
        writeln!(all, "{name}: {}", told(&keys, &[(name, &bytes)]).trim_end()).unwrap();
    }
    // Whatever a field takes, its name must not promise something else.
    let csv = "restrictedAudience: {uploadedCsvUri: {$media: audience.csv, url: https://cdn.contoso.com/a.csv}}";
    let manifest = format!("{ENVELOPE}definition:\n  plans:\n    - planId: gold\n      {csv}\n");
    let files = Files::new(&[("offers/vm.yaml", &manifest)]);
    fs::write(files.folder.path().join("offers/audience.csv"), png(1, 1)).unwrap();
    all += &files.load().0.diagnostics[0].message;
    fs::write(files.folder.path().join("offers/audience.csv"), "id\n1\n").unwrap();
    assert_eq!(files.load().0.diagnostics, []);
    insta::assert_snapshot!(all, @"
    logo.gif: offers/vm.yaml:6:27 media-type: `offers/logo.gif` is a PNG file, and its name says otherwise
      let its name end in `.png`, or save it as what its name says
    logo: offers/vm.yaml:6:27 media-type: `offers/logo` is a PNG file, and its name does not end so
      let its name end in `.png`
    manual.pdf: 
    manual.png: offers/vm.yaml:6:64 media-type: `offers/manual.png` is a PDF file, and its name says otherwise
      let its name end in `.pdf`, or save it as what its name says
    manual.pdf: offers/vm.yaml:6:64 media-type: `offers/manual.pdf` is a zip file, and `Test drive user manual` takes PDF
      save it as PDF: `Test drive user manual` takes no other type
    `offers/audience.csv` is a PNG file, and its name does not end so
    ");
}

#[test]
fn the_directive_is_checked() {
    let logo = png(48, 48);
    let files: [(&str, &[u8]); 1] = [("assets/logo.png", &logo)];
    let told = told(
        "x.smallLogo: {$media: assets/logo.png}\nx.mediumLogo: {$media: assets/logo.png, url: logo.png}\nx.largeLogo: \
         {$media: assets/logo.png, url: {$secret: A}}\nx.wideLogo: {$media: assets/lgo.png, url: https://a/b.png}\n\
         x.heroLogo: {$media: ../../logo.png, url: https://a/b.png}\nx.title: {$media: assets/logo.png, url: \
         https://a/b.png}\nx.summary: {$media: assets/logo.png, url: https://a/b.png, size: 1}\nx.videos: [{thumbnail: \
         {$media: assets, url: https://a/b.png}}]",
        &files,
    );
    insta::assert_snapshot!(told, @"
    offers/vm.yaml:6:27 missing-url: `$media` needs the address where the file is served
      add `url`: `{$media: assets/logo.png, url: https://cdn.contoso.com/logo.png}`; the service downloads the file from there, and offerctl sends no file
    offers/vm.yaml:7:50 invalid-url: this is no address of a file
      the service downloads it: `url: https://cdn.contoso.com/logo.png`
    offers/vm.yaml:8:49 invalid-url: this is no address of a file
      the service downloads it: `url: https://cdn.contoso.com/logo.png`
    offers/vm.yaml:9:26 missing-file: there is no file `offers/assets/lgo.png`
      did you mean `assets/logo.png`? the path is relative to `offers/vm.yaml`
    offers/vm.yaml:10:26 path-outside-repository: `../../logo.png` leads out of the repository; move the file into it
      -
    offers/vm.yaml:11:14 misplaced-media: `$media` stands for the address of a file that the service downloads, and this field holds none
      logos, screenshots, packages and the like take `$media`; `$file` takes in a text
    offers/vm.yaml:12:64 unknown-directive: `size` cannot stand beside `$media`
      a map with `$media` and `url` has no other keys
    offers/vm.yaml:13:37 unreadable-file: `offers/assets` is not a regular file
      name a file, and not the folder that it is in
    ");
}

#[test]
fn the_place_of_the_file_is_shown() {
    let (loaded, repository, _files) =
        load_with(&format!("x.smallLogo: {{$media: logo.png, url: {URL}}}"), &[("logo.png", &png(50, 48))]);
    insta::assert_snapshot!(render(&loaded.diagnostics[0], &repository, Styled::No), @"
    error[media-size]: `offers/logo.png` has 50x48 pixels, and `Small logo` takes 48x48 (Partner Center) or 40x40 (Cloud Partner Portal)
     --> offers/vm.yaml:6:27
      |
    6 |     x.smallLogo: {$media: logo.png, url: https://cdn.contoso.com/logo.png}
      |                           ^^^^^^^^
      |
      = help: save it in that size; if the service takes this one all the same, write the address alone, which is not checked
    ");
}

#[test]
fn a_file_is_read_up_to_a_size() {
    let large = vec![0; 10 * 1024 * 1024 + 1];
    let keys = format!("x.smallLogo: {{$media: logo.png, url: {URL}}}");
    let (loaded, ..) = load_with(&keys, &[("logo.png", &large)]);
    insta::assert_snapshot!(loaded.diagnostics[0].message, @"`offers/logo.png` is larger than 10 MiB, the most that is read from one file here");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_refused() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("logo.png"), png(48, 48)).unwrap();
    let manifest = format!("{ENVELOPE}definition:\n  offer:\n    x.smallLogo: {{$media: logo.png, url: {URL}}}\n");
    let files = Files::new(&[("offers/vm.yaml", &manifest)]);
    std::os::unix::fs::symlink(outside.path().join("logo.png"), files.folder.path().join("offers/logo.png")).unwrap();
    assert_eq!(files.load().0.diagnostics[0].rule, "path-outside-repository");
}

#[test]
fn a_manifest_puts_its_own_file_over_that_of_a_part() {
    let part = "definition:\n  offer:\n    x.smallLogo: {$media: none.png, url: https://a/b.png}\n";
    let manifest = format!(
        "extends: [../part.yaml]\n{ENVELOPE}definition:\n  offer:\n    x.smallLogo: {{$media: logo.png, url: {URL}}}\n"
    );
    let files = Files::new(&[("part.yaml", part), ("offers/vm.yaml", &manifest)]);
    fs::write(files.folder.path().join("offers/logo.png"), png(48, 48)).unwrap();
    let (loaded, _) = files.load();
    assert_eq!(loaded.diagnostics, []);
    assert_eq!(&*loaded.desired[0].local_files[0].file, "offers/logo.png");
}

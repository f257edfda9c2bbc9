//! Data that outlives the emulator, and two emulators on one folder.

use offerctl::emulator::Storage;

use super::*;

#[tokio::test]
async fn a_restarted_emulator_continues_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { storage: Storage::Folder(folder.path().join("data")), ..stopped() };
    let portal = Portal::start(options()).await;
    portal.create().await;
    portal.post(&format!("{OFFER}/publish"), None).await.expect(202);
    portal.advance("3d").await;
    let (status, draft) = (portal.status().await, portal.get(OFFER).await);
    portal.emulator.shutdown().await;

    let portal = Portal::start(options()).await;
    assert_eq!(portal.status().await, status);
    assert_eq!(portal.get(OFFER).await.etag(), draft.etag());
    portal.advance("1d").await;
    portal.get(&format!("{OFFER}/slot/preview")).await.expect(200);
    assert_eq!(portal.get("/api/publishers").await.expect(200)[0]["id"], "contoso");
}

#[tokio::test]
async fn two_emulators_on_one_folder_lose_no_write() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { storage: Storage::Folder(folder.path().to_owned()), ..stopped() };
    let (first, second) = (Portal::start(options()).await, Portal::start(options()).await);
    first.create().await;
    let (offer, anything) = (virtual_machine(), Some("*"));
    for _ in 0..10 {
        let (one, other) = tokio::join!(first.put(&offer, anything), second.put(&offer, anything));
        one.expect(200);
        other.expect(200);
    }
    assert_eq!(first.get(OFFER).await.body["version"], 21);
    assert_eq!(second.get("/api/publishers/contoso/offers").await.expect(200)[0]["version"], 21);
}

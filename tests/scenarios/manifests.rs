//! The manifests of the stories.

/// The signature in [`VIRTUAL_MACHINE`]; no output may ever hold it.
pub const SIGNATURE: &str = "signature-of-the-story";

/// `contoso/vm`: a small virtual machine offer with two offer plans, kept live.
pub const VIRTUAL_MACHINE: &str = "\
publisherId: contoso
offerTypeId: microsoft-azure-virtualmachines
id: vm
reconcile:
  publishTo: production
definition:
  displayText: Contoso VM
  offer:
    microsoft-azure-marketplace.title: Contoso VM
    microsoft-azure-marketplace.summary: Backs up your machines every night
    microsoft-azure-marketplace.smallLogo: https://assets.contoso.com/logo-48x48.png
  plans:
    - planId: gold
      microsoft-azure-virtualmachines.skuTitle: Gold
      regions: [DE, US]
      virtualMachinePricing: {isByol: true}
      microsoft-azure-virtualmachines.vmImages:
        1.0.0:
          osVhdUrl: https://contoso.blob.core.windows.net/vhds/gold.vhd?sv=2024-11-04&se=2036-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=signature-of-the-story
    - planId: silver
      microsoft-azure-virtualmachines.skuTitle: Silver
      regions: [DE]
      virtualMachinePricing: {isByol: true}
      microsoft-azure-virtualmachines.vmImages:
        1.0.0:
          osVhdUrl: https://contoso.blob.core.windows.net/vhds/silver.vhd?sv=2024-11-04&se=2036-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=signature-of-the-story
";

/// The offer plan `silver`, as it stands at the end of [`VIRTUAL_MACHINE`].
pub fn silver() -> &'static str {
    VIRTUAL_MACHINE.find("    - planId: silver").map(|at| &VIRTUAL_MACHINE[at..]).unwrap()
}

/// An offer of which there is only a draft.
pub fn draft(offer: &str) -> String {
    format!(
        "publisherId: contoso\nofferTypeId: microsoft-azure-virtualmachines\nid: {offer}\nreconcile: {{publishTo: \
         draft}}\ndefinition:\n  displayText: The offer {offer}\n"
    )
}

// What was written of Tallyfy's members is gone before the list was whole: Redis was set back, or the process slept for too long.

export class ListingLost extends Error {
  override readonly name = "ListingLost";

  constructor() {
    super("the list of members was lost while it was being read; the one before it still counts");
  }
}

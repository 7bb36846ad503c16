import { UsbCard, sent } from './common.ts';

class LooksForRoom extends UsbCard {
  protected override copies(): boolean {
    return false; // there is room in front of the packet
  }
}

export const wrong = sent('wrong', (k) => new LooksForRoom(k));

import { Worker, messages, type Descriptor } from './common.ts';

class ToThePool extends Worker {
  protected override received({ page }: Descriptor): void {
    this.toPool(page); // ucp_recv_desc_release
  }
}

export const wrong = messages('wrong', (k) => new ToThePool(k));

import { Driver, unbound } from './common.ts';

/** Address and index are in the page: both are looked up there, and cleared. */
class LooksThemUp extends Driver {
  protected override scrubbed(): void {
    this.struct.use(); // page_pool_get_dma_addr_netmem, page_pool_set_dma_addr_netmem
  }
}

export const wrong = unbound('wrong', (k) => new LooksThemUp(k));

import { design as fixedBuffer } from '@lastref/strategies/send-zc-fixed';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'esp-managed-frags',
  title: 'ESP puts pages on which the packet never had a reference',
  year: 2026,
  where: 'Linux, net/ipv4/esp4.c esp_output_head, net/ipv6/esp6.c esp6_output_head',
  source:
    'CVE-2026-93105; commits 21697720ff43, 0fda52de8bbd and f89416eb3db1, for 753f1ca4e1e5 (6.0)',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [{ operation: 'esp_output_tail' }],
  wrong: { design: fixedBuffer, era: '7.2.13-espDowngrades' },
  fixed: { design: fixedBuffer, era: '7.2.13' },
  mechanism:
    'A packet with pages of a registered buffer of io_uring has no reference on them: its ubuf_info keeps the buffer, and a flag of the shared info says so. ESP writes the pages down in a scatterlist, gives the packet another page in their place, and puts the old ones when the cipher is done: once more than anybody had taken them. It takes a device that encrypts and sums by itself and leaves a packet to the processor; elsewhere xfrm_output sums first, which makes such a packet linear. The flag stays, and the page that the packet goes on with is put by nobody.',
  fix: 'ESP takes the references of the packet first, and with that the flag is gone. A first fix had it put no page of such a packet, which leaves the new page to nobody; it was taken back.',
  lesson:
    'Where one flag speaks for all entries, whoever adds or replaces one has to make it true first. The series that brought this one did so in the places that it knew; GRO, pskb_carve and ESP were found in 2026.',
  words: [
    'io_uring',
    'send_zc',
    'registered buffer',
    'fixed buffer',
    'skbfl_managed_frag_refs',
    'ipsec',
    'xfrm',
    'esp6',
    'bad page state',
    'refcount',
  ],
};

import { design as ian } from '@lastref/strategies/ian-frag-destructor';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'gvisor-veth',
  title: 'a header is rewritten through a slice, behind the back of copy-on-write',
  year: 2024,
  where: 'gVisor, pkg/tcpip/link/veth',
  source: 'gvisor bd58900fb; 6d0b40b1d of 2021 for the clone that shared its buffers',
  kind: 'written while it is lent',
  property: 'corrupt',
  on: [],
  wrong: { design: ian, era: '3.8', on: [{ recipe: wrong }] },
  fixed: { design: ian, era: '3.8', on: [{ recipe: fixed }] },
  mechanism:
    'A packet that crosses a pair of virtual devices is cloned, and its buffers are copied when somebody writes to them. Code that edits IP headers does not ask: it has a slice of the raw bytes. What NAT wrote on the one side was in the packet on the other side, which was still to be sent, or sent again.',
  fix: 'The packet is copied as a whole when it crosses.',
  lesson:
    'Copy-on-write holds for those who go through its gate. The address of the bytes, once given away, is a second door.',
  words: ['gvisor', 'netstack', 'veth', 'nat', 'iptables', 'copy-on-write', 'ip header', 'slice'],
};

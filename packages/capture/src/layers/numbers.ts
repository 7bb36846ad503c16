// How headers say what follows them: types of Ethernet, protocols of IP, ports of UDP.

export const Ether = {
  IPV4: 0x0800,
  TRANSPARENT: 0x6558,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  MPLS: 0x8847,
  MPLS_UPSTREAM: 0x8848,
  PPPOE: 0x8864,
  PPP: 0x880b,
  PROVIDER_VLAN: 0x88a8,
  ERSPAN: 0x88be,
  REDIRECTED: 0x883e,
  MACSEC: 0x88e5,
  BACKBONE: 0x88e7,
  REDUNDANCY: 0x892f,
  SERVICE_HEADER: 0x894f,
  TRILL: 0x22f3,
  QINQ: 0x9100,
  QINQ_2: 0x9200,
  QINQ_3: 0x9300,
  ERSPAN_3: 0x22eb,
  LLC: 0x0004,
} as const;

export const Ip = {
  IPV4: 4,
  TCP: 6,
  UDP: 17,
  IPV6: 41,
  FRAGMENT: 44,
  GRE: 47,
  ENCRYPTED: 50,
  AUTHENTICATION: 51,
  ETHERIP: 97,
  MPLS: 137,
} as const;
/** Hop-by-hop, routing, destination options, mobility. */
export const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135]);

export const Port = {
  L2TP: 1701,
  TEREDO: 3544,
  GTP_U: 2152,
  VXLAN: 4789,
  VXLAN_LINUX: 8472,
  VXLAN_GPE: 4790,
  GENEVE: 6081,
  MPLS: 6635,
} as const;

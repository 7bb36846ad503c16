// TCP as mainline has it, for whoever needs options, sysctls and loss recovery: packetdrill's scripts.
export { MainlineHost, type Inherited } from './tcp_ipv4.ts';
export { TcpSysctl } from './tcp_sysctl.ts';
export { Ca, MainSock, Nagle, Shutdown, type Stamp } from './tcp_main_sock.ts';
export { MainHeader, measure, readMain, writeMain } from './tcp_options.ts';
export { isWriteable, mainSendmsg, memoryFree, type Piece, type SendFlags } from './tcp_send.ts';
export { mainAbort, mainClose, mainShutdown } from './tcp_close.ts';
export { pushPending } from './tcp_output.ts';
export { simpleRetransmit } from './tcp_alert.ts';
export { syncMss } from './tcp_mss.ts';
export { tcpInfo } from './tcp_info.ts';

import { createSocket } from 'node:dgram';
import { decode, encode, type Packet } from 'dns-packet';

/** A DNS server on loopback with the TXT records that a test gives it. */
export interface DnsServer {
  /** `127.0.0.1:port` */
  address: string;
  /** TXT records by name; a long record consists of several strings. */
  records: Map<string, string[][]>;
  /** Answers every query with SERVFAIL, or not at all. */
  fault: 'SERVFAIL' | 'SILENT' | null;
  /** The queried names. */
  asked: string[];
  close(): Promise<void>;
}

const SERVFAIL = 2;
const NXDOMAIN = 3;

export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const server: DnsServer = {
    address: `127.0.0.1:${socket.address().port}`,
    records: new Map(),
    fault: null,
    asked: [],
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (message, { port, address }) => {
    const { id, questions = [] } = decode(message);
    const name = questions[0]?.name.toLowerCase() ?? '';
    server.asked.push(name);
    if (server.fault === 'SILENT') return;
    const found = server.records.get(name);
    const answer: Packet = {
      type: 'response',
      id: id ?? 0,
      flags: server.fault === 'SERVFAIL' ? SERVFAIL : found ? 0 : NXDOMAIN,
      questions,
      answers: (found ?? []).map((data) => ({ type: 'TXT', name, ttl: 1, data })),
    };
    socket.send(encode(answer), port, address);
  });
  return server;
}

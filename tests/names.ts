/* A name server on loopback that knows TXT records, in real packets (RFC 1035). A process of its own: ours sends to nobody else. */
import { createSocket } from "node:dgram";

const records = new Map<string, string>();
const socket = createSocket("udp4");
socket.on("message", (query, peer) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString());
    at += 1 + length;
  }
  const question = query.subarray(12, at + 5);
  const text = records.get(labels.join(".").toLowerCase());
  const data = text === undefined ? null : Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(data ? 0x8580 : 0x8583, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data ? 1 : 0, 6);
  const answer = data ? [Buffer.from([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 1]), Buffer.from([data.length >> 8, data.length & 255]), data] : [];
  socket.send(Buffer.concat([head, question, ...answer]), peer.port, peer.address);
});
socket.bind(0, "127.0.0.1", () => process.send?.({ port: socket.address().port }));
process.on("message", ({ name, text }: { name: string; text: string }) => {
  records.set(name, text);
  process.send?.({ kept: name });
});
process.on("disconnect", () => process.exit());

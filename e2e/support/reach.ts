import type { Stage } from './stage.ts';

// Runs in the service's own namespaces: CONNECT through the gate, then a request over TLS to that name.
const CONNECT = `
const [host] = process.argv.slice(1);
const socket = require('node:net').connect(3128, '127.0.0.1');
socket.write('CONNECT ' + host + ':443 HTTP/1.1\\r\\nHost: ' + host + ':443\\r\\n\\r\\n');
socket.once('data', (head) => {
  const [line] = head.toString().split('\\r\\n');
  if (!line.includes(' 200 ')) { console.log(line); process.exit(0); }
  const tls = require('node:tls').connect({ socket, servername: host, rejectUnauthorized: false });
  tls.once('secureConnect', () => tls.write('GET / HTTP/1.0\\r\\nHost: ' + host + '\\r\\n\\r\\n'));
  tls.once('data', () => { console.log('TLS ' + tls.getPeerCertificate().subjectaltname.slice(4)); process.exit(0); });
  tls.once('error', (error) => { console.log(error.message); process.exit(0); });
});
socket.once('error', (error) => { console.log(error.message); process.exit(0); });
`;

/** What a service meets behind the gate when it asks for a host: the name on the certificate, or the gate's refusal. */
export async function reach(stage: Stage, service: 'gateway-main' | 'node-nas', host: string): Promise<string> {
  const { stdout, stderr } = await stage.runtime.inside(service, ['{node}', '--eval', CONNECT, host], { timeoutMs: 20_000 });
  return stdout.trim() || stderr;
}

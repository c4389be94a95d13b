/* global kinds, within, refused, succeeded */
// What the gate lets through: a raw request head, and on 200 a TLS hello or plain bytes into the tunnel.
{
  const { connect } = await import('node:net');
  const tls = await import('node:tls');

  const statusOf = (text) => {
    const match = /^HTTP\/1\.[01] (\d{3})/.exec(text);
    return match ? Number(match[1]) : undefined;
  };

  const goOn = (socket, then, end) => {
    if (then.kind === 'bytes') {
      socket.on('data', (data) => end({ ...succeeded('bytes came back'), status: 200, body: data.toString('latin1', 0, 200) }));
      socket.once('close', () => end({ outcome: 'refused', code: 'closed', status: 200 }));
      socket.write(then.text);
      return;
    }
    const secure = tls.connect({
      socket,
      ...(then.sni === undefined ? {} : { servername: then.sni }),
      rejectUnauthorized: then.verify,
      ...(then.ca === undefined ? {} : { ca: [...tls.rootCertificates, then.ca] }),
    });
    secure.once('secureConnect', () => end({ ...succeeded(secure.authorized ? 'certificate verified' : 'handshake done'), status: 200 }));
    // A wrong certificate also means that somebody at the far end answered.
    secure.once('error', (error) => end({ ...refused(error), status: 200 }));
    secure.once('close', () => end({ outcome: 'refused', code: 'closed', status: 200 }));
  };

  kinds.gate = ({ port, head, then }) => {
    let held = '';
    return within(
      (end) => {
        const socket = connect({ host: '127.0.0.1', port });
        const gone = () =>
          end({
            outcome: 'refused',
            code: 'closed',
            detail: held === '' ? 'closed without an answer' : 'closed',
            status: statusOf(held),
            body: held.slice(0, 1500),
          });
        const read = (chunk) => {
          held += chunk.toString('latin1');
          // Somebody else answers in the gate's place: nothing of HTTP will follow.
          if (held.includes('\n') && !held.startsWith('HTTP/'))
            return end({ outcome: 'refused', code: 'no HTTP', body: held.slice(0, 1500) });
          const split = held.indexOf('\r\n\r\n');
          if (split < 0) return;
          const status = statusOf(held);
          if (status === 200 && then) {
            socket.off('data', read);
            socket.off('close', gone);
            goOn(socket, then, end);
            return;
          }
          if (status === 200) return end({ ...succeeded('200'), status });
          const length = Number(/\r\ncontent-length: *(\d+)/i.exec(held.slice(0, split))?.[1] ?? '0');
          if (held.length >= split + 4 + Math.min(length, 1200))
            end({ outcome: 'refused', code: String(status ?? 'no HTTP'), status, body: held.slice(split + 4, split + 1500) });
        };
        socket.on('data', read);
        socket.once('close', gone);
        socket.once('error', (error) => end({ outcome: 'broken', code: error.code, detail: 'the gate is not reachable' }));
        socket.write(head);
        return () => socket.destroy();
      },
      () => ({ outcome: 'no-answer', status: statusOf(held), body: held.slice(0, 1500) }),
    );
  };
}

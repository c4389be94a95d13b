/* global kinds, within, refused, succeeded */
// Direct ways out: TCP, UDP, the system's resolver, another resolver, Unix sockets.
{
  const { createSocket } = await import('node:dgram');
  const { Resolver, lookup } = await import('node:dns/promises');
  const { readFile } = await import('node:fs/promises');
  const { connect, createServer } = await import('node:net');

  const dial = (options) =>
    within((end) => {
      const socket = connect(options);
      socket.once('connect', () => end(succeeded('connected')));
      socket.once('error', (error) => end(refused(error)));
      return () => socket.destroy();
    });

  kinds.tcp = ({ host, port }) => dial({ host, port });

  kinds.unix = ({ path }) => dial({ path: path.startsWith('@') ? `\0${path.slice(1)}` : path });

  kinds['own-loopback'] = async () => {
    const server = createServer((socket) => socket.end());
    await new Promise((done, failed) => server.once('error', failed).listen(0, '127.0.0.1', done));
    try {
      return await dial({ host: '127.0.0.1', port: server.address().port });
    } finally {
      server.close();
    }
  };

  kinds.udp = ({ host, port }) =>
    within((end) => {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.once('error', (error) => end(refused(error)));
      socket.send(Buffer.from('lobsterpot'), port, host, (error) => end(error ? refused(error) : succeeded('sent')));
      return () => socket.close();
    });

  // What the usual server at a port answers to: a question for the root's name servers, a time request, else anything.
  const datagram = (port) => {
    if (port === 53) return Buffer.from('4c50010000010000000000000000020001', 'hex');
    if (port === 123) return Buffer.concat([Buffer.from([0x1b]), Buffer.alloc(47)]);
    return Buffer.from('lobsterpot');
  };

  kinds['udp-answer'] = ({ host, port }) =>
    within((end) => {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.once('error', (error) => end(refused(error)));
      socket.once('message', () => end(succeeded('answered')));
      // Connected, so that the kernel tells of a way that is none.
      socket.connect(port, host, (error) => {
        if (error) end(refused(error));
        else socket.send(datagram(port), (failed) => failed && end(refused(failed)));
      });
      return () => socket.close();
    });

  // Entries of /proc/net/arp: address, hardware type, flags (2: complete), hardware address, mask, device.
  kinds.neighbours = async () => {
    const lines = (await readFile('/proc/net/arp', 'utf8')).split('\n').slice(1);
    const entries = lines.map((line) => line.trim().split(/ +/)).filter(([, , flags]) => (Number(flags) & 2) === 2);
    return { ...succeeded('read'), names: entries.map(([address]) => address) };
  };

  // An answer that says "no such name" is an answer: the question went out.
  const ANSWERED = new Set(['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EFORMERR', 'ENOTIMP']);
  const asked = (question) =>
    within((end) => {
      question.then(
        () => end(succeeded('answered')),
        (error) =>
          end(
            ANSWERED.has(error.code)
              ? succeeded(`answered ${error.code}`)
              : error.code === 'ETIMEOUT'
                ? { outcome: 'no-answer' }
                : refused(error),
          ),
      );
      return () => undefined;
    });

  kinds.lookup = ({ name }) => asked(lookup(name));

  kinds.resolve = ({ name, server }) => {
    const resolver = new Resolver({ timeout: 1500, tries: 1 });
    if (server !== undefined) resolver.setServers([server]);
    return asked(resolver.resolveTxt(name));
  };
}

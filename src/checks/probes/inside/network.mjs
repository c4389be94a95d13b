/* global kinds, within, refused, succeeded */
// Direct ways out: TCP, UDP, the system's resolver, another resolver, Unix sockets.
{
  const { createSocket } = await import('node:dgram');
  const { Resolver, lookup } = await import('node:dns/promises');
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
    resolver.setServers([server]);
    return asked(resolver.resolveTxt(name));
  };
}

/* global kinds, input, refused, succeeded, runProgram */
// The file system: what can be read, written, executed.
{
  const fs = await import('node:fs/promises');

  const caught = async (work) => {
    try {
      return succeeded(await work());
    } catch (error) {
      return refused(error);
    }
  };
  const isFolder = async (path) => (await fs.stat(path)).isDirectory();

  kinds.read = ({ path }) =>
    caught(async () => {
      if (await isFolder(path)) return `${(await fs.readdir(path)).length} entries`;
      // Opening it is the success, whatever reading at its beginning gives: nothing can be read there of /proc/1/mem.
      const file = await fs.open(path, 'r');
      try {
        return await file.read(Buffer.alloc(64), 0, 64, 0).then(
          ({ bytesRead }) => `${bytesRead} bytes`,
          (error) => `opened, and reading gives ${error?.code}`,
        );
      } finally {
        await file.close();
      }
    });

  kinds.write = ({ path }) =>
    caught(async () => {
      if (!(await isFolder(path))) {
        await (await fs.open(path, 'r+')).close();
        return 'opened for writing';
      }
      const made = `${path.replace(/\/$/, '')}/.lobsterpot-${input.canary}`;
      await fs.writeFile(made, '', { flag: 'wx' });
      await fs.unlink(made);
      return 'a file was made and removed';
    });

  kinds.execute = async ({ folder }) => {
    const made = `${folder}/.lobsterpot-run-${input.canary}`;
    try {
      await fs.writeFile(made, '#!/bin/sh\nexit 0\n', { flag: 'wx', mode: 0o755 });
    } catch (error) {
      return { ...refused(error), detail: 'not writable either' };
    }
    try {
      return await runProgram([made]);
    } finally {
      await fs.unlink(made);
    }
  };

  kinds.list = async ({ path }) => {
    try {
      return { ...succeeded('listed'), names: await fs.readdir(path) };
    } catch (error) {
      return refused(error);
    }
  };
}

/** Modules that only a gate with routes needs: 8 MiB that any other one never loads. */
export const node = {
  http: (): typeof import('node:http') => process.getBuiltinModule('node:http'),
  tls: (): typeof import('node:tls') => process.getBuiltinModule('node:tls'),
} as const;

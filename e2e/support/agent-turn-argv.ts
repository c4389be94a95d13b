/** What follows OpenClaw's program to ask the agent of a gateway and wait for its answer. */
export function agentTurnArgs(message: string): readonly string[] {
  return ['agent', '--agent', 'main', '--session-id', 'e2e', '--message', message, '--timeout', '60', '--json'];
}

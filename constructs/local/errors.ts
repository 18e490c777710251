/** Something on this machine is missing or failed; the command line ends with exit code 3. */
export class MachineError extends Error {
  /**
   * @param message - got, needed, what to change; lower case, no full stop
   */
  constructor(message: string) {
    super(message);
    this.name = 'MachineError';
  }
}

/** Keeps a session within what its principal may keep in all sessions together. */
export interface FileQuota {
  /**
   * Makes sure that files may grow by so many bytes, which stay promised until disposed.
   * @throws OrchestratorError `output_limit`
   */
  roomFor(bytes: number): Promise<Disposable>;
  /** Gives back what is not needed any more, in the background. @param hasDeleted that there is something, whatever this process knows */
  settle(hasDeleted: boolean): void;
}

/** For a session that shares with no other: its own bounds are enough. */
export const noQuota: FileQuota = { roomFor: async () => ({ [Symbol.dispose]() {} }), settle() {} };

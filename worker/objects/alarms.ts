/** Several alarms of one object, which the platform gives only one. They survive the process. */
export class Alarms<Name extends string> {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Sets an alarm, in place of the one of this name. */
  set(name: Name, at: number): void {
    this.#write({ ...this.#read(), [name]: at });
  }

  isSet(name: Name): boolean {
    return this.#read()[name] !== undefined;
  }

  /** The alarms that are due, which are cleared with this. */
  takeDue(now: number): Name[] {
    const alarms = Object.entries(this.#read());
    const isDue = ([, at]: [string, unknown]) => Number(at) <= now;
    this.#write(Object.fromEntries(alarms.filter((alarm) => !isDue(alarm))) as Partial<Record<Name, number>>);
    return alarms.filter(isDue).map(([name]) => name as Name);
  }

  #read(): Partial<Record<Name, number>> {
    return this.#storage.kv.get<Partial<Record<Name, number>>>(key) ?? {};
  }

  #write(alarms: Partial<Record<Name, number>>): void {
    this.#storage.kv.put(key, alarms);
    const next = Math.min(...Object.values<number | undefined>(alarms).map((at) => at ?? Number.POSITIVE_INFINITY));
    // The object's gates hold back what it sends until these are done.
    void (Number.isFinite(next) ? this.#storage.setAlarm(next) : this.#storage.deleteAlarm());
  }
}

const key = "alarms";

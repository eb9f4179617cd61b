type NumberArray = Int32Array | Float32Array | Float64Array | Uint8Array;

/** A typed array that grows by doubling. */
export class Column<T extends NumberArray> {
  readonly #create: new (length: number) => T;
  #data: T;
  #length = 0;

  constructor(create: new (length: number) => T) {
    this.#create = create;
    this.#data = new create(1024);
  }

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const larger = new this.#create(this.#length * 2);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.#length++] = value;
  }

  /** What was pushed, in an array of its own. */
  toArray(): T {
    return this.#data.slice(0, this.#length) as T;
  }
}

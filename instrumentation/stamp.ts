/** Returns the object that it is given, so that a class derived from it puts its private fields on that. */
const Given = function (given: object): object {
  return given;
} as unknown as new (given: object) => object;

/** A value on objects that are somebody else's. */
export interface Stamp<Value> {
  set(carrier: object, value: Value): void;
  get(carrier: object): Value | undefined;
}

/**
 * A private field on objects of Node or of a package: no property that anybody could list, copy or collide with, and read as fast
 * as one.
 */
export function createStamp<Value>(): Stamp<Value> {
  class Stamped extends Given {
    #value: Value;

    constructor(carrier: object, value: Value) {
      super(carrier);
      this.#value = value;
    }

    static set(carrier: object, value: Value): void {
      if (#value in carrier) carrier.#value = value;
      else new Stamped(carrier, value);
    }

    static get(carrier: object): Value | undefined {
      return #value in carrier ? carrier.#value : undefined;
    }
  }
  return Stamped;
}

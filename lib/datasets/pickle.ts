/**
 * Pickles of plain data: dicts, lists, texts, numbers and NumPy arrays, in protocols 2 to 4, as Python 2 and 3 write
 * them. A pickle is a program for a stack machine that may call any function of Python; this reader knows the few
 * instructions and the four names that such data need, calls nothing, and refuses everything else.
 * Python's `pickletools` documents the instructions, PEP 307 and PEP 3154 the protocols.
 */
import { DatasetError } from "./errors";
import type { NumpyArray } from "./numpy-array";

/** Tuples are arrays too. A dict's keys are texts, also where Python has bytes. */
export type Pickled =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Pickled[]
  | Map<string, Pickled>
  | PickledArray
  | PickledType
  | Name;

/** A NumPy array; empty until the pickle has filled it. */
export class PickledArray implements NumpyArray {
  shape: number[] = [];
  type = "";
  data: Uint8Array = new Uint8Array(0);
}

/** A NumPy type: `u1`, and its byte order once the pickle has said it. */
class PickledType {
  order = "";
  constructor(readonly code: string) {}
}

/** A function or class of Python, by its name. */
class Name {
  constructor(readonly name: string) {}
}

/** For texts that are ASCII in every such pickle: keys, names, types. */
const ascii = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * What the pickle holds.
 * @param file name for errors
 * @throws DatasetError with the position of the first instruction that isn't understood
 */
export function readPickle(file: string, bytes: Uint8Array): Pickled {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: Pickled[] = [];
  /** Heights of the stack at which lists of items begin. */
  const marks: number[] = [];
  const memo = new Map<number, Pickled>();
  let at = 0;
  let encodedBytes = 0;

  const fail = (found: string): never => {
    throw new DatasetError({
      field: file,
      expected: "a pickle of protocol 2 to 4 with dicts, lists, texts, numbers and NumPy arrays",
      found: `${found} at byte ${at} of ${bytes.length}`,
    });
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) fail("the end");
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (width: 1 | 2 | 4): number => {
    const start = at;
    take(width);
    return width === 1 ? view.getUint8(start) : width === 2 ? view.getUint16(start, true) : view.getUint32(start, true);
  };
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    if (end < 0) fail("the end");
    const text = ascii.decode(take(end - at));
    at++;
    return text;
  };
  const unicode = (length: number): string => {
    const taken = take(length);
    try {
      return utf8.decode(taken);
    } catch {
      return fail("a text that isn't UTF-8");
    }
  };
  const pop = (): Pickled => {
    if (stack.length === (marks.at(-1) ?? 0)) fail("nothing on the stack");
    return stack.pop()!;
  };
  const top = (): Pickled => {
    if (stack.length === (marks.at(-1) ?? 0)) fail("nothing on the stack");
    return stack.at(-1)!;
  };
  const popToMark = (): Pickled[] => stack.splice(marks.pop() ?? fail("the end of a list without its beginning"));
  const tuple = (length: number) => () => {
    const items = Array.from({ length }, pop).reverse();
    stack.push(items);
  };
  const text = (value: Pickled | undefined): string => {
    if (typeof value === "string") return value;
    return value instanceof Uint8Array && value.length <= 100
      ? ascii.decode(value)
      : fail("something for a short text");
  };

  const append = (items: readonly Pickled[]) => {
    const list = top();
    if (!Array.isArray(list)) return fail("items for what is no list");
    for (const item of items) list.push(item);
  };
  const setItems = (items: readonly Pickled[]) => {
    const dict = top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) return fail("keys and values for what is no dict");
    for (let i = 0; i < items.length; i += 2) dict.set(text(items[i]), items[i + 1]!);
  };
  const name = (module: string, attribute: string) => {
    const full = `${module.replace("numpy._core.", "numpy.core.")}.${attribute}`;
    if (!["numpy.core.multiarray._reconstruct", "numpy.ndarray", "numpy.dtype", "_codecs.encode"].includes(full))
      fail(`the name ${JSON.stringify(full.slice(0, 100))}`);
    stack.push(new Name(full));
  };
  const latin1Bytes = (characters: string): Uint8Array => {
    const encoded = new Uint8Array(characters.length);
    for (let i = 0; i < characters.length; i++) {
      const character = characters.charCodeAt(i);
      if (character > 255) fail("a character that Latin-1 lacks");
      encoded[i] = character;
    }
    return encoded;
  };
  /** What a call of one of the names gives. */
  const reduce = () => {
    const args = pop();
    const callee = pop();
    if (!(callee instanceof Name) || !Array.isArray(args)) return fail("a call of what is no function");
    switch (callee.name) {
      case "_codecs.encode": {
        const [characters] = args;
        if (typeof characters !== "string" || text(args[1]) !== "latin1") return fail("bytes in another encoding");
        encodedBytes += characters.length;
        if (encodedBytes > bytes.length) fail("the same bytes again and again");
        return stack.push(latin1Bytes(characters));
      }
      case "numpy.dtype":
        return stack.push(new PickledType(text(args[0])));
      case "numpy.core.multiarray._reconstruct":
        return stack.push(new PickledArray());
      default:
        return fail(`a call of ${callee.name}`);
    }
  };
  /** Fills a NumPy array or type with its state, a tuple. */
  const build = () => {
    const state = pop();
    const target = top();
    if (target instanceof PickledType && Array.isArray(state)) {
      target.order = text(state[1]);
    } else if (target instanceof PickledArray && Array.isArray(state)) {
      const [, shape, type, columnsFirst, data] = state;
      const isShape = (value: unknown): value is number[] =>
        Array.isArray(value) &&
        value.length <= 8 &&
        value.every((dimension) => typeof dimension === "number" && dimension >= 0);
      if (!isShape(shape) || !(type instanceof PickledType) || !(data instanceof Uint8Array))
        return fail("an array without shape, type or bytes");
      if (columnsFirst === true || (typeof columnsFirst === "number" && columnsFirst !== 0))
        fail("an array column by column (Fortran order)");
      Object.assign(target, { shape, type: type.order + type.code, data });
    } else fail("a state for what is no NumPy array");
  };

  const push = (value: () => Pickled) => () => stack.push(value());
  const instructions: Readonly<Record<string, () => unknown>> = {
    "\x80": () => {
      const protocol = number(1);
      if (protocol < 2 || protocol > 4) fail(`protocol ${protocol}`);
    },
    "\x95": () => take(8), // FRAME: a hint for readers of streams
    "(": () => marks.push(stack.length),
    N: push(() => null),
    "\x88": push(() => true),
    "\x89": push(() => false),
    K: push(() => number(1)),
    M: push(() => number(2)),
    J: push(() => number(4) | 0),
    U: push(() => take(number(1))),
    T: push(() => take(number(4))),
    C: push(() => take(number(1))),
    B: push(() => take(number(4))),
    X: push(() => unicode(number(4))),
    "\x8c": push(() => unicode(number(1))),
    "]": push(() => []),
    ")": push(() => []),
    "}": push(() => new Map()),
    t: push(popToMark),
    "\x85": tuple(1),
    "\x86": tuple(2),
    "\x87": tuple(3),
    a: () => append([pop()]),
    e: () => append(popToMark()),
    s: () => setItems([pop(), pop()].reverse()),
    u: () => setItems(popToMark()),
    q: () => memo.set(number(1), top()),
    r: () => memo.set(number(4), top()),
    "\x94": () => memo.set(memo.size, top()),
    h: push(() => remembered(number(1))),
    j: push(() => remembered(number(4))),
    c: () => name(line(), line()),
    "\x93": () => {
      const attribute = text(pop());
      name(text(pop()), attribute);
    },
    R: reduce,
    b: build,
  };
  function remembered(index: number): Pickled {
    const value = memo.get(index);
    return value === undefined ? fail(`nothing remembered under ${index}`) : value;
  }

  if (bytes[0] !== 0x80) fail("something else");
  for (;;) {
    const instruction = String.fromCharCode(number(1));
    if (instruction === ".") break;
    const run = instructions[instruction];
    if (!run) return fail(`the instruction ${JSON.stringify(instruction)} `);
    run();
  }
  const result = pop();
  if (stack.length > 0 || marks.length > 0 || at !== bytes.length) fail("more than one value");
  return result;
}

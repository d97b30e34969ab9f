// What a script finds besides the language: `execution`, BpmnError, and a console that keeps quiet. The whole is one function that runs
// a script over a copy of the variables and answers with JSON: its value and what it changed, or how it failed.
(function () {
  "use strict";
  const indirect = globalThis.eval;
  const { parse, stringify: json } = JSON;
  const hidden = new Map(); // variables whose names belong to the language: only getVariable reaches them
  const by = new Map(); // name → the method of `execution` that touched it last
  const MAX_DEPTH = 100;

  class BpmnError extends Error {
    constructor(code, message) {
      super(message === undefined ? "" : String(message));
      this.code = this.errorCode = String(code);
    }
  }
  BpmnError.prototype.name = "BpmnError";

  function nothing() {}

  // halves of a character, which no database takes, become the sign for what is unknown
  const stringify = (value) => json(typeof value === "string" ? value.toWellFormed() : value);

  const execution = {};
  const own = {
    execution,
    BpmnError,
    org: { camunda: { bpm: { engine: { delegate: { BpmnError } } } } },
    print: nothing,
    console: { log: nothing, info: nothing, warn: nothing, error: nothing, debug: nothing },
  };
  for (const [name, value] of Object.entries(own)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const builtIn = new Set([...Object.getOwnPropertyNames(globalThis), "__proto__"]);

  const has = (name) => (builtIn.has(name) ? hidden.has(name) : Object.hasOwn(globalThis, name));
  const get = (name) => (builtIn.has(name) ? hidden.get(name) : globalThis[name]);
  const names = () => [...Object.keys(globalThis).filter((name) => !builtIn.has(name)), ...hidden.keys()];

  function set(name, value) {
    if (builtIn.has(name)) hidden.set(name, value);
    else globalThis[name] = value;
  }

  function remove(name) {
    if (builtIn.has(name)) hidden.delete(name);
    else delete globalThis[name];
  }

  const reads = {
    getVariable: (name) => (has(name) ? (get(name) ?? null) : null),
    hasVariable: has,
    getVariables: () => Object.fromEntries(names().map((name) => [name, get(name)])),
    getVariableNames: names,
  };
  Object.assign(execution, reads, { getVariableLocal: reads.getVariable, hasVariableLocal: has, getVariablesLocal: reads.getVariables });

  for (const method of ["setVariable", "setVariableLocal", "setTransientVariable", "setVariableLocalTransient"]) {
    execution[method] = (name, value) => {
      by.set(String(name), method);
      set(String(name), value ?? null);
    };
  }
  execution.setVariables = (values) => Object.entries(values).forEach(([name, value]) => execution.setVariable(name, value));
  for (const method of ["removeVariable", "removeVariableLocal"]) {
    execution[method] = (name) => {
      by.set(String(name), "removeVariable");
      remove(String(name));
    };
  }

  // JSON of any value: dates as ISO text, big integers with all their digits, nothing for what JSON has not
  function written(value, depth = 0) {
    if (depth > MAX_DEPTH) throw new RangeError(`a value is nested more than ${MAX_DEPTH} levels deep, or contains itself`);
    if (typeof value === "bigint") return value.toString();
    if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
    if (value === null || ["undefined", "function", "symbol"].includes(typeof value)) return "null";
    if (typeof value !== "object") return stringify(value);
    if (typeof value.toJSON === "function") return written(value.toJSON(), depth + 1);
    if ([Number, String, Boolean, BigInt].some((kind) => value instanceof kind)) return written(value.valueOf(), depth + 1);
    if (value instanceof Map) return written(Object.fromEntries(value), depth + 1);
    if (value instanceof Set || ArrayBuffer.isView(value)) return written([...value], depth + 1);
    if (Array.isArray(value)) return `[${Array.from(value, (item) => written(item, depth + 1)).join()}]`;
    return object(Object.keys(value).filter((key) => !["undefined", "function"].includes(typeof value[key])), (key) => written(value[key], depth + 1));
  }

  const object = (keys, text) => `{${keys.map((key) => `${stringify(key)}:${text(key)}`).join()}}`;

  function begin(given, facts) {
    for (const [name, value] of Object.entries(indirect(given))) set(name, value);
    for (const [method, value] of Object.entries(parse(facts))) {
      execution[method] = () => value;
      execution[method[3].toLowerCase() + method.slice(4)] = value;
    }
    return new Map(names().map((name) => [name, written(get(name))]));
  }

  function changes(before) {
    const changed = Object.create(null);
    for (const name of names()) {
      const value = get(name);
      const kept = by.has(name) || before.has(name) || (!name.startsWith("_") && value !== undefined);
      const text = kept && typeof value !== "function" ? written(value) : before.get(name);
      if (by.has(name) || text !== before.get(name)) changed[name] = text;
    }
    return changed;
  }

  // what a script may have put there would change the answer itself
  function forget() {
    for (const kind of [Object, Array, String, Number, Boolean, BigInt, Function]) delete kind.prototype.toJSON;
  }

  function failure(error) {
    forget();
    if (error instanceof BpmnError) return stringify({ bpmn: [error.code, error.message] });
    const named = error instanceof Error;
    const message = named ? `${error.name}: ${error.message}` : `The script threw ${written(error)}`;
    return stringify({ error: message, stack: named ? String(error.stack) : "" });
  }

  return function run(source, given, facts) {
    const before = begin(given, facts);
    try {
      const result = indirect(source);
      forget();
      const value = written(result);
      const changed = changes(before);
      const removed = [...before.keys()].filter((name) => !has(name));
      const methods = stringify(Object.fromEntries(by));
      return `{"value":${value},"changed":${object(Object.keys(changed), (name) => changed[name])},"removed":${stringify(removed)},"by":${methods}}`;
    } catch (error) {
      return failure(error);
    }
  };
})()

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

  // Camunda's Spin: JSON as nodes that are read, and changed, by methods
  const data = (value) => (value instanceof SpinNode ? value.value() : value);
  class SpinNode {
    #data;
    constructor(value) { this.#data = value; }
    prop(name, ...given) {
      if (given.length) {
        this.#data[name] = data(given[0]);
        return this;
      }
      if (!this.hasProp(name)) throw new Error(`The JSON has no property '${name}'`);
      return new SpinNode(this.#data[name]);
    }
    hasProp(name) { return this.isObject() && Object.hasOwn(this.#data, name); }
    deleteProp(name) { delete this.#data[name]; return this; }
    append(value) { this.#data.push(data(value)); return this; }
    elements() { return this.#data.map((item) => new SpinNode(item)); }
    fieldNames() { return Object.keys(this.#data); }
    isArray() { return Array.isArray(this.#data); }
    isObject() { return this.#data !== null && typeof this.#data === "object" && !this.isArray(); }
    isNull() { return this.#data === null; }
    value() { return this.#data; }
    stringValue() { return String(this.#data); }
    numberValue() { return Number(this.#data); }
    boolValue() { return Boolean(this.#data); }
    toString() { return json(this.#data); }
    toJSON() { return this.#data; }
  }
  const S = (value) => new SpinNode(typeof value === "string" ? parse(value) : data(value));

  // variables are Java's lists, maps and texts for scripts that were written for an engine in Java
  const JAVA = [
    [Array, {
      size() { return this.length; }, get(index) { return this[index] ?? null; }, isEmpty() { return !this.length; },
      contains(item) { return this.includes(item); }, add(item) { this.push(item); return true; },
    }],
    [String, {
      equals(other) { return String(this) === other; }, contains(part) { return this.includes(part); }, isEmpty() { return !this.length; },
      equalsIgnoreCase(other) { return this.toLowerCase() === String(other).toLowerCase(); },
    }],
  ];
  for (const [kind, methods] of JAVA) {
    for (const [name, value] of Object.entries(methods)) Object.defineProperty(kind.prototype, name, { value, configurable: true, writable: true });
  }

  const execution = {};
  const told = []; // what a script tells its user task: methods and their arguments
  const own = {
    execution,
    S,
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

  // the user task: it has the variables of `execution`, and what it is told is carried out when the script is through
  function offerTask({ facts, methods }) {
    const task = { ...execution, execution, getExecution: () => execution };
    for (const method of methods) task[method] = (...args) => void told.push([method, args]);
    for (const [getter, value] of Object.entries(facts)) {
      let now = value;
      const name = getter.slice(3);
      const property = name[0].toLowerCase() + name.slice(1);
      const write = (given) => {
        now = given;
        if (methods.includes(`set${name}`)) told.push([`set${name}`, [given]]);
      };
      task[getter] = () => now;
      Object.defineProperty(task, property, { get: () => now, set: write });
      if (methods.includes(`set${name}`)) task[`set${name}`] = write;
    }
    Object.defineProperty(globalThis, "task", { value: task, configurable: true, writable: true });
    builtIn.add("task");
  }

  function begin(given, facts) {
    const known = parse(facts);
    if (known.task) offerTask(known.task);
    for (const [name, value] of Object.entries(indirect(given))) set(name, value);
    for (const [method, value] of Object.entries(known.execution)) {
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
      return `{"value":${value},"changed":${object(Object.keys(changed), (name) => changed[name])},"removed":${stringify(removed)},"by":${methods},"told":${written(told)}}`;
    } catch (error) {
      return failure(error);
    }
  };
})()

/* Plate codes and seals of certificates, read and verified on the phone: the same rules as qr/.
   A classic script, so that pages and the service worker share it: it defines `plates`. */
(function (scope) {
  "use strict";
  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const VALUES = new Map([...ALPHABET].map((each, value) => [each, BigInt(value)]));
  const CLAIM = "place-registry/plate-claim/v1\n";
  const CERTIFICATE = "place-registry/address-certificate/v1\n";
  const REVOCATION = "place-registry/plate-revocation/v1\n";
  const REVOCATIONS = "place-registry/plate-revocations/v1\n";
  const EPOCH_MS = Date.UTC(2000, 0, 1);
  const SIGNATURE = 64;
  const text = new TextEncoder();

  const join = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return whole;
  };
  const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
  const hexOf = (bytes) => [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  const bigOf = (bytes) => BigInt("0x" + (hexOf(bytes) || "0"));
  const toBytes = (number, size) => bytesOf(number.toString(16).padStart(2 * size, "0"));

  function tidied(given) {
    return given.normalize("NFKC").toUpperCase().replace(/[\s-]/g, "")
      .replace(/O/g, "0").replace(/[IL]/g, "1");
  }

  function numberOf(code) {
    let number = 0n;
    for (const each of code) {
      if (!VALUES.has(each)) return null;
      number = number << 5n | VALUES.get(each);
    }
    return number;
  }

  function rawOf(code) {
    const size = Math.floor(5 * code.length / 8), padding = BigInt(5 * code.length - 8 * size);
    const number = numberOf(code);
    if (number === null || Math.ceil(8 * size / 5) !== code.length) return null;
    if (number & ((1n << padding) - 1n)) return null;
    return toBytes(number >> padding, size);
  }

  /* The twelve characters of an address: ten of its number, two of a Reed-Solomon code. */
  function times(left, right) {
    let product = 0;
    for (; right; right >>= 1) {
      if (right & 1) product ^= left;
      left <<= 1;
      if (left & 32) left ^= 0b100101;
    }
    return product;
  }
  const power = (exponent) => { let value = 1; while (exponent--) value = times(value, 2); return value; };
  const spread = power(10) ^ power(11);
  const inverse = [...Array(32).keys()].find((other) => times(spread, other) === 1);
  function addressCode(number) {
    let plain = 0, weighted = 0, code = "";
    for (let at = 0; at < 10; at++) {
      const value = Number(number >> BigInt(45 - 5 * at) & 31n);
      code += ALPHABET[value];
      plain ^= value;
      weighted ^= times(power(at), value);
    }
    const last = times(inverse, weighted ^ times(power(10), plain));
    return code + ALPHABET[plain ^ last] + ALPHABET[last];
  }

  const dayOf = (days) => new Date(EPOCH_MS + days * 86400000).toISOString().slice(0, 10);
  const signed24 = (view, at) => (view.getInt8(at) << 16) | view.getUint16(at + 1);

  function readText(bytes) {
    try { return new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { return null; }
  }

  function readClaim(body) {
    if (body.length < 19 || body[0] !== 1) return null;
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const placed = body[17], rest = placed ? 24 : 18;
    if (placed > 1 || body[16] < 1 || body[16] > 3 || body.length !== rest + 1 + body[rest]) return null;
    const shown = readText(body.subarray(rest + 1)), serial = view.getUint16(12);
    const number = bigOf(body.subarray(5, 12));
    if (shown === null || shown !== shown.normalize("NFC") || !serial || serial > 511 || number >> 50n) return null;
    return {
      keyId: hexOf(body.subarray(1, 5)), number, serial, day: dayOf(view.getUint16(14)),
      kind: ["small", "medium", "large"][body[16] - 1], text: shown,
      position: placed ? [signed24(view, 18) / 1e4, signed24(view, 21) / 1e4] : null,
    };
  }

  function readCertificate(body) {
    if (body.length < 55 || body[0] !== 193 || body.length !== 55 + body[54]) return null;
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const shown = readText(body.subarray(55)), number = bigOf(body.subarray(5, 12));
    if (shown === null || shown !== shown.normalize("NFC") || number >> 50n) return null;
    return {
      keyId: hexOf(body.subarray(1, 5)), number, text: shown, at: dayOf(signed24(view, 12)),
      issued: dayOf(signed24(view, 15)), change: view.getUint32(18), digest: hexOf(body.subarray(22, 54)),
    };
  }

  /* What a camera read, or somebody typed: {form, number, address, …}, or null. */
  function read(given) {
    let code = given.trim(), mark = "";
    if (code.includes("/")) {
      const found = /\/([PC])\/([^/?#]+)$/i.exec(code.replace(/[?#].*$/, ""));
      if (!found) return null;
      mark = found[1].toUpperCase();
      try { code = decodeURIComponent(found[2]); } catch { return null; }
    }
    const body = tidied(code);
    if (!body || body.length > 700) return null;
    if (body.length === 19 && mark !== "C") {
      const number = numberOf(body.slice(0, 10)), trailer = numberOf(body.slice(10));
      if (number === null || trailer === null || !(trailer >> 36n)) return null;
      return { form: "short", code: body, number, address: addressCode(number), serial: Number(trailer >> 36n) };
    }
    const raw = rawOf(body);
    if (raw === null || raw.length <= SIGNATURE) return null;
    const claimed = raw.subarray(0, -SIGNATURE), signature = raw.subarray(-SIGNATURE);
    const form = claimed[0] === 193 ? "certificate" : "signed";
    if (mark && (mark === "C") !== (form === "certificate")) return null;
    const claim = form === "signed" ? readClaim(claimed) : readCertificate(claimed);
    if (claim === null) return null;
    return { form, code: body, ...claim, address: addressCode(claim.number), claimed, signature };
  }

  async function nativeVerify(key, signature, message) {
    const made = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "Ed25519" }, made, signature, message);
  }

  /* Whether this browser knows Ed25519 by itself. */
  async function native() {
    try {
      const base = bytesOf("5866666666666666666666666666666666666666666666666666666666666666");
      await crypto.subtle.importKey("raw", base, { name: "Ed25519" }, false, ["verify"]);
      return true;
    } catch { return false; }
  }

  async function ed25519(key, signature, message) {
    if (await native()) return nativeVerify(key, signature, message);
    const noble = await import(scope.plates.fallback);
    return noble.verifyAsync(signature, message, key);
  }

  async function sha256(bytes) { return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)); }

  function keyOf(keys, keyId) {
    return (keys || []).find((one) => one.purpose === "signature" && one.key_id === keyId);
  }

  /* Whether a list of plates called back is the issuer's own. */
  async function listIsGenuine(list, keys) {
    const key = list && keyOf(keys, list.key_id);
    if (!key || !list.signature) return false;
    const body = Uint8Array.from(atob(list.set), (each) => each.charCodeAt(0));
    const message = join(text.encode(REVOCATIONS), toBytes(BigInt(list.count), 4), body);
    return ed25519(bytesOf(key.public), bytesOf(list.signature), message);
  }

  async function calledBack(list, number, serial) {
    if (!list || !list.count) return false;
    const plate = join(text.encode(REVOCATION), toBytes(number, 7), toBytes(BigInt(serial), 2));
    const first = bigOf((await sha256(plate)).subarray(0, 8));
    const wanted = first * (BigInt(list.count) << BigInt(list.parameter)) >> 64n;
    const body = atob(list.set), bits = body.length * 8;
    const bit = (at) => body.charCodeAt(at >> 3) >> (7 - (at & 7)) & 1;
    let at = 0, value = 0n;
    while (at < bits) {
      let ones = 0;
      while (at < bits && bit(at)) { ones++; at++; }
      at++;
      if (at + list.parameter > bits) return false;
      let step = BigInt(ones);
      for (let n = 0; n < list.parameter; n++) step = step << 1n | BigInt(bit(at++));
      value += step;
      if (value >= wanted) return value === wanted;
    }
    return false;
  }

  /* Judge what was read: genuine, forged, revoked, unknown, short. */
  async function judge(found, trust) {
    if (!found) return "unknown";
    if (found.form === "short") return "short";
    const key = keyOf(trust.keys, found.keyId);
    if (!key || key.revoked_at) return "unknown";
    const domain = found.form === "signed" ? CLAIM : CERTIFICATE;
    const message = join(text.encode(domain), found.claimed);
    if (!await ed25519(bytesOf(key.public), found.signature, message)) return "forged";
    if (found.form === "certificate") return "genuine";
    const list = await listIsGenuine(trust.revocations, trust.keys) ? trust.revocations : null;
    if (!list) return "unknown";
    return await calledBack(list, found.number, found.serial) ? "revoked" : "genuine";
  }

  async function trust() {
    const get = async (path) => (await fetch(path)).json();
    const [keys, revocations] = await Promise.all([get("/v1/plates/keys"), get("/v1/plates/revocations")]);
    return { keys: keys.keys, revocations };
  }

  /* The one form of a certificate's document that is hashed: keys in order, no spaces. */
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }

  async function judgeDocument(file, trusted) {
    const found = read(String(file.seal || ""));
    if (!found || found.form !== "certificate") return ["unknown", null];
    const digest = hexOf(await sha256(text.encode(canonical(file.certificate))));
    return [digest === found.digest ? await judge(found, trusted) : "forged", found];
  }

  scope.plates = { read, judge, judgeDocument, trust, native, addressCode, fallback: "/assets/noble/ed25519.js" };
})(self);

/* The camera on the verification page: what it reads is handed to the page, which verifies it. */
(function () {
  "use strict";
  const button = document.getElementById("camera"), view = document.getElementById("camera-view");
  const place = document.getElementById("place");
  if (place && navigator.geolocation) {
    place.closest("p").hidden = false;
    place.addEventListener("change", () => {
      const fields = ["lon", "lat"].map((name) => document.getElementById(name));
      for (const field of fields) field.disabled = true;
      if (!place.checked) return;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          fields[0].value = coords.longitude.toFixed(5);
          fields[1].value = coords.latitude.toFixed(5);
          for (const field of fields) field.disabled = false;
        },
        () => { place.checked = false; },
        { enableHighAccuracy: true, timeout: 15000 },
      );
    });
  }
  if (!button || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
  document.getElementById("camera-card").hidden = false;
  const video = view.querySelector("video");
  let stream = null;

  async function reader() {
    if ("BarcodeDetector" in self) {
      const known = await BarcodeDetector.getSupportedFormats().catch(() => []);
      if (known.includes("qr_code")) {
        const detector = new BarcodeDetector({ formats: ["qr_code"] });
        return async () => ((await detector.detect(video))[0] || {}).rawValue;
      }
    }
    const { decodeQR } = await import("/assets/qr/decode.js");
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    return async () => {
      const scale = Math.min(1, 900 / Math.max(video.videoWidth, video.videoHeight));
      canvas.width = video.videoWidth * scale;
      canvas.height = video.videoHeight * scale;
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      try { return decodeQR(pen.getImageData(0, 0, canvas.width, canvas.height)); } catch { return undefined; }
    };
  }

  function stop() {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = null;
    view.hidden = true;
    button.hidden = false;
    button.focus();
  }

  button.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      view.hidden = false;
      button.hidden = true;
      await video.play();
      const readOnce = await reader();
      while (stream) {
        const found = video.videoWidth ? await readOnce() : undefined;
        if (found) {
          stop();
          document.getElementById("code").value = found;
          document.getElementById("typed").requestSubmit();
          return;
        }
        await new Promise((next) => setTimeout(next, 120));
      }
    } catch {
      stop();
      document.getElementById("camera-failed").hidden = false;
    }
  });
  document.getElementById("camera-stop").addEventListener("click", stop);
})();

// Send one picture with its options; fetch cannot report how far an upload is, XMLHttpRequest can.
export function upload(url, body, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded, total));
    request.addEventListener("load", () => resolve({
      status: request.status,
      html: request.responseText,
      location: request.getResponseHeader("Location"),
      redirect: request.getResponseHeader("HX-Redirect"),
    }));
    request.addEventListener("error", () => reject(new Error("The connection broke.")));
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

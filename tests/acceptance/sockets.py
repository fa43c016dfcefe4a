"""Scripts that open and watch the sockets of pictures in a page."""

# Keeps the code of every socket that closes.
WATCH_SOCKETS = """
window.__closed = [];
window.WebSocket = class extends WebSocket {
  constructor(...all) {
    super(...all);
    this.addEventListener("close", ({ code }) => window.__closed.push(code));
  }
};
"""

# Opens a ticket's socket as the wall does: what it says first, its pictures (base64), and the code of its close.
OPEN = """([url, token, pictures]) => new Promise(done => {
  const socket = new WebSocket(`${url}?ticket=${token}`), got = [];
  let said = null;
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") said ??= JSON.parse(data);
    else got.push(btoa([...new Uint8Array(data, 9)].map(byte => String.fromCharCode(byte)).join("")));
    if (got.length >= pictures) { done({ said, got, code: null }); socket.close(); }
  };
  socket.onclose = ({ code }) => done({ said, got, code });
})"""

# Opens one and leaves it open, once it has said something.
HOLD = "([url, token]) => new Promise(done => (new WebSocket(`${url}?ticket=${token}`).onmessage = () => done()))"

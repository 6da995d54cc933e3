// The program comes compressed, whatever the host does, and is unpacked here.
const load = async () => {
  document.body.classList.add("starting");
  try {
    const go = new Go(), response = await fetch("stage.wasm.gzip");
    if (!response.ok) throw new Error(`the host says ${response.status}`);
    const unpacked = new Response(response.body.pipeThrough(new DecompressionStream("gzip")), {headers: {"Content-Type": "application/wasm"}});
    const {instance} = await WebAssembly.instantiateStreaming(unpacked, go.importObject);
    go.run(instance); // the program's functions are there when it first waits
    start();
  } catch (failure) {
    byID("loading").textContent = `The simulator could not be loaded: ${failure.message}`;
    throw failure;
  }
};
load();

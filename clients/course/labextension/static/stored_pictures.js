// A JupyterLab extension, written by hand in the form that JupyterLab's module loader expects, so that it needs no build. It is
// installed with the project (pyproject.toml: shared-data); after a change here, run `pip install -e .` again.
//
// 1. A widget whose kernel has ended shows the picture stored beside it and says how to continue. JupyterLab alone says
//    "Error displaying widget: model not found" or "Loading widget...".
// 2. A picture gets the alternative text from its metadata: {"image/png": {"alt": "..."}}. nbconvert reads it; JupyterLab does not.
// 3. A message from memory_limit.py is shown until it is closed. It belongs to no cell, so JupyterLab alone would not show it.

(() => {
  const PICTURE = "image/png", WIDGET = "application/vnd.jupyter.widget-view+json";
  const FROM_MEMORY_LIMIT = "memory limit";      // memory_limit.py: FROM_HERE
  const HOW_TO_GO_ON = "To go on, run the notebook again from its first cell: menu Run, Run All Cells.";

  /** Return the stored picture of an output as an <img>, or null if there is none. */
  function picture({ data, metadata }) {
    if (!data[PICTURE]) return null;
    const image = document.createElement("img"), { width, alt } = metadata[PICTURE] ?? {};
    image.src = `data:${PICTURE};base64,${data[PICTURE]}`;
    image.alt = alt ?? "";
    if (width) image.width = width;
    image.style.maxWidth = "100%";
    return image;
  }

  function describe(renderer, { metadata }) {
    const image = renderer.node.querySelector("img"), alt = metadata[PICTURE]?.alt;
    if (image && alt) image.alt = alt;
  }

  function showStored(renderer, model) {
    const { node } = renderer;
    if (node.childElementCount) return;           // the widget is alive
    const note = document.createElement("p"), image = picture(model);
    note.textContent = `${image ? "This is the stored picture" : "A panel belongs here"}: the kernel behind it is no longer running. ${HOW_TO_GO_ON}`;
    node.replaceChildren(...(image ? [image, note] : [note]));
  }

  function dress(renderer, mimeType) {
    const render = renderer.renderModel.bind(renderer);
    const action = mimeType === WIDGET ? showStored : describe;
    renderer.renderModel = async (model) => {
      await render(model);
      action(renderer, model);
    };
    return renderer;
  }

  const plugin = {
    id: "server-models-course:stored-pictures",
    autoStart: true,
    activate(app) {
      app.docRegistry.addWidgetExtension("Notebook", {
        createNew({ content: { rendermime } }, { sessionContext }) {
          sessionContext.iopubMessage.connect((_, { parent_header, content }) => {
            if (parent_header.msg_id !== FROM_MEMORY_LIMIT) return;
            app.commands.execute("apputils:notify", { message: content.text, type: "warning", options: { autoClose: false } });
          });
          const create = rendermime.createRenderer.bind(rendermime);
          rendermime.createRenderer = (mimeType) =>
            mimeType === WIDGET || mimeType === PICTURE ? dress(create(mimeType), mimeType) : create(mimeType);
        },
      });
    },
  };

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["server-models-course"] = { init() {}, get: async () => () => ({ __esModule: true, default: plugin }) };
})();

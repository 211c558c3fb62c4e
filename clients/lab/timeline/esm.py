"""The timeline's view as one ES module, as anywidget requires, joined from the small modules in view/."""

import re
from pathlib import Path

FOLDER = Path(__file__).with_name("view")
_MODULES = "words", "store", "viewport", "brush", "painter", "legend", "tip", "status"  # each imports only from earlier ones
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (\{[^}]*\});$", re.MULTILINE)


def module() -> str:
    """Return the source of the whole view.

    Each file is an ordinary ES module, which Node and a browser can also load on its own. Here its text becomes the body of a
    function with the file's name, so that names stay private: its last line, `export { a };`, becomes `return { a };`, and
    `import { a } from "./file.js";` becomes `const { a } = file;`. view.js comes last, not wrapped, with the default export.
    """
    return "\n".join([*map(_as_function, _MODULES), _with_imports("view")])


def script() -> str:
    """Return the view for a page without a kernel: it defines showRecording(timelines, recording, element), and timelines to pass."""
    player = _as_function("player") + "const { showRecording } = player;\n"
    return module().replace("export default ", "const timelines = ") + player


def style() -> str:
    return (FOLDER / "timeline.css").read_text(encoding="utf-8")


def _as_function(name):
    body = _EXPORT.sub(r"return \1;", _with_imports(name))
    return f"const {name} = (() => {{\n{body}}})();\n"


def _with_imports(name):
    return _IMPORT.sub(r"const \1 = \2;", (FOLDER / f"{name}.js").read_text(encoding="utf-8"))

"""show("tcp_fork"): a server's source exactly as it runs, highlighted."""

import difflib
import html
import inspect
import itertools
from pathlib import Path

from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String

from servers import catalogue
from servers.runtime import Server

HERE = Path(__file__).resolve().parents[3]

# The colours of JupyterLab's own editor, which follow its theme. The fallback for other viewers is
# readable on a white page and on a black one.
COLOURS = {
    Keyword: ("keyword", "#0a8a3a"),
    Operator.Word: ("keyword", "#0a8a3a"),
    Name.Function: ("def", "#3b78e7"),
    Name.Class: ("def", "#3b78e7"),
    Name.Decorator: ("meta", "#a05ad0"),
    Name.Builtin: ("builtin", "#0a8a3a"),
    Number: ("number", "#0a8a3a"),
    String: ("string", "#c8504f"),
    Comment: ("comment", "#5f8787"),
}
BOX = (
    "margin: 0; padding: 4px 0; font-size: var(--jp-code-font-size, 13px); line-height: 1.4; "
    "white-space: pre; background: none; overflow-x: auto"
)
MARGIN = "opacity: 0.5; user-select: none"  # line numbers are visible but not copied


def show(what):
    """Return the Source of a catalogue name, a script's path, a Server, or a function, class or module.

    Raises UnknownServer for a name that is not in the catalogue.
    """
    if inspect.isroutine(what) or inspect.isclass(what) or inspect.ismodule(what):
        text, first = inspect.getsource(what), inspect.getsourcelines(what)[1] or 1
        title = what.__name__ if inspect.ismodule(what) else f"{what.__module__}.{what.__qualname__}"
        return Source(text, title, first)
    if isinstance(what, Server):
        return Source(what.source, what.name) if what.source else _of_file(what.path)
    if isinstance(what, Path) or (what not in catalogue and Path(what).is_file()):
        return _of_file(Path(what))
    return _of_file(catalogue[what].path)  # for an unknown name, the error suggests similar ones


def _of_file(path):
    """Return the source of a file; the title is its path inside this project, without the folders of this machine."""
    path = path.resolve()
    title = str(path.relative_to(HERE)) if path.is_relative_to(HERE) else path.name
    return Source(path.read_text(encoding="utf-8"), title)


def edited(program, changes):
    """Return the source of a program (text or a Server) with changes applied, and print them as a diff.

    changes: {old text: new text}. Raises ValueError if an old text is not in the program.
    """
    before = program.source if isinstance(program, Server) else program
    after = before
    for old, new in changes.items():
        if old not in after:
            raise ValueError(f"the program has no {old!r}")
        after = after.replace(old, new)
    lines = (text.strip("\n").splitlines() for text in (before, after))
    print(*[line for line in difflib.unified_diff(*lines, n=0, lineterm="") if line[:2] not in ("--", "++", "@@")], sep="\n")
    return after


class Source:
    """A piece of Python source; at the end of a cell it is shown with line numbers and colours."""

    def __init__(self, text, title, first=1):
        self.text = text
        self.title = title
        self.first = first  # number of the first line in its file

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.text.rstrip("\n")

    def _repr_html_(self):
        lines = _coloured(self.text).rstrip("\n").split("\n")
        width = len(str(self.first + len(lines) - 1))
        numbered = zip(itertools.count(self.first), lines)
        body = "\n".join(f'<span style="{MARGIN}">{number:{width}}</span>  {line}' for number, line in numbered)
        return f'<div><code>{html.escape(self.title)}</code><pre style="{BOX}">{body}</pre></div>'


def _coloured(text):
    """Return Python source as HTML; a token of several lines gets a span for each line."""
    pieces = []
    for token, value in PythonLexer(stripnl=False).get_tokens(text):
        style = _style_of(token)
        for line in value.splitlines(keepends=True):
            bare = line.removesuffix("\n")
            end = line[len(bare) :]
            escaped = html.escape(bare, quote=False)
            pieces.append((f'<span style="{style}">{escaped}</span>' if style and bare.strip() else escaped) + end)
    return "".join(pieces)


def _style_of(token):
    """Return the style of a token type, or of its nearest ancestor that has one."""
    while token is not None:
        if token in COLOURS:
            name, plain = COLOURS[token]
            return f"color: var(--jp-mirror-editor-{name}-color, {plain})"
        token = token.parent
    return ""

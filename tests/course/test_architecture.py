"""The architecture: which module may import which, which may use widgets, and that each package's docstring lists its modules."""

import ast
import re
from fnmatch import fnmatch

import pytest
from support import REPOSITORY

MODULES = {
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("servers", "clients")
    for path in sorted((REPOSITORY / folder).rglob("*.py"))
    if "public" not in path.parts
}
PACKAGES = [name for name, path in MODULES.items() if path.name == "__init__.py"]
# Each may import from itself and from those before it; a name includes everything in its package.
LAYERS = "servers", "clients", "clients.examiner", "clients.lab", "clients.course"
LAB_LAYERS = (
    {"clients.lab.ui"},
    {"clients.lab.lab_client"},
    {"clients.lab.timeline", "clients.lab.gauges", "clients.lab.panels", "clients.lab.learning"},
)
WIDGETS = {"ipywidgets", "anywidget"}


def imports(path):
    """Yield (module, name or None) for each import in a file, including those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)


def imported_modules(path):
    """Return the names of this project's modules that a file imports."""
    for module, name in imports(path):
        if f"{module}.{name}" in MODULES:
            yield f"{module}.{name}"
        elif module in MODULES:
            yield module


def within(module, package):
    return f"{module}.".startswith(f"{package}.")


def layer(module):
    """Return the index of the most specific layer that contains a module."""
    return max(number for number, package in enumerate(LAYERS) if within(module, package))


@pytest.mark.parametrize("module", MODULES)
def test_arrows_run_one_way(module):
    upwards = [other for other in imported_modules(MODULES[module]) if layer(other) > layer(module)]
    assert not upwards, f"{module} may import what is below it, and imports {upwards}"


@pytest.mark.parametrize("module", [module for module in MODULES if within(module, "clients.lab")])
def test_inside_lab_the_kit_knows_no_panel_and_nobody_knows_anothers_inside(module):
    own = [(number, package) for number, layer in enumerate(LAB_LAYERS) for package in layer if within(module, package)]
    if not own:
        return  # the façade and the modules that it loads first: magics, tools
    ((number, package),) = own
    above = {other for layer in LAB_LAYERS[number + 1 :] for other in layer}
    assert not [other for other in imported_modules(MODULES[module]) if any(within(other, one) for one in above)]
    private = [
        f"{other}.{name}"
        for other, name in imports(MODULES[module])
        if name and name.startswith("_") and other and within(other, "clients.lab") and not within(other, package)
    ]
    assert not private, f"{module} imports what another package keeps for itself: {private}"


@pytest.mark.parametrize("module", [module for module in MODULES if not within(module, "clients.lab")])
def test_only_the_lab_knows_widgets(module):
    assert not {name.partition(".")[0] for name, _ in imports(MODULES[module]) if name} & WIDGETS


@pytest.mark.parametrize("package", PACKAGES)
def test_a_packages_docstring_names_all_its_modules_and_no_other(package):
    own = {name.rpartition(".")[2] for name in MODULES if name.rpartition(".")[0] == package} - {"__main__"}
    own |= {path.parent.name for path in MODULES[package].parent.glob("*/sitecustomize.py")}  # Python imports these automatically
    text = ast.get_docstring(ast.parse(MODULES[package].read_text(encoding="utf-8"))) or ""
    lines = re.findall(r"^ *((?:[\w*]+, )*[\w*]+)(?:\.py|/)?  +\S", text, re.MULTILINE)
    named = {name for line in lines for name in line.split(", ")}  # lesson_* covers all lessons
    assert not [name for name in own if not any(fnmatch(name, pattern) for pattern in named)]
    assert not [pattern for pattern in named if not any(fnmatch(name, pattern) for name in own)]


def test_a_lesson_imports_from_the_labs_front_door_only():
    for path in sorted((REPOSITORY / "notebooks").rglob("*.ipynb")):
        inside = re.findall(r"clients\.lab\.[a-z]\w*", path.read_text(encoding="utf-8"))
        assert not inside, f"{path.name} reaches into {inside}: `from clients.lab import ...` is the way"

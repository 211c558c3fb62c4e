"""A hub for two learners: `make test-hub`. As root they are accounts of this machine, and the system keeps them apart."""

import pytest

pytest.importorskip("jupyterhub", reason="needs the environment of `make hub`: make test-hub")

from hub.classroom import AS_ROOT, Failed, Learner, accounts, hub  # noqa: E402

apart = pytest.mark.skipif(not AS_ROOT, reason="only as root do learners have accounts of their own")
SERVERS = """
from clients.mail import said
from servers import launch
post, files = launch("mail"), launch("ftp")
print(post.pid, said(post, "folder"), said(files, "folder"))
"""


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def class_of_two(anyio_backend):
    with accounts(2) as names:
        async with hub() as (_, address), Learner(address, names[0]) as ann, Learner(address, names[1]) as ben:
            yield ann, ben


async def test_each_has_a_copy_without_outputs_and_reads_the_limits_first(class_of_two):
    for learner in class_of_two:
        lesson = await learner.lesson("02-fork.ipynb")
        assert all(cell["outputs"] == [] for cell in lesson["cells"] if cell["cell_type"] == "code")
        assert "After 2 hours" in await learner.lesson("start-here.md")


async def test_the_page_has_the_settings_of_make_lab(class_of_two):
    ann, _ = class_of_two
    status, settings = await ann.request("GET", f"{ann.lab}/lab/api/settings/@jupyterlab/apputils-extension:notification")
    assert (status, settings["settings"], settings["schema"]["properties"]["fetchNews"]["default"]) == (200, {}, "false")


async def test_a_click_comes_back_from_a_kernel_that_listens_on_no_port(class_of_two):
    ann, _ = class_of_two
    async with ann.kernel("01-loop-model.ipynb") as kernel:
        assert await kernel.click() > 0
        assert '"transport": "ipc"' in await kernel.run(
            "import ipykernel.connect\nprint(ipykernel.connect.get_connection_info())"
        )


async def test_a_copy_is_renewed_in_a_terminal_and_the_learners_version_is_kept(class_of_two):
    ann, _ = class_of_two
    said = await ann.types("type nbgrader; python -m clients.course.workspace fresh 02")
    assert "your version is kept as server-models/02-fork.kept-1.ipynb" in said and "nbgrader is /" in said


async def test_nobody_opens_the_page_of_another(class_of_two):
    ann, ben = class_of_two
    status, _ = await ben.request("GET", f"{ann.lab}/api/contents/")
    assert status == 403


@apart
async def test_nobody_reads_or_ends_what_is_another_ones(class_of_two):
    ann, ben = class_of_two
    home = f"/home/{ann.name}"
    async with ann.kernel("01-loop-model.ipynb") as hers, ben.kernel("01-loop-model.ipynb") as his:
        pid, mail_folder, ftp_folder = (await hers.run(SERVERS)).split()
        for folder in mail_folder, ftp_folder, f"{home}/server-models":
            await hers.run(f"import os\nos.listdir({folder!r})")
            with pytest.raises(Failed, match="PermissionError"):
                await his.run(f"import os\nos.listdir({folder!r})")
        for file in f"{home}/.local/share/jupyter/runtime/jupyter_cookie_secret", f"/proc/{pid}/environ":  # with her token
            await hers.run(f"open({file!r}).read()")
            with pytest.raises(Failed, match="PermissionError"):
                await his.run(f"open({file!r}).read()")
        with pytest.raises(Failed, match="PermissionError"):
            await his.run(f"import signal\nos.kill({pid}, signal.SIGTERM)")

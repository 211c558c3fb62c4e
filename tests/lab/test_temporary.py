"""A notebook's temporary folder is removed when the kernel ends, however it ends."""

import subprocess
import sys
from pathlib import Path

from support import eventually

KERNEL = "from clients.lab import temporary_folder; print(temporary_folder(), flush=True); input()"


def test_the_folder_goes_when_the_kernel_is_killed():
    with subprocess.Popen([sys.executable, "-c", KERNEL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as kernel:
        folder = Path(kernel.stdout.readline().strip())
        Path(folder, "secret.txt").write_text("the key is under the mat")
        kernel.kill()
    eventually(lambda: not folder.exists(), "the end of the folder")

"""The three chats that lesson 12 shows in its solution: the protocol, which is the same in all of them, once."""

import re

import nbformat
from support import REPOSITORY

LESSON = nbformat.read(REPOSITORY / "notebooks" / "12-chat.ipynb", as_version=4)
(SOLUTION,) = (cell.source for cell in LESSON.cells if "Solution of 12.2" in cell.source)
THREADS, *OTHERS = re.findall(r"```python\n(.*?)```", SOLUTION, re.DOTALL)
PROTOCOL = re.search(r"\n# What follows is the protocol\..*len\(name\) <= 20\n", THREADS, re.DOTALL)[0]
SELECTORS, ASYNCIO = (f"{above}\n{PROTOCOL}\n\n{below}" for above, below in zip(OTHERS[::2], OTHERS[1::2], strict=True))
CHATS = {"chat_threads": THREADS, "chat_selectors": SELECTORS, "chat_asyncio": ASYNCIO}

"""The chat panel for several people, driven by its methods and by simulated clicks."""

import asyncio
import re

import pytest
from chats import ASYNCIO

from clients.lab import Chat, wait_until
from servers import launch


def log(chat, name):
    """Return the text of this person's pane, without the markup."""
    return re.sub("<[^>]*>", "", chat._panes[name].lines.value).splitlines()


@pytest.fixture
async def chat():
    """A chat of Ann, Ben and Cem in one room."""
    with launch(ASYNCIO, name="chat_asyncio") as server:
        async with Chat(server, "Ann", "Ben", "Cem") as chat:
            await chat.enter("kitchen")
            yield chat


async def test_answers_are_told_from_news_that_come_in_between(chat):
    assert await asyncio.gather(*(one.send(f"SAY {number}") for one in chat for number in range(50))) == ["OK"] * 150
    for listener in chat:
        for speaker in chat:
            if speaker is not listener:
                await listener.hears(f"SAID {speaker.name} 49")
    assert "SAID Ann 0" not in chat["Ann"].news
    assert await chat["Cem"].send("WHO") == "HERE Ann Ben Cem"


async def test_clicks_do_what_code_does(chat):
    ann = chat._panes["Ann"]
    for text in "hello <all>", "/TELL Ben psst", "/JOIN garden":
        ann.text.value = text
        ann.buttons["Send"].click()
    assert ann.text.value == ""
    await chat["Cem"].hears("LEFT Ann")
    assert list(chat["Ben"].news) == ["JOINED Cem", "SAID Ann hello <all>", "TOLD Ann psst", "LEFT Ann"]
    await wait_until(lambda: "SAID Ann hello &lt;all&gt;" in log(chat, "Cem"))
    await wait_until(lambda: log(chat, "Ann").count("OK") == 5)
    ann.buttons["Close"].click()
    await wait_until(lambda: ann.buttons["Close"].resting)
    assert repr(chat).startswith("Chat on chat_asyncio\n  Ann    JOINED Ben\n  Ann    JOINED Cem\n  Ann    > SAY hello <all>\n")


async def test_who_pauses_hears_it_later_and_who_breaks_off_has_left(chat):
    ann, ben, cem = chat
    cem.pause()
    await ann.send("SAY hello")
    await ben.hears("SAID Ann hello")
    assert "SAID Ann hello" not in cem.news
    cem.resume()
    await cem.hears("SAID Ann hello")
    await cem.reset()
    await ann.hears("LEFT Cem")
    assert cem.state == "closed"


async def test_trouble_is_shown_and_not_raised():
    chat = Chat(("127.0.0.1", 1), "Ann")
    pane = chat._panes["Ann"]
    pane.text.value = "hello"
    pane.buttons["Send"].click()
    await wait_until(lambda: "nobody listens at 127.0.0.1:1" in pane.status.value)
    with pytest.raises(LookupError, match="nobody called 'Dora'.*It has: Ann"):
        chat["Dora"]

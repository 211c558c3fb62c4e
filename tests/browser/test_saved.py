"""The page saved by timeline.save() shows and plays the timeline in a browser, and requests nothing but itself."""

from axe_playwright_python.sync_playwright import Axe
from conftest import watched_page
from playwright.sync_api import expect
from timeline_by_hand import HandMadeClient, HandMadeServer, loop_with_two_clients

from clients.lab.timeline.widget import Timeline

HOUR = 3_600_000  # milliseconds, longer than the test takes


def test_a_saved_run_plays(browser, tmp_path):
    events, records = loop_with_two_clients()
    timeline = Timeline(HandMadeServer(events), [HandMadeClient(name, records) for name in ("Ann", "Ben")])
    saved = timeline.save(tmp_path / "run.html")
    with watched_page(browser) as page:
        page.clock.install(time=0)
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(saved.as_uri())
        chart = page.get_by_role("application")
        expect(chart).to_have_attribute("aria-label", "Timeline of tcp_loop. 3 lanes: server 1, Ann, Ben.")
        expect(page.get_by_role("group", name="Legend")).not_to_be_empty()  # it has been drawn
        expect(page.get_by_text("F to follow")).to_be_hidden()  # a finished run has nothing to follow
        box = chart.bounding_box()
        page.mouse.move(box["x"] + 172 + (box["width"] - 200) * 45 / 73, box["y"] + 28 + 2.5 * 32)
        expect(page.locator(".tl-tip")).to_contain_text("in the backlog")
        page.get_by_role("button", name="Zoom in").click()
        page.get_by_role("button", name="Show all").click()
        page.get_by_role("slider").fill("0")
        expect(page.locator(".tl-status")).not_to_contain_text("whole recording")
        page.clock.pause_at(HOUR)  # from now on the page's clock advances only on command
        page.get_by_role("button", name="Play").click()
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        page.clock.run_for(6_000)
        expect(page.locator(".tl-status")).to_contain_text("Ben is connected, not accepted yet: in the backlog")
        page.clock.resume()
        page.get_by_role("slider").fill("1000")
        expect(page.locator(".tl-status")).to_contain_text("This is the whole recording.")
        page.get_by_text("In words").click()
        expect(page.locator("pre")).to_contain_text("sends 6 bytes to Ann")
        assert not (found := Axe().run(page)).violations_count, found.generate_report()
        assert requests == [saved.as_uri()]

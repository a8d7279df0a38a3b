from __future__ import annotations

from flask.testing import FlaskClient

from tests.web.conftest import SCRIPT, Order, Worker


def names(html: str) -> list[str]:
    return [part.split(",")[0] for part in html.split('aria-label="Open ')[1:]]


def test_an_empty_history_says_where_pictures_come_from(browser: FlaskClient) -> None:
    page = browser.get("/jobs").text
    assert "No picture yet" in page
    assert 'role="search"' not in page


def test_the_newest_picture_comes_first(browser: FlaskClient, order: Order) -> None:
    order("old.png")
    order("new.png")
    assert names(browser.get("/jobs").text) == ["new.png", "old.png"]


def test_chips_count_and_choose_a_state(browser: FlaskClient, order: Order, worker: Worker) -> None:
    worker.complete(worker.claim(order("done.png")))
    worker.claim(order("busy.png"))
    order("next.png")
    page = browser.get("/jobs?status=live").text
    assert names(page) == ["next.png", "busy.png"]
    assert 'Running <span class="num">2</span>' in page
    assert 'Completed <span class="num">1</span>' in page
    assert names(browser.get("/jobs?status=completed").text) == ["done.png"]
    assert len(names(browser.get("/jobs?status=nonsense").text)) == 3


def test_a_search_finds_part_of_a_name_literally(browser: FlaskClient, order: Order) -> None:
    order("espresso_cup.png")
    order("espressoXcup.png")
    assert names(browser.get("/jobs?query=SO_C").text) == ["espresso_cup.png"]
    assert "Nothing matches “tea”" in browser.get("/jobs?query=tea").text


def test_a_script_gets_the_results_and_their_chips(browser: FlaskClient, order: Order) -> None:
    order()
    answer = browser.get("/jobs?query=cup", headers=SCRIPT)
    assert answer.text.strip().startswith('<section id="results"')
    assert 'href="/jobs?status=failed&amp;query=cup"' in answer.text
    assert answer.headers["Vary"].startswith("HX-Request")


def test_more_pictures_come_page_by_page(browser: FlaskClient, order: Order) -> None:
    for number in range(26):
        order(f"{number}.png")
    page = browser.get("/jobs").text
    assert len(names(page)) == 24
    assert 'href="/jobs?page=2"' in page
    more = browser.get("/jobs?page=2&part=shots", headers=SCRIPT).text
    assert names(more) == ["1.png", "0.png"]
    assert "Show more" not in more


def test_the_pulse_tells_how_named_jobs_are(browser: FlaskClient, order: Order, worker: Worker) -> None:
    worker.complete(worker.claim(done := order("done.png")))
    worker.advance(worker.claim(busy := order("busy.png")), percent=40)
    order("other.png")
    shots = browser.get(f"/jobs/pulse/shot?live={done}&live={busy}&live=nonsense").text
    assert names(shots) == ["busy.png", "done.png"]
    assert shots.count('name="live"') == 1
    assert "40\u202f%" in shots
    assert f'id="row-{done}"' in browser.get(f"/jobs/pulse/row?live={done}").text


def test_nobody_sees_a_strangers_pictures(stranger: FlaskClient, order: Order) -> None:
    job_id = order()
    assert names(stranger.get("/jobs").text) == []
    assert names(stranger.get(f"/jobs/pulse/shot?live={job_id}").text) == []

"""Which address of the simulated Ironwood Plan leads to which page."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from conformance.simulators.portals.ironwood import finishing, login, lookup, wizard
from conformance.simulators.portals.ironwood.draft import STEPS
from conformance.simulators.portals.ironwood.site import ROOT, Ironwood

_DRAFT = "/new/{draft:[0-9a-f]{12}}"


def add_routes(site: Ironwood, app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post

    async def enter(request: web.Request) -> web.StreamResponse:
        return site.to("/home")

    get(ROOT, enter)
    get(f"{ROOT}/", enter)
    app.router.add_static(f"{ROOT}/static", Path(__file__).parent / "static")
    get(f"{ROOT}/login", site.page("login", login.show_login, public=True))
    post(f"{ROOT}/login", site.page("login", login.sign_in, public=True))
    get(f"{ROOT}/login/code", site.page("code", login.show_code, public=True))
    post(f"{ROOT}/login/code", site.page("code", login.check_code, public=True))
    get(f"{ROOT}/login/push", site.page("push", login.show_push, public=True))
    get(f"{ROOT}/login/puzzle", site.page("puzzle", login.show_puzzle, public=True))
    post(f"{ROOT}/login/puzzle", site.page("puzzle", login.solve_puzzle, public=True))
    get(f"{ROOT}/picture", site.page("picture", login.show_picture, public=True))
    post(f"{ROOT}/logout", site.page("logout", login.sign_out))
    get(f"{ROOT}/terms", site.page("terms", login.show_terms))
    post(f"{ROOT}/terms", site.page("terms", login.accept_terms))
    get(f"{ROOT}/home", site.page("home", login.home))
    get(f"{ROOT}/new", site.page("new", wizard.begin))
    for step in STEPS:
        get(f"{ROOT}{_DRAFT}/{step}", site.page(step, wizard.show))
    post(f"{ROOT}{_DRAFT}/member", site.page("member", wizard.take_member))
    post(f"{ROOT}{_DRAFT}/service", site.page("service", wizard.leave_service))
    get(f"{ROOT}{_DRAFT}/service/form", site.page("service", wizard.show_service_form))
    post(f"{ROOT}{_DRAFT}/service/form", site.page("service", wizard.take_service))
    post(f"{ROOT}{_DRAFT}/dates", site.page("dates", wizard.take_dates))
    post(f"{ROOT}{_DRAFT}/documents", site.page("documents", wizard.take_documents))
    get(f"{ROOT}{_DRAFT}/puzzle", site.page("puzzle", wizard.show_puzzle))
    post(f"{ROOT}{_DRAFT}/puzzle", site.page("puzzle", wizard.show_puzzle))
    post(f"{ROOT}{_DRAFT}/submit", site.page("submit", finishing.submit))
    get(f"{ROOT}{_DRAFT}/duplicate", site.page("duplicate", finishing.show_duplicate))
    get(f"{ROOT}/confirmation/{{reference}}", site.page("confirmation", finishing.confirm))
    get(f"{ROOT}/codes/places", site.page("codes", wizard.places, fragment=True))
    get(f"{ROOT}/codes/procedures", site.page("codes", wizard.procedures, fragment=True))
    get(f"{ROOT}/search", site.page("search", lookup.search))
    get(f"{ROOT}/requests/{{reference}}", site.page("request", lookup.show))
    post(f"{ROOT}/requests/{{reference}}/documents", site.page("answer", lookup.send_document))
    post(f"{ROOT}/requests/{{reference}}/withdraw", site.page("withdraw", lookup.withdraw))

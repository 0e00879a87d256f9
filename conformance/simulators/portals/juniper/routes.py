"""Which address of the simulated Juniper Health leads where."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from conformance.simulators.portals.hindrance import noted
from conformance.simulators.portals.juniper import api, login
from conformance.simulators.portals.juniper.site import ROOT, Juniper


def add_routes(site: Juniper, app: web.Application) -> None:
    get, post = app.router.add_get, app.router.add_post

    async def enter(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"{ROOT}/app/requests"})

    async def shell(request: web.Request) -> web.StreamResponse:
        return await site.stands(request, "home") or await site.shell(request)

    get(ROOT, enter)
    get(f"{ROOT}/", enter)
    app.router.add_static(f"{ROOT}/static", Path(__file__).parent / "static")
    get(f"{ROOT}/app/login", noted(site.portal, shell))
    get(f"{ROOT}/app/requests", noted(site.portal, shell))
    get(f"{ROOT}/app/requests/{{reference}}", noted(site.portal, shell))
    get(f"{ROOT}/api/settings", noted(site.portal, site.settings))
    post(f"{ROOT}/api/login", site.open_call("login", login.sign_in))
    post(f"{ROOT}/api/login/{{challenge}}", site.open_call("login_challenge", login.go_on))
    get(f"{ROOT}/api/challenges/{{challenge}}/picture", site.open_call("picture", login.picture))
    post(f"{ROOT}/api/challenges/{{challenge}}", site.open_call("puzzle", login.solve))
    post(f"{ROOT}/api/logout", site.call("logout", api.sign_out))
    get(f"{ROOT}/api/members", site.call("member", api.members))
    post(f"{ROOT}/api/eligibility", site.call("member", api.eligibility))
    get(f"{ROOT}/api/codes/procedures", site.call("service", api.procedures))
    get(f"{ROOT}/api/codes/diagnoses", site.call("service", api.diagnoses))
    post(f"{ROOT}/api/documents", site.call("documents", api.upload))
    post(f"{ROOT}/api/requests/check", site.call("review", api.check))
    post(f"{ROOT}/api/requests", site.call("submit", api.submit))
    get(f"{ROOT}/api/requests", site.call("search", api.requests))
    get(f"{ROOT}/api/requests/{{reference}}", site.call("request", api.one))
    post(f"{ROOT}/api/requests/{{reference}}/information", site.call("answer", api.send_information))

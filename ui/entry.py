"""Three more pages of the door: choosing a role, using an invitation, the second factor."""

from __future__ import annotations

import io
from collections.abc import Mapping

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import accounts, invitations, places, second_factor
from data.accounts import MINIMUM_PASSWORD_LENGTH, CodeNeeded, MustWait, SignedIn
from data.errors import ProjectError
from data.scope import Scope
from wording import formats, t

from .door import Door, address_of, language, onward, to_sign_in
from .guard import COOKIE


class Entry(Door):
    """See the module."""

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route("/role", self.page(self.role_page), methods=["GET"]),
            Route("/role", self.post(self.role), methods=["POST"]),
            Route("/invitation", self.page(self.invitation_page), methods=["GET"]),
            Route("/invitation", self.post(self.invitation), methods=["POST"]),
            Route("/second-factor", self.page(self.factor_page), methods=["GET"]),
            Route("/second-factor", self.post(self.factor), methods=["POST"]),
        ]

    # role ------------------------------------------------------------------------------------

    def role_page(self, request: Request, form: Mapping[str, str]) -> Response:
        """The roles somebody has now, one button each."""
        who, chosen, db = self.signed_in(request), language(request), self.get_db()
        if who is None or who.first:
            return onward(request, who.first) if who else to_sign_in(request)
        bodies = places.read_bodies(db, Scope.operator()).set_index("body_id")[f"name_{chosen}"]
        county = db.county()
        roles = [
            {
                "id": held.role_id,
                "name": t(f"words.role.{held.role}", chosen),
                "office": bodies.get(held.body_id, "") if held.body_id else "",
                "until": "" if held.ends_at is None else t(
                    "access.door.role_until", chosen,
                    day=formats.moment(held.ends_at, chosen, county.zone),
                ),
                "is_now": held.role_id == who.role_id,
            }
            for held in who.roles
        ]  # fmt: skip
        return self.render(request, "role.html", roles=roles)

    def role(self, request: Request, form: Mapping[str, str]) -> Response:
        """Another role: a new session."""
        wanted = form.get("role", "")
        token = accounts.choose_role(
            self.get_db(), request.cookies.get(COOKIE), int(wanted) if wanted.isdecimal() else 0,
            address_of(request),
        )  # fmt: skip
        return self.let_in(request, token)

    # invitation ------------------------------------------------------------------------------

    def invitation_page(self, request: Request, form: Mapping[str, str]) -> Response:
        """Where an invitation is pasted, or filled in from the link's fragment by a small script.

        The fragment never reaches the server; the address has no token.
        """
        return self._invitation_page(request)

    def _invitation_page(
        self, request: Request, status: int = 200, problem: str = "", token: str = ""
    ) -> Response:
        return self.render(
            request, "invitation.html", status,
            problem=problem, token=token, least=MINIMUM_PASSWORD_LENGTH,
        )  # fmt: skip

    def invitation(self, request: Request, form: Mapping[str, str]) -> Response:
        """Set the first password and enter."""
        chosen, token, new = language(request), form.get("invitation", ""), form.get("new", "")
        if new != form.get("again", ""):
            return self._invitation_page(request, 400, t("ui.password.differ", chosen), token)
        try:
            made = invitations.redeem(self.get_db(), token, new, address_of(request))
        except CodeNeeded as needed:
            return self.render(request, "code.html", ticket=needed.ticket, problem="")
        except ProjectError as err:
            status = 429 if isinstance(err, MustWait) else 400
            return self._invitation_page(request, status, err.text(chosen), token)
        return self.let_in(request, made)

    # second factor ---------------------------------------------------------------------------

    def factor_page(self, request: Request, form: Mapping[str, str]) -> Response:
        """Set it up, set it up anew, switch it off."""
        who = self.signed_in(request)
        if who is None or who.must_change:
            return onward(request, "password") if who else to_sign_in(request)
        return self._factor_page(request, who)

    def _factor_page(
        self, request: Request, who: SignedIn, status: int = 200, problem: str = "", note: str = ""
    ) -> Response:
        db = self.get_db()
        if note:  # a mistyped code keeps the picture that was scanned
            secret = second_factor.reopened(db, who.account_id, note)
            address = second_factor.address_of(db, secret, who.login)
        else:
            secret, address, note = second_factor.begin(db, who.account_id, who.login)
        spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return self.render(
            request, "second_factor.html", status,
            who=who, problem=problem, note=note, secret=spaced, picture=_picture(address),
            may_switch_off=who.has_factor and (
                who.scope.role != "administrator" or db.county().is_demo
            ),
        )  # fmt: skip

    def factor(self, request: Request, form: Mapping[str, str]) -> Response:
        """A code for the new secret, or one to switch it off: the session is a new one after."""
        who, chosen, db = self.signed_in(request), language(request), self.get_db()
        if who is None or who.must_change:
            return onward(request, "password") if who else to_sign_in(request)
        address, code, note = address_of(request), form.get("code", ""), form.get("note", "")
        try:
            if "off" in form:
                token = accounts.with_code(
                    db, who, address, lambda: second_factor.take_off(db, who.scope, code)
                )
            else:
                token = accounts.with_code(
                    db, who, address, lambda: second_factor.confirm(db, who.scope, note, code)
                )
        except ProjectError as err:
            is_over = err.key == "access.error.setting_up_over" or "off" in form
            status = 429 if isinstance(err, MustWait) else 400
            return self._factor_page(
                request, who, status, err.text(chosen), "" if is_over else note
            )
        return self.let_in(request, token)


def _picture(address: str) -> str:
    """The picture as SVG, black on white, without size so that the page gives it one."""
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000",
        light="#fff",
    )  # fmt: skip
    return out.getvalue().decode()

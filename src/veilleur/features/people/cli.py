"""`veilleur user …` and `veilleur post …`: accounts, titles and posts from the command line.

`ctx.obj` gives `.at(data_dir)`, then `.database()` (a Database) and `.clock`.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from veilleur.db.engine import ReadSession
from veilleur.features.people import commands, posts
from veilleur.features.people.model import MAX_PASSWORD, TitleCard
from veilleur.features.people.queries import (
    customers_by_reference,
    post_views,
    titles_of,
    today,
    user_by_login,
    users,
)
from veilleur.features.people.tables import User
from veilleur.kernel.errors import NotFoundError
from veilleur.locale.terminal import say, told
from veilleur.logbook.act import Act, Actor

user_app = typer.Typer(help="People and their titles.", no_args_is_help=True)
post_app = typer.Typer(help="Posts of the room.", no_args_is_help=True)

CLI = Actor("cli", name="veilleur")

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The data directory.", show_default=False)]

LoginArgument = Annotated[str, typer.Argument(metavar="LOGIN", help="The login, compared without case.")]


def _day(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise typer.BadParameter(told(f"{value!r} is not a date: write it as 2026-11-23")) from error


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _password() -> str:
    """Asked twice on a terminal; else one line of standard input. Never an argument: others could read it."""
    if sys.stdin.isatty():
        asked: str = typer.prompt(say("ask_password"), hide_input=True, confirmation_prompt=say("ask_again"))
        return asked
    return sys.stdin.readline(MAX_PASSWORD + 2).rstrip("\r\n")


def _find(user: User | None, login: str) -> User:
    if user is None:
        raise NotFoundError(f"No account has the login «{login}»: see `veilleur user list`.", what="user")
    return user


@user_app.command("add")
def add_user(
    ctx: typer.Context,
    *,
    login: LoginArgument,
    name: Annotated[str, typer.Option(help="First name and surname, as colleagues read it.")],
    role: Annotated[
        list[str], typer.Option(help="operator | lead | administrator | auditor; repeat for several.")
    ],
    card: Annotated[
        str | None, typer.Option(help="Number of the CNAPS card (carte professionnelle).")
    ] = None,
    activity: Annotated[
        list[str] | None, typer.Option(help="Activities of the card: remote_monitoring | video | telecare.")
    ] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="Last day of the card.")] = None,
    issued: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day of issue: 5 years (R612-13).")
    ] = None,
    language: Annotated[str, typer.Option(help="fr | en")] = "fr",
    data_dir: DataDir = None,
) -> None:
    """Adds a person. The password is asked, or read from standard input."""
    context = ctx.obj.at(data_dir)
    last, first = _day(expires), _day(issued)
    password = _password()
    with context.database().write() as session:
        act = Act(session, context.clock.now(), CLI)
        user_id = commands.create_user(
            act, login=login, name=name, roles=role, password=password, language=language
        )
        if card is not None:
            commands.grant_title(
                act,
                user_id,
                kind="card",
                number=card,
                activities=activity or ["remote_monitoring"],
                issued_on=first,
                expires_on=last,
            )
    typer.echo(say("user_added", login=login))


@user_app.command("list")
def list_users(ctx: typer.Context, data_dir: DataDir = None) -> None:
    """Lists people, their roles and the state of their titles today."""
    context = ctx.obj.at(data_dir)
    table = Table(
        *(say(f"users.{column}") for column in ("login", "name", "roles", "titles", "sees", "state"))
    )
    with context.database().read() as session:
        day = today(session, context.clock.now())
        for user in users(session):
            cards = titles_of(session, user.id)
            shown = ", ".join(
                say("users.card", kind=c.kind, number=c.number, state=c.state(day), last_day=_iso(c.last_day))
                for c in cards
            )
            state = say("users.disabled" if user.disabled_at else "users.active")
            sees = "; ".join(f"{key}: {items}" for key, items in user.perimeter.items())
            roles = say("users.role_words", roles=user.roles)
            table.add_row(user.login, user.name, roles, shown or "—", sees or say("users.all"), state)
    Console().print(table)


@user_app.command("password")
def reset_password(ctx: typer.Context, login: LoginArgument, data_dir: DataDir = None) -> None:
    """Gives somebody a new password; his sessions end."""
    context = ctx.obj.at(data_dir)
    password = _password()
    with context.database().write() as session:
        user = _find(user_by_login(session, login), login)
        commands.set_password(Act(session, context.clock.now(), CLI), user.id, password)
    typer.echo(say("user_password", login=login))


@user_app.command("disable")
def disable(
    ctx: typer.Context,
    login: LoginArgument,
    reason: Annotated[str, typer.Option(help="Why; it is entered in the logbook.")],
    data_dir: DataDir = None,
) -> None:
    """Ends an account and its sessions."""
    context = ctx.obj.at(data_dir)
    with context.database().write() as session:
        user = _find(user_by_login(session, login), login)
        commands.disable_user(Act(session, context.clock.now(), CLI), user.id, reason)
    typer.echo(say("user_disabled", login=login))


@user_app.command("title")
def add_title(
    ctx: typer.Context,
    *,
    login: LoginArgument,
    number: Annotated[str, typer.Option(help="Number of the title.")],
    kind: Annotated[str, typer.Option(help="card | provisional | designation | agreement")] = "card",
    activity: Annotated[list[str] | None, typer.Option(help="Repeat for several.")] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="Last day.")] = None,
    issued: Annotated[str | None, typer.Option(metavar="DATE", help="Day of issue.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Records a title that was seen: card, mayor's designation (R253-3), préfet's agreement (L132-14-1)."""
    context = ctx.obj.at(data_dir)
    with context.database().write() as session:
        user = _find(user_by_login(session, login), login)
        title_id = commands.grant_title(
            Act(session, context.clock.now(), CLI),
            user.id,
            kind=kind,
            number=number,
            activities=activity or ["remote_monitoring"],
            issued_on=_day(issued),
            expires_on=_day(expires),
        )
    typer.echo(say("title_added", login=login, title=title_id))


@user_app.command("receipt")
def add_receipt(
    ctx: typer.Context,
    login: LoginArgument,
    number: Annotated[str, typer.Option(help="Number of the card being renewed.")],
    on: Annotated[str, typer.Option(metavar="DATE", help="Date of the receipt.")],
    data_dir: DataDir = None,
) -> None:
    """Records the receipt of a renewal: it lets work continue past the card's end (R612-17)."""
    context = ctx.obj.at(data_dir)
    day = _day(on)
    with context.database().write() as session:
        card = _title_of(session, login, number)
        assert day is not None, "the option is required"
        commands.record_receipt(Act(session, context.clock.now(), CLI), card.id, day)
    typer.echo(say("receipt_added", login=login))


@user_app.command("correct-title")
def fix_title(
    ctx: typer.Context,
    *,
    login: LoginArgument,
    number: Annotated[str, typer.Option(help="Number under which the title is recorded.")],
    proof: Annotated[str, typer.Option(help="What was looked at to know it; it is entered and reviewed.")],
    new_number: Annotated[str | None, typer.Option(help="The right number.")] = None,
    activity: Annotated[list[str] | None, typer.Option(help="The right activities; repeat.")] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="The right last day.")] = None,
    issued: Annotated[str | None, typer.Option(metavar="DATE", help="The right day of issue.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Corrects a typing error in a title, with the proof of the check. What is not given stays."""
    context = ctx.obj.at(data_dir)
    with context.database().write() as session:
        card = _title_of(session, login, number)
        commands.correct_title(
            Act(session, context.clock.now(), CLI),
            card.id,
            number=new_number or card.number,
            issued_on=_day(issued) or card.issued_on,
            expires_on=_day(expires) or card.expires_on,
            activities=activity or sorted(card.activities),
            proof=proof,
        )
    typer.echo(say("title_corrected", login=login))


@user_app.command("title-status")
def title_status(
    ctx: typer.Context,
    *,
    login: LoginArgument,
    number: Annotated[str, typer.Option(help="Number of the title.")],
    status: Annotated[str, typer.Option(help="valid | suspended | withdrawn")],
    reason: Annotated[str, typer.Option(help="Why; it is entered in the logbook.")],
    data_dir: DataDir = None,
) -> None:
    """Suspends, withdraws or restores a title."""
    context = ctx.obj.at(data_dir)
    with context.database().write() as session:
        card = _title_of(session, login, number)
        commands.set_title_status(Act(session, context.clock.now(), CLI), card.id, status, reason)
    typer.echo(say("title_status", login=login, number=number, status=status))


@user_app.command("roles")
def change_roles(
    ctx: typer.Context,
    login: LoginArgument,
    role: Annotated[list[str], typer.Option(help="All the roles from now on; repeat for several.")],
    data_dir: DataDir = None,
) -> None:
    """Changes what somebody may do."""
    context = ctx.obj.at(data_dir)
    with context.database().write() as session:
        user = _find(user_by_login(session, login), login)
        commands.set_roles(Act(session, context.clock.now(), CLI), user.id, role)
    typer.echo(say("user_roles", login=login, roles=role))


@user_app.command("perimeter")
def change_perimeter(
    ctx: typer.Context,
    *,
    login: LoginArgument,
    commune: Annotated[list[str] | None, typer.Option(help="Code of a commune; repeat.")] = None,
    customer: Annotated[list[str] | None, typer.Option(help="Reference of a customer; repeat.")] = None,
    organisation: Annotated[list[str] | None, typer.Option(help="Name of an organisation; repeat.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="The whole centre: no bound at all.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Bounds what somebody sees, in every list, dossier and report. Each bound given must hold."""
    given = {"communes": commune, "customers": customer, "organisations": organisation}
    if whole is any(given.values()):
        raise typer.BadParameter(
            told("say --whole, or what the person sees: --commune, --customer, --organisation")
        )
    context = ctx.obj.at(data_dir)
    with context.database().write() as session:
        user = _find(user_by_login(session, login), login)
        customers = customers_by_reference(session, customer) if customer else None
        bounds = given | {"customers": customers}
        act = Act(session, context.clock.now(), CLI)
        commands.set_perimeter(act, user.id, {name: items or None for name, items in bounds.items()})
    typer.echo(say("user_perimeter", login=login))


@user_app.command("enable")
def enable(
    ctx: typer.Context,
    login: LoginArgument,
    reason: Annotated[str, typer.Option(help="Why; it is entered in the logbook.")],
    data_dir: DataDir = None,
) -> None:
    """Opens a closed account again."""
    context = ctx.obj.at(data_dir)
    with context.database().write() as session:
        user = _find(user_by_login(session, login), login)
        commands.enable_user(Act(session, context.clock.now(), CLI), user.id, reason)
    typer.echo(say("user_enabled", login=login))


def _title_of(session: ReadSession, login: str, number: str) -> TitleCard:
    user = _find(user_by_login(session, login), login)
    card = next((card for card in titles_of(session, user.id) if card.number == number), None)
    if card is None:
        raise NotFoundError(f"«{login}» has no title with the number {number}.", what="title")
    return card


@post_app.command("add")
def add_post(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the room calls it.")],
    kind: Annotated[str, typer.Option(help="remote_monitoring | video | both")] = "remote_monitoring",
    data_dir: DataDir = None,
) -> None:
    """Adds a post."""
    context = ctx.obj.at(data_dir)
    with context.database().write() as session:
        posts.create_post(Act(session, context.clock.now(), CLI), name=name, kind=kind)
    typer.echo(say("post_added", name=name))


@post_app.command("list")
def list_posts(ctx: typer.Context, data_dir: DataDir = None) -> None:
    """Lists posts and who holds them."""
    context = ctx.obj.at(data_dir)
    table = Table(*(say(f"posts.{column}") for column in ("name", "kind", "holder", "since")))
    with context.database().read() as session:
        for view in post_views(session, None, context.clock.now()):
            holder = view.body["holder"]
            since = view.body["held_since"]
            table.add_row(
                view.body["name"],
                say("posts.kind_word", kind=view.body["kind"]),
                holder["name"] if holder else "—",
                since.isoformat(timespec="seconds") if since else "—",
            )
    Console().print(table)


@post_app.command("remove")
def remove_post(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The post.")],
    reason: Annotated[str, typer.Option(help="Why; it is entered in the logbook.")],
    data_dir: DataDir = None,
) -> None:
    """Takes a post that nobody holds out of the room."""
    context = ctx.obj.at(data_dir)
    with context.database().write() as session:
        now = context.clock.now()
        known = {view.body["name"]: view.id for view in post_views(session, None, now)}
        if name not in known:
            raise NotFoundError(f"No post is called «{name}»: see `veilleur post list`.", what="post")
        posts.remove_post(Act(session, now, CLI), known[name], reason)
    typer.echo(say("post_removed", name=name))


def add_to(app: typer.Typer) -> None:
    """Adds `user` and `post` to the command line."""
    app.add_typer(user_app, name="user")
    app.add_typer(post_app, name="post")

"""The job that carries one call of an escalation, and says in the main courante what became of it."""

from __future__ import annotations

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from procrastinate import JobContext

from veilleur.db.engine import Database
from veilleur.features.continuity import commands
from veilleur.features.continuity.commands import Order
from veilleur.features.sites.queries import centre
from veilleur.jobs.channels import ChannelError, Message, send
from veilleur.kernel.clock import Clock
from veilleur.locale.render import catalogue, render
from veilleur.logbook.act import Act, Actor
from veilleur.settings import ChannelSettings, Outside

log = structlog.get_logger()

AGAIN = 5.0
"""Seconds between two attempts of one call: a mail server that was busy a moment ago."""

WORKER = Actor("centre", name="Veilleur")


def said_to(order: Order, house: str, zone: str, language: str, outside: Outside) -> Message:
    """What is said: the centre, the reason and references; nothing of a customer leaves by mail or SMS."""
    link = f"{outside.public_url.rstrip('/')}/astreinte/{order.token}" if outside.public_url else ""
    params: dict[str, Any] = {
        "centre": house,
        "reason": order.reason,
        "since": order.since.isoformat(),
        "dossiers": list(order.incidents),
        "link": link,
    }
    words = catalogue(language, "messages")
    subject = render(language, words["call_out.subject"], params, zone)
    return Message(order.to, subject, render(language, words["call_out.body"], params, zone), link)


def carry(database: Database, clock: Clock, outside: Outside, call_id: int) -> bool:
    """One attempt, in three moves: take the call, send without a transaction, enter the result. True: again."""
    with database.write() as session:
        order = commands.begin_call(Act(session, clock.now(), WORKER), call_id)
        house = centre(session)
    if order is None:
        return False
    name, zone = (house.name, house.timezone) if house else ("Station", "Europe/Paris")
    try:
        send(_channel(order, outside), said_to(order, name, str(ZoneInfo(zone)), "fr", outside))
    except ChannelError as fault:
        log.warning("call_out_failed", channel=order.channel, attempt=order.attempt, error=str(fault))
        with database.write() as session:
            return commands.call_failed(Act(session, clock.now(), WORKER), call_id, fault.why)
    with database.write() as session:
        commands.call_sent(Act(session, clock.now(), WORKER), call_id)
    return False


def _channel(order: Order, outside: Outside) -> ChannelSettings:
    channel = outside.channel(order.channel)
    if channel is None:
        raise ChannelError("unknown_channel", order.channel)
    if not order.to:
        raise ChannelError("no_address")
    return channel


async def call_out(context: JobContext, call: int) -> None:
    """Carries a call; tries again some seconds later while the rules allow it."""
    tools = context.additional_context["tools"]
    again = True
    for _ in range(commands.ATTEMPTS):
        if not again:
            break
        again = await asyncio.to_thread(carry, tools.database, tools.clock, tools.outside, call)
        await asyncio.sleep(AGAIN if again else 0)

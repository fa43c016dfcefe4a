"""The form of the import file, field by field. `docs/reference/import.md` describes it; a test holds them together.

A key that is left out leaves what is there (or the default, for a new object); a null or empty one clears it.
"""

from __future__ import annotations

from typing import Any

from veilleur.features.sites.adoption import ACCOUNT, LONGEST_ACCOUNT
from veilleur.features.sites.importer import values
from veilleur.features.sites.importer.fields import (
    Field,
    Form,
    choice,
    decimal,
    flag,
    form,
    integer,
    listed,
    named,
    text,
)
from veilleur.kernel.ports import ROLES
from veilleur.protocols.events import Category
from veilleur.video.model import SOURCE_KINDS

REFERENCE = text(64, r"[^\s#][^\r\n\t]*", "bad_reference")
NAME = text(200)
CATEGORY = choice(*(category.value for category in Category))
SENDS_RESTORES = choice(
    "yes", "no", "on_disarm", "unknown",
    also={"oui": "yes", "non": "no", "true": "yes", "false": "no", "inconnu": "unknown"}
    | {"à la mise hors service": "on_disarm"},
)  # fmt: skip
SERVICES = ("intervention", "video", "guarding", "listen_in")
EVENT = choice("default", *(category.value for category in Category))

PERIOD: Form = {
    "days": Field(values.days),
    "from": Field(values.clock, required=True),
    "to": Field(values.clock, required=True),
}
PERIODS = listed(form(PERIOD), most=50)

CODE: Form = {
    "code": Field(text(8)),
    "when": Field(CATEGORY),
    "category": Field(CATEGORY),
    "nature": Field(choice("alarm", "fault", "information")),
    "priority": Field(integer(1, 10)),
    "family": Field(choice("intrusion", "fire", "person", "technical", "service")),
    "needs_operator": Field(flag),
    "take": Field(integer(5, 86_400)),
    "act": Field(integer(5, 86_400)),
    "procedure": Field(text(40)),
    "clears_by_restore": Field(flag),
    "clears_by_disarm": Field(flag),
    "entry_delay": Field(integer(0, 3600)),
    "confirmed": Field(flag),
}
CODES = listed(form(CODE), most=500)

PHONE: Form = {"number": Field(values.phone, required=True), "label": Field(text(60))}

CONTACT: Form = {
    "name": Field(NAME, required=True),
    "rank": Field(integer(1, 999)),
    "role": Field(text(100)),
    "phone": Field(values.phone),
    "phones": Field(listed(values.phone_or_form(PHONE), most=10)),
    "availability": Field(PERIODS),
    "authorised": Field(flag),
    "user": Field(values.number),
    "code_word": Field(values.secret(64)),
    "duress_word": Field(values.secret(64)),
    "language": Field(text(8, r"[a-z]{2,3}(-[A-Za-z]{2,4})?", "bad_language")),
    "note": Field(text(2000)),
}
CONTACTS = listed(form(CONTACT), most=100, name=named("name"))

INSTRUCTION: Form = {
    "text": Field(text(2000), required=True),
    "kind": Field(
        choice(
            "permanent", "temporary", "particular",
            also={
                "permanente": "permanent", "temporaire": "temporary", "particulière": "particular",
                "periodic": "particular", "périodique": "particular",
            },
        )
    ),
    "schedule": Field(PERIODS),
    "from": Field(values.instant),
    "until": Field(values.instant),
    "asked_by": Field(NAME),
}  # fmt: skip
INSTRUCTIONS = listed(form(INSTRUCTION), most=200)

PROCEDURE: Form = {"event": Field(EVENT, required=True), "steps": Field(values.steps, required=True)}
PROCEDURES = listed(form(PROCEDURE), most=40, name=named("event"))

MATCH: Form = {
    "transport": Field(choice("tcp", "udp")),
    "receiver": Field(values.hexadecimal),
    "prefix": Field(values.hexadecimal),
    "peer": Field(values.network),
    "g": Field(text(40)),
}
PATH: Form = {
    "name": Field(text(60)),
    "interval": Field(integer(5, 3_600_000)),
    "reporting": Field(integer(5, 7_200_000)),
    "match": Field(form(MATCH)),
    "carrier": Field(text(100)),
}
ZONE: Form = {
    "number": Field(values.number, required=True),
    "area": Field(values.number),
    "name": Field(NAME),
    "kind": Field(CATEGORY),
    "sends_restores": Field(SENDS_RESTORES),
    "codes": Field(CODES),
}
PANEL: Form = {
    "account": Field(text(LONGEST_ACCOUNT, ACCOUNT, "bad_account"), required=True),
    "line": Field(text(16, r"[A-Za-z0-9_-]+", "bad_line")),
    "key": Field(values.panel_key),
    "model": Field(NAME),
    "time_policy": Field(choice("standard", "local", "ignore")),
    "clear_allowed": Field(flag),
    "duplicate_seconds": Field(integer(0, 3600)),
    "sends_restores": Field(SENDS_RESTORES),
    "removed": Field(flag),
    "paths": Field(listed(form(PATH), most=20, name=named("name"))),
    "zones": Field(listed(form(ZONE), most=2000, name=named("number"))),
}
AREA: Form = {"number": Field(values.number, required=True), "name": Field(NAME)}
SITE_RESPONDER: Form = {
    "responder": Field(REFERENCE, required=True),
    "rank": Field(integer(1, 99)),
    "keys": Field(text(200)),
    "minutes": Field(integer(1, 1440)),
}
ADDRESS: Form = {
    "street": Field(text(300)),
    "postcode": Field(text(12)),
    "town": Field(NAME),
    "country": Field(text(60, r"[A-Z]{2}", "bad_country")),
    "access": Field(text(1000)),
}
POSITION: Form = {
    "lat": Field(decimal(-90, 90), required=True),
    "lon": Field(decimal(-180, 180), required=True),
}
KIND = choice("professional", "private", also={"professionnel": "professional", "particulier": "private"})

PURPOSE = choice(
    "public_buildings", "defence", "traffic", "traffic_offences", "assaults_thefts", "terrorism",
    "natural_risks", "rescue", "amusement_parks", "insurance", "waste",
)  # fmt: skip
CORNER: Form = {
    "x": Field(decimal(0, 1), required=True),
    "y": Field(decimal(0, 1), required=True),
}
CAMERA_ADDRESS: Form = {
    "kind": Field(choice(*SOURCE_KINDS), required=True),
    "main": Field(text(1000), required=True),
    "sub": Field(text(1000)),
    "user": Field(text(100)),
    "options": Field(values.settings),
}
CAMERA_MASK: Form = {
    "kind": Field(choice("legal", "role", also={"légal": "legal", "rôle": "role"}), required=True),
    "name": Field(text(100), required=True),
    "preset": Field(text(64)),
    "polygon": Field(listed(form(CORNER), most=100), required=True),
}
CAMERA_PRESET: Form = {
    "token": Field(text(64), required=True),
    "name": Field(text(100), required=True),
}
CAMERA_ZONE: Form = {
    "area": Field(values.number),
    "zone": Field(values.number),
    "preset": Field(text(64)),
}
WATCHERS = listed(choice(*ROLES), most=len(ROLES))
CAMERA: Form = {
    "reference": Field(REFERENCE, required=True),
    "name": Field(NAME, required=True),
    "place": Field(text(300)),
    "regime": Field(
        choice(
            "public_road", "public_place", "private", "home",
            also={"voie publique": "public_road", "lieu ouvert au public": "public_place"}
            | {"lieu privé": "private", "domicile": "home"},
        ),
        required=True,
    ),
    "purpose": Field(text(300)),
    "authorisation": Field(REFERENCE),
    "position": Field(form(POSITION)),
    "bearing": Field(decimal(0, 360)),
    "fov": Field(decimal(1, 360)),
    "narrow": Field(flag),
    "address": Field(form(CAMERA_ADDRESS), required=True),
    "password": Field(values.secret(200)),
    "ptz": Field(flag),
    "talk": Field(flag),
    "record": Field(flag),
    "retention_days": Field(integer(1, 30)),
    "min_retention_days": Field(integer(0, 30)),
    "live_roles": Field(WATCHERS),
    "recorded_roles": Field(WATCHERS),
    "neighbours": Field(listed(REFERENCE, most=20)),
    "masks": Field(listed(form(CAMERA_MASK), most=50, name=named("name"))),
    "presets": Field(listed(form(CAMERA_PRESET), most=300, name=named("token"))),
    "zones": Field(listed(form(CAMERA_ZONE), most=200)),
}  # fmt: skip

BRAND_EXCEPTIONS: Form = {
    "contacts": Field(listed(NAME, most=100)),
    "instructions": Field(listed(text(2000), most=200)),
    "procedures": Field(listed(EVENT, most=40)),
}

SITE: Form = {
    "reference": Field(REFERENCE, required=True),
    "name": Field(NAME, required=True),
    "kind": Field(KIND),
    "customer": Field(REFERENCE),
    "brand": Field(REFERENCE),
    "brand_exceptions": Field(form(BRAND_EXCEPTIONS)),
    "address": Field(form(ADDRESS)),
    "position": Field(form(POSITION)),
    "commune": Field(text(20)),
    "timezone": Field(values.timezone),
    "phone": Field(values.phone),
    "connection": Field(
        choice(
            "connecting", "in_service", "suspended", "terminated",
            also={"en cours": "connecting", "en service": "in_service", "suspendu": "suspended"}
            | {"résilié": "terminated"},
        )
    ),
    "services": Field(listed(choice(*SERVICES), most=10)),
    "risks": Field(text(2000)),
    "note": Field(text(4000)),
    "police_zone": Field(text(60)),
    "codes": Field(CODES),
    "schedule": Field(PERIODS),
    "area_groups": Field(values.groups),
    "areas": Field(listed(form(AREA), most=500, name=named("number"))),
    "panels": Field(listed(form(PANEL), most=50, name=named("account"))),
    "contacts": Field(CONTACTS),
    "instructions": Field(INSTRUCTIONS),
    "procedures": Field(PROCEDURES),
    "responders": Field(listed(form(SITE_RESPONDER), most=20, name=named("responder"))),
    "cameras": Field(listed(form(CAMERA), most=500, name=named("reference"))),
}  # fmt: skip

CENTRE: Form = {
    "name": Field(NAME),
    "call_back": Field(values.phone),
    "authorisation": Field(text(100)),
    "timezone": Field(values.timezone),
    "settings": Field(values.settings),
}
CUSTOMER: Form = {
    "reference": Field(REFERENCE, required=True),
    "name": Field(NAME, required=True),
    "kind": Field(KIND),
    "codes": Field(CODES),
    "procedures": Field(PROCEDURES),
}
BRAND: Form = {
    "reference": Field(REFERENCE, required=True),
    "name": Field(NAME, required=True),
    "customer": Field(REFERENCE),
    "contacts": Field(CONTACTS),
    "instructions": Field(INSTRUCTIONS),
    "procedures": Field(PROCEDURES),
}
MODEL: Form = {
    "name": Field(NAME, required=True),
    "sends_restores": Field(SENDS_RESTORES),
    "codes": Field(CODES),
}
RESPONDER: Form = {
    "reference": Field(REFERENCE, required=True),
    "name": Field(NAME, required=True),
    "firm": Field(NAME),
    "phone": Field(values.phone, required=True),
    "communes": Field(listed(text(20), most=2000)),
    "card_expires_on": Field(values.day),
}
WAY: Form = {
    "channel": Field(text(40, r"[A-Za-z0-9_-]+", "bad_form"), required=True),
    "to": Field(text(300), required=True),
}
ON_CALL: Form = {
    "reference": Field(REFERENCE, required=True),
    "name": Field(NAME, required=True),
    "kind": Field(choice("person", "centre", also={"personne": "person", "station": "centre"})),
    "rank": Field(integer(1, 999)),
    "ways": Field(listed(form(WAY), most=10, name=named("channel")), required=True),
    "removed": Field(flag),
}
AUTHORISATION: Form = {
    "reference": Field(REFERENCE, required=True),
    "system": Field(NAME, required=True),
    "number": Field(text(100), required=True),
    "authority": Field(NAME, required=True),
    "granted_on": Field(values.day),
    "expires_on": Field(values.day, required=True),
    "purposes": Field(listed(PURPOSE, most=11), required=True),
    "retention_days": Field(integer(1, 30), required=True),
    "min_retention_days": Field(integer(0, 30)),
    "customer": Field(REFERENCE),
    "commune": Field(text(20)),
}
DIRECTORY: Form = {
    "commune": Field(text(20), required=True),
    "town": Field(NAME, required=True),
    "service": Field(choice("police", "gendarmerie", "municipal_police", "fire", "medical"), required=True),
    "zone": Field(text(60)),
    "name": Field(NAME, required=True),
    "number": Field(values.reserved_number, required=True),
    "call_back": Field(values.phone),
    "checked_on": Field(values.day),
}

#: Sections in the order in which they are taken, sites last; and what names an item in messages.
SECTIONS: dict[str, tuple[Form, str]] = {
    "centre": (CENTRE, "name"),
    "customers": (CUSTOMER, "reference"),
    "models": (MODEL, "name"),
    "brands": (BRAND, "reference"),
    "responders": (RESPONDER, "reference"),
    "on_call": (ON_CALL, "reference"),
    "directory": (DIRECTORY, "name"),
    "procedures": (PROCEDURE, "event"),
    "authorisations": (AUTHORISATION, "reference"),
    "sites": (SITE, "reference"),
}

Draft = dict[str, Any]

"""A simulated device that turns, keeps positions and forgets them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.simulators import onvif_device
from tests.simulators.onvif_words import ACTION_NOT_SUPPORTED

NO_TOKEN = ACTION_NOT_SUPPORTED.replace("Receiver", "Sender").replace("ActionNotSupported", "NoToken")


def remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Teaches devices SetPreset and RemovePreset (ONVIF PTZ §5.4), for the time of a test."""

    def keep(self: Any, body: str) -> str:
        name = re.search(r"PresetName>([^<]*)<", body)
        told = self.device.behaviour
        token = f"p{told.presets.count('<tptz:Preset ') + 1}"
        told.presets += (
            f'<tptz:Preset token="{token}"><tt:Name>{name[1] if name else ""}</tt:Name></tptz:Preset>'
        )
        return (
            f"<tptz:SetPresetResponse><tptz:PresetToken>{token}</tptz:PresetToken></tptz:SetPresetResponse>"
        )

    def forget(self: Any, body: str) -> str | None:
        token = re.search(r"PresetToken>([^<]*)<", body)
        named = rf'<tptz:Preset token="{token[1] if token else ""}">.*?</tptz:Preset>'
        left, found = re.subn(named, "", self.device.behaviour.presets)
        if not found:
            self._soap(NO_TOKEN.format(reason="no such preset"), 400)
            return None
        self.device.behaviour.presets = left
        return "<tptz:RemovePresetResponse/>"

    monkeypatch.setattr(onvif_device._Handler, "_SetPreset", keep, raising=False)
    monkeypatch.setattr(onvif_device._Handler, "_RemovePreset", forget, raising=False)

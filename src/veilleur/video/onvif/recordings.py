"""Profile G: what a recorder holds, and where it replays it."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlsplit

from onveef import envelopes, parsers

from veilleur.video.model import SourceError
from veilleur.video.onvif.events import device_time
from veilleur.video.onvif.limits import ANSWER_SECONDS, MAX_RECORDINGS, SEARCH_ROUNDS, SEARCH_WAIT
from veilleur.video.onvif.soap import Soap
from veilleur.video.onvif.values import Recording, clean


def find_recordings(soap: Soap, url: str) -> list[Recording]:
    """A search from its beginning to its end, at most 10 rounds of 2 s (ONVIF Recording Search §5)."""
    begin = envelopes.search_find_recordings(max_matches=MAX_RECORDINGS)
    token = soap.call(url, begin, lambda document: parsers.parse_text_element(document, "SearchToken"))
    if not token:
        raise SourceError("unsupported", "the recorder begins no search")
    found: dict[str, Recording] = {}
    try:
        for _ in range(SEARCH_ROUNDS):
            body = envelopes.search_get_recording_search_results(
                search_token=token, min_results=1, max_results=100, wait_time=f"PT{SEARCH_WAIT}S"
            )
            patience = SEARCH_WAIT + ANSWER_SECONDS
            told = soap.call(url, body, parsers.parse_recording_search_results, seconds=patience)
            for each in told["results"]:
                recording = _recording(each, soap.ahead)
                if recording is not None and len(found) < MAX_RECORDINGS:
                    found[recording.token] = recording
            if told["state"].lower() == "completed":
                break
    finally:
        with contextlib.suppress(SourceError):
            soap.call(url, envelopes.search_end_search(search_token=token), str)
    return list(found.values())


def find_replay(soap: Soap, url: str, token: str) -> str:
    """Where a recording is replayed, at the host we reached."""
    told = soap.call(url, envelopes.replay_get_replay_uri(recording_token=token), parsers.parse_stream_uri)
    found = soap.exchange.here(told) if told else ""
    if urlsplit(found).scheme not in {"rtsp", "rtsps"}:
        raise SourceError("unsupported", "the recorder tells no address for this recording")
    return found


def _recording(told: Any, ahead: int | None) -> Recording | None:
    """One RecordingInformation; None without a token, or when it has no video track."""
    if not isinstance(told, dict) or not isinstance(told.get("RecordingToken"), str):
        return None
    source = told.get("Source")
    source = source if isinstance(source, dict) else {}
    tracks = told.get("Track", [])
    tracks = [each for each in (tracks if isinstance(tracks, list) else [tracks]) if isinstance(each, dict)]
    video = [each for each in tracks if str(each.get("TrackType", "Video")).lower() == "video"]
    if tracks and not video:
        return None
    starts = [each.get("DataFrom") for each in video] or [told.get("EarliestRecording")]
    ends = [each.get("DataTo") for each in video] or [told.get("LatestRecording")]
    return Recording(
        told["RecordingToken"],
        clean(source.get("Name") or told.get("Content") or ""),
        clean(source.get("SourceId") or ""),
        min(_walls(starts, ahead), default=None),
        max(_walls(ends, ahead), default=None),
    )


def _walls(told: list[Any], ahead: int | None) -> list[int]:
    return [wall for each in told if (wall := device_time(str(each), ahead)) is not None]

"""What this feature refuses, each with its code; the sentences are in `locale/*/cameras.json`."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError, InvalidError, UnavailableError


class CameraRemovedError(ConflictError):
    """This camera is removed."""

    code = "camera_removed"


class CameraStateError(ConflictError):
    """The camera's state does not allow this."""

    code = "camera_state"


class CameraFixedError(ConflictError):
    """This camera does not turn: it has no presets."""

    code = "camera_fixed"


class CameraAddressError(InvalidError):
    """No camera has such an address: see `reason` (addresses.py)."""

    code = "camera_address"


class CameraRuleError(InvalidError):
    """The camera as it would be breaks a rule: see `rule` and `field`; the same rules as an import's."""

    code = "camera_rule"


class VideoMissingError(UnavailableError):
    """The extra `veilleur[video]` is not installed on this machine."""

    code = "video_missing"

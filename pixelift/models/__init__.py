"""Tables, and nothing else."""

from pixelift.models.base import Base
from pixelift.models.event import Event, EventType
from pixelift.models.image import Image
from pixelift.models.job import ENDED, LIVE, WAITING, Job, JobStatus
from pixelift.models.key import Key
from pixelift.models.preview import Preview, PreviewAnswer
from pixelift.models.speed import Speed
from pixelift.models.user import Role, SignIn, User

__all__ = [
    "ENDED",
    "LIVE",
    "WAITING",
    "Base",
    "Event",
    "EventType",
    "Image",
    "Job",
    "JobStatus",
    "Key",
    "Preview",
    "PreviewAnswer",
    "Role",
    "SignIn",
    "Speed",
    "User",
]

"""What happens to a job, in words."""

from __future__ import annotations

from pixelift.models import EventType

WORDS = {
    EventType.CREATED: "We have the picture; the job waits.",
    EventType.STARTED: "A worker begins. Adds attempt.",
    EventType.PROGRESS: "More strips are finished. Adds stage, percent, and strips: how many are new.",
    EventType.RETRYING: "It goes wrong or its worker stops; another attempt follows. Adds attempt; after an error "
    "also again_in_s, code, message and retryable.",
    EventType.COMPLETED: "The result can be downloaded. The stream ends.",
    EventType.FAILED: "It failed for good. Adds code, message and retryable. The stream ends.",
    EventType.CANCELLED: "You cancelled it. The stream ends.",
}

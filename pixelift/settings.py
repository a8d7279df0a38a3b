"""Everything an operator may set, read once from the environment, validated, frozen, passed in."""

from __future__ import annotations

import secrets
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """Raises pydantic.ValidationError with every fault at once."""

    model_config = SettingsConfigDict(env_prefix="PIXELIFT_", frozen=True, extra="ignore")

    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="Your own Postgres (14 or newer). Without it an embedded PostgreSQL 18 runs in the data folder.",
    )
    data_dir: Path = Field(Path("var"), description="Where everything lives: database, pictures, logs, models.")
    host: str = Field("127.0.0.1", description="The address that the web process listens on.")
    port: int = Field(8000, ge=1, le=65535, description="The port that the web process listens on.")
    web_threads: int = Field(200, ge=4, le=2000, description="Threads of the web process; each live stream takes one.")
    secret_key: str | None = Field(
        None, min_length=32, description="Signs cookies. Without it a random one is kept in the data folder."
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where networks run.")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto", description="Arithmetic of the networks. auto: fp16 on a GPU, bf16 where the CPU has it, else fp32."
    )
    pictures_at_once: int = Field(
        4, ge=1, le=32, description="Pictures a worker has in hand; they share the machine, and small ones overtake."
    )
    engine_memory_bytes: int = Field(
        2_000_000_000,
        ge=500_000_000,
        description="Memory that the engine's process stays within, apart from its networks: fewer rows are computed "
        "at once, and large pictures one at a time. Never changes a pixel.",
    )
    engine_silence_s: float = Field(
        300,
        ge=10,
        description="Seconds without progress of a picture after which the engine counts as hung and is restarted. "
        "Longer than the slowest encoding, which makes no progress that shows.",
    )
    networks_bytes: int = Field(
        2_000_000_000, ge=0, description="Memory for networks between pictures; the least recently used make room."
    )
    max_upload_bytes: int = Field(100_000_000, ge=1_000, description="Largest file accepted, whatever the plan says.")
    max_source_pixels: int = Field(100_000_000, ge=1, description="Largest source accepted, whatever the plan says.")
    preview_timeout_s: float = Field(
        120, gt=0, le=600, description="How long a preview may take, in seconds; what is not ready is left out."
    )
    allowed_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Private networks that image_url may reach, comma-separated. For development."
    )
    allowed_ports: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="Ports besides 80 and 443 that image_url may reach, comma-separated. For development."
    )
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Host names that requests may name, comma-separated; .example.org means all below. Empty: any."
    )
    trusted_proxies: int = Field(0, ge=0, le=5, description="How many reverse proxies stand before the web process.")
    cookie_secure: bool = Field(False, description="Send cookies over https only. Turn it on behind TLS.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")

    @field_validator("allowed_networks", "allowed_ports", "trusted_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def blobs_dir(self) -> Path:
        return self.data_dir / "blobs"

    @property
    def logs_dir(self) -> Path:
        return self.data_dir / "logs"

    @property
    def models_dir(self) -> Path:
        return self.data_dir / "models"

    @property
    def scratch_dir(self) -> Path:
        """On the same file system as the blobs, so that a finished file moves by a rename."""
        return self.data_dir / "scratch"

    @property
    def engine(self) -> dict[str, Any]:
        """What an engine is told of all this."""
        return {
            "device": self.device,
            "precision": self.precision,
            "models_dir": self.models_dir,
            "networks_bytes": self.networks_bytes,
            "memory_bytes": self.engine_memory_bytes,
            "quiet_s": self.engine_silence_s,
        }

    def signing_key(self) -> str:
        """Return the secret that signs cookies, made and kept in the data folder (0600) when none is set."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret-key"
        if not path.exists():
            draft = path.with_suffix(f".{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            try:
                path.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()

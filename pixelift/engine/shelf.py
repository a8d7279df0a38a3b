"""The networks of one installation: those that came with it, those that were pulled or added since."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pixelift.engine import catalogue, records
from pixelift.engine.catalogue import DEFAULT_MODEL, Kind, Model
from pixelift.engine.published import PUBLISHED
from pixelift.errors import Detail, ModelNotInstalled, ValidationFailed


@dataclass(frozen=True)
class Shelf:
    """Looks into its folder whenever it is asked, so that what is pulled or added meanwhile counts at once.

    `folder` None: only what came with the installation.
    """

    folder: Path | None = None

    def find(self, name: str | None, kind: Kind | None = Kind.UPSCALE) -> Model:
        """Return the model of this name and kind; None and "auto" mean the default. Raises ValidationFailed."""
        wanted = DEFAULT_MODEL if name in {None, "auto"} else name
        known = self.all(kind)
        for model in known:
            if model.name == wanted:
                return model
        usable = [model for model in known if model.installed or kind is None] or known
        sentence = f"There is no model {name!r}. Choose one of {', '.join(model.name for model in usable)}."
        raise ValidationFailed(sentence, details=(Detail("model", sentence),))

    def take(self, name: str | None, kind: Kind = Kind.UPSCALE) -> Model:
        """Find a model that is to be used now. Raises ValidationFailed, ModelNotInstalled."""
        model = self.find(name, kind)
        if not model.installed:
            raise ModelNotInstalled(f"The model {model.name} is not installed here. Run: {model.remedy}")
        return model

    def twin(self, model: Model) -> Model | None:
        """Return the network that denoising mixes with this one, if it is installed."""
        return next((other for other in self.installed(model.kind) if other.name == model.twin), None)

    def all(self, kind: Kind | None = None) -> list[Model]:
        """Return every model that is known, installed or not; those that came with the installation first."""
        return [model for model in self._all() if kind in {None, model.kind}]

    def installed(self, kind: Kind = Kind.UPSCALE) -> list[Model]:
        return [model for model in self.all(kind) if model.installed]

    def _all(self) -> Iterator[Model]:
        packaged = _package_folder()
        for model in catalogue.PACKAGED:
            yield replace(model, home=packaged)
        for model in PUBLISHED:
            yield replace(model, home=self.folder)
        if self.folder is not None:
            yield from records.read(self.folder)


def _package_folder() -> Path | None:
    spec = importlib.util.find_spec(catalogue.PACKAGE.replace("-", "_"))
    return Path(spec.origin).parent / "models" if spec and spec.origin else None

"""What the engine works with, loaded from the user's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smallchat.catalog.catalog import Catalog
    from smallchat.catalog.model import Model
    from smallchat.catalog.prices import PriceBook
    from smallchat.catalog.tokens import TokenEstimator
    from smallchat.config.provider import Providers
    from smallchat.config.schema import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """The user's settings and what follows from them.

    Attributes:
        settings: The configuration.
        catalog: The models, known and configured.
        prices: What they cost.
        tokens: Token estimates.
        providers: Who serves the models, and the keys.
        data_dir: Where sessions, weights and learned ratios are.
        config_path: The configuration's file, which need not exist.
    """

    settings: Settings
    catalog: Catalog
    prices: PriceBook
    tokens: TokenEstimator
    providers: Providers
    data_dir: Path
    config_path: Path = Path("config.toml")

    @classmethod
    def load(cls, config_path: Path, environ: Mapping[str, str], *, must_exist: bool = False) -> Services:
        """Read the configuration; takes some 150 ms, most of it to import pydantic.

        Args:
            config_path: The configuration's file.
            environ: The environment, for keys and places.
            must_exist: Whether a missing file is a mistake: the user named it.

        Raises:
            ConfigError: The configuration has a mistake.
        """
        from smallchat.catalog.catalog import Catalog
        from smallchat.catalog.prices import PriceBook
        from smallchat.catalog.tokens import TokenEstimator
        from smallchat.config.paths import data_dir
        from smallchat.config.provider import Providers
        from smallchat.config.reading import load_settings

        settings = load_settings(config_path, must_exist=must_exist)
        providers = Providers(settings, environ)
        return cls(
            settings=settings,
            catalog=Catalog(settings),
            prices=PriceBook(providers),
            tokens=TokenEstimator(data_dir()),
            providers=providers,
            data_dir=data_dir(),
            config_path=config_path,
        )

    def system_for(self, model: Model) -> str:
        """Return the system prompt of ``model``: its own, which may be empty, or else the app's."""
        return self.settings.app.system if model.system is None else model.system

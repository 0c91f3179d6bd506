"""
Who a device is towards the ACS, and the pools of made names.

Rule: a function of (profile, seed, n), with no state. The one file that knows faker,
which is imported only when a profile asks for names.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from cpesim.device.values import text_of

if TYPE_CHECKING:
    from cpesim.device.model import Model

POOL_SIZE = 1_000
_POOL_SEED = 69  # the same names on every machine, whatever the run's seed


class Identity:
    """
    DeviceId and credentials of one device.

    The credentials are computed when they are asked for: an Inform needs none.
    """

    __slots__ = ("_model", "manufacturer", "oui", "product_class", "serial")

    def __init__(self, model: Model) -> None:
        profile = model.profile
        self._model = model
        self.manufacturer = text_of(profile.manufacturer, model, "manufacturer")
        self.oui = text_of(profile.oui, model, "oui")
        self.product_class = text_of(profile.product_class, model, "product_class")
        self.serial = text_of(profile.serial, model, "serial")

    @property
    def username(self) -> str:
        """Its name towards the ACS, as it left the factory."""
        return text_of(self._model.profile.username, self._model, "username")

    @property
    def password(self) -> str:
        """Its password towards the ACS, as it left the factory."""
        return text_of(self._model.profile.password, self._model, "password")


def identity(model: Model) -> Identity:
    """The identity of a device: the same whenever and wherever it is asked for."""
    return Identity(model)


def pieces(model: Model) -> dict[str, str]:
    """What a file that belongs to a device may be named by."""
    who = identity(model)
    return {
        "oui": who.oui,
        "product_class": who.product_class,
        "serial": who.serial,
        "n": str(model.n),
    }


def pools(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """A thousand made texts for each of "name", "word" and "company" asked for."""
    return {name: _pool(name) for name in sorted(set(names))}


@lru_cache(maxsize=8)
def _pool(name: str) -> tuple[str, ...]:
    from faker import Faker  # 100 ms to import, so only where it is wanted

    faker = Faker("en_US")
    faker.seed_instance(_POOL_SEED)
    make = {"name": faker.first_name, "word": faker.word, "company": faker.company}
    # 58 µs a text: made once, in the parent.
    return tuple(str(make[name]()) for _ in range(POOL_SIZE))

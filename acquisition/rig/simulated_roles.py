"""From the roles of a rig to simulators that play them, whatever kind of instrument the rig file names."""

from typing import get_args

from pydantic import BaseModel

from acquisition.rig.file import RigFile
from acquisition.rig.roles.role import SIMULATED, Role


def with_simulated_roles(file: RigFile) -> RigFile:
    """Return a rig file in which every role, of whatever kind, is played by its simulator with the role's limits.

    A simulator takes those settings of the role that it has itself, such as the range of a heater; the others
    are those of the bench, where it describes the instrument.
    """
    world = file.world
    simulated = {name: _simulated(file, name, role) for name, role in file.roles.present().items()}
    return file.model_copy(update={"bench": world, "roles": file.roles.model_copy(update=simulated)})


def _simulated(file: RigFile, name: str, role: Role) -> BaseModel:
    if role.in_process and not role.in_real_time:
        return role
    described = getattr(file.world, name, None)
    return simulated_role(role, _simulators(file, name), described if isinstance(described, BaseModel) else None)


def simulated_role(role: BaseModel, simulator: type[BaseModel], described: BaseModel | None = None) -> BaseModel:
    """Return the simulator's settings for a role: those of the role where both have them, else described or default."""
    found = {} if described is None else {name: getattr(described, name) for name in type(described).model_fields}
    shared = {name: getattr(role, name) for name in simulator.model_fields if name in type(role).model_fields}
    told = role.as_simulated if isinstance(role, Role) else {}
    return simulator.model_validate({**found, **shared, **told, "kind": SIMULATED})


def _simulators(file: RigFile, role: str) -> type[BaseModel]:
    """Return the settings of the simulator among the kinds that may play a role."""
    kinds = _models(type(file.roles).model_fields[role].annotation)
    return next(kind for kind in kinds if get_args(kind.model_fields["kind"].annotation) == (SIMULATED,))


def _models(annotation: object) -> list[type[BaseModel]]:
    """Return the models that a field may hold, in whatever way they are joined."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]

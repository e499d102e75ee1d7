"""From the roles of a rig to simulators that play them, whatever kind of instrument the rig file names."""

from typing import get_args

from pydantic import BaseModel

from acquisition.rig.file import RigFile

SIMULATED = "simulated"


def with_simulated_roles(file: RigFile) -> RigFile:
    """Return a rig file in which every role, of whatever kind, is played by its simulator with the role's limits.

    A simulator takes those settings of the role that it has itself, such as the range of a heater.
    """
    roles = {name: getattr(file.roles, name) for name in type(file.roles).model_fields}
    simulated = {
        name: role if role is None or role.kind == SIMULATED else simulated_role(role, _simulators(file, name))
        for name, role in roles.items()
    }
    return file.model_copy(update={"roles": file.roles.model_copy(update=simulated)})


def simulated_role(role: BaseModel, simulator: type[BaseModel]) -> BaseModel:
    """Return the simulator's settings for a role: those of the role where both have them, else the defaults."""
    shared = {name: getattr(role, name) for name in simulator.model_fields if name in type(role).model_fields}
    return simulator.model_validate({**shared, "kind": SIMULATED})


def _simulators(file: RigFile, role: str) -> type[BaseModel]:
    """Return the settings of the simulator among the kinds that may play a role."""
    annotation = type(file.roles).model_fields[role].annotation
    kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
    return next(
        kind
        for kind in kinds
        if issubclass(kind, BaseModel) and get_args(kind.model_fields["kind"].annotation) == (SIMULATED,)
    )

"""The jobs of a sweep: how they differ, and a check of all of them before the first one starts."""

import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict

from dge_experiments.cli.refusal import BAD_INPUT, say
from dge_experiments.errors import BadInput, listed
from dge_experiments.settings import Settings, read
from dge_experiments.settings.messages import one_line

RECORD = "multirun.yaml"  # Hydra's
SWEEPER = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"  # others choose jobs during the sweep


@dataclass(frozen=True)
class Job:
    """Attributes
    ----------
    number, of : its place among the jobs of the sweep, from 1
    overrides : all overrides of the job
    swept : those of them that differ between jobs
    """

    number: int
    of: int
    overrides: tuple[str, ...]
    swept: tuple[str, ...]


def running(overrides: Sequence[str]) -> list[Job]:
    """The running job of the sweep that ``overrides`` define; empty outside a sweep, or if its jobs are not known
    beforehand."""
    hydra = HydraConfig.get() if HydraConfig.initialized() else None
    if hydra is None or hydra.mode != RunMode.MULTIRUN or hydra.sweeper["_target_"] != SWEEPER:
        return []
    return [_jobs(hydra, overrides)[hydra.job.num]]


def with_jobs(line: str, jobs: Sequence[Job]) -> str:
    """The line, followed by the numbers of the jobs it is about and the swept overrides they share."""
    if not jobs or len(jobs) == jobs[0].of:
        return line
    numbers = listed([str(job.number) for job in jobs])
    shared = [override for override in jobs[0].swept if all(override in job.swept for job in jobs)]
    label = f"{'job' if len(jobs) == 1 else 'jobs'} {numbers} of {jobs[0].of}"
    return f"{line} ({': '.join(filter(None, [label, ' '.join(shared)]))})"


class Sweep(Callback):
    """Hydra calls it before and after the jobs of a sweep."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Check the configuration, the table and the plan of every job.

        If one cannot run, none is started: exit with code 2 and a line for each fault, which names its jobs.
        """
        if config.hydra.sweeper["_target_"] != SWEEPER:
            return
        from joblib import Memory

        faults: dict[str, list[Job]] = {}
        servers: dict[str, BadInput | None] = {}
        try:
            jobs = _jobs(config.hydra, list(config.hydra.overrides.task))
        except HydraException:  # Hydra reports it itself
            return
        with TemporaryDirectory() as folder:
            shared = Memory(folder, verbose=0)
            for job in jobs:
                try:
                    settings = _settings(config, job)
                    _reach(settings, servers)
                    _prepare(settings, shared)
                except BadInput as error:
                    faults.setdefault(str(error), []).append(job)
                except Exception:  # the job itself will fail, and the others go on
                    continue
                finally:
                    HydraConfig.instance().cfg = None
        for line, failed in faults.items():
            say(f"{with_jobs(line, failed)}; no job was started")
        if faults:
            sys.exit(BAD_INPUT)

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Remove the cache of the jobs, and the folder of the sweep if nothing else is in it."""
        from dge_experiments.api.execute import SHARED

        folder = Path(config.hydra.sweep.dir)
        shutil.rmtree(folder / SHARED, ignore_errors=True)
        if [file.name for file in folder.iterdir()] == [RECORD]:
            shutil.rmtree(folder)
            with suppress(OSError):  # not empty: other sweeps are in it
                folder.parent.rmdir()


def _jobs(hydra: Any, overrides: Sequence[str]) -> list[Job]:
    """Every combination of the swept choices, in the order in which Hydra runs them."""
    loader = GlobalHydra.instance().config_loader()
    all_overrides = [*(f"{key}={value}" for key, value in (hydra.sweeper.params or {}).items()), *overrides]
    choices: dict[str, list[str]] = {}
    is_swept: dict[str, bool] = {}
    for override in OverridesParser.create(config_loader=loader).parse_overrides(all_overrides):
        key = override.get_key_element()
        is_swept[key] = override.is_sweep_override()
        values = override.sweep_string_iterator() if is_swept[key] else [override.get_value_element_as_str()]
        choices[key] = [f"{key}={value}" for value in values]
    combinations = list(product(*choices.values()))
    return [
        Job(
            number,
            len(combinations),
            combination,
            tuple(o for o in combination if is_swept[o.partition("=")[0]]),
        )
        for number, combination in enumerate(combinations, 1)
    ]


def _settings(config: DictConfig, job: Job) -> Settings:
    """The job's checked settings; Hydra's configuration is set as it will be while the job runs."""
    try:
        composed = GlobalHydra.instance().config_loader().load_sweep_config(config, list(job.overrides))
    except HydraException as error:
        raise BadInput(one_line(error, Settings)) from None
    with open_dict(composed):
        composed.hydra.job.num = job.number - 1
    HydraConfig.instance().set_config(composed)
    with open_dict(composed):
        del composed["hydra"]
    return read(composed, Settings)


def _reach(settings: Settings, servers: dict[str, BadInput | None]) -> None:
    """Raise BadInput where the store's server does not answer; each of ``servers`` is asked once."""
    from dge_experiments.tracking import server

    address = server.address(settings.tracking.uri) if settings.tracking.name != "none" else None
    if address is None:
        return
    if address not in servers:
        servers[address] = None
        try:
            server.check(address)
        except BadInput as error:
            servers[address] = error
    if (silent := servers[address]) is not None:
        raise silent


def _prepare(settings: Settings, shared: Any) -> None:
    """Raise BadInput where the plan of the job cannot be made."""
    from dge_experiments.api.execute import checked
    from dge_experiments.api.studies import tables_of
    from dge_experiments.experiment.plan import prepare
    from dge_experiments.settings.estimator import estimator

    checked(settings)
    if settings.studies:
        tables_of(settings)
    else:
        prepare(settings, estimator(settings.model), shared)

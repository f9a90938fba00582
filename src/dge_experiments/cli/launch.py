"""Start a command under Hydra from any directory; bad input is one line on stderr and exit code 2."""

import os
import shutil
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from dge_experiments.cli.jobs import running, with_jobs
from dge_experiments.cli.refusal import BAD_INPUT, FAILED, say
from dge_experiments.cli.signals import signal_first
from dge_experiments.errors import BadInput, first_line, system_fault
from dge_experiments.settings import conf_folder
from dge_experiments.settings.compose import quoted
from dge_experiments.settings.conf import own_folder
from dge_experiments.settings.messages import check_overrides, one_line
from dge_experiments.settings.usage import usage

Result = TypeVar("Result")
VALUED_FLAGS = ("--cfg", "-c", "--package", "-p", "--config-path", "-cp", "--config-name", "-cn", "--config-dir", "-cd",
                "--experimental-rerun", "--info", "-i", "--shell-completion", "-sc")  # fmt: skip


def start(
    task: Callable[[DictConfig], Result],
    config: str,
    schema: type,
    overrides: tuple[str, ...] = (),
    after: Callable[[list[Result]], None] = lambda results: None,
) -> None:
    """Compose ``conf/<config>.yaml`` with the command line and call ``task`` with it, once per job of a multirun.

    ``overrides`` are added where the command line does not give the same key; ``after`` gets what the jobs
    returned. The process exits with code 2 after bad input, and with a traceback and code 1 after an error of our own.
    """
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(usage(config))
        return
    os.environ["HYDRA_FULL_ERROR"] = "1"
    flags, typed = _split([quoted(argument, schema) for argument in sys.argv[1:]])
    if not {"--config-dir", "-cd"} & {flag.partition("=")[0] for flag in flags} and (
        folder := own_folder(typed)
    ):
        flags += ["--config-dir", str(folder)]
    typed_keys = {override.split("=")[0] for override in typed}
    if not {"-sc", "--shell-completion"} & set(flags):
        typed += [override for override in overrides if override.split("=")[0] not in typed_keys]
    sys.argv[1:] = [*flags, *typed]  # Hydra takes overrides only as one block
    messages: list[str] = []
    broken: list[Exception] = []
    results: list[Result] = []

    def job(cfg: DictConfig) -> None:
        try:
            with signal_first():
                results.append(task(cfg))
        except BadInput as error:
            _say_once(with_jobs(str(error), running(typed)), messages)
            remove_empty_output()
        except (KeyboardInterrupt, SystemExit):
            remove_empty_output()
            raise
        except Exception as error:
            from dge_experiments.tracking.server import refused

            line = system_fault(error) or refused(error)
            if line is None and HydraConfig.get().mode != RunMode.MULTIRUN:
                raise
            if line is None:  # the other jobs go on
                traceback.print_exc()
                say(with_jobs(first_line(error), running(typed)))
                broken.append(error)
                return
            _say_once(with_jobs(line, running(typed)), messages)
            remove_empty_output()

    try:
        with signal_first():
            _check_flags(sys.argv[1:])
            check_overrides(sys.argv[1:])
            hydra.main(config_path=str(conf_folder()), config_name=config, version_base="1.3")(job)()
            if results:
                after(results)
    except BadInput as error:
        _say_once(str(error), messages)
    except HydraException as error:
        _say_once(one_line(error, schema), messages)
    except OmegaConfBaseException as error:  # in what Hydra itself reads, such as the folder
        _say_once(f"{error.full_key}: {first_line(error)}", messages)
    except OSError as error:
        line = system_fault(error)
        if line is None:
            raise
        _say_once(line, messages)
    if broken:
        say(f"{len(broken)} jobs of the sweep failed, see above")
        sys.exit(FAILED)
    if messages:
        sys.exit(BAD_INPUT)


def _check_flags(arguments: list[str]) -> None:
    """Refuse ``--cfg`` or ``--info`` with ``-m``: a sweep has no single configuration to show."""
    if {"-m", "--multirun"} & set(arguments) and (
        showing := {"-c", "--cfg", "-i", "--info"} & set(arguments)
    ):
        raise BadInput(
            f"{showing.pop()}: shows one configuration, and -m makes several; leave one of the two out"
        )


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Flags with their values, and overrides."""
    flags: list[str] = []
    overrides: list[str] = []
    for argument in arguments:
        is_value = flags[-1:] and flags[-1] in VALUED_FLAGS
        (flags if argument.startswith("-") or is_value else overrides).append(argument)
    return flags, overrides


def remove_empty_output() -> None:
    """Remove the output folder of a run that did not begin: it holds nothing but the configuration and an empty log."""
    config = HydraConfig.get()
    folder = Path(config.runtime.output_dir)
    subfolder = config.output_subdir
    if subfolder and not [f for f in folder.iterdir() if f.name != subfolder and f.stat().st_size]:
        shutil.rmtree(folder)
        with suppress(OSError):  # not empty: other runs are in it
            folder.parent.rmdir()


def _say_once(line: str, messages: list[str]) -> None:
    """Print ``line`` on stderr unless an earlier job of the same command printed it."""
    if line not in messages:
        say(line)
    messages.append(line)

"""Start a command under Hydra: conf/ is found anywhere, and bad input is one line on stderr and exit code 2."""

import logging
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from dge_experiments.cli.jobs import named, running
from dge_experiments.cli.refusal import BAD_INPUT, FAILED, INTERRUPTED, TERMINATED, say
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
    returned. Leaves the process with exit code 2 after bad input, 130 after
    Ctrl-C, 143 after SIGTERM; an error of our own leaves with its traceback and 1.
    """
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(usage(config))
        return
    os.environ["HYDRA_FULL_ERROR"] = "1"
    signal.signal(signal.SIGTERM, _terminate)
    flags, asked = _parted([quoted(argument) for argument in sys.argv[1:]])
    if not {"--config-dir", "-cd"} & {flag.partition("=")[0] for flag in flags} and (
        own := own_folder(asked)
    ):
        flags += ["--config-dir", str(own)]
    given = {override.split("=")[0] for override in asked}
    if not {"-sc", "--shell-completion"} & set(flags):
        asked += [override for override in overrides if override.split("=")[0] not in given]
    sys.argv[1:] = [*flags, *asked]  # Hydra takes overrides only as one block
    said: list[str] = []
    broken: list[Exception] = []
    results: list[Result] = []

    def job(cfg: DictConfig) -> None:
        try:
            results.append(task(cfg))
        except BadInput as error:
            _say(named(str(error), running(asked)), said)
            leave_nothing()
        except Exception as error:
            from dge_experiments.tracking.server import refused

            line = system_fault(error) or refused(error)
            if line is None and HydraConfig.get().mode != RunMode.MULTIRUN:
                raise
            if line is None:  # the other jobs go on
                traceback.print_exc()
                say(named(first_line(error), running(asked)))
                broken.append(error)
                return
            _say(named(line, running(asked)), said)
            leave_nothing()

    try:
        _one_flag(sys.argv[1:])
        check_overrides(sys.argv[1:])
        hydra.main(config_path=str(conf_folder()), config_name=config, version_base="1.3")(job)()
        if results:
            after(results)
    except BadInput as error:
        _say(str(error), said)
    except HydraException as error:
        _say(one_line(error, schema), said)
    except OmegaConfBaseException as error:  # in what Hydra itself reads, such as the folder
        _say(f"{error.full_key}: {first_line(error)}", said)
    except OSError as error:
        line = system_fault(error)
        if line is None:
            raise
        _say(line, said)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # one more ends the process without a traceback
        say("interrupted")
        sys.exit(INTERRUPTED)
    if broken:
        say(f"{len(broken)} jobs of the sweep failed, see above")
        sys.exit(FAILED)
    if said:
        sys.exit(BAD_INPUT)


@contextmanager
def patient() -> Iterator[Callable[[], bool]]:
    """While it is open, the first Ctrl-C is only remembered (ask what it gives); the second stops at once."""
    asked = False

    def remember(*_: object) -> None:
        nonlocal asked
        if asked:
            _hush_workers()
            raise KeyboardInterrupt
        asked = True
        os.write(2, b"dge_experiments: stopping after this batch; Ctrl-C again stops at once\n")

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def _one_flag(arguments: list[str]) -> None:
    """Refuse flags of which Hydra takes one: a sweep has no one configuration to show."""
    if {"-m", "--multirun"} & set(arguments) and (shown := {"-c", "--cfg", "-i", "--info"} & set(arguments)):
        raise BadInput(
            f"{shown.pop()}: shows one configuration, and -m makes several; leave one of the two out"
        )


def _parted(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Flags with their values, and overrides."""
    flags: list[str] = []
    overrides: list[str] = []
    for argument in arguments:
        is_value = flags[-1:] and flags[-1] in VALUED_FLAGS
        (flags if argument.startswith("-") or is_value else overrides).append(argument)
    return flags, overrides


def _terminate(*_: object) -> None:
    _hush_workers()
    sys.exit(TERMINATED)


def leave_nothing() -> None:
    """Remove the output folder of a run that was refused or only planned, where nothing but the configuration is in
    it."""
    config = HydraConfig.get()
    folder = Path(config.runtime.output_dir)
    subfolder = config.output_subdir
    if subfolder and [file.name for file in folder.iterdir()] == [subfolder]:
        shutil.rmtree(folder)
        with suppress(OSError):  # others are in use
            folder.parent.rmdir()


def _hush_workers() -> None:
    """Tasks that end while their pool is torn down have nowhere to report to: loky would log a traceback for each."""
    logging.getLogger("concurrent.futures").disabled = True


def _say(line: str, said: list[str]) -> None:
    """Print ``line`` on stderr unless an earlier job of the same command said the same."""
    if line not in said:
        say(line)
    said.append(line)

"""Workers that die under their work, and that are left early."""

import logging
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.metrics import scores
from dge_experiments.search import workers
from dge_experiments.search.compute import parallel
from dge_experiments.search.space import parse
from dge_experiments.search.strategies import make
from dge_experiments.search.study import Options, search
from dge_experiments.search.task import Task

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = (X[:, 0] + RNG.normal(size=120) > 0).astype(np.int64)
FOLDS = list(StratifiedKFold(2).split(X, Y))
UNLUCKY, FATAL = 2.0, 3.0


class Deadly(LogisticRegression):
    """Its process is killed once under C = 2, and every time under C = 3."""

    def __init__(self, mark: str = "", C: float = 1.0) -> None:
        super().__init__(C=C)
        self.mark = mark

    def fit(self, X: Any, y: Any) -> Any:
        mark = Path(self.mark)
        if self.mark and (self.C == FATAL or (self.C == UNLUCKY and not mark.exists())):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(X, y)


def test_a_killed_worker_costs_its_fits_a_second_try_and_no_more(tmp_path: Path) -> None:
    space = parse({"C": {"choices": [0.01, 0.1, UNLUCKY, FATAL, 1.0, 10.0]}})

    def run(mark: str) -> Any:
        task = Task(make_pipeline(Deadly(mark)), X, Y, FOLDS, scores)
        return search(make("grid", space, None, None, 0), task, Options("roc_auc", workers=2 if mark else 1))

    study, undisturbed = run(str(tmp_path / "mark")), run("")
    dead = [trial for trial in study.trials if trial.error]
    assert [trial.candidate["C"] for trial in dead] == [FATAL]
    assert "WorkerDied: two worker processes died under this fit" in str(dead[0].error)
    assert "SIGKILL" in study.frame["error"].dropna().item()
    expected = {t.candidate["C"]: t.folds for t in undisturbed.trials if t.candidate["C"] != FATAL}
    assert {trial.candidate["C"]: trial.folds for trial in study.finished} == expected


def kill(i: int) -> int:
    if i == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return i * i


def test_what_was_with_a_dead_worker_is_named_and_the_rest_is_done() -> None:
    with parallel(2):
        found = dict(workers.results(list(range(40)), lambda i: (kill, (i,))))
    lost = {i for i, result in found.items() if isinstance(result, workers.Lost)}
    assert sorted(found) == list(range(40))
    assert 3 in lost and len(lost) < 20
    assert {i: r for i, r in found.items() if i not in lost} == {i: i * i for i in range(40) if i not in lost}


def test_results_in_order_come_also_after_a_death(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with parallel(2):
        assert workers.in_order([(kill_once, (i, mark)) for i in range(12)]) == list(range(12))
        with pytest.raises(BadInput, match="two worker processes died under the same work .*SIGKILL"):
            workers.in_order([(kill, (3,))])


def kill_once(i: int, mark: Path) -> int:
    if i == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return i


def fail(i: int) -> None:
    raise ZeroDivisionError(i)


def test_an_error_of_the_work_itself_is_raised() -> None:
    with parallel(1), pytest.raises(ZeroDivisionError):
        list(workers.results([1, 2], lambda i: (fail, (i,))))


def test_work_that_nobody_waits_for_ends_in_silence_and_the_log_speaks_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with parallel(2):
        running = workers.results([0.0, *[0.2] * 20], lambda seconds: (time.sleep, (seconds,)))
        next(running)
        running.close()
    time.sleep(0.3)
    assert not caplog.records
    assert not logging.getLogger("concurrent.futures").disabled


def interrupts_blocked() -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_workers_never_hear_an_interrupt_and_this_process_does_again() -> None:
    with parallel(3):
        found = [blocked for _, blocked in workers.results(range(6), lambda i: (interrupts_blocked, ()))]
    assert all(found)
    assert not interrupts_blocked()


def test_workers_that_die_at_their_start_fail_nothing() -> None:
    with parallel(2):
        with workers.starting(2, os._exit, 1):
            pass
        assert workers.in_order([(len, ("ab",)), (len, ("abc",))]) == [2, 3]


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, BadInput])
def test_a_start_that_is_broken_off_says_nothing(
    ending: type[BaseException], recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    with parallel(2):
        with pytest.raises(ending), workers.starting(2, time.sleep, 30):
            raise ending
        assert not recwarn.list and not caplog.records
        assert workers.in_order([(len, ("ab",)), (len, ("abc",))]) == [2, 3]
